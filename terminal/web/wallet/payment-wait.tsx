/** A payment on its way: what is being waited for, and what to do meanwhile. Never "failed". */
import type { JSX } from "preact";
import type { Pending } from "../shared/commands";
import type { Receipt } from "../shared/protocol";
import { Amount } from "../shared/ui/amount";
import { useLong, Waiting } from "../shared/ui/status";
import { w } from "./words";

// A person who has waited this long may want to put the phone away; the wallet goes on asking.
const LEAVE_AFTER_MS = 8_000;

export function PaymentWait({
  pending,
  amount,
  onLeave,
}: {
  pending: Pending<Receipt>;
  amount: number | null;
  onLeave: () => void;
}): JSX.Element {
  const phase = pending.phase.value;
  const mayLeave = useLong(pending.since, LEAVE_AFTER_MS);
  return (
    <div class="body-waiting stack centred" data-phase={phase}>
      {amount !== null && <Amount value={amount} size="large" />}
      <Waiting
        what={phase === "unsent" ? w("pay.waiting_unsent") : w("pay.waiting")}
        since={pending.since}
        next={phase === "checking" ? w("pay.waiting_checking") : w("pay.waiting_next")}
        testid="payment-waiting"
      />
      {mayLeave && (
        <button type="button" class="button" data-testid="leave-waiting" onClick={onLeave}>
          {w("pay.waiting_leave")}
        </button>
      )}
    </div>
  );
}
