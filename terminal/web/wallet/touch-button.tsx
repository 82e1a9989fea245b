/** Finding the shop by touching its tag; absent where the browser can't read tags. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Question } from "./shops";
import { awaitTouch, canTouch } from "./touch";
import { w } from "./words";

type Standing = "idle" | "waiting" | "refused";

export function TouchButton({
  town,
  onTouch,
}: {
  town: string;
  onTouch: (question: Question) => void;
}): JSX.Element | null {
  const [standing, setStanding] = useState<Standing>("idle");
  const waiting = useRef<AbortController | null>(null);
  useEffect(() => () => waiting.current?.abort(), []);

  if (!canTouch()) return null;

  // Asking for a tag asks the person for leave, so it begins with their own touch of the screen.
  const begin = (): void => {
    waiting.current?.abort();
    const abort = new AbortController();
    waiting.current = abort;
    setStanding("waiting");
    awaitTouch(town, abort.signal, onTouch).catch(() => {
      if (!abort.signal.aborted) setStanding("refused");
    });
  };
  return (
    <>
      <button
        type="button"
        class="button button-quiet button-wide"
        data-testid="touch-tag"
        onClick={begin}
      >
        {w("pay.touch")}
      </button>
      {standing !== "idle" && (
        <p class="centred" role="status">
          {standing === "waiting" ? w("pay.touch_now") : w("pay.touch_refused")}
        </p>
      )}
    </>
  );
}
