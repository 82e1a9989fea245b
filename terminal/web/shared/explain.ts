/**
 * What happened, is the money safe, what next: words for every outcome and every error code.
 *
 * A payer and a clerk read different sentences about the same refusal.
 */
import { language } from "./i18n";
import { yen } from "./money";
import type { Receipt } from "./protocol";
import { t } from "./words";
import { outcomesEn } from "./words/outcomes.en";
import { type OutcomeWords, outcomesJa } from "./words/outcomes.ja";

export type Audience = "wallet" | "shop";

export interface Trouble {
  code: string;
  retry_after_ms?: number | null;
  attempts_left?: number | null;
  detail?: Receipt | null | object;
}

export interface Explanation {
  what: string;
  money: string;
  next: string;
}

function figure(value: unknown): string {
  return typeof value === "number" ? yen(value, language.value) : "";
}

function isReceipt(detail: object | null | undefined): detail is Receipt {
  return detail !== null && detail !== undefined && "outcome" in detail;
}

/** Codes without words of their own are explained as a fault; the code itself is never shown alone. */
export function explain(trouble: Trouble, audience: Audience): Explanation {
  const words: Record<string, OutcomeWords> = language.value === "ja" ? outcomesJa : outcomesEn;
  const found = words[trouble.code] ?? words.fault;
  if (!found) throw new Error("the words for a fault are missing");
  const receipt = isReceipt(trouble.detail) ? trouble.detail : null;
  const values: Record<string, string> = {
    available: figure(receipt?.available),
    limit: figure(receipt?.limit),
    amount: figure(receipt?.amount),
    left: trouble.attempts_left == null ? "" : String(trouble.attempts_left),
    minutes: String(Math.max(1, Math.ceil((trouble.retry_after_ms ?? 0) / 60_000))),
    seconds: String(Math.max(1, Math.ceil((trouble.retry_after_ms ?? 0) / 1000))),
  };
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_hole, name: string) => values[name] ?? "");
  const next = (audience === "wallet" ? found.next_wallet : found.next_shop) ?? found.next;
  return {
    what: fill(whatOf(found, trouble, receipt)),
    money: moneyOf(found, audience),
    next: fill(next),
  };
}

/** The sentence with a figure in it, where the figure is known. */
function whatOf(words: OutcomeWords, trouble: Trouble, receipt: Receipt | null): string {
  if (!words.what_exactly) return words.what;
  const known =
    receipt?.available != null ||
    receipt?.limit != null ||
    trouble.attempts_left != null ||
    trouble.retry_after_ms != null;
  return known ? words.what_exactly : words.what;
}

function moneyOf(words: OutcomeWords, audience: Audience): string {
  switch (words.money) {
    case "untouched":
      return audience === "wallet" ? t("money.untouched") : t("money.untouched_shop");
    case "unknown":
      return t("money.unknown");
    case "perhaps":
      return t("money.perhaps");
    case "first_stands":
      return t("money.first_stands");
    case "safe":
      return t("money.safe");
  }
}
