/** The history's lines, loaded page by page, and one line opened to what it was paid with. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { clockTime, fullTime, named, shortDate } from "../shared/i18n";
import type { HistoryLine, HistoryPage, Receipt } from "../shared/protocol";
import { Amount } from "../shared/ui/amount";
import type { Purse } from "./purse";
import { amountText, instrumentOf, lastDay, unitOf } from "./screens/home";
import { w } from "./words";

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
] as const;

/** Kinds that bring value to the wallet; their reversal takes it. */
export const COMES_IN: ReadonlySet<string> = new Set(["top_up", "grant", "issue"]);

export interface Loaded {
  lines: HistoryLine[];
  state: "loading" | "ready" | "failed";
  /** Older lines wait at the gateway. */
  hasMore: boolean;
  more: () => void;
  again: () => void;
}

/** Lines without a hole, newest first; `next` is what the gateway takes for the page before them. */
export interface Known {
  lines: HistoryLine[];
  next: number | null;
}

/** The newest lines, loaded anew whenever money has moved; `more` adds the page before them. */
export function useHistory(purse: Purse, page: number): Loaded {
  const [known, setKnown] = useState<Known>({ lines: [], next: null });
  const [state, setState] = useState<Loaded["state"]>("loading");
  const [attempt, setAttempt] = useState(0);
  const round = useRef(0);
  const moves = purse.moves.value;

  const load = (path: string, merge: (known: Known, page: HistoryPage) => Known): void => {
    const mine = ++round.current;
    purse.api
      .get<HistoryPage>(path)
      .then((found) => {
        if (mine !== round.current) return;
        purse.learn(found.lines.map((line) => line.receipt));
        setKnown((before) => merge(before, found));
        setState("ready");
      })
      .catch(() => {
        if (mine === round.current) setState("failed");
      });
  };
  useEffect(() => load(`wallet/history?limit=${page}`, mergeNewest), [page, moves, attempt]);

  const more = (): void => {
    if (known.next === null || state === "loading") return;
    setState("loading");
    load(`wallet/history?limit=${page}&before=${known.next}`, mergeOlder);
  };
  const again = (): void => {
    setState("loading");
    setAttempt(attempt + 1);
  };
  return { lines: known.lines, state, hasMore: known.next !== null, more, again };
}

/** The newest page over what was known: its lines replace theirs, older known lines stay. */
export function mergeNewest(known: Known, newest: HistoryPage): Known {
  const oldest = newest.lines[newest.lines.length - 1]?.entry;
  const joins = oldest !== undefined && known.lines.some((line) => line.entry >= oldest);
  if (!joins) return newest;
  const older = known.lines.filter((line) => line.entry < oldest);
  return older.length === 0 ? newest : { lines: [...newest.lines, ...older], next: known.next };
}

/** The page before what was known; a line that has come meanwhile is not there twice. */
export function mergeOlder(known: Known, older: HistoryPage): Known {
  const oldest = known.lines[known.lines.length - 1]?.entry ?? Number.POSITIVE_INFINITY;
  const added = older.lines.filter((line) => line.entry < oldest);
  return { lines: [...known.lines, ...added], next: older.next };
}

export function HistoryLines({
  purse,
  lines,
  withDate = false,
}: {
  purse: Purse;
  lines: HistoryLine[];
  withDate?: boolean;
}): JSX.Element {
  const [opened, setOpened] = useState<number | null>(null);
  return (
    <ul class="lines">
      {lines.map((line) => (
        <Line
          key={line.entry}
          purse={purse}
          line={line}
          withDate={withDate}
          isOpen={opened === line.entry}
          onToggle={() => setOpened(opened === line.entry ? null : line.entry)}
        />
      ))}
    </ul>
  );
}

