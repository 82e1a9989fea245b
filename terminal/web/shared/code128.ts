/** Code 128 in its set C: two digits a symbol, so sixteen digits stay narrow enough for a phone. */
import module from "jsbarcode/bin/barcodes/CODE128/CODE128C.js";

// The package is CommonJS: bundlers hand out its class, or the object that the class hangs on.
const Encoder = "default" in module ? module.default : module;

/** The bars as `1` (dark) and `0` (light), one a module. `digits` must be even in number. */
export function barsOf(digits: string): string {
  if (!/^(\d\d)+$/.test(digits)) throw new RangeError("Code 128 C takes an even number of digits");
  return new Encoder(digits, {}).encode().data;
}
