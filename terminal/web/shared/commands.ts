/**
 * Commands on their way, and what became of them.
 *
 * A money command gets its id here, and the id is kept in the browser's storage until its outcome is
 * known. Where an answer is lost — the line fell, the gateway was restarted, the page was reloaded —
 * the outcome is *unknown*, never "failed": the gateway is asked (`status`) until it says what is
 * true. The same command may be sent again under the same id, because that can't pay twice.
 *
 * A PIN is never stored: what is kept is the id and what a person needs to recognise the payment.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { uuid7 } from "./ids";
import type { Memory } from "./memory";
import type {
  Charge,
  CodeRead,
  CommandError,
  Confirm,
  Give,
  GrantHere,
  Issue,
  Pay,
  ReadCode,
  Receipt,
  Result,
  Reverse,
  Send,
  ShowCode,
  ShownCode,
  Status,
  StatusAnswer,
  TopUp,
} from "./protocol";

export type MoneyCommand =
  | Pay
  | Send
  | Give
  | Charge
  | Confirm
  | TopUp
  | Issue
  | GrantHere
  | Reverse;
export type Query = ShowCode | ReadCode | Status;
export type Command = MoneyCommand | Query;
type WithoutId<C> = C extends Command ? Omit<C, "id"> : never;
export type NewCommand = WithoutId<Command>;
export type AnswerTo<T> = T extends { type: "show_code" }
  ? ShownCode
  : T extends { type: "read_code" }
    ? CodeRead
    : T extends { type: "status" }
      ? StatusAnswer
      : Receipt;

/** `unsent`: not yet on the line. `waiting`: sent. `checking`: the answer was lost; being asked for. */
export type Phase = "unsent" | "waiting" | "checking";
export type Answer<T> = { ok: true; result: T } | { ok: false; error: CommandError };

/** What is kept of a money command until its outcome is known. */
export interface Kept {
  id: string;
  kind: string;
  at: number;
  amount: number | null;
  /** For people: the shop's name, or what else they know this payment by. */
  label: string;
}

export interface Pending<T = Receipt> {
  readonly id: string;
  readonly since: number;
  readonly kept: Kept | null;
  readonly phase: ReadonlySignal<Phase>;
  readonly answer: Promise<Answer<T>>;
}

// After this long a person has given up, perhaps paid in cash: the command is not sent any more.
export const RESEND_WITHIN_MS = 30_000;
// An answer takes some 10 ms; after this long the gateway is asked what became of the command.
export const ANSWER_PATIENCE_MS = 5_000;
// A frame may still lie unread in a dying gateway's buffer; "not found" is believed after this long.
export const NOT_FOUND_SETTLES_MS = 10_000;
const ASK_AGAIN_MS = 1_000;

const MONEY: ReadonlySet<string> = new Set([
  "pay",
  "send",
  "give",
  "charge",
  "confirm",
  "top_up",
  "issue",
  "grant",
  "reverse",
]);

interface Entry {
  id: string;
  command: Command | null; // null: from before a reload; it can be asked about, not sent again.
  since: number;
  sentAt: number | null;
  kept: Kept | null;
  phase: Signal<Phase>;
  timer: ReturnType<typeof setTimeout> | null;
  settle(answer: Answer<unknown>): void;
  pending: Pending<unknown>;
}

export class Commands {
  private readonly entries = new Map<string, Entry>();
  private readonly questions = new Map<string, string>(); // A status command's id → what it asks about.
  private transmit: ((command: Command) => void) | null = null;
  /** Money commands from before a reload, whose outcome this page doesn't know yet. */
  readonly recovered: Pending<Receipt>[];

  constructor(
    private readonly memory: Memory,
    private readonly now_ms: () => number = () => Date.now(),
  ) {
    this.recovered = memory
      .names("command.")
      .map((name) => memory.read<Kept>(name))
      .filter((kept): kept is Kept => typeof kept?.id === "string")
      .map((kept) => this.enter(kept.id, null, kept, kept.at).pending as Pending<Receipt>);
  }

  /**
   * Makes the id, keeps it, and sends the command as soon as there is a line (for at most
   * `RESEND_WITHIN_MS`). The answer's promise never rejects.
   */
  send<T extends NewCommand>(body: T, label = ""): Pending<AnswerTo<T>> {
    const id = uuid7(this.now_ms());
    const command = { ...body, id } as unknown as Command;
    const amount = "amount" in body ? (body.amount ?? null) : null;
    const kept = MONEY.has(body.type)
      ? { id, kind: body.type, at: this.now_ms(), amount, label }
      : null;
    if (kept) this.memory.write(`command.${id}`, kept);
    const entry = this.enter(id, command, kept, this.now_ms());
    this.deliver(entry);
    return entry.pending as Pending<AnswerTo<T>>;
  }

  /** The line is up: everything that is open is asked about, or sent. */
  opened(transmit: (command: Command) => void): void {
    this.transmit = transmit;
    for (const entry of this.entries.values()) {
      if (entry.sentAt !== null && entry.kept) this.ask(entry);
      else this.deliver(entry);
    }
  }

  /** The line is down: whatever was sent has an unknown outcome now. */
  closed(): void {
    this.transmit = null;
    this.questions.clear();
    for (const entry of this.entries.values()) {
      if (entry.sentAt !== null && entry.kept) entry.phase.value = "checking";
    }
  }

