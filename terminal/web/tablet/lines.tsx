/** The lines of the feed: who paid what, when, in which value, and what came of it. */
import { Fragment, type JSX } from "preact";
import { useState } from "preact/hooks";
import { language, longDate, named, shortTime } from "../shared/i18n";
import { yen } from "../shared/money";
import type { InstrumentInfo } from "../shared/protocol";
import { Amount } from "../shared/ui/amount";
import { Check, List } from "../shared/ui/icons";
import { type Line, walletTail } from "./feed";
import type { Till } from "./till";
import { dateOf } from "./totals";
import { t } from "./words";

export function FeedLines({ till }: { till: Till }): JSX.Element {
  const { lines, loading, older } = till.counter;
  return (
    <section class="feed" aria-label={t("feed.title")}>
      <h2 class="feed-title">{t("feed.title")}</h2>
      <ol class="feed-lines" data-testid="feed">
        {lines.value.map((line, place) => (
          <Fragment key={line.id}>
            <DayHead line={line} above={lines.value[place - 1] ?? null} till={till} />
            <FeedLine till={till} line={line} />
          </Fragment>
        ))}
      </ol>
      {loading.value === "loading" && lines.value.length === 0 && (
        <p class="feed-note" role="status">
          {t("feed.loading")}
        </p>
      )}
      {loading.value === "failed" && (
        <p class="feed-note" role="status">
          {t("feed.failed")}
        </p>
      )}
      {loading.value === "loaded" && lines.value.length === 0 && (
        <div class="feed-note" data-testid="feed-empty">
          <List />
          <p>{t("feed.empty")}</p>
          <p class="small">{t("feed.empty_help")}</p>
        </div>
      )}
      {older.value !== null && <More till={till} />}
    </section>
  );
}

/** A new day's name over its first line; today needs none. */
function DayHead({ till, line, above }: DayHeadProps): JSX.Element | null {
  const date = dateOf(line.at);
  const before = above ? dateOf(above.at) : dateOf(till.connection.serverNow());
  return date === before ? null : <li class="feed-day">{longDate(line.at)}</li>;
}

interface DayHeadProps {
  till: Till;
  line: Line;
  above: Line | null;
}

function More({ till }: { till: Till }): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const load = async (): Promise<void> => {
    setBusy(true);
    await till.counter.loadOlder();
    setBusy(false);
  };
  return (
    <button
      type="button"
      class="button button-quiet button-wide"
      data-testid="feed-more"
      disabled={isBusy}
      onClick={() => void load()}
    >
      {isBusy ? t("feed.loading") : t("feed.more")}
    </button>
  );
}

function FeedLine({ till, line }: { till: Till; line: Line }): JSX.Element {
  const isBack = line.kind === "reversal";
  const isGone = line.reversed >= line.amount && line.amount > 0 && !isBack;
  return (
    <li>
      <button
        type="button"
        class={`line line-${line.kind}${isGone ? " line-gone" : ""}`}
        data-testid="feed-line"
        data-id={line.id}
        data-kind={line.kind}
        onClick={() => till.clerk.detail(line)}
      >
        <span class="line-time">{shortTime(line.at)}</span>
        <span class="line-what">
          <span class="line-kind">{t(`kind.${line.kind}`)}</span>
          <span class="line-who">{whoOf(till, line)}</span>
        </span>
        <span class="line-amount">
          <Amount
            value={line.amount}
            unit={unitOfLine(till, line)}
            sign={isBack ? "−" : undefined}
          />
        </span>
        <span class="line-marks">
          <Marks till={till} line={line} />
        </span>
      </button>
    </li>
  );
}

function whoOf(till: Till, line: Line): string {
  const own = till.counter.terminal.value?.terminal ?? null;
  const kinds = line.parts.map((part) => nameOf(till, part.instrument)).join("・");
  return [
    line.wallet === null ? "" : t("line.customer", { tail: walletTail(line) }),
    kinds,
    line.terminal !== null && line.terminal !== own
      ? t("line.other_terminal", { n: line.terminal })
      : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** A kind of value by its name in the reader's language. */
export function nameOf(till: Till, instrument: string): string {
  return named(instrumentOf(till, instrument)?.name) || instrument;
}

/** The unit of what isn't counted in yen; undefined for what is. */
export function unitOf(till: Till, instrument: string): string | undefined {
  const known = instrumentOf(till, instrument);
  return known?.kind === "points" ? named(known.unit) : undefined;
}

/** Points that the shop gave are points; all else is counted in yen. */
export function unitOfLine(till: Till, line: Pick<Line, "kind" | "parts">): string | undefined {
  const [part] = line.parts;
  return line.kind === "issue" && part ? unitOf(till, part.instrument) : undefined;
}

function instrumentOf(till: Till, instrument: string): InstrumentInfo | undefined {
  return till.counter.town.value?.instruments.find(({ code }) => code === instrument);
}

/** Marks in words and shape, never by colour alone. */
export function Marks({ till, line }: { till: Till; line: Line }): JSX.Element {
  if (line.kind === "question") {
    const life_ms = (till.counter.town.value?.question_ttl_s ?? 0) * 1000;
    const isOver = till.connection.serverNow() - line.at >= life_ms;
    return (
      <span class="mark mark-warn" data-testid="mark-asking">
        {isOver ? t("line.unanswered") : t("line.asking")}
      </span>
    );
  }
  const isGone = line.reversed >= line.amount;
  return (
    <>
      {line.reversed > 0 && (
        <span class="mark mark-gone" data-testid="mark-reversed">
          {isGone
            ? t("line.reversed")
            : t("line.reversed_part", { amount: yen(line.reversed, language.value) })}
        </span>
      )}
      {line.shown_to_wallet ? (
        <span class="mark mark-good" data-testid="mark-shown">
          <Check /> {t("line.shown")}
        </span>
      ) : (
        <span class="mark mark-warn" data-testid="mark-not-shown">
          {t("line.not_shown")}
        </span>
      )}
    </>
  );
}
