/**
 * A one-time code on the screen: QR, bars, digits, and the time it has left.
 *
 * A new code replaces the old one by itself shortly before it expires, a few times; the PIN for that
 * lives as long as this screen and is stored nowhere.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Code128, Qr } from "../shared/codes";
import { stayAwake } from "../shared/device";
import { type Explanation, explain } from "../shared/explain";
import { inFours } from "../shared/money";
import type { Purpose, ShownCode } from "../shared/protocol";
import { Amount } from "../shared/ui/amount";
import { Stop, Sun } from "../shared/ui/icons";
import { Waiting } from "../shared/ui/status";
import { Frame } from "./frame";
import type { Purse } from "./purse";
import { w } from "./words";

// A new code is asked for so long before the old one's end.
const TURN_BEFORE_MS = 15_000;
// A phone left lying open stops making codes after this many.
const TURNS_MAX = 4;

interface CodeScreenProps {
  purse: Purse;
  purpose: Purpose;
  amount: number | null;
  pin: string | null;
  onBack: () => void;
  /** The code can't be made; `isPin`: because of the PIN. */
  onRefused: (why: Explanation, isPin: boolean) => void;
}

export function CodeScreen({
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
          <span class="trouble-mark">
            <Stop />
          </span>
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
      {!isExpired && (
        <p class="result-shown small">
          <Sun />
          <span>{w("code.bright")}</span>
        </p>
      )}
    </div>
  );
}
