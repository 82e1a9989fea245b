/** What a scanned text means: a shop's sticker, a one-time code, a tablet's enrolment. */
import { digitsOf, luhnHolds } from "./money";

export type Scanned =
  | { kind: "shop"; code: string }
  | { kind: "one_time"; code: string }
  | { kind: "enrolment"; secret: string }
  | { kind: "other_town"; town: string }
  | { kind: "damaged" }
  | { kind: "foreign" };

const SHOP_CODE = /^\d{7}$/;
const ONE_TIME_CODE = /^\d{16,20}$/;

function path(text: string): { parts: string[]; hash: string } | null {
  try {
    const url = new URL(text);
    if (url.protocol !== "https:" && url.protocol !== "http:") return null;
    return { parts: url.pathname.split("/").filter(Boolean), hash: url.hash };
  } catch {
    return null;
  }
}

/**
 * Reads a QR's text, a barcode's digits or what somebody typed.
 *
 * A sticker's address is never opened: only its town and its shop code are read, and the check digit
 * must hold, so that a smudged or foreign code can't become somebody else's shop.
 */
export function readScanned(text: string, town: string): Scanned {
  const address = path(text.trim());
  if (address) {
    const [where, what, code = ""] = address.parts;
    if (what === "s" && address.parts.length === 3) {
      if (where !== town) return { kind: "other_town", town: where ?? "" };
      return SHOP_CODE.test(code) && luhnHolds(code) ? { kind: "shop", code } : { kind: "damaged" };
    }
    const enrolment = /^#enrol=([A-Za-z0-9._~-]{16,200})$/.exec(address.hash);
    if (what === "tablet" && enrolment?.[1]) {
      return where === town
        ? { kind: "enrolment", secret: enrolment[1] }
        : { kind: "other_town", town: where ?? "" };
    }
    return { kind: "foreign" };
  }
  const typed = text.normalize("NFKC").trim();
  if (!/^[\d\s-]+$/.test(typed)) return { kind: "foreign" };
  const digits = digitsOf(typed);
  if (ONE_TIME_CODE.test(digits)) return { kind: "one_time", code: digits };
  if (SHOP_CODE.test(digits)) {
    return luhnHolds(digits) ? { kind: "shop", code: digits } : { kind: "damaged" };
  }
  return { kind: "damaged" };
}

/** The shop whose sticker led here: `/nagaoka/s/1234566`, or `/nagaoka/wallet#shop=1234566`. */
export function shopOfPage(
  pathname: string = location.pathname,
  hash: string = location.hash,
): string | null {
  const found = /^\/[^/]+\/s\/(\d{7})$/.exec(pathname) ?? /^#shop=(\d{7})$/.exec(hash);
  return found?.[1] && luhnHolds(found[1]) ? found[1] : null;
}
