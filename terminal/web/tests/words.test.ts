// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { explain } from "../shared/explain";
import { LANGUAGES, language, translator } from "../shared/i18n";
import { en } from "../shared/words/en";
import { ja } from "../shared/words/ja";
import { outcomesEn } from "../shared/words/outcomes.en";
import { outcomesJa } from "../shared/words/outcomes.ja";
import { en as walletEnglish } from "../wallet/words/en";
import { ja as walletWords } from "../wallet/words/ja";

const ROOT = join(import.meta.dirname, "../../..");

/** The codes that the gateway can answer with, read from where it defines them. */
function codesOf(file: string, pattern: RegExp): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(pattern)].map((found) => found[1] ?? "");
}

const OUTCOMES = codesOf("ledger/outcomes.py", /^ {4}[A-Z_]+ = "([a-z_]+)"/gm);
const API_ERRORS = codesOf("gateway/refused.py", /^ {4}"([a-z_]+)": ErrorKind/gm);
const COMMAND_ERRORS = codesOf("gateway/handlers.py", /refuse\([^"]*"([a-z_]+)"/g);

afterEach(() => {
  language.value = "ja";
});

describe("words for what can happen", () => {
  it("finds the codes it checks", () => {
    expect(OUTCOMES).toContain("insufficient_funds");
    expect(API_ERRORS).toContain("sign_in_wrong");
    expect(COMMAND_ERRORS).toContain("pin_wrong");
  });

  it.each(
    [...new Set([...OUTCOMES, ...API_ERRORS, ...COMMAND_ERRORS])].filter((one) => one !== "done"),
  )("explains %s in both languages: what, the money, what next", (code) => {
    expect(Object.keys(outcomesJa)).toContain(code);
    expect(Object.keys(outcomesEn)).toContain(code);
    for (const spoken of LANGUAGES) {
      language.value = spoken;
      for (const audience of ["wallet", "shop"] as const) {
        const { what, money, next } = explain({ code }, audience);
        for (const sentence of [what, money, next]) {
          expect(sentence).not.toBe("");
          expect(sentence).not.toMatch(/[{}]/);
        }
      }
    }
  });

  it("names the figure where it is known", () => {
    const detail = { id: "1", kind: "payment", outcome: "insufficient_funds", at: 0, amount: 900 };
    const trouble = { code: "insufficient_funds", detail: { ...detail, available: 1250 } };
    expect(explain(trouble, "wallet").what).toContain("1,250円");
    expect(explain({ code: "pin_wrong", attempts_left: 3 }, "wallet").what).toContain("あと3回");
    expect(explain({ code: "pin_locked", retry_after_ms: 900_000 }, "shop").what).toContain("15分");
  });

  it("does not claim to know what became of a request whose answer the database did not give", () => {
    for (const spoken of LANGUAGES) {
      language.value = spoken;
      const say = translator(ja, en);
      for (const audience of ["wallet", "shop"] as const) {
        const { money, next } = explain({ code: "unavailable" }, audience);
        expect(money).toBe(say("money.perhaps"));
        expect(next).toMatch(audience === "wallet" ? /履歴|history/ : /一覧|list/);
      }
    }
  });

  it("never shows a code that it has no words for", () => {
    expect(explain({ code: "brand_new" }, "wallet").what).not.toContain("brand_new");
  });
});

describe("two languages", () => {
  it.each([
    ["shared", ja, en],
    ["wallet", walletWords, walletEnglish],
  ])("have the same holes to fill in (%s)", (_name, japanese, english) => {
    for (const [key, text] of Object.entries(japanese)) {
      const holes = (words: string): string[] => (words.match(/\{\w+\}/g) ?? []).sort();
      expect([key, holes((english as Record<string, string>)[key] ?? "")]).toEqual([
        key,
        holes(text),
      ]);
    }
  });

  it("switch at once", () => {
    const t = translator({ hello: "こんにちは、{name}さん" }, { hello: "Hello {name}" });
    expect(t("hello", { name: "Yoshi" })).toBe("こんにちは、Yoshiさん");
    language.value = "en";
    expect(t("hello", { name: "Yoshi" })).toBe("Hello Yoshi");
  });
});
