/** The enrolled tablet: the idle counter below, the clerk's task over it, the news over everything. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ConnectionBanner, StopBar, Toasts } from "../shared/ui/status";
import { News } from "./announcement";
import { Cancelling, Detail } from "./cancelling";
import { Idle } from "./idle";
import { NoticesStep } from "./notices";
import { Asking, Refused } from "./refused";
import { Settings } from "./settings";
import { Cash, Check, EnterAmount, Reading, Scan, Wait } from "./taking";
import type { Till } from "./till";

export function Counters({ till }: { till: Till }): JSX.Element {
  useHandedCode(till);
  const link = till.connection.link.value;
  return (
    <div class="till">
      <ConnectionBanner link={link} onAgain={() => till.connection.start()} />
      <StopBar stops={till.connection.stops.value} />
      <TaskScreen till={till} />
      <News till={till} />
      <Toasts />
    </div>
  );
}

function TaskScreen({ till }: { till: Till }): JSX.Element {
  const task = till.clerk.task.value;
  switch (task.step) {
    case "idle":
      return <Idle till={till} />;
    case "amount":
      return <EnterAmount till={till} task={task} />;
    case "scan":
      return <Scan till={till} task={task} />;
    case "reading":
      return <Reading till={till} />;
    case "check":
      return <Check till={till} task={task} />;
    case "cash":
      return <Cash till={till} task={task} />;
    case "waiting":
      return <Wait till={till} task={task} />;
    case "asking":
      return <Asking till={till} task={task} />;
    case "refused":
      return <Refused till={till} task={task} />;
    case "detail":
      return <Detail till={till} task={task} />;
    case "cancel":
      return <Cancelling till={till} task={task} />;
    case "settings":
      return <Settings till={till} />;
    case "notices":
      return <NoticesStep till={till} />;
  }
}

/**
 * In the demo the wallet lies in the frame beside, and no camera can see it: the page around both
 * hands the digits over. Outside the demo, and from any other origin, nothing is taken.
 */
function useHandedCode(till: Till): void {
  useEffect(() => {
    const take = (event: MessageEvent<{ koban?: string; code?: string } | null>): void => {
      const isDemo = till.counter.town.value?.demo === true && window.parent !== window;
      if (!isDemo || event.origin !== location.origin || event.source !== window.parent) return;
      if (event.data?.koban !== "demo.code" || typeof event.data.code !== "string") return;
      const task = till.clerk.task.value;
      const scan = task.step === "scan" ? task : null;
      void till.clerk.scanned(event.data.code, scan?.amount ?? null, scan?.giving);
    };
    window.addEventListener("message", take);
    return () => window.removeEventListener("message", take);
  }, [till]);
}
