/** The shop behind a code: our own sticker, or whatever else the gateway knows a shop by. */
import type { Explanation, Trouble } from "../shared/explain";
import { type Api, ApiFailure } from "../shared/http";
import type { ReadShop, ShopInfo } from "../shared/protocol";
import { readScanned } from "../shared/sticker";
import { t } from "../shared/words";

export type FoundShop = { shop: ShopInfo } | { trouble: Trouble };

/** What to ask the gateway for: our own sticker's code, or a text that it may know, and how it was read. */
export type Question = { code: string } | ReadShop;

/**
 * What a scanned or typed text asks for. A text that this page knows to be no shop's is explained
 * at once; one that it doesn't know may still be a JPQR sticker or a shop's store code.
 */
export function questionOf(text: string, town: string): Question | { refused: Explanation } {
  const scanned = readScanned(text, town);
  const money = t("money.untouched");
  switch (scanned.kind) {
    case "shop":
      return { code: scanned.code };
    case "damaged":
    case "foreign":
      return { text, by: "code" };
    case "other_town":
      return {
        refused: { what: t("scanned.other_town"), money, next: t("scanned.other_town_next") },
      };
    default:
      return { refused: { what: t("scanned.not_shop"), money, next: t("scanned.foreign_next") } };
  }
}

/** Looks a shop up. Nothing in a scanned text is ever opened: the gateway reads it as a text. */
export async function findShop(api: Api, question: Question): Promise<FoundShop> {
  try {
    const shop =
      "code" in question
        ? await api.get<ShopInfo>(`shops/${question.code}`)
        : await api.post<ShopInfo>("shops/read", question);
    return { shop };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return { trouble: { ...error.detail, code: codeOf(error.code, question), detail: null } };
  }
}

/** The code with the fitting words: what is wrong is the shop's code, not a form or an address. */
function codeOf(code: string, question: Question): string {
  if (code === "not_found") return "shop_unknown";
  return code === "invalid" && "text" in question ? "scan_broken" : code;
}
