/**
 * What came while the tablet was away: told once, as a sum, with one sound at most.
 *
 * A tablet that was offline for an hour must not ring forty times and show forty amounts in a row.
 * One payment that is only seconds late, though, is what the clerk is standing there waiting for.
 */
import type { FeedEvent } from "../shared/protocol";
import { type Line, lineOf } from "./feed";

export interface Sum {
  count: number;
  amount: number;
}

export interface Absence {
  payments: Sum;
  top_ups: Sum;
  issues: Sum;
  reversals: Sum;
  questions: Sum;
  from: number;
  to: number;
}

/** A single event younger than this is announced as if it had come at once. */
export const LATE_MS_MAX = 60_000;

/** Adds the lines up; null when there is nothing to tell. */
export function summarise(lines: readonly Line[]): Absence | null {
  if (lines.length === 0) return null;
  const sum = (kind: Line["kind"]): Sum => {
    const of = lines.filter((line) => line.kind === kind);
    return { count: of.length, amount: of.reduce((total, line) => total + line.amount, 0) };
  };
  return {
    payments: sum("payment"),
    top_ups: sum("top_up"),
    issues: sum("issue"),
    reversals: sum("reversal"),
    questions: sum("question"),
    from: Math.min(...lines.map((line) => line.at)),
    to: Math.max(...lines.map((line) => line.at)),
  };
}

export type Telling = { how: "each" } | { how: "sum"; absence: Absence } | { how: "nothing" };

/** How to tell events that were missed and have just arrived together. */
export function tellingOf(missed: readonly FeedEvent[], now: number): Telling {
  const lines = missed.flatMap((event) => lineOf(event.body) ?? []);
  const absence = summarise(lines);
  if (!absence) return { how: "nothing" };
  if (lines.length === 1 && now - absence.to <= LATE_MS_MAX) return { how: "each" };
  return { how: "sum", absence };
}

/** The one sound for all of it: what asks for a person wins over what is merely good news. */
export function soundOf(absence: Absence): "attention" | "paid" | "topped_up" {
  if (absence.questions.count > 0 || absence.reversals.count > 0) return "attention";
  return absence.payments.count > 0 ? "paid" : "topped_up";
}
