/**
 * The town's events as the console keeps them: a pure fold, newest first.
 *
 * A payment stands in the payer's feed and in the shop's, so the tail gets it twice. A person wants
 * to see it once: rows are what happened (receipt id and kind), and each knows in whose feeds it was.
 */
import type { EventLine, Receipt, TownEvent } from "../shared/protocol";

export interface Row {
  /** Receipt id and kind: the same happening has the same key however often it comes. */
  key: string;
  /** Its highest place among the events of the town; what came later has a higher one. */
  number: number;
  kind: string;
  at: number;
  accounts: readonly number[];
  body: Receipt;
}

export interface Filter {
  kind: string;
  outcome: string;
  shop: number | null;
  terminal: number | null;
  /** Whose feed it stands in: a wallet's, a shop's, or the town's own (0). */
  account: number | null;
  /** An entry's number, or part of a payment's id. */
  text: string;
}

export const FILTER_NONE: Filter = {
  kind: "",
  outcome: "",
  shop: null,
  terminal: null,
  account: null,
  text: "",
};

/** The tail keeps this many rows on screen; older ones are searched for on the server. */
export const ROWS_MAX = 500;

/** Adds events to the rows, newest first, at most `rows_max` of them. */
export function gather(
  rows: readonly Row[],
  events: readonly (TownEvent | EventLine)[],
  rows_max = ROWS_MAX,
): Row[] {
  const known = new Map(rows.map((row) => [row.key, row]));
  for (const event of events) {
    const { body, kind, number, account } = event;
    const key = `${body.id} ${kind}`;
    const row = known.get(key);
    known.set(key, {
      key,
      number: Math.max(number, row?.number ?? 0),
      kind,
      at: body.at,
      accounts: [...new Set([...(row?.accounts ?? []), account])].sort((a, b) => a - b),
      body: fuller(row?.body, body),
    });
  }
  return [...known.values()].sort((a, b) => b.number - a.number).slice(0, rows_max);
}

/** Of two copies of one receipt, the payer's, which also tells what is left. */
function fuller(one: Receipt | undefined, other: Receipt): Receipt {
  return one?.balance ? one : other;
}

export function matches(row: Row, filter: Filter): boolean {
  const { body } = row;
  if (filter.kind && row.kind !== filter.kind) return false;
  if (filter.outcome && body.outcome !== filter.outcome) return false;
  if (filter.shop !== null && body.shop !== filter.shop) return false;
  if (filter.terminal !== null && body.terminal !== filter.terminal) return false;
  if (filter.account !== null) {
    const accounts = [body.wallet, body.shop, body.recipient, ...row.accounts];
    if (!accounts.includes(filter.account)) return false;
  }
  const text = filter.text.trim().toLowerCase();
  return !text || String(body.entry ?? "") === text || body.id.includes(text);
}

/** The kinds and outcomes that can be chosen: those that are there, in a steady order. */
export function choices(rows: readonly Row[]): { kinds: string[]; outcomes: string[] } {
  return {
    kinds: [...new Set(rows.map((row) => row.kind))].sort(),
    outcomes: [...new Set(rows.map((row) => row.body.outcome))].sort(),
  };
}
