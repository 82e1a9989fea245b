import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

const FOCUSABLE =
  'button:not(:disabled), [href], input:not(:disabled), select, textarea, [tabindex]:not([tabindex="-1"])';

/**
 * Keeps the keyboard inside an element while it is shown, and gives the focus back afterwards.
 * Older iPhones have no `<dialog>`.
 */
export function useFocusInside<T extends HTMLElement>(): { current: T | null } {
  const inside = useRef<T>(null);
  useEffect(() => {
    const before = document.activeElement;
    const box = inside.current;
    if (box && !box.contains(before)) {
      (box.querySelector<HTMLElement>("[data-focus]") ?? box).focus({ preventScroll: true });
    }
    const keep = (event: KeyboardEvent): void => {
      if (event.key !== "Tab" || !box) return;
      const stops = [...box.querySelectorAll<HTMLElement>(FOCUSABLE)];
      const [first, last] = [stops[0], stops[stops.length - 1]];
      const from = document.activeElement;
      if (!first || !last) return event.preventDefault();
      if (event.shiftKey && (from === first || from === box)) {
        event.preventDefault();
        last.focus();
      } else if (!event.shiftKey && (from === last || !box.contains(from))) {
        event.preventDefault();
        first.focus();
      }
    };
    document.addEventListener("keydown", keep, true);
    return () => {
      document.removeEventListener("keydown", keep, true);
      if (before instanceof HTMLElement && before.isConnected)
        before.focus({ preventScroll: true });
    };
  }, []);
  return inside;
}

export interface DialogProps {
  title: string;
  children: ComponentChildren;
  /** What Escape and the curtain do; without it the dialog must be answered. */
  onClose?: () => void;
  testid?: string;
}

export function Dialog({ title, children, onClose, testid }: DialogProps): JSX.Element {
  const box = useFocusInside<HTMLDivElement>();
  const heading = useId();
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onClose?.();
    };
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  }, [onClose]);
  return (
    <div class="curtain">
      <div
        ref={box}
        class="dialog"
        role="dialog"
        aria-modal="true"
        aria-labelledby={heading}
        tabIndex={-1}
        data-testid={testid}
      >
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </div>
  );
}
