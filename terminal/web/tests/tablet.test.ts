import { describe, expect, it } from "vitest";
import type { Day, FeedEvent, HistoryLine, Receipt } from "../shared/protocol";
import { LATE_MS_MAX, soundOf, summarise, tellingOf } from "../tablet/absence";
import {
  cancellable,
  follow,
  LINES_MAX,
  type Line,
  lineOf,
  markShown,
  merge,
  walletTail,
} from "../tablet/feed";
import { given, granting } from "../tablet/points";
import { addToDay, dateOf } from "../tablet/totals";

const NOON = Date.UTC(2026, 3, 1, 3, 0, 0);

function receipt(id: string, more: Partial<Receipt> = {}): Receipt {
  return {
    id,
    kind: "payment",
    outcome: "done",
    at: NOON,
    amount: 1200,
    wallet: 100234,
    shop: 7,
    entry: 1,
    ...more,
  };
}

function event(seq: number, body: Receipt): FeedEvent {
  return { type: "event", seq, kind: body.kind, sound: "paid", body };
}

function historyLine(body: Receipt, reversed = 0, shown_to_wallet = true): HistoryLine {
  return { entry: body.entry ?? 0, receipt: body, reversed, shown_to_wallet, shown_to_shop: true };
}

function line(id: string, more: Partial<Receipt> = {}): Line {
  const made = lineOf(receipt(id, more));
  if (!made) throw new Error("this receipt has no line");
  return made;
}

describe("the shop's feed", () => {
  it("puts the newest on top and takes the same event once", () => {
    const events = [
      event(1, receipt("a", { at: NOON })),
      event(2, receipt("b", { at: NOON + 1000, entry: 2 })),
      event(2, receipt("b", { at: NOON + 1000, entry: 2 })),
    ];
    const lines = events.reduce(follow, [] as Line[]);
    expect(lines.map(({ id }) => id)).toEqual(["b", "a"]);
  });

  it("orders entries of one millisecond as the journal does", () => {
    const lines = [event(2, receipt("b", { entry: 2 })), event(1, receipt("a", { entry: 1 }))];
    expect(lines.reduce(follow, [] as Line[]).map(({ id }) => id)).toEqual(["b", "a"]);
  });

  it("notes on a payment what was taken back of it, once", () => {
    const paid = receipt("a");
    const back = receipt("r", {
      kind: "reversal",
      amount: 500,
      refers: "a",
      at: NOON + 1,
      entry: 2,
    });
    const lines = [event(1, paid), event(2, back), event(2, back)].reduce(follow, [] as Line[]);
    const original = lines.find(({ id }) => id === "a");
    expect(original?.reversed).toBe(500);
    expect(original && cancellable(original)).toBe(700);
  });

  it("turns a question into the payment the payer has confirmed", () => {
    const asked = receipt("q", { outcome: "duplicate_suspected", earlier: "a" });
    const confirmed = receipt("p", { refers: "q", at: NOON + 5, entry: 2 });
    const waiting = follow([], event(1, asked));
    expect(waiting.map(({ kind }) => kind)).toEqual(["question"]);
    const answered = follow(waiting, event(2, confirmed));
    expect(answered.map(({ id, kind }) => [id, kind])).toEqual([["p", "payment"]]);
  });

  it("has no place for an ordinary refusal", () => {
    expect(follow([], event(1, receipt("x", { outcome: "insufficient_funds" })))).toEqual([]);
  });

  it("gives, from stale lines and the missed events, what a fresh load gives", () => {
    const paid = receipt("a");
    const topped = receipt("t", { kind: "top_up", amount: 5000, at: NOON + 1, entry: 2 });
    const back = receipt("r", {
      kind: "reversal",
      amount: 1200,
      refers: "a",
      at: NOON + 2,
      entry: 3,
    });
    const stale = merge([], [historyLine(paid)]);
    const followed = [event(2, topped), event(3, back)].reduce(follow, stale);
    const fresh = merge([], [historyLine(back), historyLine(topped), historyLine(paid, 1200)]);
    const bare = (lines: Line[]) => lines.map(({ shown_to_wallet: _, ...rest }) => rest);
    expect(bare(followed)).toEqual(bare(fresh));
  });

  it("believes the server's page over what it had, and does not count a reversal twice", () => {
    const back = receipt("r", {
      kind: "reversal",
      amount: 500,
      refers: "a",
      at: NOON + 2,
      entry: 3,
    });
    const loaded = merge([], [historyLine(back), historyLine(receipt("a"), 500)]);
    expect(follow(loaded, event(3, back)).find(({ id }) => id === "a")?.reversed).toBe(500);
  });

  it("marks what the payers' screens have shown", () => {
    const lines = [line("a"), line("b")];
    expect(markShown(lines, ["b"]).map((l) => l.shown_to_wallet)).toEqual([false, true]);
  });

  it("keeps a bounded number of lines", () => {
    let lines: Line[] = [];
    for (let n = 0; n < LINES_MAX + 5; n++)
      lines = follow(lines, event(n, receipt(`p${n}`, { at: NOON + n, entry: n })));
    expect(lines).toHaveLength(LINES_MAX);
    expect(lines[0]?.id).toBe(`p${LINES_MAX + 4}`);
  });

  it("lets neither a reversal nor a question be cancelled", () => {
    expect(cancellable(line("r", { kind: "reversal", refers: "a" }))).toBe(0);
    expect(cancellable(line("q", { outcome: "duplicate_suspected" }))).toBe(0);
  });

  it("shows a wallet's last four digits, filled up with zeros", () => {
    expect(walletTail({ wallet: 100234 })).toBe("0234");
    expect(walletTail({ wallet: 7 })).toBe("0007");
    expect(walletTail({ wallet: null })).toBe("");
  });
});

