/**
 * The shop's feed as the tablet keeps it: a pure fold of receipts, newest first.
 *
 * Loading the history and then following the events gives the same lines whatever arrives twice:
 * a line's identity is its receipt's id. (Stale lines + missed events == fresh lines.)
 */
import type { FeedEvent, HistoryLine, Part, Receipt } from "../shared/protocol";

export type LineKind = "payment" | "top_up" | "issue" | "reversal" | "question";

const KINDS: readonly string[] = ["payment", "top_up", "issue", "reversal"];

export interface Line {
  id: string;
  kind: LineKind;
  at: number;
  amount: number;
  /** The entry's number in the town's journal; null for a question, which moved no money. */
  entry: number | null;
  wallet: number | null;
  terminal: number | null;
  parts: readonly Part[];
  /** An issue: the yen spent, for which the shop gave points. */
  purchase: number | null;
  /** A reversal: what it reverses. A confirmed payment: the question it answers. */
  refers: string | null;
  /** How much of it was taken back later. */
  reversed: number;
  shown_to_wallet: boolean;
}

/** A counter tablet scrolls back this far; older lines are in the history, a page at a time. */
export const LINES_MAX = 300;

function kindOf(receipt: Receipt): LineKind | null {
  if (receipt.outcome === "duplicate_suspected") return "question";
  if (receipt.outcome !== "done") return null;
  return KINDS.includes(receipt.kind) ? (receipt.kind as LineKind) : null;
}

/** A receipt's line, or null for one that has no place in the shop's feed (an ordinary refusal). */
export function lineOf(receipt: Receipt): Line | null {
  const kind = kindOf(receipt);
  if (!kind) return null;
  return {
    id: receipt.id,
    kind,
    at: receipt.at,
    amount: receipt.amount,
    entry: receipt.entry ?? null,
    wallet: receipt.wallet ?? null,
    terminal: receipt.terminal ?? null,
    parts: receipt.parts ?? [],
    purchase: receipt.purchase ?? null,
    refers: receipt.refers ?? null,
    reversed: 0,
    shown_to_wallet: false,
  };
}

/** Newest first; entries of the same millisecond in the journal's order. */
function newestFirst(one: Line, other: Line): number {
  return other.at - one.at || (other.entry ?? 0) - (one.entry ?? 0);
}

/** Puts pages of history under what is already there; the server's word on a line wins. */
export function merge(lines: readonly Line[], page: readonly HistoryLine[]): Line[] {
  const known = new Map(lines.map((line) => [line.id, line]));
  for (const { receipt, reversed, shown_to_wallet } of page) {
    const line = receipt && lineOf(receipt);
    if (line) known.set(line.id, { ...line, reversed, shown_to_wallet });
  }
  return [...known.values()].sort(newestFirst);
}

/** Follows one event. The same event twice changes nothing. */
export function follow(lines: readonly Line[], event: Pick<FeedEvent, "body">): Line[] {
  const line = lineOf(event.body);
  if (!line || lines.some(({ id }) => id === line.id)) return [...lines];
  let rest = [...lines];
  if (line.kind === "reversal") {
    rest = rest.map((other) =>
      other.id === line.refers ? { ...other, reversed: other.reversed + line.amount } : other,
    );
  }
  // The payer's yes turns the question into the payment it asked about.
  if (line.kind === "payment" && line.refers) rest = rest.filter(({ id }) => id !== line.refers);
  return [line, ...rest].sort(newestFirst).slice(0, LINES_MAX);
}

/** The payers' screens have shown these. */
export function markShown(lines: readonly Line[], payments: readonly string[]): Line[] {
  const shown = new Set(payments);
  return lines.map((line) => (shown.has(line.id) ? { ...line, shown_to_wallet: true } : line));
}

/** How much of a line can still be cancelled; 0 for what cannot be cancelled at all. */
export function cancellable(line: Line): number {
  const may = line.kind === "payment" || line.kind === "top_up" || line.kind === "issue";
  return may ? Math.max(0, line.amount - line.reversed) : 0;
}

/** The last digits by which payer and clerk recognise the wallet without knowing each other. */
export function walletTail(line: Pick<Line, "wallet">): string {
  return line.wallet === null ? "" : String(line.wallet).padStart(4, "0").slice(-4);
}
