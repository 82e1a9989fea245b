/**
 * What the clerk is doing: one task at a time, from the first touch to the result.
 *
 * Taking a payment is three touches at most (スキャン, the amount, 受け取る). A command whose answer is
 * lost stays open in `open` until the gateway has said what is true; the clerk may walk away from the
 * waiting screen, and the result is told whenever it comes.
 */
import { signal } from "@preact/signals";
import type { Answer, MoneyCommand, NewCommand, Pending } from "../shared/commands";
import type { Connection } from "../shared/connection";
import type { CodeRead, CommandError, Receipt } from "../shared/protocol";
import { readScanned } from "../shared/sticker";
import type { Announcer } from "./announcer";
import type { Line } from "./feed";

type WithoutId<C> = C extends MoneyCommand ? Omit<C, "id"> : never;
export type NewMoneyCommand = WithoutId<MoneyCommand>;
export type Action = "charge" | "top_up" | "issue" | "grant" | "reverse";
/** What a scanned code gets instead of being charged: the shop's points, or an activity's. */
export type Giving = "issue" | "grant";

/** Why a scanned text was not taken; the words are `scanned.*` or the tablet's own. */
export type ScanTrouble = "foreign" | "damaged" | "other_town" | "sticker";

export type PinState = "if_needed" | "needed" | "wrong";

/** What was tried, so that a refusal can offer the right next touch. */
export interface Attempt {
  command: NewMoneyCommand | null;
  /** The amount the clerk had entered, to go on with after another scan. */
  entered: number | null;
  /** The amount stands in the customer's code; only a new code can change it. */
  isFixed: boolean;
}

export type Task =
  | { step: "idle" }
  | { step: "amount"; code: string | null; giving?: Giving }
  | { step: "scan"; amount: number | null; trouble: ScanTrouble | null; giving?: Giving }
  | { step: "reading"; amount: number | null }
  | { step: "check"; code: string; amount: number; entered: number | null }
  | { step: "cash"; code: string; amount: number }
  | { step: "waiting"; action: Action; pending: Pending }
  | { step: "asking"; question: Receipt }
  | { step: "refused"; action: Action; error: CommandError; attempt: Attempt }
  | { step: "detail"; line: string }
  | { step: "cancel"; line: string; amount: number | null; reason: string; pin: PinState }
  | { step: "settings" }
  | { step: "notices" };

/** What the clerk needs of the connection. */
export interface Sender {
  send: Connection["send"];
  commands: { readonly recovered: readonly Pending[] };
}

export class Clerk {
  readonly task = signal<Task>({ step: "idle" });
  /** Commands without a known outcome, the one being waited for and those walked away from. */
  readonly open = signal<Pending[]>([]);

  constructor(
    private readonly town: string,
    private readonly connection: Sender,
    private readonly announcer: Pick<Announcer, "result" | "refused" | "notDone" | "notGiven">,
    /** Why a scanned text is no code of this town's wallets; null: it is one, or nobody knows. */
    private readonly whyNot: (text: string) => Promise<string | null> = async () => null,
  ) {
    for (const pending of connection.commands.recovered) void this.watch(pending);
  }

  rest(): void {
    this.task.value = { step: "idle" };
  }

  enterAmount(code: string | null = null): void {
    this.task.value = { step: "amount", code };
  }

  /** The yen of a purchase, for which the shop gives its points. */
  enterPurchase(code: string | null = null): void {
    this.task.value = { step: "amount", code, giving: "issue" };
  }

  scan(amount: number | null = null, giving?: Giving): void {
    this.task.value = { step: "scan", amount, trouble: null, ...(giving && { giving }) };
  }

  /** A text from the camera, the keyboard or, in the demo, from the wallet beside. */
  async scanned(text: string, amount: number | null, giving?: Giving): Promise<void> {
    const scanned = readScanned(text, this.town);
    if (scanned.kind !== "one_time") {
      const trouble =
        scanned.kind === "shop"
          ? "sticker"
          : scanned.kind === "enrolment"
            ? "foreign"
            : scanned.kind;
      const told: Task = { step: "scan", amount, trouble, ...(giving && { giving }) };
      this.task.value = told;
      if (scanned.kind === "foreign") await this.explain(text, amount, told);
      return;
    }
    if (giving === "grant") return this.grant(scanned.code);
    if (giving === "issue") {
      return amount === null ? this.enterPurchase(scanned.code) : this.issue(scanned.code, amount);
    }
    const reading: Task = { step: "reading", amount };
    this.task.value = reading;
    const answer = await this.connection.send({ type: "read_code", code: scanned.code }).answer;
    if (this.task.value !== reading) return;
    if (answer.ok) this.codeRead(scanned.code, answer.result, amount);
    else if (answer.error.code !== "code_unknown" || !(await this.explain(text, amount, reading)))
      this.refuse("charge", answer.error, { command: null, entered: amount, isFixed: false });
  }

