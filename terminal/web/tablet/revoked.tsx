import type { JSX } from "preact";
import { RefusedMark } from "../shared/ui/icons";
import { standing } from "./till";
import { t } from "./words";

/** The console has taken this tablet out of use: unmistakable, and not the shop's fault. */
export function Revoked(): JSX.Element {
  return (
    <div class="result result-bad" role="alert" data-testid="revoked">
      <RefusedMark />
      <h1>{t("revoked.title")}</h1>
      <p class="prose">{t("revoked.help")}</p>
      <p class="prose">{t("revoked.next")}</p>
      <button
        type="button"
        class="button"
        data-testid="enrol-again"
        onClick={() => {
          standing.value = "stranger";
        }}
      >
        {t("revoked.again")}
      </button>
    </div>
  );
}
