/** The full-screen result: it stays until it is dismissed. "Paid" stands here on the server's word. */
import { Fragment, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { canSpeak, say } from "../../shared/device";
import { fullTime, language, named } from "../../shared/i18n";
import { yen } from "../../shared/money";
import type { Part, Receipt } from "../../shared/protocol";
import { sounds } from "../../shared/sounds";
import { Amount } from "../../shared/ui/amount";
import { useFocusInside } from "../../shared/ui/dialog";
import { Check, Clock, Koban, Speaker } from "../../shared/ui/icons";
import { useLong } from "../../shared/ui/status";
import { t } from "../../shared/words";
import { COMES_IN, isReceived } from "../history";
import type { Purse } from "../purse";
import { goHome, route } from "../route";
import { w } from "../words";
import { instrumentOf, unitOf } from "./home";

// A shop's screen usually shows a payment within a blink; past this the shop is asked to look.
const SHOWN_PATIENCE_MS = 5_000;

const HAS_USED: ReadonlySet<string> = new Set(["payment", "send", "gift", "exchange"]);

const TITLES: Record<string, Parameters<typeof w>[0]> = {
  payment: "result.paid",
  top_up: "result.topped_up",
  reversal: "result.reversed",
  send: "result.sent",
  gift: "result.given",
  exchange: "result.exchanged",
  grant: "result.granted_to",
  issue: "result.granted_to",
};

const SPOKEN: Record<string, Parameters<typeof w>[0]> = {
  payment: "result.speak_paid",
  top_up: "result.speak_topped_up",
  reversal: "result.speak_reversed",
  send: "result.speak_sent",
  gift: "result.speak_given",
  exchange: "result.speak_exchanged",
  grant: "result.speak_received",
  issue: "result.speak_received",
};

export function Result({ purse, receipt }: { purse: Purse; receipt: Receipt }): JSX.Element {
  const inside = useFocusInside<HTMLDivElement>();
  const isReversal = receipt.kind === "reversal";
  // The code on the screen below has been used, and must not be made anew.
  useEffect(() => {
    const isShowing = route.value.name === "code" || route.value.name === "top_up";
    if (isShowing && !isReversal) goHome();
  }, []);
  const left = receipt.balance
    ? Object.values(receipt.balance).reduce((sum, amount) => sum + amount, 0)
    : null;
  return (
    <div
      ref={inside}
      class={isReversal ? "result result-open" : "result result-good"}
      role="alertdialog"
      aria-modal="true"
      aria-label={title(purse, receipt)}
      tabIndex={-1}
      data-testid="result"
      data-kind={receipt.kind}
      data-id={receipt.id}
    >
      <div class="result-inner">
        <Koban back={isReversal} />
        <h1 aria-live="assertive">{title(purse, receipt)}</h1>
        <Amount value={receipt.amount} size="huge" testid="result-amount" />
        {isReversal && <p>{reversalWords(purse.original(receipt))}</p>}
        {receipt.kind === "payment" && <ShopScreen purse={purse} receipt={receipt} />}
        <dl class="facts">
          {receipt.shop_name && (
            <>
              <dt>{w(receipt.kind === "gift" ? "result.group" : "result.shop")}</dt>
              <dd data-testid="result-shop">{receipt.shop_name}</dd>
            </>
          )}
          {receipt.activity && (
            <>
              <dt>{w("result.activity")}</dt>
              <dd data-testid="result-activity">{receipt.activity}</dd>
            </>
          )}
          <dt>{w("result.at")}</dt>
          <dd>{fullTime(receipt.at)}</dd>
          {receipt.entry != null && (
            <>
              <dt>{w("result.entry")}</dt>
              <dd>{receipt.entry}</dd>
            </>
          )}
          {HAS_USED.has(receipt.kind) && !isReceived(purse, receipt) && (
            <>
              <dt>{w("result.used")}</dt>
              <dd>
                {(receipt.parts ?? []).map((part) => (
                  <Used key={part.instrument} purse={purse} part={part} />
                ))}
              </dd>
            </>
          )}
          {(receipt.granted ?? []).map((grant) => (
            <Granted
              key={`${grant.instrument}-${grant.campaign ?? ""}`}
              purse={purse}
              grant={grant}
            />
          ))}
          {(receipt.reclaimed ?? []).map((part) => (
            <Fragment key={part.instrument}>
              <dt>{w("result.reclaimed")}</dt>
              <dd>
                <Amount
                  value={part.amount}
                  sign="−"
                  unit={unitOf(instrumentOf(purse.town.value, part))}
                />
              </dd>
            </Fragment>
          ))}
          {left !== null && (
            <>
              <dt>{w("result.left")}</dt>
              <dd>
                <Amount value={left} testid="result-left" />
              </dd>
            </>
          )}
        </dl>
        {sounds().state.value !== "ready" && <p class="small soft">{w("result.muted")}</p>}
        <div class="acts button-wide">
          <button
            type="button"
            class="button button-primary button-wide"
            data-testid="result-ok"
            data-focus
            onClick={() => purse.news.dismiss(receipt)}
          >
            {t("action.close")}
          </button>
          {canSpeak() && (
            <button
              type="button"
              class="button button-quiet"
              data-testid="result-speak"
              onClick={() => say(spoken(purse, receipt))}
            >
              <Speaker />
              {t("action.speak")}
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

function title(purse: Purse, receipt: Receipt): string {
  if (isReceived(purse, receipt)) return w("result.received");
  return w(TITLES[receipt.kind] ?? "result.paid");
}

/** A cancelled payment gives money back, a cancelled top-up takes it. */
function reversalWords(original: Receipt | null): string {
  if (original === null) return "";
  if (original.kind === "top_up") return w("result.top_up_reversed_next");
  return w(COMES_IN.has(original.kind) ? "result.grant_reversed_next" : "result.reversed_next");
}

function spoken(purse: Purse, receipt: Receipt): string {
  const values = { shop: receipt.shop_name ?? "", amount: yen(receipt.amount, language.value) };
  if (isReceived(purse, receipt)) return w("result.speak_received", values);
  return w(SPOKEN[receipt.kind] ?? "result.speak_paid", values);
}

/** 「コイン 447円」 on a line of its own; points say what they are by their unit. */
function Used({ purse, part }: { purse: Purse; part: Part }): JSX.Element {
  const instrument = instrumentOf(purse.town.value, part);
  const unit = unitOf(instrument);
  return (
    <div>
      {unit === undefined && `${named(instrument?.name)} `}
      <Amount value={part.amount} unit={unit} />
    </div>
  );
}

function Granted({
  purse,
  grant,
}: {
  purse: Purse;
  grant: { instrument: string; amount: number };
}): JSX.Element {
  return (
    <>
      <dt>{w("result.granted")}</dt>
      <dd>
        <Amount
          value={grant.amount}
          sign="+"
          unit={unitOf(instrumentOf(purse.town.value, grant))}
        />
      </dd>
    </>
  );
}

function ShopScreen({ purse, receipt }: { purse: Purse; receipt: Receipt }): JSX.Element {
  const [since] = useState(Date.now);
  const isLong = useLong(since, SHOWN_PATIENCE_MS);
  const isShown = purse.news.shownToShop.value.has(receipt.id);
  return (
    <p class="result-shown" role="status" data-testid="shop-shown" data-shown={isShown}>
      {isShown ? <Check /> : <Clock />}
      <span>
        {isShown ? w("result.shown") : isLong ? w("result.not_shown") : w("result.not_yet_shown")}
      </span>
    </p>
  );
}
