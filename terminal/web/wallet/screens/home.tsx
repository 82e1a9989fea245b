/** Home: what can be spent, what of it expires next, and the two ways to pay. */
import type { JSX } from "preact";
import { fullTime, language, named, shortDate, shortTime } from "../../shared/i18n";
import { yen } from "../../shared/money";
import type { BalancePart, InstrumentInfo, TownInfo } from "../../shared/protocol";
import { Amount } from "../../shared/ui/amount";
import { Bell, Code, Gear, Koban, List, Plus, Scan } from "../../shared/ui/icons";
import { t } from "../../shared/words";
import { Frame } from "../frame";
import { HistoryLines, useHistory } from "../history";
import { OpenPayments } from "../open-payments";
import type { Purse } from "../purse";
import { go } from "../route";
import { w } from "../words";

const RECENT = 3;

export function Home({ purse }: { purse: Purse }): JSX.Element {
  const town = purse.town.value;
  return (
    <Frame
      purse={purse}
      title={named(town?.currency)}
      testid="home"
      lead={<OpenNotices purse={purse} />}
      corner={
        <button
          type="button"
          class="button button-quiet button-icon"
          aria-label={w("home.settings")}
          data-testid="open-settings"
          onClick={() => go({ name: "settings" })}
        >
          <Gear />
        </button>
      }
    >
      <OpenPayments purse={purse} />
      <BalanceCard purse={purse} />
      <Ways />
      <Recent purse={purse} />
    </Frame>
  );
}

/** The way to the notices; a dot says that some are unread. */
export function OpenNotices({ purse }: { purse: Pick<Purse, "notices"> }): JSX.Element {
  const count = purse.notices.unread.value;
  return (
    <button
      type="button"
      class="button button-quiet button-icon"
      aria-label={count > 0 ? w("home.notices_unread", { count }) : w("home.notices")}
      data-testid="open-notices"
      onClick={() => go({ name: "notices" })}
    >
      <Bell />
      {count > 0 && <span class="unread-dot" data-testid="unread-dot" />}
    </button>
  );
}

function BalanceCard({ purse }: { purse: Purse }): JSX.Element {
  const balance = purse.balance.value;
  const town = purse.town.value;
  return (
    <section class="purse" aria-label={w("home.balance")}>
      <h2 class="soft small">{w("home.balance")}</h2>
      <div class="purse-top">
        <div class="purse-total" aria-live="polite">
          {balance ? (
            <Amount value={balance.total} size="large" testid="balance" />
          ) : (
            <p>{w("home.balance_loading")}</p>
          )}
        </div>
        <span class="purse-coin">
          <Koban check={false} />
        </span>
      </div>
      {balance && (
        <p class="small soft" data-testid="balance-at">
          {w(purse.isBalanceOld.value ? "home.balance_old" : "home.balance_at", {
            time: shortTime(balance.at),
          })}
        </p>
      )}
      {balance && balance.parts.length > 0 && (
        <ul class="parts">
          {balance.parts.map((part) => (
            <Part key={part.instrument} part={part} instrument={instrumentOf(town, part)} />
          ))}
        </ul>
      )}
      {balance && balance.total === 0 && (
        <p>
          <strong>{w("home.empty")}</strong> {w("home.empty_next")}
        </p>
      )}
      {balance && balance.parts.length > 0 && (
        <button
          type="button"
          class="button button-quiet"
          data-testid="open-parts"
          onClick={() => go({ name: "parts" })}
        >
          {w("home.lots")}
        </button>
      )}
    </section>
  );
}

export function instrumentOf(
  town: TownInfo | null,
  part: { instrument: string },
): InstrumentInfo | undefined {
  return town?.instruments.find((one) => one.code === part.instrument);
}

/** The unit of an instrument that isn't counted in yen. */
export function unitOf(instrument: InstrumentInfo | undefined): string | undefined {
  return instrument?.kind === "points" ? named(instrument.unit) : undefined;
}

/** What of this part goes first: its soonest expiry, and how much. */
export function nextExpiry(part: BalancePart): { at: number; amount: number } | null {
  const dated = part.lots.filter((lot) => lot.expires_at !== null);
  const at = Math.min(...dated.map((lot) => lot.expires_at ?? Infinity));
  if (!Number.isFinite(at)) return null;
  const amount = dated
    .filter((lot) => lot.expires_at === at)
    .reduce((sum, lot) => sum + lot.amount, 0);
  return { at, amount };
}

/** An expiry is the first instant at which the value is gone; people think of the last good day. */
export function lastDay(expires_at: number): string {
  return shortDate(expires_at - 1);
}

function Part({
  part,
  instrument,
}: {
  part: BalancePart;
  instrument: InstrumentInfo | undefined;
}): JSX.Element {
  const next = nextExpiry(part);
  return (
    <li class="part" data-testid={`part-${part.instrument}`}>
      <span class="part-name">{named(instrument?.name) || part.instrument}</span>
      <Amount value={part.amount} unit={unitOf(instrument)} />
      <span class="part-next">
        {next
          ? w("home.expires_next", {
              date: lastDay(next.at),
              amount: amountText(next.amount, instrument),
            })
          : w("home.no_expiry")}
      </span>
      {part.held > 0 && part.held_until !== null && (
        <span class="part-next" data-testid={`held-${part.instrument}`}>
          {w("home.held", {
            amount: amountText(part.held, instrument),
            time: fullTime(part.held_until),
          })}
        </span>
      )}
    </li>
  );
}

/** An amount inside a sentence. */
export function amountText(amount: number, instrument: InstrumentInfo | undefined): string {
  const unit = unitOf(instrument);
  return unit === undefined
    ? yen(amount, language.value)
    : `${yen(amount, "ja").slice(0, -1)}${language.value === "ja" ? "" : " "}${unit}`;
}

function Ways(): JSX.Element {
  return (
    <div class="stack">
      <div class="ways">
        <button
          type="button"
          class="way way-first"
          data-testid="open-pay"
          onClick={() => go({ name: "pay" })}
        >
          <Scan />
          <span>{w("home.pay_scan")}</span>
          <span class="way-hint">{w("home.pay_scan_hint")}</span>
        </button>
        <button
          type="button"
          class="way"
          data-testid="open-code"
          onClick={() => go({ name: "code" })}
        >
          <Code />
          <span>{w("home.show_code")}</span>
          <span class="way-hint">{w("home.show_code_hint")}</span>
        </button>
      </div>
      <button
        type="button"
        class="button button-wide"
        data-testid="open-top-up"
        onClick={() => go({ name: "top_up" })}
      >
        <Plus />
        {w("home.top_up")}
      </button>
    </div>
  );
}

function Recent({ purse }: { purse: Purse }): JSX.Element {
  const history = useHistory(purse, RECENT);
  return (
    <section class="stack-tight">
      <div class="section-head">
        <h2>{w("home.recent")}</h2>
        <button
          type="button"
          class="button button-quiet"
          data-testid="open-history"
          onClick={() => go({ name: "history" })}
        >
          <List />
          {w("home.all")}
        </button>
      </div>
      {history.lines.length > 0 ? (
        <HistoryLines purse={purse} lines={history.lines.slice(0, RECENT)} withDate />
      ) : (
        <p class="soft">
          {history.state === "loading" ? w("history.loading") : w("home.no_recent")}
        </p>
      )}
      {history.state === "failed" && (
        <button type="button" class="button" onClick={history.again}>
          {t("action.again")}
        </button>
      )}
    </section>
  );
}
