/** Everything that happens: filtered, paused, searched back, copied and exported. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { explain } from "../shared/explain";
import { clockTime, fullTime, language, shortDate, shortTime } from "../shared/i18n";
import { digitsOf, yen } from "../shared/money";
import { Check, Stop } from "../shared/ui/icons";
import { toast } from "../shared/ui/status";
import { copy, download } from "./export";
import { type Column, csvOf } from "./table";
import { choices, FILTER_NONE, type Row } from "./tail";
import type { Watch } from "./watch";
import { t } from "./words";

const KINDS = [
  "payment",
  "top_up",
  "reversal",
  "send",
  "gift",
  "exchange",
  "grant",
  "issue",
  "expiry",
  "duplicate_question",
  "refusal",
] as const;

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

export function Tail({ watch }: { watch: Watch }): JSX.Element {
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