/** A cancelled payment brings money back; what came in and is cancelled goes. Sending has two ends. */
function signOf(purse: Purse, { receipt }: HistoryLine): "+" | "−" | undefined {
  if (COMES_IN.has(receipt.kind) || isReceived(purse, receipt)) return "+";
  if (receipt.kind !== "reversal") return "−";
  const original = purse.original(receipt);
  if (original === null) return undefined;
  return COMES_IN.has(original.kind) ? "−" : "+";
}

/** Whether somebody else sent it to this wallet. */
export function isReceived(purse: Purse, receipt: Receipt): boolean {
  return receipt.kind === "send" && receipt.recipient === purse.me.value?.wallet;
}

function kindWords(purse: Purse, receipt: Receipt): string {
  if (isReceived(purse, receipt)) return w("history.received");
  const known = KINDS.find((kind) => kind === receipt.kind);
  return w(`history.${known ?? "payment"}`);
}

function Line({
  purse,
  line,
  withDate,
  isOpen,
  onToggle,
}: {
  purse: Purse;
  line: HistoryLine;
  withDate: boolean;
  isOpen: boolean;
  onToggle: () => void;
}): JSX.Element {
  const { receipt } = line;
  const isUndone = line.reversed > 0 && line.reversed >= receipt.amount;
  const time = clockTime(receipt.at);
  return (
    <li class={isUndone ? "line line-undone" : "line"} data-testid="history-line">
      <button
        type="button"
        class="line-button"
        aria-expanded={isOpen}
        data-kind={receipt.kind}
        onClick={onToggle}
      >
        <span class="line-row">
          <span class="line-shop">
            {receipt.shop_name ?? receipt.activity ?? receipt.purpose ?? kindWords(purse, receipt)}
          </span>
          <span class="line-amount">
            <Amount value={receipt.amount} sign={signOf(purse, line)} />
          </span>
        </span>
        <span class="line-row">
          <span class="small soft">
            {kindWords(purse, receipt)}・{withDate ? `${shortDate(receipt.at)} ${time}` : time}
          </span>
          <span class="small">
            {isUndone && <span class="tag">{w("history.reversed_all")}</span>}
            {!isUndone && line.reversed > 0 && (
              <span class="tag">
                {w("history.reversed_part", { amount: amountText(line.reversed, undefined) })}
              </span>
            )}
          </span>
        </span>
      </button>
      {isOpen && <Facts purse={purse} line={line} />}
    </li>
  );
}

function Facts({ purse, line }: { purse: Purse; line: HistoryLine }): JSX.Element {
  const { receipt } = line;
  const town = purse.town.value;
  const isSeen = line.shown_to_shop || purse.news.shownToShop.value.has(receipt.id);
  return (
    <div class="line-facts" data-testid="history-facts">
      <dl class="facts">
        <dt>{w("result.at")}</dt>
        <dd>{fullTime(receipt.at)}</dd>
        <dt>{w("result.entry")}</dt>
        <dd>{line.entry}</dd>
        {(receipt.parts ?? []).map((part) => (
          <Fact
            key={part.instrument}
            name={named(instrumentOf(town, part)?.name) || part.instrument}
            amount={Math.abs(part.amount)}
            unit={unitOf(instrumentOf(town, part))}
          />
        ))}
        {(receipt.granted ?? []).map((grant) => (
          <Fact
            key={`${grant.instrument}-${grant.expires_at}`}
            name={`${w("result.granted")}${
              grant.expires_at
                ? `（${w("history.expires", { date: lastDay(grant.expires_at) })}）`
                : ""
            }`}
            amount={grant.amount}
            unit={unitOf(instrumentOf(town, grant))}
          />
        ))}
      </dl>
      {receipt.kind === "payment" && (
        <p class="small soft">{isSeen ? w("history.shop_saw") : w("history.shop_not_saw")}</p>
      )}
    </div>
  );
}

function Fact({
  name,
  amount,
  unit,
}: {
  name: string;
  amount: number;
  unit: string | undefined;
}): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Amount value={amount} unit={unit} />
      </dd>
    </>
  );
}
