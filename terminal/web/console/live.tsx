/** The town at this moment: figures, charts, what needs a person, and everything that happens. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { explain } from "../shared/explain";
import { clockTime, fullTime, language, shortDate, shortTime } from "../shared/i18n";
import { digitsOf, withSeparators, yen } from "../shared/money";
import type { AlertLine, Figures } from "../shared/protocol";
import { Check, Stop } from "../shared/ui/icons";
import { toast } from "../shared/ui/status";
import { Chart } from "./chart";
import { copy, download } from "./export";
import { pointsOf } from "./series";
import { type Column, csvOf } from "./table";
import { choices, FILTER_NONE, type Row } from "./tail";
import type { Watch } from "./watch";
import { t } from "./words";

export function Live({ watch, now }: { watch: Watch; now: () => number }): JSX.Element {
  return (
    <div class="live">
      <Gauges figures={watch.figures.value} />
      <Charts watch={watch} now={now} />
      <AlertList alerts={watch.alerts.value} />
      <Tail watch={watch} />
    </div>
  );
}

function Gauges({ figures }: { figures: Figures | null }): JSX.Element {
  if (!figures) return <p class="soft">{t("fig.waiting")}</p>;
  const gauge = (name: string, value: number, digits: number, testid: string): JSX.Element => (
    <div class="gauge" data-testid={testid}>
      <dt>{name}</dt>
      <dd>{withSeparators(Math.trunc(value)) + fraction(value, digits)}</dd>
    </div>
  );
  const health = (name: string, isOk: boolean, testid: string): JSX.Element => (
    <div class={isOk ? "gauge" : "gauge gauge-down"} data-testid={testid} data-ok={isOk}>
      <dt>{name}</dt>
      <dd class="gauge-word">
        {isOk ? <Check /> : <Stop />} {isOk ? t("fig.ok") : t("fig.down")}
      </dd>
    </div>
  );
  return (
    <dl class="gauges" data-testid="figures">
      {gauge(t("fig.payments"), figures.payments_per_s, 1, "fig-payments")}
      {gauge(t("fig.refusals"), figures.refusals_per_s, 1, "fig-refusals")}
      {gauge(t("fig.wallets"), figures.wallets, 0, "fig-wallets")}
      {gauge(t("fig.terminals"), figures.terminals, 0, "fig-terminals")}
      {gauge(t("fig.consoles"), figures.consoles, 0, "fig-consoles")}
      {gauge(t("fig.queue"), figures.queue_frames, 0, "fig-queue")}
      {gauge(t("fig.unshown"), figures.unshown, 0, "fig-unshown")}
      {health(t("fig.redis"), figures.redis_ok, "fig-redis")}
      {health(t("fig.postgres"), figures.postgres_ok, "fig-postgres")}
    </dl>
  );
}

function fraction(value: number, digits: number): string {
  return digits === 0 ? "" : (value % 1).toFixed(digits).slice(1);
}

function Charts({ watch, now }: { watch: Watch; now: () => number }): JSX.Element {
  const series = watch.series.value;
  const at = series[series.length - 1]?.at ?? now();
  const line = (name: string, value: (figures: Figures) => number) => ({
    name,
    points: pointsOf(series, value),
  });
  return (
    <div class="charts">
      <Chart
        testid="chart-rate"
        title={t("chart.rate")}
        unit=""
        least={5}
        now={at}
        lines={[
          line(t("chart.payments"), (figures) => figures.payments_per_s),
          line(t("chart.refusals"), (figures) => figures.refusals_per_s),
        ]}
      />
      <Chart
        testid="chart-decide"
        title={t("chart.decide")}
        unit="ms"
        least={10}
        now={at}
        lines={[
          line(t("chart.p50"), (figures) => figures.decide_p50_ms),
          line(t("chart.p99"), (figures) => figures.decide_p99_ms),
        ]}
      />
      <Chart
        testid="chart-shown"
        title={t("chart.shown")}
        unit="ms"
        least={50}
        now={at}
        lines={[
          line(t("chart.p50"), (figures) => figures.both_shown_p50_ms),
          line(t("chart.p99"), (figures) => figures.both_shown_p99_ms),
        ]}
      />
      <Chart
        testid="chart-connected"
        title={t("chart.connected")}
        unit=""
        least={5}
        now={at}
        lines={[
          line(t("fig.wallets"), (figures) => figures.wallets),
          line(t("fig.terminals"), (figures) => figures.terminals),
        ]}
      />
    </div>
  );
}

function AlertList({ alerts }: { alerts: AlertLine[] }): JSX.Element {
  return (
    <section class="alerts" aria-live="polite" data-testid="alerts">
      <h2>
        {t("alerts.title")} {alerts.length > 0 && <span class="badge">{alerts.length}</span>}
      </h2>
      {alerts.length === 0 ? (
        <p class="soft">{t("alerts.none")}</p>
      ) : (
        <ul>
          {alerts.map((alert) => (
            <li
              key={`${alert.kind} ${alert.payment ?? ""} ${alert.account ?? ""}`}
              class="alert"
              data-testid="alert"
              data-kind={alert.kind}
            >
              <Stop />
              <span>
                <b>{alert.text}</b>{" "}
                <span class="soft">
                  {clockTime(alert.at)}
                  {alert.account !== null && ` · ${t("alerts.account", { n: alert.account })}`}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const KINDS = ["payment", "top_up", "reversal", "duplicate_question", "refusal"] as const;

function kindWords(kind: string): string {
  const known = KINDS.find((name) => name === kind);
  return known ? t(`kind.${known}`) : kind;
}

function outcomeWords(row: Row): string {
  const { outcome } = row.body;
  return outcome === "done" ? t("outcome.done") : explain({ code: outcome }, "shop").what;
}

function columnsFor(watch: Watch): Column<Row>[] {
  return [
    { key: "at", title: t("col.at"), value: (row) => fullTime(row.at) },
    { key: "kind", title: t("col.kind"), value: (row) => row.kind },
    { key: "outcome", title: t("col.outcome"), value: (row) => row.body.outcome },
    { key: "amount", title: t("col.amount"), value: (row) => row.body.amount },
    { key: "wallet", title: t("col.wallet"), value: (row) => row.body.wallet ?? null },
    { key: "shop", title: t("col.shop"), value: (row) => shopName(watch, row) },
    { key: "terminal", title: t("col.terminal"), value: (row) => row.body.terminal ?? null },
    { key: "entry", title: t("col.entry"), value: (row) => row.body.entry ?? null },
    { key: "id", title: t("col.id"), value: (row) => row.body.id },
  ];
}

function shopName(watch: Watch, row: Row): string {
  const known = watch.shops.value.find(({ shop }) => shop === row.body.shop);
  return row.body.shop_name ?? known?.name ?? String(row.body.shop ?? "");
}

function Tail({ watch }: { watch: Watch }): JSX.Element {
  const rows = watch.filtered.value;
  const copyAll = async (): Promise<void> => {
    const done = await copy(JSON.stringify(rows.map(jsonOf), null, 2));
    toast(done ? t("tail.copied", { n: rows.length }) : t("tail.not_copied"));
  };
  const paused = watch.paused.value;
  return (
    <section class="tail" data-testid="tail">
      <div class="tail-head">
        <h2>{t("tail.title")}</h2>
        <span class="soft" data-testid="tail-count">
          {t("tail.shown", { n: rows.length })}
          {paused && ` · ${t("tail.paused")}`}
        </span>
        <button
          type="button"
          class={paused ? "button tail-paused" : "button"}
          data-testid="tail-pause"
          aria-pressed={paused !== null}
          onClick={() => (paused ? watch.run() : watch.pause())}
        >
          {paused ? t("tail.run", { n: paused.length }) : t("tail.pause")}
        </button>
        <button type="button" class="button" data-testid="tail-copy" onClick={() => void copyAll()}>
          {t("tail.copy")}
        </button>
        <button
          type="button"
          class="button"
          data-testid="tail-csv"
          onClick={() => download("events.csv", csvOf(rows, columnsFor(watch)))}
        >
          {t("tail.csv")}
        </button>
      </div>
      <Filters watch={watch} />
      {watch.skipped.value > 0 && (
        <p class="desk-note" role="status">
          {t("tail.skipped", { n: watch.skipped.value })}
        </p>
      )}
      <ol class="tail-rows" data-testid="tail-rows">
        {rows.map((row) => (
          <TailRow key={row.key} watch={watch} row={row} />
        ))}
      </ol>
      {rows.length === 0 && <p class="grid-empty soft">{t("tail.empty")}</p>}
      <Older watch={watch} />
    </section>
  );
}

function Older({ watch }: { watch: Watch }): JSX.Element {
  if (watch.older.value === null) return <p class="grid-empty soft">{t("tail.oldest")}</p>;
  return (
    <button
      type="button"
      class="button button-quiet button-wide"
      data-testid="tail-older"
      disabled={watch.searching.value}
      onClick={() => void watch.searchBack()}
    >
      {watch.searching.value ? t("tail.searching") : t("tail.older")}
    </button>
  );
}

function Filters({ watch }: { watch: Watch }): JSX.Element {
  const filter = watch.filter.value;
  const { kinds, outcomes } = choices(watch.rows.value);
  const choose = (
    name: string,
    testid: string,
    value: string,
    options: [string, string][],
    onChoose: (value: string) => void,
  ): JSX.Element => (
    <label class="filter">
      <span>{name}</span>
      <select
        class="field-input"
        data-testid={testid}
        value={value}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        <option value="">{t("filter.all")}</option>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
  const terminals = watch.terminals.value.filter(
    ({ shop }) => filter.shop === null || shop === filter.shop,
  );
  const numberOf = (value: string): number | null => (value === "" ? null : Number(value));
  return (
    <div class="filters">
      {choose(
        t("filter.kind"),
        "filter-kind",
        filter.kind,
        kinds.map((kind) => [kind, kindWords(kind)]),
        (kind) => watch.choose({ kind }),
      )}
      {choose(
        t("filter.outcome"),
        "filter-outcome",
        filter.outcome,
        outcomes.map((code) => [
          code,
          code === "done" ? t("outcome.done") : explain({ code }, "shop").what,
        ]),
        (outcome) => watch.choose({ outcome }),
      )}
      {choose(
        t("filter.shop"),
        "filter-shop",
        String(filter.shop ?? ""),
        watch.shops.value.map(({ shop, name }) => [String(shop), name]),
        (value) => watch.choose({ shop: numberOf(value), terminal: null }),
      )}
      {choose(
        t("filter.terminal"),
        "filter-terminal",
        String(filter.terminal ?? ""),
        terminals.map(({ terminal, label }) => [String(terminal), `${label} #${terminal}`]),
        (value) => watch.choose({ terminal: numberOf(value) }),
      )}
      <label class="filter">
        <span>{t("filter.account")}</span>
        <input
          class="field-input"
          type="search"
          inputMode="numeric"
          maxLength={15}
          data-testid="filter-account"
          value={filter.account ?? ""}
          onInput={(event) =>
            watch.choose({ account: numberOf(digitsOf(event.currentTarget.value)) })
          }
        />
      </label>
      <label class="filter">
        <span>{t("filter.text")}</span>
        <input
          class="field-input"
          type="search"
          data-testid="filter-text"
          value={filter.text}
          onInput={(event) => watch.choose({ text: event.currentTarget.value })}
        />
      </label>
      {JSON.stringify(filter) !== JSON.stringify(FILTER_NONE) && (
        <button
          type="button"
          class="button button-quiet"
          data-testid="filter-clear"
          onClick={() => watch.choose(FILTER_NONE)}
        >
          {t("filter.clear")}
        </button>
      )}
    </div>
  );
}

/** Today's by the second, older ones with their date. */
function atWords(at: number): string {
  const isToday = shortDate(at) === shortDate(Date.now());
  return isToday ? clockTime(at) : `${shortDate(at)} ${shortTime(at)}`;
}