describe("points that a counter gives", () => {
  const issuing = { instrument: "common", per_yen: 100, points: 2, purchase_max: 300_000 };
  const walk = { activity: "walk", name: "歩こう会", amount: 500, open: true };

  it("are so many for each whole unit of a purchase", () => {
    expect([0, 99, 100, 199, 12_345].map((yen) => given(issuing, yen))).toEqual([0, 0, 2, 2, 246]);
    expect(given(null, 1_000)).toBe(0);
  });

  it("are granted for an activity of a fixed amount while it lasts", () => {
    expect(granting(walk)).toEqual(walk);
    expect(granting({ ...walk, open: false })).toBeNull();
    expect(granting({ ...walk, amount: null })).toBeNull();
    expect(granting(null)).toBeNull();
  });
});

describe("the day's totals", () => {
  const day: Day = {
    date: "2026-04-01",
    payments: 2,
    payments_amount: 3000,
    top_ups: 1,
    top_ups_amount: 1000,
    issues: 1,
    issues_amount: 30,
    issues_purchases: 3000,
    reversals: 0,
    reversals_amount: 0,
    unshown: 0,
    net: 2000,
  };

  it("adds a payment to what the shop is owed", () => {
    const after = addToDay(day, line("a"), null);
    expect([after.payments, after.payments_amount, after.net]).toEqual([3, 4200, 3200]);
  });

  it("takes points that the shop gave from what it is owed, and gives them back with them", () => {
    const issue = line("i", { kind: "issue", amount: 12, purchase: 1_234 });
    const after = addToDay(day, issue, null);
    expect([after.issues, after.issues_amount, after.issues_purchases]).toEqual([2, 42, 4234]);
    expect(after.net).toBe(1988);
    const undone = line("r", { kind: "reversal", amount: 12, refers: "i" });
    expect(addToDay(after, undone, issue).net).toBe(2000);
    expect(cancellable(issue)).toBe(12);
  });

  it("takes a cash top-up from what the shop is owed", () => {
    const after = addToDay(day, line("t", { kind: "top_up", amount: 5000 }), null);
    expect([after.top_ups, after.top_ups_amount, after.net]).toEqual([2, 6000, -3000]);
  });

  it("turns a reversal's sign by what it reverses", () => {
    const back = line("r", { kind: "reversal", amount: 500, refers: "a" });
    expect(addToDay(day, back, line("a")).net).toBe(1500);
    expect(addToDay(day, back, line("t", { kind: "top_up" })).net).toBe(2500);
  });

  it("leaves the day alone for a question", () => {
    expect(addToDay(day, line("q", { outcome: "duplicate_suspected" }), null)).toEqual(day);
  });

  it("changes the date at Japan's midnight", () => {
    expect(dateOf(Date.UTC(2026, 3, 1, 14, 59, 59))).toBe("2026-04-01");
    expect(dateOf(Date.UTC(2026, 3, 1, 15, 0, 0))).toBe("2026-04-02");
  });
});

describe("what came while the tablet was away", () => {
  it("is summed up by kind, with its first and last moment", () => {
    const absence = summarise([
      line("a", { at: NOON }),
      line("b", { at: NOON + 1000, amount: 800 }),
      line("t", { kind: "top_up", amount: 5000, at: NOON + 2000 }),
    ]);
    expect(absence).toEqual({
      payments: { count: 2, amount: 2000 },
      top_ups: { count: 1, amount: 5000 },
      reversals: { count: 0, amount: 0 },
      issues: { count: 0, amount: 0 },
      questions: { count: 0, amount: 0 },
      from: NOON,
      to: NOON + 2000,
    });
  });

  it("is nothing when nothing came", () => {
    expect(summarise([])).toBeNull();
    expect(tellingOf([], NOON)).toEqual({ how: "nothing" });
  });

  it("is announced in full when it is one event, seconds late", () => {
    expect(tellingOf([event(1, receipt("a"))], NOON + LATE_MS_MAX)).toEqual({ how: "each" });
  });

  it("is told as a sum when it is old, or more than one", () => {
    expect(tellingOf([event(1, receipt("a"))], NOON + LATE_MS_MAX + 1).how).toBe("sum");
    const two = [event(1, receipt("a")), event(2, receipt("b"))];
    expect(tellingOf(two, NOON + 1).how).toBe("sum");
  });

  it("has one sound, and what asks for a person wins", () => {
    const sound = (...lines: Line[]) => {
      const absence = summarise(lines);
      return absence && soundOf(absence);
    };
    expect(sound(line("a"), line("t", { kind: "top_up" }))).toBe("paid");
    expect(sound(line("t", { kind: "top_up" }))).toBe("topped_up");
    expect(sound(line("a"), line("r", { kind: "reversal" }))).toBe("attention");
    expect(sound(line("a"), line("q", { outcome: "duplicate_suspected" }))).toBe("attention");
  });
});
