/** What surrounds every screen of the wallet: the banner, the way back, the line's state. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Back } from "../shared/ui/icons";
import { ConnectionBanner, LineState, StopBar } from "../shared/ui/status";
import { t } from "../shared/words";
import type { Purse } from "./purse";

interface FrameProps {
  purse: Purse;
  title: string;
  onBack?: (() => void) | undefined;
  /** Stands left in the head where nothing is behind this screen. */
  lead?: ComponentChildren;
  /** Stands right in the head instead of the line's state's words alone. */
  corner?: ComponentChildren;
  children: ComponentChildren;
  testid: string;
}

export function Frame({
  purse,
  title,
  onBack,
  lead,
  corner,
  children,
  testid,
}: FrameProps): JSX.Element {
  const link = purse.connection.link.value;
  const heading = useRef<HTMLHeadingElement>(null);
  // Every screen begins at its top, and a screen reader hears where it is.
  useEffect(() => {
    window.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [testid]);
  return (
    <div class="screen" data-testid={testid}>
      <ConnectionBanner link={link} onAgain={() => purse.connection.start()} />
      <StopBar stops={purse.connection.stops.value} />
      <header class="head">
        {onBack ? (
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-label={t("action.back")}
            data-testid="back"
            onClick={onBack}
          >
            <Back />
          </button>
        ) : (
          (lead ?? <span />)
        )}
        <h1 ref={heading} class="head-title" tabIndex={-1}>
          {title}
        </h1>
        {corner ?? <span />}
      </header>
      <main class="body">{children}</main>
      <footer class="foot">
        <LineState link={link} />
      </footer>
    </div>
  );
}

/** The primary act, at the bottom where a thumb reaches. */
export function Acts({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="acts">{children}</div>;
}
