/** The counter at rest: what came in, today's figures, and the two big buttons. */
import type { JSX } from "preact";
import { longDate, named } from "../shared/i18n";
import { sounds } from "../shared/sounds";
import { Amount } from "../shared/ui/amount";
import { Gear, Keys, Plus, Scan as ScanIcon, Speaker, Stop } from "../shared/ui/icons";
import { LineState } from "../shared/ui/status";
import { FeedLines } from "./lines";
import { OpenNotices } from "./notices";
import { granting } from "./points";
import type { Till } from "./till";
import { t } from "./words";

export function Idle({ till }: { till: Till }): JSX.Element {
  const isUp = till.connection.link.value.kind === "connected";
  const gives = till.counter.town.value?.issuing || granting(till.counter.terminal.value?.preset);
  return (
    <main class="idle" data-testid="idle">
      <Head till={till} />
      <DayFigures till={till} />
      <FeedLines till={till} />
      <div class={gives ? "idle-actions idle-many" : "idle-actions"}>
        {!isUp && <p class="idle-offline">{t("idle.offline")}</p>}
        <OpenCommands till={till} />
        <Silence />
        <button
          type="button"
          class="button button-primary idle-scan"
          data-testid="scan"
          disabled={!isUp}
          onClick={() => till.clerk.scan()}
        >
          <ScanIcon />
          {t("idle.scan")}
        </button>
        <button
          type="button"
          class="button idle-amount"
          data-testid="enter-amount"
          disabled={!isUp}
          onClick={() => till.clerk.enterAmount()}
        >
          <Keys />
          {t("idle.amount")}
        </button>
        <Givings till={till} isUp={isUp} />
      </div>
    </main>
  );
}

/** Where the shop gives points of its own, or the office has set an activity for this tablet. */
function Givings({ till, isUp }: { till: Till; isUp: boolean }): JSX.Element {
  const preset = granting(till.counter.terminal.value?.preset);
  return (
    <>
      {till.counter.town.value?.issuing && (
        <button
          type="button"
          class="button idle-give"
          data-testid="issue"
          disabled={!isUp}
          onClick={() => till.clerk.enterPurchase()}
        >
          <Plus />
          {t("idle.issue")}
        </button>
      )}
      {preset && (
        <button
          type="button"
          class="button idle-give"
          data-testid="grant"
          disabled={!isUp}
          onClick={() => till.clerk.scan(null, "grant")}
        >
          <Plus />
          {t("idle.grant", { name: preset.name })}
        </button>
      )}
    </>
  );
}

function Head({ till }: { till: Till }): JSX.Element {
  const terminal = till.counter.terminal.value;
  return (
    <header class="head">
      <div class="head-who">
        <h1 class="head-shop" data-testid="shop-name">
          {terminal?.shop.name ?? t("title")}
        </h1>
        <p class="small soft">
          {[terminal?.label, named(till.counter.town.value?.currency)].filter(Boolean).join(" · ")}
        </p>
      </div>
      <LineState link={till.connection.link.value} />
      <OpenNotices till={till} />
      <button
        type="button"
        class="button button-icon"
        data-testid="settings"
        aria-label={t("idle.settings")}
        onClick={() => till.clerk.settings()}
      >
        <Gear />
        <span class="head-word">{t("idle.settings")}</span>
      </button>
    </header>
  );
}

/** Commands walked away from: the clerk sees that something is still being found out. */
function OpenCommands({ till }: { till: Till }): JSX.Element | null {
  const open = till.clerk.open.value.length;
  if (open === 0) return null;
  return (
    <p class="idle-open" role="status" data-testid="open-commands">
      {t("wait.open", { n: open })}
    </p>
  );
}

function DayFigures({ till }: { till: Till }): JSX.Element {
  const day = till.counter.day.value;
  return (
    <section class="day" aria-label={t("day.title")} data-testid="day">
      <div class="day-main">
        <h2 class="day-title">
          {t("day.title")}
          {day && (
            <span class="soft small"> {longDate(Date.parse(`${day.date}T12:00:00+09:00`))}</span>
          )}
        </h2>
        <p>
          <Amount value={day?.payments_amount ?? 0} size="large" testid="day-payments" />
        </p>
        <p class="soft small">
          {t("day.payments")} {t("day.count", { n: day?.payments ?? 0 })}
        </p>
      </div>
      <dl class="day-rest">
        <Figure
          name={t("day.top_ups")}
          count={day?.top_ups ?? 0}
          amount={day?.top_ups_amount ?? 0}
          testid="day-top-ups"
        />
        {till.counter.town.value?.issuing && (
          <Figure
            name={t("day.issues")}
            count={day?.issues ?? 0}
            amount={day?.issues_amount ?? 0}
            testid="day-issues"
          />
        )}
        <Figure
          name={t("day.reversals")}
          count={day?.reversals ?? 0}
          amount={day?.reversals_amount ?? 0}
          testid="day-reversals"
        />
        <div class="day-figure" title={t("day.net_help")}>
          <dt>{t("day.net")}</dt>
          <dd>
            <Amount
              value={Math.abs(day?.net ?? 0)}
              sign={(day?.net ?? 0) < 0 ? "−" : undefined}
              testid="day-net"
            />
          </dd>
        </div>
      </dl>
      {day !== null && day.unshown > 0 && (
        <p class="day-unshown" data-testid="day-unshown">
          <Stop /> {t("day.unshown", { n: day.unshown })}
        </p>
      )}
    </section>
  );
}

interface FigureProps {
  name: string;
  count: number;
  amount: number;
  testid: string;
}

function Figure({ name, count, amount, testid }: FigureProps): JSX.Element {
  return (
    <div class="day-figure">
      <dt>
        {name} <span class="soft">{t("day.count", { n: count })}</span>
      </dt>
      <dd>
        <Amount value={amount} testid={testid} />
      </dd>
    </div>
  );
}

/** A till that would be silent says so before the payment, not after it. */
export function Silence(): JSX.Element | null {
  const { state, choice } = sounds();
  const text =
    state.value === "unavailable"
      ? t("set.no_sound")
      : state.value === "locked"
        ? t("set.locked")
        : choice.value.volume === 0
          ? t("set.muted")
          : null;
  if (text === null) return null;
  return (
    <p class="sound-hint" role="status" data-testid="sound-hint" data-sound={state.value}>
      <Speaker /> {text}
    </p>
  );
}
