import { describe, expect, it } from "vitest";
import { GUIDE_START, hand, look } from "../demo/guide";

const CODE = "8201000000000001";

describe("the demo's guide", () => {
  it("waits for a code, and goes back when the wallet hides it", () => {
    const shown = look(GUIDE_START, { code: CODE, success: null });
    expect(shown.step).toBe(2);
    expect(look(shown, { code: null, success: null }).step).toBe(1);
  });

  it("waits for the tablet after the code was handed over", () => {
    expect(look(hand(CODE), { code: CODE, success: null })).toEqual({ step: 3, handed: CODE });
    expect(look(hand(CODE), { code: null, success: null }).step).toBe(3);
  });

  it("offers a code that turned by itself again", () => {
    expect(look(hand(CODE), { code: "8201000000000002", success: null }).step).toBe(2);
  });

  it("is done with the tablet's success, and stays done", () => {
    const done = look(hand(CODE), { code: CODE, success: "receipt" });
    expect(done.step).toBe("done");
    expect(look(done, { code: "8201000000000002", success: null }).step).toBe("done");
  });

  it("does not take an older success for the newcomer's", () => {
    expect(look(GUIDE_START, { code: CODE, success: "older" }).step).toBe(2);
  });
});
