// @vitest-environment happy-dom
import { h, render } from "preact";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "../shared/i18n";
import { NoticeBoard } from "../shared/notices";
import type { Answer, ExpiryWarning, NoticeLine, Notices, TownInfo } from "../shared/protocol";
import { NoticeLines } from "../shared/ui/notices";
import { OpenNotices } from "../wallet/screens/home";
import { endingText } from "../wallet/screens/notices";

function ending(): ExpiryWarning {
  const parts = [
    { instrument: "point", amount: 1_460 },
    { instrument: "coin", amount: 500 },
  ];
  return { kind: "expiry_warning", days: 7, ends_at: 1_000, parts };
}

function line(notice: number, read = false): NoticeLine {
  return { notice, at: notice, read, body: ending() };
}

const TOWN = {
  instruments: [
    {
      code: "point",
      kind: "points",
      name: { ja: "ポイント", en: "Points" },
      unit: { ja: "pt", en: "pt" },
    },
    {
      code: "coin",
      kind: "coin",
      name: { ja: "コイン", en: "Coin" },
      unit: { ja: "円", en: "yen" },
    },
  ],
} as unknown as TownInfo;

/** A gateway with these notices, a page of two at a time, of which none was read. */
class Gateway {
  readUpTo = 0;
  isAway = false;
  asked: string[] = [];

  constructor(private readonly all: number[]) {}

  async get<T>(path: string): Promise<T> {
    this.asked.push(path);
    if (this.isAway) throw new Error("away");
    const before = Number(/before=(\d+)/.exec(path)?.[1] ?? Number.POSITIVE_INFINITY);
    const left = this.all.filter((notice) => notice < before);
    const page: Notices = {
      notices: left.slice(0, 2).map((notice) => line(notice, notice <= this.readUpTo)),
      next: left.length > 2 ? (left[1] ?? null) : null,
      unread: this.all.filter((notice) => notice > this.readUpTo).length,
    };
    return page as T;
  }

  async post<T>(path: string, body: object = {}): Promise<T> {
    this.asked.push(path);
    if (this.isAway) throw new Error("away");
    this.readUpTo = (body as { up_to: number }).up_to;
    return { unread: this.all.filter((notice) => notice > this.readUpTo).length } as T;
  }
}

function numbers(board: NoticeBoard): number[] {
  return board.lines.value.map((each) => each.notice);
}

describe("the notices", () => {
  beforeEach(() => speak("ja"));

  it("come a page at a time, newest first", async () => {
    const board = new NoticeBoard(new Gateway([9, 7, 4, 2, 1]));
    await board.look();
    expect([numbers(board), board.unread.value, board.next.value]).toEqual([[9, 7], 5, 7]);
    await board.more();
    await board.more();
    expect([numbers(board), board.next.value]).toEqual([[9, 7, 4, 2, 1], null]);
    await board.more();
    expect(numbers(board)).toHaveLength(5);
  });

  it("are read up to the newest, once", async () => {
    const gateway = new Gateway([9, 7]);
    const board = new NoticeBoard(gateway);
    await board.look();
    await board.seen();
    expect([gateway.readUpTo, board.unread.value]).toEqual([9, 0]);
    expect(board.lines.value.every((each) => !each.read)).toBe(true);
    await board.seen();
    expect(gateway.asked.filter((path) => path.endsWith("/read"))).toHaveLength(1);
  });

  it("stay unread, and stay known, while nobody answers", async () => {
    const gateway = new Gateway([3]);
    const board = new NoticeBoard(gateway);
    await board.look();
    gateway.isAway = true;
    await board.seen();
    await board.look();
    expect([board.unread.value, board.state.value, numbers(board)]).toEqual([1, "failed", [3]]);
  });

  it("of another wallet are forgotten, also those still on their way", async () => {
    const board = new NoticeBoard(new Gateway([3]));
    const under_way = board.look();
    board.forget();
    await under_way;
    expect([numbers(board), board.unread.value]).toEqual([[], 0]);
  });

  it("are looked at again when it is this screen's turn, not by whoever came after", async () => {
    vi.useFakeTimers();
    const gateway = new Gateway([3]);
    const board = new NoticeBoard(gateway, "terminal");
    board.soon(500);
    await vi.advanceTimersByTimeAsync(499);
    expect(gateway.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(gateway.asked).toEqual(["terminal/notices?limit=30&language=ja"]);
    board.soon(500);
    board.forget();
    await vi.advanceTimersByTimeAsync(500);
    expect(gateway.asked).toHaveLength(1);
    vi.useRealTimers();
  });

  it("show what was written, with its pictures, and answers with what they are to", async () => {
    const gateway = new Gateway([]);
    const board = new NoticeBoard(gateway);
    await board.look();
    const picture = { path: "pictures/ab", width: 4, height: 3, alt: "花火" };
    const written = { kind: "circular", language: "en", title: "T", text: "a\nb" } as const;
    const answer = {
      kind: "answer",
      about: "proposal",
      number: 1,
      asked: "街灯",
      text: "直しました",
    };
    board.look = async () => undefined;
    board.lines.value = [
      { notice: 2, at: 2, read: false, body: { ...written, pictures: [picture] } },
      { notice: 1, at: 1, read: true, body: answer as Answer },
    ];
    const page = document.createElement("div");
    render(h(NoticeLines, { board, town: "nagaoka" }), page);
    expect(page.querySelector("img")?.getAttribute("src")).toBe("/api/nagaoka/pictures/ab");
    expect(page.querySelector("img")?.getAttribute("alt")).toBe("花火");
    expect(page.querySelector("[lang=en] .notice-text")?.textContent).toBe("a\nb");
    expect(page.textContent).toContain("お送りいただいた内容：街灯");
    expect(page.textContent).toContain("直しました");
  });

  it.each([
    ["ja", "ポイント 1,460pt、コイン 500円"],
    ["en", "Points: 1,460 pt, Coin: ¥500"],
  ] as const)("tell in %s what ends", (language, text) => {
    speak(language);
    expect(endingText(TOWN, ending())).toBe(text);
  });

  it.each([
    [[5], "お知らせ（まだ読んでいないもの 1件）", 1],
    [[], "お知らせ", 0],
  ])("%j make a dot at home, which also has words", async (there, words, dots) => {
    const notices = new NoticeBoard(new Gateway(there));
    await notices.look();
    const page = document.createElement("div");
    render(h(OpenNotices, { purse: { notices } }), page);
    expect(page.querySelector("button")?.getAttribute("aria-label")).toBe(words);
    expect(page.querySelectorAll(".unread-dot")).toHaveLength(dots);
  });
});
