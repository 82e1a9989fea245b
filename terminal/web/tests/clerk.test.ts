import { describe, expect, it, vi } from "vitest";
import type { Answer, Command, Pending } from "../shared/commands";
import type { CodeRead, CommandError, Receipt } from "../shared/protocol";
import { Clerk, type Sender } from "../tablet/clerk";

const CODE = "8201000000000001";

/** A line that keeps what was sent, and answers when it is told to. */
class ScriptedLine implements Sender {
  readonly sent: Omit<Command, "id">[] = [];
  readonly commands: { recovered: Pending[] } = { recovered: [] };
  private readonly open: ((answer: Answer<never>) => void)[] = [];

  readonly send = ((command: Omit<Command, "id">) => {
    this.sent.push(command);
    return this.pending();
  }) as unknown as Sender["send"];

  pending(): Pending {
    const answer = new Promise<Answer<Receipt>>((resolve) => {
      this.open.push(resolve as (answer: Answer<never>) => void);
    });
    const kept = { id: "kept", kind: "charge", at: 0, amount: 500, label: "" };
    return {
      id: "kept",
      since: 0,
      kept,
      phase: { value: "waiting" },
      answer,
    } as unknown as Pending;
  }

  async answers(result: unknown): Promise<void> {
    this.open.shift()?.({ ok: true, result: result as never });
    await settled();
  }

