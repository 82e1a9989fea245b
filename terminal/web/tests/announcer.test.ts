// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Memory, PageStore } from "../shared/memory";
import type { FeedEvent, Receipt } from "../shared/protocol";
import { Announcer } from "../tablet/announcer";

const NOON = Date.UTC(2026, 3, 1, 3, 0, 0);
const HERE = 31;

function receipt(id: string, more: Partial<Receipt> = {}): Receipt {
  return { id, kind: "payment", outcome: "done", at: NOON, amount: 500, terminal: HERE, ...more };
}

function event(seq: number, body: Receipt, sound = "paid"): FeedEvent {
  const kind = body.outcome === "duplicate_suspected" ? "duplicate_question" : body.kind;
  return { type: "event", seq, kind, sound, body };
}

function announcer(store = new PageStore(), stays_s = 0, opened_ms = NOON) {
  const play = vi.fn(async () => true);
  const acknowledge = vi.fn();
  const made = new Announcer({
    sounds: { play },
    memory: new Memory("test", store),
    acknowledge,
    now_ms: () => NOON,
    opened_ms: () => opened_ms,
    terminal: () => HERE,
    stays_s: () => stays_s,
  });
  return { made, play, acknowledge, store };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const moment = (): Promise<unknown> => vi.advanceTimersByTimeAsync(500);

describe("a happening on this screen", () => {
  it("fills the glass and sounds once, though its result and its event both come", async () => {
    const { made, play, acknowledge } = announcer();
    const body = receipt("a");
    made.result(body);
    made.event(event(7, body), false);
    await moment();
    expect(play.mock.calls).toEqual([["paid"]]);
    expect(made.showing.value).toEqual({ kind: "done", receipt: body, also: [] });
    expect(acknowledge).toHaveBeenCalledWith(7, "shown");
    expect(acknowledge).toHaveBeenCalledWith(7, "sounded");
  });

  it("is not repeated after a reload", async () => {
    const first = announcer();
    first.made.event(event(7, receipt("a")), false);
    const second = announcer(first.store, 0, NOON + 1);
    second.made.event(event(7, receipt("a")), true);
    await moment();
    expect(second.play).not.toHaveBeenCalled();
    expect(second.made.showing.value).toBeNull();
    expect(second.acknowledge).toHaveBeenCalledWith(7, "shown");
  });

  it("is shown in every window that was open, and sounds in one", async () => {
    const one = announcer();
    const other = announcer(one.store);
    for (const { made } of [one, other]) made.event(event(7, receipt("a")), false);
    await moment();
    expect([one, other].map(({ made }) => made.showing.value?.kind)).toEqual(["done", "done"]);
    expect([one, other].map(({ play }) => play.mock.calls.length)).toEqual([1, 0]);
  });

  it("is not called sounded where nothing could be heard", async () => {
    const { made, play, acknowledge } = announcer();
    play.mockResolvedValue(false);
    made.event(event(7, receipt("a")), false);
    await moment();
    expect(acknowledge.mock.calls).toEqual([[7, "shown"]]);
  });

  it("stays until touched, unless the town wants it to leave", async () => {
    const staying = announcer();
    staying.made.event(event(1, receipt("a")), false);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(staying.made.showing.value).not.toBeNull();
    staying.made.dismiss();
    expect(staying.made.showing.value).toBeNull();
    const leaving = announcer(new PageStore(), 5);
    leaving.made.event(event(1, receipt("a")), false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(leaving.made.showing.value).toBeNull();
  });

  it("stands above the one before it, which stays in sight", () => {
    const { made } = announcer();
    const [one, two] = [receipt("a"), receipt("b")];
    made.event(event(1, one), false);
    made.event(event(2, two), false);
    expect(made.showing.value).toEqual({ kind: "done", receipt: two, also: [one] });
  });

  it("of another counter is in the feed alone; a scanned sticker concerns every counter", async () => {
    const { made, play, acknowledge } = announcer();
    made.event(event(1, receipt("a", { terminal: HERE + 1 })), false);
    await moment();
    expect(made.showing.value).toBeNull();
    expect(play).not.toHaveBeenCalled();
    expect(acknowledge).toHaveBeenCalledWith(1, "shown");
    made.event(event(2, receipt("b", { terminal: null })), false);
    expect(made.showing.value?.kind).toBe("done");
  });

  it("that is a question calls for attention and leaves the glass to the clerk", () => {
    const { made, play } = announcer();
    made.event(event(1, receipt("q", { outcome: "duplicate_suspected" }), "attention"), false);
    expect(play.mock.calls).toEqual([["attention"]]);
    expect(made.showing.value).toBeNull();
  });
});

describe("what was missed", () => {
  it("is one sum with one sound, however much it is", async () => {
    const { made, play, acknowledge } = announcer();
    for (let seq = 1; seq <= 40; seq++) made.event(event(seq, receipt(`p${seq}`)), true);
    await moment();
    expect(play.mock.calls).toEqual([["paid"]]);
    const news = made.showing.value;
    expect(news?.kind === "away" && news.absence.payments).toEqual({ count: 40, amount: 20_000 });
    expect(acknowledge).toHaveBeenCalledWith(40, "shown");
  });

  it("is announced in full when it is one payment, seconds late", async () => {
    const { made } = announcer();
    made.event(event(1, receipt("a", { at: NOON - 3_000 })), true);
    await moment();
    expect(made.showing.value?.kind).toBe("done");
  });

  it("is not told again when this screen had shown it before", async () => {
    const { made, play } = announcer();
    for (const id of ["a", "b"]) made.result(receipt(id));
    made.dismiss();
    play.mockClear();
    made.event(event(1, receipt("a")), true);
    made.event(event(2, receipt("b")), true);
    await moment();
    expect(made.showing.value).toBeNull();
    expect(play).not.toHaveBeenCalled();
  });
});
