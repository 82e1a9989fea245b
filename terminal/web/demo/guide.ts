/** The newcomer's three steps: a pure fold of what can be seen in the frames. */

/** What the demo page sees of the screens beside each other. */
export interface Seen {
  /** The digits of the code that the wallet shows, if it shows one. */
  code: string | null;
  /** The receipt of the success that fills the tablet's glass, if any. */
  success: string | null;
}

export interface Guide {
  step: 1 | 2 | 3 | "done";
  /** The code that was handed to the tablet; the same one isn't handed twice. */
  handed: string | null;
}

export const GUIDE_START: Guide = { step: 1, handed: null };

/** Looks again. A code that turned by itself is a new one to hand over. */
export function look(guide: Guide, seen: Seen): Guide {
  if (guide.handed !== null && seen.success !== null) return { ...guide, step: "done" };
  if (guide.step === "done") return guide;
  if (guide.handed !== null) {
    const hasAnother = seen.code !== null && seen.code !== guide.handed;
    return hasAnother ? { step: 2, handed: null } : guide;
  }
  return { step: seen.code === null ? 1 : 2, handed: null };
}

export function hand(code: string): Guide {
  return { step: 3, handed: code };
}
