/** The shop's day: the server's figures, moved on by each new line until they are loaded again. */
import type { Day } from "../shared/protocol";
import type { Line, LineKind } from "./feed";

/** What taking a line back does to what the shop is owed. */
const SIGNS: Record<LineKind, number> = {
  payment: -1,
  top_up: 1,
  issue: 1,
  reversal: 0,
  question: 0,
};

/**
 * The day after one more line. `original` is what a reversal takes back: without it nobody can say
 * whether the shop is owed less (a payment) or more (a top-up), so the caller then loads the day anew.
 */
export function addToDay(day: Day, line: Line, original: Line | null): Day {
  const { amount } = line;
  switch (line.kind) {
    case "payment":
      return {
        ...day,
        payments: day.payments + 1,
        payments_amount: day.payments_amount + amount,
        net: day.net + amount,
      };
    case "top_up":
      return {
        ...day,
        top_ups: day.top_ups + 1,
        top_ups_amount: day.top_ups_amount + amount,
        net: day.net - amount,
      };
    case "issue":
      return {
        ...day,
        issues: day.issues + 1,
        issues_amount: day.issues_amount + amount,
        issues_purchases: day.issues_purchases + (line.purchase ?? 0),
        net: day.net - amount,
      };
    case "reversal": {
      const sign = SIGNS[original?.kind ?? "question"];
      return {
        ...day,
        reversals: day.reversals + 1,
        reversals_amount: day.reversals_amount + amount,
        net: day.net + sign * amount,
      };
    }
    case "question":
      return day;
  }
}

const DAY_FORMAT = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Tokyo",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});

/** The date (YYYY-MM-DD) at a moment where the shops are: every town of ours keeps Japan's time. */
export function dateOf(at: number): string {
  return DAY_FORMAT.format(at);
}
