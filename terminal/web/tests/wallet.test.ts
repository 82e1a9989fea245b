// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { HistoryLine } from "../shared/protocol";
import { contrast, readable } from "../shared/ui/theme";
import { mergeNewest, mergeOlder } from "../wallet/history";
import { matches, monthsOf } from "../wallet/screens/history";
import { nextExpiry } from "../wallet/screens/home";
import { receiptOf } from "./line";

function lineOf(
  entry: number,
  more: Partial<HistoryLine["receipt"]> = {},
  reversed = 0,
): HistoryLine {
  const receipt = receiptOf(`p${entry}`, { shop_name: "八百屋 まるや", ...more });
  return { entry, receipt, reversed, shown_to_wallet: true, shown_to_shop: true };
}

describe("the balance", () => {
  it("names the soonest expiry and everything that goes with it", () => {
    const lots = [
      { amount: 300, funder: "user", expires_at: 2_000 },
      { amount: 200, funder: "city", expires_at: 1_000 },
      { amount: 50, funder: "user", expires_at: 1_000 },
      { amount: 9, funder: "user", expires_at: null },
    ];
    expect(
      nextExpiry({ instrument: "coin", amount: 559, lots, held: 0, held_until: null }),
    ).toEqual({
      at: 1_000,
      amount: 250,
    });
  });

  it("has no expiry to name where nothing expires", () => {
    const lots = [{ amount: 9, funder: "user", expires_at: null }];
    expect(
      nextExpiry({ instrument: "coin", amount: 9, lots, held: 0, held_until: null }),
    ).toBeNull();
  });
});

describe("the history", () => {
  it.each(["まるや", "八百屋", "４５０", "450円", "12"])("is found by %s", (wanted) => {
    expect(matches(lineOf(12), wanted)).toBe(true);
  });

  it.each(["しなの川", "45", "1"])("is not found by %s", (wanted) => {
    expect(matches(lineOf(12), wanted)).toBe(false);
  });

  it("sums a month without what was cancelled, in the town's own months", () => {
    // The last second of October in Japan is still 14:59:59 UTC.
    const november = Date.UTC(2026, 9, 31, 15, 0, 0);
    const months = monthsOf([
      lineOf(4, { at: november, amount: 1_000 }, 400),
      lineOf(3, { at: november, amount: 3_000, kind: "top_up" }),
      lineOf(2, { at: november, amount: 400, kind: "reversal" }),
      lineOf(1, { at: november - 1_000, amount: 700 }),
    ]);
    expect(months.map(({ key, paid, topped }) => [key, paid, topped])).toEqual([
      ["2026-11", 600, 3_000],
      ["2026-10", 700, 0],
    ]);
  });

  it("puts a new page over the known lines without losing older ones", () => {
    const known = { lines: [lineOf(9), lineOf(8), lineOf(7), lineOf(6)], next: 6 };
    const newest = { lines: [lineOf(10), lineOf(9, {}, 450), lineOf(8)], next: 8 };
    const merged = mergeNewest(known, newest);
    expect(merged.lines.map((line) => line.entry)).toEqual([10, 9, 8, 7, 6]);
    expect(merged.lines[1]?.reversed).toBe(450);
    expect(merged.next).toBe(6);
  });

  it("knows that there is no more behind the first line of all", () => {
    const known = { lines: [lineOf(3), lineOf(2), lineOf(1)], next: null };
    expect(mergeNewest(known, { lines: [lineOf(4), lineOf(3)], next: 3 }).next).toBeNull();
  });

  it("begins anew where the new page does not reach the known lines", () => {
    const newest = { lines: [lineOf(30), lineOf(29)], next: 29 };
    expect(mergeNewest({ lines: [lineOf(9)], next: null }, newest)).toEqual(newest);
  });

  it("adds older pages without repeating a line", () => {
    const known = { lines: [lineOf(9), lineOf(8)], next: 8 };
    const older = { lines: [lineOf(8), lineOf(7)], next: null };
    expect(mergeOlder(known, older).lines.map((line) => line.entry)).toEqual([9, 8, 7]);
  });
});

describe("the town's colour", () => {
  it.each(["#a4262c", "#ffd400", "#000000", "#ffffff", "#2e7d32"])(
    "can be read as text on paper, light and dark: %s",
    (colour) => {
      for (const paper of ["#faf7f0", "#22201c"]) {
        expect(contrast(readable(colour, paper), paper)).toBeGreaterThanOrEqual(4.5);
      }
    },
  );
});
