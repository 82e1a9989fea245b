// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { explain } from "../shared/explain";
import { Api } from "../shared/http";
import { LANGUAGES, language } from "../shared/i18n";
import type { ShopInfo } from "../shared/protocol";
import { findShop, type Question, questionOf } from "../wallet/shops";
import { awaitTouch, canTouch, questionOfTag, type TagRecord } from "../wallet/touch";

const SHOP: ShopInfo = { shop: 7, code: "1234566", name: "まるや", kind: "青果", area: "殿町" };
const JPQR = "00020101021126680019jp.or.paymentsjapan";

/** A gateway that gives one answer, and what it was asked. */
function gateway(status: number, body: object): { asked: [string, unknown][]; api: Api } {
  const asked: [string, unknown][] = [];
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    asked.push([address, typeof init.body === "string" ? JSON.parse(init.body) : null]);
    return new Response(JSON.stringify(body), { status });
  });
  return { asked, api: new Api("nagaoka") };
}

afterEach(() => {
  vi.unstubAllGlobals();
  language.value = "ja";
});

describe("a text that somebody scanned to pay", () => {
  it.each([
    ["https://pay.example/nagaoka/s/1234566", { code: "1234566" }],
    ["123 4566", { code: "1234566" }],
    [JPQR, { text: JPQR, by: "code" }],
    ["A-017", { text: "A-017", by: "code" }],
    ["1234567", { text: "1234567", by: "code" }],
    ["https://qr.example.ne.jp/2818", { text: "https://qr.example.ne.jp/2818", by: "code" }],
  ])("asks the gateway for what it may know: %s", (text, question) => {
    expect(questionOf(text, "nagaoka")).toEqual(question);
  });

  it.each([
    ["https://pay.example/sanjo/s/1234566", "別の町のコードです。"],
    ["8201493827165043", "これはお店のコードではありません。"],
    [
      "https://pay.example/nagaoka/tablet#enrol=abcdefghijklmnop",
      "これはお店のコードではありません。",
    ],
  ])("is explained at once where this page knows better: %s", (text, what) => {
    const asked = questionOf(text, "nagaoka");
    expect("refused" in asked && asked.refused.what).toBe(what);
  });

  it("finds the shop of our own sticker by its code", async () => {
    const { asked, api } = gateway(200, SHOP);
    expect(await findShop(api, { code: "1234566" })).toEqual({ shop: SHOP });
    expect(asked).toEqual([["/api/nagaoka/shops/1234566", null]]);
  });

  it("finds the shop of any other text by asking for all of it", async () => {
    const { asked, api } = gateway(200, SHOP);
    expect(await findShop(api, { text: JPQR, by: "code" })).toEqual({ shop: SHOP });
    expect(asked).toEqual([["/api/nagaoka/shops/read", { text: JPQR, by: "code" }]]);
  });

  it.each([
    [404, "scan_unknown", "scan_unknown"],
    [422, "scan_altered", "scan_altered"],
    [422, "scan_foreign", "scan_foreign"],
    [422, "invalid", "scan_broken"],
    [503, "unavailable", "unavailable"],
  ])("is refused with its reason in both languages: %s %s", async (status, code, told) => {
    const { api } = gateway(status, { code, message: "For engineers." });
    const found = await findShop(api, { text: JPQR, by: "code" });
    if (!("trouble" in found)) throw new Error("a refusal is no shop");
    expect(found.trouble.code).toBe(told);
    const said = LANGUAGES.map((spoken) => {
      language.value = spoken;
      return explain(found.trouble, "wallet");
    });
    expect(said[0]?.what).not.toBe(said[1]?.what);
    for (const { what } of said) expect(what).not.toContain("For engineers");
  });

  it("says that a shop is unknown where our own sticker's shop is gone", async () => {
    const { api } = gateway(404, { code: "not_found", message: "Nothing." });
    const found = await findShop(api, { code: "1234566" });
    expect("trouble" in found && found.trouble.code).toBe("shop_unknown");
  });
});

function urlRecord(address: string): TagRecord {
  return { recordType: "url", data: new DataView(new TextEncoder().encode(address).buffer) };
}

describe("a tag that somebody touched to pay", () => {
  it.each<[string, TagRecord[], Question | null]>([
    ["04:a2:24:5b", [], { text: "04:a2:24:5b", by: "device" }],
    ["04:a2", [urlRecord("https://pay.example/nagaoka/s/1234566")], { code: "1234566" }],
    ["04:a2", [urlRecord("https://pay.example/sanjo/s/1234566")], { text: "04:a2", by: "device" }],
    ["04:a2", [{ recordType: "empty" }], { text: "04:a2", by: "device" }],
    ["", [], null],
  ])("asks by its sticker's address, else by its id: %s", (serial, records, question) => {
    expect(questionOfTag(serial, records, "nagaoka")).toEqual(question);
  });

  it("is waited for until the waiting ends", async () => {
    expect(canTouch()).toBe(false);
    const readers: EventTarget[] = [];
    class Reader extends EventTarget {
      constructor() {
        super();
        readers.push(this);
      }
      scan(): Promise<void> {
        return Promise.resolve();
      }
    }
    vi.stubGlobal("NDEFReader", Reader);
    expect(canTouch()).toBe(true);
    const asked: Question[] = [];
    const waiting = new AbortController();
    await awaitTouch("nagaoka", waiting.signal, (question) => asked.push(question));
    const touch = Object.assign(new Event("reading"), {
      serialNumber: "04:a2",
      message: { records: [] },
    });
    readers[0]?.dispatchEvent(touch);
    waiting.abort();
    readers[0]?.dispatchEvent(touch);
    expect(asked).toEqual([{ text: "04:a2", by: "device" }]);
  });
});
