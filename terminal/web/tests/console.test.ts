import { describe, expect, it } from "vitest";
import { collect, GAP_MS, pathOf, pointsOf, roundUp, WINDOW_MS } from "../console/series";
import { type Column, containing, csvOf, sorted, turned } from "../console/table";
import { choices, FILTER_NONE, gather, matches } from "../console/tail";
import type { Figures, Receipt, TownEvent } from "../shared/protocol";

const NOON = Date.UTC(2026, 3, 1, 3, 0, 0);

function townEvent(number: number, account: number, body: Partial<Receipt> = {}): TownEvent {
  const receipt = { id: "a", kind: "payment", outcome: "done", at: NOON, amount: 1, ...body };
  return { number, account, seq: number, kind: receipt.kind, body: receipt };
}

function figures(at: number, payments_per_s = 0): Figures {
  return {
    type: "figures",
    at,
    payments_per_s,
    refusals_per_s: 0,
    decide_p50_ms: 0,
    decide_p99_ms: 0,
    both_shown_p50_ms: 0,
    both_shown_p99_ms: 0,
    wallets: 0,
    terminals: 0,
    consoles: 0,
    queue_frames: 0,
    unshown: 0,
    redis_ok: true,
    postgres_ok: true,
  };
}

describe("the console's tail", () => {
  it("shows a payment once, though it stands in two feeds", () => {
    const rows = gather([], [townEvent(1, 100), townEvent(2, 7)]);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.accounts).toEqual([7, 100]);
    expect(rows[0]?.number).toBe(2);
  });

  it("keeps the payer's fuller copy, whichever came first", () => {
    const payer = townEvent(1, 100, { balance: { coin: 5 } });
    const shop = townEvent(2, 7);
    expect(gather([], [payer, shop])[0]?.body.balance).toEqual({ coin: 5 });
    expect(gather([], [shop, payer])[0]?.body.balance).toEqual({ coin: 5 });
  });

  it("puts the newest on top and forgets the oldest", () => {
    const events = [1, 2, 3].map((n) => townEvent(n, 7, { id: `p${n}` }));
    expect(gather([], events, 2).map(({ body }) => body.id)).toEqual(["p3", "p2"]);
  });

  it("keeps a question and the payment under their own keys", () => {
    const asked = {
      ...townEvent(1, 7, { outcome: "duplicate_suspected" }),
      kind: "duplicate_question",
    };
    expect(gather([], [asked, townEvent(2, 7)])).toHaveLength(2);
  });

  it.each([
    ["kind", { kind: "payment" }, { kind: "top_up" }],
    ["outcome", { outcome: "done" }, { outcome: "over_limit" }],
    ["shop", { shop: 7 }, { shop: 8 }],
    ["terminal", { terminal: 3 }, { terminal: 4 }],
    ["account", { account: 100 }, { account: 10 }],
    ["shop's account", { account: 7 }, { account: 8 }],
    ["entry", { text: "42" }, { text: "4" }],
    ["payment's id", { text: "0190-AB" }, { text: "0190-ac" }],
  ])("filters by %s", (_name, fits, fitsNot) => {
    const body = { id: "x-0190-ab-y", shop: 7, terminal: 3, wallet: 100, entry: 42 };
    const [row] = gather([], [townEvent(1, 100, body)]);
    if (!row) throw new Error("no row");
    expect(matches(row, { ...FILTER_NONE, ...fits })).toBe(true);
    expect(matches(row, { ...FILTER_NONE, ...fitsNot })).toBe(false);
  });

  it("offers the kinds and outcomes that are there", () => {
    const rows = gather([], [townEvent(1, 7), townEvent(2, 0, { id: "b", outcome: "code_used" })]);
    expect(choices(rows)).toEqual({ kinds: ["payment"], outcomes: ["code_used", "done"] });
  });
});

describe("the charts", () => {
  it("collect a window of figures, in order, each second once", () => {
    const old = [figures(NOON), figures(NOON + 1000)];
    expect(collect(old, figures(NOON + 1000))).toEqual(old);
    expect(collect(old, figures(NOON + 500))).toEqual(old);
    expect(collect(old, figures(NOON + WINDOW_MS))).toHaveLength(2);
    expect(collect(old, figures(NOON + WINDOW_MS + 1000))).toHaveLength(1);
  });

  it("take the value they are asked for", () => {
    expect(pointsOf([figures(1, 5)], (f) => f.payments_per_s)).toEqual([{ at: 1, value: 5 }]);
  });

  it.each([
    [0, 1],
    [1, 1],
    [1.1, 2],
    [3, 5],
    [7, 10],
    [10, 10],
    [11, 20],
    [0.3, 1],
    [999, 1000],
  ])("round %s up to %s", (value, round) => {
    expect(roundUp(value)).toBeCloseTo(round);
  });

  it("draw a line from corner to corner", () => {
    const box = { width: 100, height: 50, from: 0, to: 1000, top: 10 };
    const path = pathOf(
      [
        { at: 0, value: 0 },
        { at: 1000, value: 10 },
      ],
      box,
    );
    expect(path).toBe("M0.0 50.0L100.0 0.0");
  });

  it("lift the pen where figures are missing, and cut what is too high", () => {
    const box = { width: 100, height: 50, from: 0, to: 10 * GAP_MS, top: 10 };
    const path = pathOf(
      [
        { at: 0, value: 20 },
        { at: GAP_MS, value: 0 },
        { at: 3 * GAP_MS, value: 0 },
      ],
      box,
    );
    expect(path).toBe("M0.0 0.0L10.0 50.0M30.0 50.0");
  });
});

describe("tables", () => {
  interface Shop {
    name: string;
    terminals: number | null;
  }
  const columns: Column<Shop>[] = [
    { key: "name", title: "店名", value: (shop) => shop.name },
    { key: "terminals", title: "端末", value: (shop) => shop.terminals },
  ];
  const shops: Shop[] = [
    { name: "八百屋", terminals: 10 },
    { name: 'Bakery, "Ami"', terminals: 9 },
    { name: "=SUM(A1)", terminals: null },
  ];

  it("sort numbers as numbers, with nothing last either way", () => {
    const up = sorted(shops, columns, { key: "terminals", down: false });
    expect(up.map((shop) => shop.terminals)).toEqual([9, 10, null]);
    const down = sorted(shops, columns, { key: "terminals", down: true });
    expect(down.map((shop) => shop.terminals)).toEqual([10, 9, null]);
  });

  it("turn their order round at the second touch", () => {
    const once = turned(null, "name");
    expect(once).toEqual({ key: "name", down: false });
    expect(turned(once, "name")).toEqual({ key: "name", down: true });
    expect(turned(once, "terminals")).toEqual({ key: "terminals", down: false });
  });

  it("find rows that have all the words, in any cell", () => {
    expect(containing(shops, columns, "ami 9")).toHaveLength(1);
    expect(containing(shops, columns, "ami 10")).toHaveLength(0);
    expect(containing(shops, columns, " ")).toHaveLength(3);
  });

  it("export CSV that opens in Excel and runs no formula", () => {
    expect(csvOf(shops, columns)).toBe(
      '\uFEFF店名,端末\r\n八百屋,10\r\n"Bakery, ""Ami""",9\r\n\'=SUM(A1),\r\n',
    );
  });
});