  /** Says whose a code is that no wallet of this town shows, if that can be told. */
  private async explain(text: string, amount: number | null, during: Task): Promise<boolean> {
    const code = await this.whyNot(text);
    // The clerk went on to something else meanwhile: that is what counts.
    if (this.task.value !== during) return true;
    if (code === null) return false;
    this.refuse("charge", errorOf(code), { command: null, entered: amount, isFixed: false });
    return true;
  }

  charge(code: string, amount: number | null, isFixed = false): void {
    const command: NewMoneyCommand = { type: "charge", code, amount };
    void this.carryOut("charge", { command, entered: isFixed ? null : amount, isFixed });
  }

  cashTaken(code: string, amount: number): void {
    const command: NewMoneyCommand = { type: "top_up", code, amount };
    void this.carryOut("top_up", { command, entered: null, isFixed: true });
  }

  /** Gives the shop's points for a purchase of so many yen. */
  issue(code: string, purchase: number): void {
    const command: NewMoneyCommand = { type: "issue", code, purchase };
    void this.carryOut("issue", { command, entered: purchase, isFixed: false });
  }

  /** Gives what the activity that the office set for this tablet is worth. */
  grant(code: string): void {
    const command: NewMoneyCommand = { type: "grant", code };
    void this.carryOut("grant", { command, entered: null, isFixed: true });
  }

  detail(line: Line): void {
    this.task.value = { step: "detail", line: line.id };
  }

  startCancel(line: string): void {
    this.task.value = { step: "cancel", line, amount: null, reason: "", pin: "if_needed" };
  }

  /** Cancels a line of the feed: all that is left of it without an amount. */
  cancel(line: string, reason: string, amount: number | null, pin: string | null): void {
    const command: NewMoneyCommand = {
      type: "reverse",
      payment: line,
      reason,
      amount,
      manager_pin: pin,
    };
    void this.carryOut("reverse", { command, entered: amount, isFixed: false });
  }

  /** Back to the cancellation that was refused, with what had been filled in. */
  cancelAgain(attempt: Attempt, code: string): void {
    const { command } = attempt;
    if (command?.type !== "reverse") return this.rest();
    const pin =
      code === "pin_wrong" ? "wrong" : code === "over_clerk_limit" ? "needed" : "if_needed";
    const { payment: line, reason } = command;
    this.task.value = { step: "cancel", line, amount: command.amount ?? null, reason, pin };
  }

  /** The same again under a new id: only after a refusal that decided nothing. */
  again(action: Action, attempt: Attempt): void {
    void this.carryOut(action, attempt);
  }

  settings(): void {
    this.task.value = { step: "settings" };
  }

  notices(): void {
    this.task.value = { step: "notices" };
  }

  /** The payer has answered (the feed told): the screen that waited for it has nothing left to say. */
  answered(question: string): void {
    const task = this.task.value;
    if (task.step === "asking" && task.question.id === question) this.rest();
  }

  private codeRead(code: string, read: CodeRead, entered: number | null): void {
    const amount = read.amount ?? null;
    if (read.purpose === "top_up") {
      if (amount === null) this.refuse("top_up", errorOf("amount_required"), NOTHING_TRIED);
      else this.task.value = { step: "cash", code, amount };
    } else if (amount === null && entered === null) {
      this.enterAmount(code);
    } else if (amount !== null && amount !== entered) {
      this.task.value = { step: "check", code, amount, entered };
    } else {
      this.charge(code, amount ?? entered, amount !== null);
    }
  }

  private async carryOut(action: Action, attempt: Attempt): Promise<void> {
    if (!attempt.command) return this.rest();
    const pending = this.connection.send(attempt.command as NewCommand, action) as Pending;
    const waiting: Task = { step: "waiting", action, pending };
    this.task.value = waiting;
    const answer = await this.watch(pending, waiting);
    if (this.task.value !== waiting) return;
    if (answer.ok) this.rest();
    else if (answer.error.code === "duplicate_suspected" && answer.error.detail) {
      this.task.value = { step: "asking", question: answer.error.detail };
    } else this.refuse(action, answer.error, attempt);
  }

  /** Keeps a command among the open ones until its outcome is known, and announces it. */
  private async watch(pending: Pending, waiting: Task | null = null): Promise<Answer<Receipt>> {
    this.open.value = [...this.open.value, pending];
    const answer = await pending.answer;
    this.open.value = this.open.value.filter((other) => other !== pending);
    if (answer.ok) this.announcer.result(answer.result);
    else if (this.task.value !== waiting && answer.error.code !== "duplicate_suspected") {
      if (isGiving(pending.kept?.kind)) this.announcer.notGiven();
      else this.announcer.notDone(pending.kept?.amount ?? answer.error.detail?.amount ?? 0);
    }
    return answer;
  }

  private refuse(action: Action, error: CommandError, attempt: Attempt): void {
    this.task.value = { step: "refused", action, error, attempt };
    this.announcer.refused();
  }
}

const NOTHING_TRIED: Attempt = { command: null, entered: null, isFixed: false };

/** Whether an action gives points instead of taking money. */
export function isGiving(action: string | undefined): action is Giving {
  return action === "issue" || action === "grant";
}

function errorOf(code: string): CommandError {
  return { type: "error", code, retry: "new_id" };
}
