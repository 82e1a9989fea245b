/** "Was this second payment intended?" Nothing is paid again without an explicit yes and the PIN. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Pending } from "../../shared/commands";
import { type Explanation, explain } from "../../shared/explain";
import { language, shortTime } from "../../shared/i18n";
import { yen } from "../../shared/money";
import type { Receipt } from "../../shared/protocol";
import { Amount } from "../../shared/ui/amount";
import { Dialog } from "../../shared/ui/dialog";
import { Trouble } from "../../shared/ui/status";
import { t } from "../../shared/words";
import type { Question as Asked } from "../announcements";
import { PaymentWait } from "../payment-wait";
import { PinStep } from "../pin-step";
import type { Purse } from "../purse";
import { goHome } from "../route";
import { w } from "../words";

export function Question({ purse, question }: { purse: Purse; question: Asked }): JSX.Element {
  const { receipt, refused } = question;
  const [wantsAgain, setWantsAgain] = useState(false);
  const [pending, setPending] = useState<Pending<Receipt> | null>(null);
  const [trouble, setTrouble] = useState<Explanation | null>(null);
  const [isOver, setOver] = useState(false);
  const isOnline = purse.connection.link.value.kind === "connected";
  const shop = receipt.shop_name ?? "";

  const confirm = (pin: string): void => {
    const command = { type: "confirm", refused, pin } as const;
    const sent = purse.connection.send(command, shop);
    setTrouble(null);
    setPending(sent);
    void sent.answer.then((answer) => {
      setPending(null);
      if (answer.ok) {
        purse.news.answered(refused);
        purse.paid(answer.result);
        return goHome();
      }
      purse.news.refuse();
      setTrouble(explain(answer.error, "wallet"));
      setOver(answer.error.code !== "pin_wrong");
    });
  };
  const decline = (): void => {
    purse.news.answered(refused, w("question.declined"));
    goHome();
  };

  if (pending) {
    return (
      <Dialog title={shop} testid="question-waiting">
        <PaymentWait
          pending={pending}
          amount={receipt.amount}
          onLeave={() => {
            purse.watch(pending);
            purse.news.answered(refused);
          }}
        />
      </Dialog>
    );
  }
  return (
    <Dialog title={w("question.title")} testid="question">
      <p class="centred">
        <Amount value={receipt.amount} size="large" />
        <br />
        {shop}
      </p>
      {trouble ? (
        <Trouble explanation={trouble} />
      ) : (
        <>
          <p>
            {w("question.what", {
              time: shortTime(receipt.earlier_at ?? receipt.at),
              shop,
              amount: yen(receipt.amount, language.value),
            })}
          </p>
          <p>
            <strong>{w("question.money")}</strong>
          </p>
        </>
      )}
      {wantsAgain && !isOver ? (
        <>
          <PinStep lead={w("question.pin")} onPin={confirm} />
          <button type="button" class="button" data-testid="question-no" onClick={decline}>
            {w("question.no")}
          </button>
        </>
      ) : (
        <div class="acts">
          <button
            type="button"
            class="button button-primary button-wide"
            data-testid="question-no"
            data-focus
            onClick={isOver ? () => purse.news.answered(refused) : decline}
          >
            {isOver ? t("action.close") : w("question.no")}
          </button>
          {!isOver && (
            <button
              type="button"
              class="button button-wide"
              data-testid="question-yes"
              disabled={!isOnline}
              onClick={() => setWantsAgain(true)}
            >
              {w("question.yes")}
            </button>
          )}
        </div>
      )}
    </Dialog>
  );
}
