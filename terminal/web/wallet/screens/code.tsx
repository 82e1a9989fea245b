/** Showing a one-time code to pay (PIN first) or to be topped up: what to choose before it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Explanation } from "../../shared/explain";
import { language } from "../../shared/i18n";
import { yen } from "../../shared/money";
import { Amount } from "../../shared/ui/amount";
import { AmountPad } from "../../shared/ui/keypad";
import { Trouble } from "../../shared/ui/status";
import { t } from "../../shared/words";
import { CodeScreen } from "../code-screen";
import { Acts, Frame } from "../frame";
import { PinStep } from "../pin-step";
import type { Purse } from "../purse";
import { goHome } from "../route";
import { w } from "../words";

type Step = "amount" | "pin" | "shown";

export function PayCode({ purse }: { purse: Purse }): JSX.Element {
  const [step, setStep] = useState<Step>("amount");
  const [amount, setAmount] = useState(0);
  const [pin, setPin] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<Explanation | null>(null);
  const max = purse.town.value?.payment_max ?? 0;
  const back = (): void => {
    setPin(null);
    setTrouble(null);
    setStep("amount");
  };

  if (step === "shown" && pin !== null) {
    return (
      <CodeScreen
        purse={purse}
        purpose="pay"
        amount={amount || null}
        pin={pin}
        onBack={back}
        onRefused={(why, isPin) => {
          setPin(null);
          setTrouble(why);
          setStep(isPin ? "pin" : "amount");
        }}
      />
    );
  }
  if (step === "pin") {
    return (
      <Frame purse={purse} title={t("pin.title")} onBack={back} testid="code-pin">
        {amount > 0 && (
          <p class="centred">
            <Amount value={amount} size="large" />
          </p>
        )}
        {trouble && <Trouble explanation={trouble} />}
        <PinStep
          lead={w("code.pin_lead")}
          onPin={(typed) => {
            setTrouble(null);
            setPin(typed);
            setStep("shown");
          }}
        />
      </Frame>
    );
  }
  return (
    <Frame purse={purse} title={w("code.title")} onBack={goHome} testid="code-amount">
      {trouble && <Trouble explanation={trouble} />}
      <p class="soft">{w("code.lead")}</p>
      <AmountPad value={amount} max={max} onChange={setAmount} />
      <Acts>
        <button
          type="button"
          class="button button-primary button-wide"
          data-testid="code-next"
          onClick={() => setStep("pin")}
        >
          {amount > 0 ? w("code.with", { amount: yen(amount, language.value) }) : w("code.without")}
        </button>
      </Acts>
    </Frame>
  );
}

const QUICK = [1_000, 3_000, 5_000, 10_000, 20_000, 50_000];

export function TopUpCode({ purse }: { purse: Purse }): JSX.Element {
  const [amount, setAmount] = useState(0);
  const [isShown, setShown] = useState(false);
  const [trouble, setTrouble] = useState<Explanation | null>(null);
  const town = purse.town.value;
  const [max, stepOf] = [town?.top_up_max ?? 0, town?.top_up_step ?? 1];
  const isRight = amount > 0 && amount <= max && amount % stepOf === 0;

  if (isShown) {
    return (
      <CodeScreen
        purse={purse}
        purpose="top_up"
        amount={amount}
        pin={null}
        onBack={() => setShown(false)}
        onRefused={(why) => {
          setTrouble(why);
          setShown(false);
        }}
      />
    );
  }
  const figures = { max: yen(max, language.value), step: yen(stepOf, language.value) };
  return (
    <Frame purse={purse} title={w("top_up.title")} onBack={goHome} testid="top-up">
      {trouble && <Trouble explanation={trouble} />}
      <div class="quick">
        {QUICK.filter((quick) => quick <= max && quick % stepOf === 0).map((quick) => (
          <button
            type="button"
            key={quick}
            class="button choice"
            aria-pressed={amount === quick}
            data-testid={`quick-${quick}`}
            onClick={() => setAmount(quick)}
          >
            {yen(quick, language.value)}
          </button>
        ))}
      </div>
      <AmountPad value={amount} max={max} onChange={setAmount} />
      <p class="centred small soft">{w("top_up.max", figures)}</p>
      <Acts>
        <button
          type="button"
          class="button button-primary button-wide"
          data-testid="top-up-show"
          disabled={!isRight}
          onClick={() => {
            setTrouble(null);
            setShown(true);
          }}
        >
          {w("top_up.show")}
        </button>
      </Acts>
    </Frame>
  );
}
