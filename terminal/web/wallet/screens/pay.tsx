/** Paying a shop whose sticker was scanned: look, amount, slide, PIN, and then the truth. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Pending } from "../../shared/commands";
import { type Explanation, explain } from "../../shared/explain";
import { language } from "../../shared/i18n";
import { yen } from "../../shared/money";
import type { Receipt, ShopInfo } from "../../shared/protocol";
import { AmountPad } from "../../shared/ui/keypad";
import { SlideToPay } from "../../shared/ui/slide";
import { Trouble } from "../../shared/ui/status";
import { t } from "../../shared/words";
import { FindShop } from "../find-shop";
import { Acts, Frame } from "../frame";
import { PaymentWait } from "../payment-wait";
import { PinStep } from "../pin-step";
import type { Purse } from "../purse";
import { Refused } from "../refused";
import { goHome } from "../route";
import { w } from "../words";

type Step = "scan" | "amount" | "pin" | "wait" | "refused";

export function Pay({
  purse,
  chosen,
}: {
  purse: Purse;
  chosen?: ShopInfo | undefined;
}): JSX.Element {
  const [step, setStep] = useState<Step>(chosen ? "amount" : "scan");
  const [shop, setShop] = useState<ShopInfo | null>(chosen ?? null);
  const [amount, setAmount] = useState(0);
  const [pending, setPending] = useState<Pending<Receipt> | null>(null);
  const [trouble, setTrouble] = useState<Explanation | null>(null);

  const pay = (pin: string): void => {
    if (!shop) return;
    const sent = purse.connection.send({ type: "pay", shop: shop.shop, amount, pin }, shop.name);
    setTrouble(null);
    setPending(sent);
    setStep("wait");
    void sent.answer.then((answer) => {
      if (answer.ok) {
        purse.paid(answer.result);
        return goHome();
      }
      const { code, detail } = answer.error;
      if (code === "duplicate_suspected" && detail) {
        purse.news.ask(detail);
        return goHome();
      }
      setTrouble(explain(answer.error, "wallet"));
      if (code === "pin_wrong") return setStep("pin");
      purse.news.refuse();
      setStep("refused");
    });
  };

  if (step === "scan" || !shop) {
    return (
      <FindShop
        purse={purse}
        onFound={(found) => {
          setShop(found);
          setStep("amount");
        }}
      />
    );
  }
  switch (step) {
    case "amount":
      return (
        <Frame purse={purse} title={w("pay.title")} onBack={goHome} testid="pay">
          <Payee shop={shop} />
          <AmountStep
            purse={purse}
            amount={amount}
            onChange={setAmount}
            onPay={() => setStep("pin")}
            onOther={() => setStep("scan")}
          />
        </Frame>
      );
    case "pin":
      return (
        <Frame
          purse={purse}
          title={t("pin.title")}
          onBack={() => setStep("amount")}
          testid="pay-pin"
        >
          <p class="centred">
            <strong>
              {w("pay.pin_for", { shop: shop.name, amount: yen(amount, language.value) })}
            </strong>
          </p>
          {trouble && <Trouble explanation={trouble} />}
          <PinStep lead={w("pay.pin_lead")} onPin={pay} />
        </Frame>
      );
    case "refused":
      return (
        <Refused
          explanation={trouble ?? explain({ code: "fault" }, "wallet")}
          onCorrect={() => setStep("amount")}
        />
      );
    default:
      return (
        <Frame purse={purse} title={shop.name} testid="pay-waiting">
          {pending && (
            <PaymentWait
              pending={pending}
              amount={amount}
              onLeave={() => {
                purse.watch(pending);
                goHome();
              }}
            />
          )}
        </Frame>
      );
  }
}

/** The shop's face is its first letter until shops have pictures. */
function Payee({ shop }: { shop: ShopInfo }): JSX.Element {
  return (
    <section class="card payee" data-testid="payee">
      <span class="payee-face" aria-hidden="true">
        {[...shop.name][0]}
      </span>
      <span class="small soft">{w("pay.to")}</span>
      <span class="payee-name">{shop.name}</span>
      <span class="small soft">
        {shop.kind}・{shop.area}
      </span>
    </section>
  );
}

function AmountStep({
  purse,
  amount,
  onChange,
  onPay,
  onOther,
}: {
  purse: Purse;
  amount: number;
  onChange: (amount: number) => void;
  onPay: () => void;
  onOther: () => void;
}): JSX.Element {
  const max = purse.town.value?.payment_max ?? 0;
  const total = purse.balance.value?.total;
  // An old balance may be too low by now: then the gateway is asked.
  const isTooMuch = total !== undefined && !purse.isBalanceOld.value && amount > total;
  const isOnline = purse.connection.link.value.kind === "connected";
  return (
    <>
      <AmountPad value={amount} max={max} onChange={onChange} />
      <p class={isTooMuch ? "centred trouble-what" : "centred small soft"} role="status">
        {isTooMuch
          ? w("pay.not_enough", { amount: yen(total, language.value) })
          : amount === 0
            ? w("pay.how_much")
            : w("pay.max", { amount: yen(max, language.value) })}
      </p>
      <Acts>
        <SlideToPay
          action={w("pay.verb")}
          disabled={amount === 0 || isTooMuch || !isOnline}
          onDone={onPay}
        />
        {!isOnline && <p class="centred">{w("pay.offline")}</p>}
        <button
          type="button"
          class="button button-quiet"
          data-testid="other-shop"
          onClick={onOther}
        >
          {w("pay.other_shop")}
        </button>
      </Acts>
    </>
  );
}