function jsonOf(row: Row): object {
  const { number, kind, at, accounts, body } = row;
  return { number, kind, at, accounts, body };
}

function TailRow({ watch, row }: { watch: Watch; row: Row }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const isDone = row.body.outcome === "done";
  const text = JSON.stringify(jsonOf(row), null, 2);
  const copyOne = async (): Promise<void> => {
    toast((await copy(text)) ? t("tail.copied", { n: 1 }) : t("tail.not_copied"));
  };
  return (
    <li class={isDone ? "event" : "event event-refused"} data-testid="event" data-kind={row.kind}>
      <button
        type="button"
        class="event-line"
        aria-expanded={isOpen}
        data-id={row.body.id}
        data-outcome={row.body.outcome}
        onClick={() => setOpen(!isOpen)}
      >
        <span class="event-at">{atWords(row.at)}</span>
        <span class="event-kind">{kindWords(row.kind)}</span>
        <span class="event-amount">
          {row.kind === "reversal" && "−"}
          {yen(row.body.amount, language.value)}
        </span>
        <span class="event-outcome">
          {isDone ? <Check /> : <Stop />} {outcomeWords(row)}
        </span>
        <span class="event-who">
          {row.body.wallet ?? "—"} · {shopName(watch, row) || "—"}
          {row.body.terminal != null && <span class="soft"> #{row.body.terminal}</span>}
        </span>
      </button>
      {isOpen && (
        <div class="event-more">
          <pre data-testid="event-json">{text}</pre>
          <button
            type="button"
            class="button"
            data-testid="event-copy"
            onClick={() => void copyOne()}
          >
            {t("row.copy")}
          </button>
        </div>
      )}
    </li>
  );
}
