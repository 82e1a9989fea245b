import { describe, expect, it } from "vitest";
import { digitsOf, inFours, luhnHolds, typeDigits, withSeparators, yen } from "../shared/money";
import { readScanned, shopOfPage } from "../shared/sticker";

describe("amounts", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1234567, "1,234,567"],
    [-3000, "−3,000"],
  ])("writes %i with separators", (amount, text) => {
    expect(withSeparators(amount)).toBe(text);
  });

  it("names the unit as the language does", () => {
    expect(yen(1500, "ja")).toBe("1,500円");
    expect(yen(1500, "en")).toBe("¥1,500");
  });

  it("takes keys up to the limit and ignores what would go past it", () => {
    expect(typeDigits(0, "0", 100_000)).toBe(0);
    expect(typeDigits(12, "00", 100_000)).toBe(1200);
    expect(typeDigits(10_000, "0", 100_000)).toBe(100_000);
    expect(typeDigits(100_000, "0", 100_000)).toBe(100_000);
  });

  it("reads full-width digits as digits", () => {
    expect(digitsOf("０９０-1234 ５６７８")).toBe("09012345678");
  });

  it("groups a code's digits in fours", () => {
    expect(inFours("8201493827165043")).toBe("8201 4938 2716 5043");
    expect(inFours("820149382716504312")).toBe("8201 4938 2716 5043 12");
  });
});

describe("check digits", () => {
  it.each(["79927398713", "1234566", "0000000"])("holds for %s", (digits) => {
    expect(luhnHolds(digits)).toBe(true);
  });

  it.each(["79927398710", "1234567", "1243566", "", "5", "12a4566"])("fails for %s", (digits) => {
    expect(luhnHolds(digits)).toBe(false);
  });

  it("finds every single wrong digit", () => {
    for (let place = 0; place < 7; place++) {
      for (let digit = 0; digit < 10; digit++) {
        const wrong = `1234566`.slice(0, place) + digit + `1234566`.slice(place + 1);
        if (wrong !== "1234566") expect(luhnHolds(wrong)).toBe(false);
      }
    }
  });
});

describe("what a scanned text means", () => {
  const town = "nagaoka";

  it.each([
    ["https://pay.example/nagaoka/s/1234566", { kind: "shop", code: "1234566" }],
    ["http://127.0.0.1:8000/nagaoka/s/1234566", { kind: "shop", code: "1234566" }],
    ["https://pay.example/sanjo/s/1234566", { kind: "other_town", town: "sanjo" }],
    ["https://pay.example/nagaoka/s/1234567", { kind: "damaged" }],
    ["https://pay.example/nagaoka/s/1234566/more", { kind: "foreign" }],
    ["javascript:alert(1)", { kind: "foreign" }],
    ["８２０１ 4938 2716 5043", { kind: "one_time", code: "8201493827165043" }],
    ["1234566", { kind: "shop", code: "1234566" }],
    ["123-4566", { kind: "shop", code: "1234566" }],
    ["1234567", { kind: "damaged" }],
    ["12", { kind: "damaged" }],
    ["hello", { kind: "foreign" }],
    [
      "https://pay.example/nagaoka/tablet#enrol=abcdefghijklmnop",
      { kind: "enrolment", secret: "abcdefghijklmnop" },
    ],
    ["https://pay.example/nagaoka/tablet#enrol=short", { kind: "foreign" }],
  ])("reads %s", (text, meaning) => {
    expect(readScanned(text, town)).toEqual(meaning);
  });

  it.each([
    ["/nagaoka/s/1234566", "", "1234566"],
    ["/nagaoka/wallet", "#shop=1234566", "1234566"],
    ["/nagaoka/s/1234567", "", null],
    ["/nagaoka/wallet", "#shop=1234567", null],
    ["/nagaoka/wallet", "#history", null],
  ])("takes the shop that a sticker led to from %s%s", (path, hash, code) => {
    expect(shopOfPage(path, hash)).toBe(code);
  });
});