  /** True when the message was the answer to something of ours. */
  answered(message: Result | CommandError): boolean {
    const id = message.id ?? "";
    const asked = this.questions.get(id);
    if (asked !== undefined) {
      this.questions.delete(id);
      const entry = this.entries.get(asked);
      if (entry) this.told(entry, message);
      return true;
    }
    const entry = this.entries.get(id);
    if (!entry) return false;
    if (message.type === "result") this.settle(entry, { ok: true, result: message.result });
    else this.refused(entry, message);
    return true;
  }

  private enter(id: string, command: Command | null, kept: Kept | null, since: number): Entry {
    const phase = signal<Phase>(command ? "unsent" : "checking");
    let settle: (answer: Answer<unknown>) => void = () => undefined;
    const answer = new Promise<Answer<unknown>>((resolve) => {
      settle = resolve;
    });
    const pending = { id, since, kept, phase, answer };
    const sentAt = command ? null : since;
    const entry: Entry = { id, command, since, sentAt, kept, phase, timer: null, settle, pending };
    this.entries.set(id, entry);
    return entry;
  }

  private deliver(entry: Entry): void {
    if (!entry.command) return this.ask(entry);
    if (this.now_ms() - entry.since >= RESEND_WITHIN_MS) return this.giveUp(entry);
    if (!this.transmit) {
      const left_ms = RESEND_WITHIN_MS - (this.now_ms() - entry.since);
      return this.later(entry, left_ms, () => this.giveUp(entry));
    }
    entry.sentAt = this.now_ms();
    entry.phase.value = "waiting";
    this.transmit(entry.command);
    this.later(entry, ANSWER_PATIENCE_MS, () =>
      entry.kept ? this.ask(entry) : this.deliver(entry),
    );
  }

  /** No more sending. What was never sent has certainly not happened; all else is asked about. */
  private giveUp(entry: Entry): void {
    if (entry.kept && entry.sentAt !== null) this.ask(entry);
    else this.settle(entry, notSent(entry.id, entry.sentAt === null ? "not_sent" : "no_answer"));
  }

  private ask(entry: Entry): void {
    entry.phase.value = "checking";
    if (!this.transmit) return;
    const id = uuid7(this.now_ms());
    for (const [question, about] of this.questions) {
      if (about === entry.id) this.questions.delete(question);
    }
    this.questions.set(id, entry.id);
    this.transmit({ type: "status", id, payment: entry.id });
    this.later(entry, ANSWER_PATIENCE_MS, () => this.ask(entry));
  }

  /** The gateway's word on a command whose answer was lost. */
  private told(entry: Entry, message: Result | CommandError): void {
    if (message.type === "error") {
      return this.later(entry, message.retry_after_ms ?? ASK_AGAIN_MS, () => this.ask(entry));
    }
    const { state, receipt } = message.result as StatusAnswer;
    if (state === "processed" && receipt) return this.settle(entry, answerOf(receipt));
    if (state === "not_found") {
      const sent_ms = this.now_ms() - (entry.sentAt ?? entry.since);
      if (entry.command && this.now_ms() - entry.since < RESEND_WITHIN_MS)
        return this.deliver(entry);
      if (sent_ms >= NOT_FOUND_SETTLES_MS) return this.settle(entry, notSent(entry.id, "not_sent"));
    }
    this.later(entry, ASK_AGAIN_MS, () => this.ask(entry));
  }

  private refused(entry: Entry, error: CommandError): void {
    const wait_ms = error.retry_after_ms ?? ASK_AGAIN_MS * (0.5 + Math.random());
    if (error.code === "in_progress") {
      entry.phase.value = "checking";
      return this.later(entry, wait_ms, () => (entry.kept ? this.ask(entry) : this.deliver(entry)));
    }
    if (error.retry !== "same_id") return this.settle(entry, { ok: false, error });
    const left_ms = RESEND_WITHIN_MS - (this.now_ms() - entry.since);
    if (!entry.kept && wait_ms >= left_ms) return this.settle(entry, { ok: false, error });
    this.later(entry, wait_ms, () => this.deliver(entry));
  }

  private later(entry: Entry, wait_ms: number, act: () => void): void {
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = setTimeout(act, wait_ms);
  }

  private settle(entry: Entry, answer: Answer<unknown>): void {
    if (entry.timer !== null) clearTimeout(entry.timer);
    this.entries.delete(entry.id);
    if (entry.kept) this.memory.forget(`command.${entry.id}`);
    entry.settle(answer);
  }
}

/** A frozen receipt as the answer it stands for. */
function answerOf(receipt: Receipt): Answer<Receipt> {
  if (receipt.outcome === "done") return { ok: true, result: receipt };
  const error: CommandError = {
    type: "error",
    id: receipt.id,
    code: receipt.outcome,
    retry: "never",
    detail: receipt,
  };
  return { ok: false, error };
}

/** `not_sent`: it has certainly not happened. `no_answer`: a question that nobody answered. */
function notSent(id: string, code: "not_sent" | "no_answer"): Answer<never> {
  return { ok: false, error: { type: "error", id, code, retry: "new_id" } };
}
