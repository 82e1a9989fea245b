/** A line that has ended: whether to come back, and after how long. */

/** Why a screen does not come back by itself. */
export type End = "signed_out" | "revoked" | "replaced" | "too_fast" | "fault";

// The close codes after which coming back would do harm or lead nowhere; after all others it helps.
const ENDS: Record<number, End> = {
  4100: "replaced",
  4102: "signed_out",
  4103: "revoked",
  4104: "fault",
  4105: "fault",
  4106: "fault",
  4107: "fault",
  4109: "too_fast",
};

const BACKOFF_FIRST_MS = 300;
const BACKOFF_MAX_MS = 10_000;

/** Undefined: come back. */
export function endOf(code: number): End | undefined {
  return ENDS[code];
}

/**
 * How long to wait before attempt `attempt` (from 0). Jittered, so that a town of screens does not
 * come back in one instant; `asked_ms` is what the gateway asked for itself.
 */
export function waitBefore(attempt: number, asked_ms: number | null): number {
  if (asked_ms !== null) return asked_ms * (0.75 + Math.random() / 2);
  const ceiling_ms = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt);
  return ceiling_ms * (0.5 + Math.random() / 2);
}
