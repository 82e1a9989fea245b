import type { JSX } from "preact";
import type { Explanation } from "../shared/explain";
import { useFocusInside } from "../shared/ui/dialog";
import { RefusedMark } from "../shared/ui/icons";
import { t } from "../shared/words";
import { goHome } from "./route";
import { w } from "./words";

/** Unlike a success in colour, shape and sound; and it says first that no money was taken. */
export function Refused({
  explanation,
  onCorrect,
}: {
  explanation: Explanation;
  onCorrect: () => void;
}): JSX.Element {
  const inside = useFocusInside<HTMLDivElement>();
  return (
    <div
      ref={inside}
      class="result result-bad"
      role="alertdialog"
      aria-modal="true"
      aria-label={w("result.refused")}
      tabIndex={-1}
      data-testid="pay-refused"
    >
      <div class="result-inner">
        <RefusedMark />
        <h1>{w("result.refused")}</h1>
        <p class="refused-what">{explanation.what}</p>
        <p>
          <strong>{explanation.money}</strong>
        </p>
        <p>{explanation.next}</p>
        <div class="acts button-wide">
          <button
            type="button"
            class="button button-wide"
            data-testid="pay-correct"
            data-focus
            onClick={onCorrect}
          >
            {t("action.back")}
          </button>
          <button type="button" class="button button-quiet" onClick={goHome}>
            {t("action.close")}
          </button>
        </div>
      </div>
    </div>
  );
}
