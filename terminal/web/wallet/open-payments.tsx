/** 「確認が必要な支払い」: payments whose answer was lost, until the gateway has said what is true. */
import type { JSX } from "preact";
import { explain } from "../shared/explain";
import { fullTime } from "../shared/i18n";
import { Amount } from "../shared/ui/amount";
import { Check, Clock, Stop } from "../shared/ui/icons";
import type { OpenPayment, Purse } from "./purse";
import { w } from "./words";

export function OpenPayments({ purse }: { purse: Purse }): JSX.Element | null {
  const open = purse.open.value;
  if (open.length === 0) return null;
  const isOnline = purse.connection.link.value.kind === "connected";
  return (
    <section class="card stack" role="status" data-testid="open-payments">
      <h2>{w("open.title")}</h2>
      {open.map((payment) => (
        <div class="stack-tight" key={payment.pending.id} data-state={payment.state}>
          <div class="section-head">
            <span class="line-shop">{payment.pending.kept?.label}</span>
            {payment.pending.kept?.amount != null && <Amount value={payment.pending.kept.amount} />}
          </div>
          <p class="small soft">{fullTime(payment.pending.since)}</p>
          <p class="result-shown">
            <Mark state={payment.state} />
            <span>{sentence(payment, isOnline)}</span>
          </p>
          {payment.state !== "checking" && (
            <button
              type="button"
              class="button"
              data-testid="open-dismiss"
              onClick={() => purse.settled(payment.pending.id)}
            >
              {w("open.dismiss")}
            </button>
          )}
        </div>
      ))}
    </section>
  );
}

function Mark({ state }: { state: OpenPayment["state"] }): JSX.Element {
  if (state === "checking") return <Clock />;
  return state === "done" ? <Check /> : <Stop />;
}

function sentence(payment: OpenPayment, isOnline: boolean): string {
  switch (payment.state) {
    case "checking":
      return isOnline ? w("open.checking") : w("open.offline");
    case "done":
      return w("open.done");
    case "not_made":
      return w("open.not_made");
    case "refused": {
      const { what, money } = explain(payment.trouble ?? { code: "fault" }, "wallet");
      return `${what}。${money}`;
    }
  }
}
