/**
 * Words in the reader's language. Switching is at once: every `t` reads a signal.
 *
 * Each screen has its own `ja.ts` and `en.ts` beside it and makes its `t` with `translator`; the
 * Japanese words are the source, and the compiler sees that the English ones are complete.
 */
import { signal } from "@preact/signals";
import { store } from "./memory";

export const LANGUAGES = ["ja", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = "koban.language";

function chosen(): Language {
  const kept = LANGUAGES.find((known) => known === store().getItem(KEY));
  if (kept) return kept;
  return typeof navigator !== "undefined" && !/^ja\b/i.test(navigator.language || "ja")
    ? "en"
    : "ja";
}

export const language = signal<Language>("ja");

/** To be called once when a page starts. */
export function startLanguage(): void {
  speak(chosen());
}

/** Switches the language of everything on the page, and keeps it. */
export function speak(to: Language): void {
  language.value = to;
  document.documentElement.lang = to;
  try {
    store().setItem(KEY, to);
  } catch {
    // Kept as long as the page then.
  }
}

/** `t("paid", { shop })`: the words in the current language, with `{shop}` filled in. */
export type Translate<K extends string> = (
  key: K,
  values?: Record<string, string | number>,
) => string;

export function translator<K extends string>(
  ja: Record<K, string>,
  en: Record<K, string>,
): Translate<K> {
  return (key, values = {}) => {
    const text = language.value === "ja" ? ja[key] : en[key];
    return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
  };
}

/** A name that the town gives by language: `{ ja: "コイン", en: "Coin" }`. */
export function named(names: Record<string, string> | undefined): string {
  return names?.[language.value] ?? names?.ja ?? "";
}

// The towns are in Japan: a receipt shows the shop's time, wherever the phone believes it is.
const ZONE = "Asia/Tokyo";

function format(at_ms: number, options: Intl.DateTimeFormatOptions): string {
  const locale = language.value === "ja" ? "ja-JP" : "en-GB";
  return new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options }).format(at_ms);
}

/** 14:05:09 */
export function clockTime(at_ms: number): string {
  return format(at_ms, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

/** 14:05 */
export function shortTime(at_ms: number): string {
  return format(at_ms, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** 2026年11月21日(土) */
export function longDate(at_ms: number): string {
  return format(at_ms, { year: "numeric", month: "short", day: "numeric", weekday: "short" });
}

/** 11月21日 */
export function shortDate(at_ms: number): string {
  return format(at_ms, { month: "short", day: "numeric" });
}

/** 2026年11月 */
export function monthName(at_ms: number): string {
  return format(at_ms, { year: "numeric", month: "long" });
}

/** 2026-11, in the town's zone: what months are told apart by. */
export function monthKey(at_ms: number): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
  }).formatToParts(at_ms);
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}`;
}

/** 2026年11月21日 14:05:09 */
export function fullTime(at_ms: number): string {
  return format(at_ms, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
}
