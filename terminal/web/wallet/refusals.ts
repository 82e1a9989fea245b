import type { Trouble } from "../shared/explain";
import type { CommandError } from "../shared/protocol";

/** A refused command as something to explain. How many PINs are left stands in its message. */
export function troubleOfAnswer(error: CommandError): Trouble {
  const left = error.code === "pin_wrong" ? /\d+/.exec(error.message ?? "") : null;
  return {
    code: error.code,
    detail: error.detail ?? null,
    retry_after_ms: error.retry_after_ms ?? null,
    attempts_left: left ? Number(left[0]) : null,
  };
}
