/** The frame of a clerk's task. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Back } from "../shared/ui/icons";
import { LineState } from "../shared/ui/status";
import { t as common } from "../shared/words";
import type { Till } from "./till";

/** A task's frame: a way back, a title, the work, and one primary act at the thumb. */
export function Step({
  till,
  title,
  onBack,
  children,
  act,
  testid,
}: {
  till: Till;
  title: string;
  onBack: () => void;
  children: ComponentChildren;
  act?: ComponentChildren;
  testid: string;
}): JSX.Element {
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape") onBack();
    };
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  });
  return (
    <main class="step" data-testid={testid}>
      <header class="step-head">
        <button type="button" class="button" data-testid="back" onClick={onBack}>
          <Back />
          {common("action.back")}
        </button>
        <h1>{title}</h1>
        <LineState link={till.connection.link.value} />
      </header>
      <div class="step-work">{children}</div>
      {act && <div class="step-act">{act}</div>}
    </main>
  );
}
