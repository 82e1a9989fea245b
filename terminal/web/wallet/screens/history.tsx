/** The whole history: search, and what each month came to. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { monthKey, monthName } from "../../shared/i18n";
import type { HistoryLine } from "../../shared/protocol";
import { Amount } from "../../shared/ui/amount";
import { Waiting } from "../../shared/ui/status";
import { t } from "../../shared/words";
import { Frame } from "../frame";
import { HistoryLines, useHistory } from "../history";
import type { Purse } from "../purse";
import { goHome } from "../route";
import { w } from "../words";

const PAGE = 50;

/** Whether a line has what was searched: in the shop's name, the amount or the entry's number. */
export function matches(line: HistoryLine, wanted: string): boolean {
  const words = wanted
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[,円¥]/g, "")
    .trim();
  if (words === "") return true;
  const shop = (line.receipt.shop_name ?? "").normalize("NFKC").toLowerCase();
  return (
    shop.includes(words) || String(line.receipt.amount) === words || String(line.entry) === words
  );
}

export interface Month {
  key: string;
  at: number;
  lines: HistoryLine[];
  paid: number;
  topped: number;
}

/** Lines by month, newest first; what was cancelled doesn't count as paid or topped up. */
export function monthsOf(lines: HistoryLine[]): Month[] {
  const months = new Map<string, Month>();
  for (const line of lines) {
    const { at, kind, amount } = line.receipt;
    const key = monthKey(at);
    const month = months.get(key) ?? { key, at, lines: [], paid: 0, topped: 0 };
    months.set(key, month);
    month.lines.push(line);
    if (kind === "payment") month.paid += amount - line.reversed;
    if (kind === "top_up") month.topped += amount - line.reversed;
  }
  return [...months.values()];
}

export function History({ purse }: { purse: Purse }): JSX.Element {
  const [wanted, setWanted] = useState("");
  const [since] = useState(Date.now);
  const history = useHistory(purse, PAGE);
  const isSearch = wanted.trim() !== "";
  const found = history.lines.filter((line) => matches(line, wanted));
  const months = monthsOf(found);
  const oldest = months[months.length - 1]?.key;
  const isEmpty = history.state === "ready" && history.lines.length === 0;
  return (
    <Frame purse={purse} title={w("history.title")} onBack={goHome} testid="history">
      <label class="field">
        <span class="field-label">{w("history.search")}</span>
        <input
          class="field-input"
          type="search"
          data-testid="history-search"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      </label>
      {isEmpty && <p class="soft">{w("history.none")}</p>}
      {!isEmpty && history.state !== "loading" && found.length === 0 && (
        <p class="soft" role="status">
          {w("history.no_match")}
        </p>
      )}
      {months.map((month) => (
        <section class="stack-tight" key={month.key} data-testid={`month-${month.key}`}>
          <div class="month-head">
            <h2>{monthName(month.at)}</h2>
            {!isSearch && (
              <Totals month={month} isPartial={history.hasMore && month.key === oldest} />
            )}
          </div>
          <HistoryLines purse={purse} lines={month.lines} withDate />
        </section>
      ))}
      {history.state === "loading" && (
        <Waiting what={w("history.loading")} since={since} next={w("history.loading_next")} />
      )}
      {history.state === "failed" && (
        <button type="button" class="button button-wide" onClick={history.again}>
          {t("action.again")}
        </button>
      )}
      {history.hasMore && history.state !== "loading" && (
        <button
          type="button"
          class="button button-wide"
          data-testid="history-more"
          onClick={history.more}
        >
          {isSearch ? w("history.older_search") : w("history.older")}
        </button>
      )}
    </Frame>
  );
}

function Totals({ month, isPartial }: { month: Month; isPartial: boolean }): JSX.Element {
  if (isPartial) return <p class="small soft">{w("history.month_partial")}</p>;
  return (
    <p class="soft" data-testid="month-totals">
      {w("history.month_paid")} <Amount value={month.paid} />
      {"　"}
      {w("history.month_topped")} <Amount value={month.topped} />
    </p>
  );
}