  async refuses(code: string, more: Partial<CommandError> = {}): Promise<void> {
    const error: CommandError = { type: "error", code, retry: "never", ...more };
    this.open.shift()?.({ ok: false, error });
    await settled();
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

function counter() {
  const line = new ScriptedLine();
  const announcer = { result: vi.fn(), refused: vi.fn(), notDone: vi.fn(), notGiven: vi.fn() };
  return { line, announcer, clerk: new Clerk("nagaoka", line, announcer) };
}

const payCode = (amount: number | null): CodeRead => ({ purpose: "pay", amount, expires_at: 9 });
const paid: Receipt = { id: "r", kind: "payment", outcome: "done", at: 1, amount: 500 };

describe("giving points", () => {
  const issued: Receipt = { id: "i", kind: "issue", outcome: "done", at: 1, amount: 12 };

  it("gives the shop's points for a purchase to the code scanned after it", async () => {
    const { line, announcer, clerk } = counter();
    clerk.enterPurchase();
    expect(clerk.task.value).toEqual({ step: "amount", code: null, giving: "issue" });
    clerk.scan(1_234, "issue");
    void clerk.scanned(CODE, 1_234, "issue");
    expect(line.sent).toEqual([{ type: "issue", code: CODE, purchase: 1_234 }]);
    await line.answers(issued);
    expect(announcer.result).toHaveBeenCalledExactlyOnceWith(issued);
    expect(clerk.task.value.step).toBe("idle");
  });

  it("charges nobody whose code was scanned for points", async () => {
    const { line, clerk } = counter();
    void clerk.scanned(CODE, null, "issue");
    expect(clerk.task.value).toEqual({ step: "amount", code: CODE, giving: "issue" });
    expect(line.sent).toEqual([]);
  });

  it("grants by the tablet's activity with one scan", async () => {
    const { line, clerk } = counter();
    clerk.scan(null, "grant");
    void clerk.scanned(CODE, null, "grant");
    expect(line.sent).toEqual([{ type: "grant", code: CODE }]);
  });

  it("keeps scanning for points when something else was scanned", async () => {
    const { clerk } = counter();
    await clerk.scanned("https://koban.example/nagaoka/s/1234566", null, "grant");
    expect(clerk.task.value).toMatchObject({ step: "scan", giving: "grant" });
  });

  it("says that no points were given, not that nothing was paid", async () => {
    const { line, announcer, clerk } = counter();
    const pending = line.pending();
    Object.assign(pending.kept as object, { kind: "issue" });
    line.commands.recovered.push(pending);
    const back = new Clerk("nagaoka", line, announcer);
    expect(back.open.value).toHaveLength(1);
    await line.refuses("not_sent");
    expect(announcer.notGiven).toHaveBeenCalledOnce();
    expect(announcer.notDone).not.toHaveBeenCalled();
    expect(clerk.task.value.step).toBe("idle");
  });
});

describe("taking a payment", () => {
  it("asks for the amount when the code has none, then charges and announces", async () => {
    const { line, announcer, clerk } = counter();
    clerk.scan();
    void clerk.scanned(CODE, null);
    await line.answers(payCode(null));
    expect(clerk.task.value).toEqual({ step: "amount", code: CODE });
    clerk.charge(CODE, 500);
    expect(line.sent[1]).toEqual({ type: "charge", code: CODE, amount: 500 });
    await line.answers(paid);
    expect(announcer.result).toHaveBeenCalledExactlyOnceWith(paid);
    expect(clerk.task.value.step).toBe("idle");
  });

  it("charges at once when the amount was entered first", async () => {
    const { line, clerk } = counter();
    clerk.scan(500);
    void clerk.scanned(CODE, 500);
    await line.answers(payCode(null));
    expect(line.sent[1]).toEqual({ type: "charge", code: CODE, amount: 500 });
  });

  it("shows a code's own amount before it is taken, and says where the entered one differs", async () => {
    const { line, clerk } = counter();
    void clerk.scanned(CODE, 500);
    await line.answers(payCode(700));
    expect(clerk.task.value).toEqual({ step: "check", code: CODE, amount: 700, entered: 500 });
    expect(line.sent).toHaveLength(1);
  });

  it("takes cash before it tops up", async () => {
    const { line, clerk } = counter();
    void clerk.scanned(CODE, null);
    await line.answers({ purpose: "top_up", amount: 5000, expires_at: 9 });
    expect(clerk.task.value).toEqual({ step: "cash", code: CODE, amount: 5000 });
    expect(line.sent.map(({ type }) => type)).toEqual(["read_code"]);
    clerk.cashTaken(CODE, 5000);
    expect(line.sent[1]).toEqual({ type: "top_up", code: CODE, amount: 5000 });
  });

  it.each([
    ["1234567", "damaged"],
    ["http://127.0.0.1/nagaoka/s/1234567", "damaged"],
    ["http://127.0.0.1/elsewhere/s/0000018", "other_town"],
    ["http://127.0.0.1/nagaoka/s/0000018", "sticker"],
    ["hello", "foreign"],
  ])("sends nothing for %s, and says why (%s)", async (text, trouble) => {
    const { line, clerk } = counter();
    await clerk.scanned(text, null);
    expect(clerk.task.value).toEqual({ step: "scan", amount: null, trouble });
    expect(line.sent).toEqual([]);
  });

  it("drops what a code said after the clerk has gone back", async () => {
    const { line, clerk } = counter();
    void clerk.scanned(CODE, 500);
    clerk.rest();
    await line.answers(payCode(null));
    expect(clerk.task.value.step).toBe("idle");
    expect(line.sent).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it("is shown with its sound and what was tried", async () => {
    const { line, announcer, clerk } = counter();
    clerk.charge(CODE, 500);
    await line.refuses("insufficient_funds");
    const task = clerk.task.value;
    expect(task.step === "refused" && task.error.code).toBe("insufficient_funds");
    expect(announcer.refused).toHaveBeenCalledOnce();
    expect(announcer.result).not.toHaveBeenCalled();
  });

  it("keeps the entered amount for the next scan", async () => {
    const { line, clerk } = counter();
    void clerk.scanned(CODE, 500);
    await line.refuses("code_expired");
    const task = clerk.task.value;
    expect(task.step === "refused" && task.attempt.entered).toBe(500);
  });

  it("of a suspected duplicate waits for the payer, without the sound of a refusal", async () => {
    const { line, announcer, clerk } = counter();
    const question = { ...paid, id: "q", outcome: "duplicate_suspected" };
    clerk.charge(CODE, 500);
    await line.refuses("duplicate_suspected", { detail: question });
    expect(clerk.task.value).toEqual({ step: "asking", question });
    expect(announcer.refused).not.toHaveBeenCalled();
    clerk.answered("another");
    expect(clerk.task.value.step).toBe("asking");
    clerk.answered("q");
    expect(clerk.task.value.step).toBe("idle");
  });

  it("of a cancellation for want of the PIN goes back with everything filled in", async () => {
    const { line, clerk } = counter();
    clerk.cancel("p", "返品", 12_000, "0000");
    await line.refuses("pin_wrong", { retry: "new_id" });
    const task = clerk.task.value;
    if (task.step !== "refused") throw new Error(`not refused but ${task.step}`);
    clerk.cancelAgain(task.attempt, task.error.code);
    expect(clerk.task.value).toEqual({
      step: "cancel",
      line: "p",
      amount: 12_000,
      reason: "返品",
      pin: "wrong",
    });
  });
});

describe("a command without an answer", () => {
  it("stays open after the clerk walks away, and its success is announced later", async () => {
    const { line, announcer, clerk } = counter();
    clerk.charge(CODE, 500);
    clerk.rest();
    expect(clerk.open.value).toHaveLength(1);
    await line.answers(paid);
    expect(announcer.result).toHaveBeenCalledOnce();
    expect(clerk.open.value).toEqual([]);
    expect(clerk.task.value.step).toBe("idle");
  });

  it("that turns out not to have happened is told, with its amount", async () => {
    const { line, announcer, clerk } = counter();
    clerk.charge(CODE, 500);
    clerk.rest();
    await line.refuses("not_sent");
    expect(announcer.notDone).toHaveBeenCalledExactlyOnceWith(500);
  });

  it("from before a reload is followed from the start", async () => {
    const line = new ScriptedLine();
    line.commands.recovered.push(line.pending());
    const announcer = { result: vi.fn(), refused: vi.fn(), notDone: vi.fn(), notGiven: vi.fn() };
    const clerk = new Clerk("nagaoka", line, announcer);
    expect(clerk.open.value).toHaveLength(1);
    await line.answers(paid);
    expect(announcer.result).toHaveBeenCalledOnce();
  });
});

describe("a code that no wallet of this town shows", () => {
  function told(code: string | null) {
    const line = new ScriptedLine();
    const announcer = { result: vi.fn(), refused: vi.fn(), notDone: vi.fn(), notGiven: vi.fn() };
    const asked: string[] = [];
    const clerk = new Clerk("nagaoka", line, announcer, async (text) => {
      asked.push(text);
      return code;
    });
    return { line, announcer, asked, clerk };
  }

  it("is refused with whose it is, when the gateway does not know the digits", async () => {
    const { line, asked, clerk } = told("scan_other_town");
    clerk.scan(500);
    void clerk.scanned("8202000000000001", 500);
    await line.refuses("code_unknown");
    expect(asked).toEqual(["8202000000000001"]);
    expect(clerk.task.value).toMatchObject({
      step: "refused",
      error: { code: "scan_other_town" },
      attempt: { command: null, entered: 500 },
    });
  });

  it("stays unknown when it is this town's, or nobody can say", async () => {
    const { line, clerk } = told(null);
    void clerk.scanned(CODE, null);
    await line.refuses("code_unknown");
    expect(clerk.task.value).toMatchObject({ step: "refused", error: { code: "code_unknown" } });
  });

  it("is not asked about when it was only used or too old", async () => {
    const { line, asked, clerk } = told("scan_foreign");
    void clerk.scanned(CODE, null);
    await line.refuses("code_used");
    expect(asked).toEqual([]);
    expect(clerk.task.value).toMatchObject({ error: { code: "code_used" } });
  });

  it("is told at once as foreign, then as what it is", async () => {
    const { announcer, clerk } = told("scan_card");
    const scanning = clerk.scanned("hQVDUFYwMWETTwegAAAAVVVV", null);
    expect(clerk.task.value).toMatchObject({ step: "scan", trouble: "foreign" });
    await scanning;
    expect(clerk.task.value).toMatchObject({ step: "refused", error: { code: "scan_card" } });
    expect(announcer.refused).toHaveBeenCalledOnce();
  });

  it("does not disturb a clerk who went on", async () => {
    const { announcer, clerk } = told("scan_card");
    const scanning = clerk.scanned("hQVDUFYwMWETTwegAAAAVVVV", null);
    clerk.rest();
    await scanning;
    expect(clerk.task.value).toEqual({ step: "idle" });
    expect(announcer.refused).not.toHaveBeenCalled();
  });
});
