/**
 * Showing a one-time code: to pay (PIN first), or to be topped up.
 *
 * A new code replaces the old one by itself shortly before it expires, a few times; after that, and
 * whenever the page is left, the PIN is forgotten.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Code128, Qr } from "../../shared/codes";
import { stayAwake } from "../../shared/device";
import { type Explanation, explain } from "../../shared/explain";
import { language } from "../../shared/i18n";
import { inFours, yen } from "../../shared/money";
import type { Purpose, ShownCode } from "../../shared/protocol";
import { Amount } from "../../shared/ui/amount";
import { Sun } from "../../shared/ui/icons";
import { AmountPad } from "../../shared/ui/keypad";
import { Trouble, Waiting } from "../../shared/ui/status";
import { t } from "../../shared/words";
import { Acts, Frame } from "../frame";
import { PinStep } from "../pin-step";
import type { Purse } from "../purse";
import { goHome } from "../route";
import { w } from "../words";

// A new code is asked for so long before the old one's end.
const TURN_BEFORE_MS = 15_000;
// A phone left lying open stops making codes after this many.
const TURNS_MAX = 4;

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

interface CodeScreenProps {
  purse: Purse;
  purpose: Purpose;
  amount: number | null;
  pin: string | null;
  onBack: () => void;
  /** The code can't be made; `isPin`: because of the PIN. */
  onRefused: (why: Explanation, isPin: boolean) => void;
}

function CodeScreen({
  purse,
  purpose,
  amount,
  pin,
  onBack,
  onRefused,
}: CodeScreenProps): JSX.Element {
  const [code, setCode] = useState<ShownCode | null>(null);
  const [since, setSince] = useState(Date.now);
  const [now_ms, setNow] = useState(purse.connection.serverNow());
  const turns = useRef(0);
  const isAsking = useRef(false);
  const isOver = useRef(false);

  const ask = (): void => {
    if (isAsking.current) return;
    isAsking.current = true;
    setSince(Date.now());
    const pending = purse.connection.send({ type: "show_code", purpose, amount, pin });
    void pending.answer.then((answer) => {
      isAsking.current = false;
      if (isOver.current) return;
      if (answer.ok) {
        turns.current++;
        return setCode(answer.result);
      }
      // Without a line the old code stays until its end; the next second asks again.
      if (answer.error.code === "not_sent" || answer.error.code === "no_answer") return;
      const isPin = answer.error.code === "pin_wrong";
      onRefused(explain(answer.error, "wallet"), isPin);
    });
  };

  useEffect(() => {
    ask();
    const release = stayAwake();
    const timer = setInterval(() => setNow(purse.connection.serverNow()), 500);
    return () => {
      isOver.current = true;
      clearInterval(timer);
      release();
    };
  }, []);

  const left_ms = code ? code.expires_at - now_ms : 0;
  const isOnline = purse.connection.link.value.kind === "connected";
  const isDue = code === null || left_ms <= TURN_BEFORE_MS;
  useEffect(() => {
    if (isDue && isOnline && turns.current < TURNS_MAX && !document.hidden) ask();
  }, [isDue, isOnline, Math.floor(now_ms / 1000)]);

  const title = purpose === "pay" ? w("code.title") : w("top_up.title");
  return (
    <Frame purse={purse} title={title} onBack={onBack} testid={`code-${purpose}`}>
      {code === null ? (
        <div class="body-waiting">
          <Waiting what={w("code.making")} since={since} next={w("code.making_next")} />
        </div>
      ) : (
        <ShownCodeBox
          purse={purse}
          code={code}
          left_ms={left_ms}
          isOnline={isOnline}
          onRenew={() => {
            turns.current = 0;
            ask();
          }}
        />
      )}
    </Frame>
  );
}

function ShownCodeBox({
  purse,
  code,
  left_ms,
  isOnline,
  onRenew,
}: {
  purse: Purse;
  code: ShownCode;
  left_ms: number;
  isOnline: boolean;
  onRenew: () => void;
}): JSX.Element {
  const isExpired = left_ms <= 0;
  const life_ms = (purse.town.value?.code_ttl_s ?? 180) * 1000;
  const left_s = Math.ceil(Math.min(life_ms, Math.max(0, left_ms)) / 1000);
  const time = `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, "0")}`;
  const label = code.purpose === "pay" ? w("code.pay_label") : w("code.top_up_label");
  return (
    <div class="code-box">
      <div class="centred">
        {code.amount === null ? (
          <p>{code.purpose === "pay" ? w("code.no_amount") : w("top_up.lead")}</p>
        ) : (
          <>
            <p class="soft">{code.purpose === "pay" ? w("code.amount") : w("top_up.amount")}</p>
            <Amount value={code.amount} size="large" testid="code-value" />
          </>
        )}
      </div>
      {isExpired && (
        <div class="trouble" role="alert" data-testid="code-expired">
          <p class="trouble-what">{w("code.expired")}</p>
          <p>{w("code.expired_next")}</p>
        </div>
      )}
      {/* An expired code is not drawn at all: nobody can scan what is only blurred. */}
      {!isExpired && (
        <div class="code-paper stack-tight" data-testid="code" data-code={code.code}>
          <Qr text={code.qr} label={label} />
          <Code128 text={code.code} label={label} />
          <p class="code-digits">{inFours(code.code)}</p>
        </div>
      )}
      {isExpired ? (
        <button
          type="button"
          class="button button-primary button-wide"
          data-testid="code-renew"
          disabled={!isOnline}
          onClick={onRenew}
        >
          {w("code.renew")}
        </button>
      ) : (
        <div class="stack-tight">
          <div class="code-left" role="timer">
            <div class="code-bar" aria-hidden="true">
              <div
                class="code-bar-fill"
                style={{ transform: `scaleX(${Math.min(1, Math.max(0, left_ms / life_ms))})` }}
              />
            </div>
            <span class="code-time">{w("code.left", { time })}</span>
          </div>
          <p class="small soft">{isOnline ? w("code.turns") : w("code.offline")}</p>
        </div>
      )}
      {code.purpose === "top_up" && code.amount !== null && <p>{w("top_up.lead")}</p>}
      <p class="result-shown small">
        <Sun />
        <span>{w("code.bright")}</span>
      </p>
    </div>
  );
}
