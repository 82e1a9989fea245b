/**
 * What the wallet tells its owner of by itself: results of payments, top-ups and cancellations, and
 * questions about a second payment. Each is shown and sounded once, whether its result or its feed
 * event comes first, and also after a reload. Where two windows show the same wallet, both show what
 * happens and one of them sounds.
 */
import { signal } from "@preact/signals";
import { tremble, whenSeen } from "../shared/device";
import { eventKey, type Memory, Once } from "../shared/memory";
import type { FeedEvent, Receipt } from "../shared/protocol";
import { SOUND_NAMES, type SoundName, sounds } from "../shared/sounds";
import { toast } from "../shared/ui/status";

// Older news is in the history; a full-screen coin for it would be taken for a new payment.
const NEWS_MS = 5 * 60_000;

// What a result sounds like when it is here before its event, which carries the town's choice.
const SOUNDS: Record<string, SoundName> = {
  payment: "paid",
  top_up: "topped_up",
  reversal: "attention",
  send: "paid",
  gift: "paid",
  exchange: "paid",
  grant: "topped_up",
  issue: "topped_up",
  duplicate_question: "attention",
};

export interface Question {
  /** The id of the refused command; the answer refers to it. */
  refused: string;
  receipt: Receipt;
}

export class Announcements {
  /** What is on the whole screen until somebody dismisses it; the first is in front. */
  readonly results = signal<Receipt[]>([]);
  readonly questions = signal<Question[]>([]);
  /** Payments that the shop's screen has shown. */
  readonly shownToShop = signal<ReadonlySet<string>>(new Set());
  private readonly once: Once;
  private readonly shown = new Set<string>();
  private readonly sounding = new Map<string, Promise<boolean>>();

  constructor(
    memory: Memory,
    private readonly acknowledge: (seq: number, stage: "shown" | "sounded") => void,
    private readonly now_ms: () => number,
    /** When this page's line first came up: what happened later happened before its eyes. */
    private readonly opened_ms: () => number,
  ) {
    this.once = new Once(memory);
  }

  /** Whether it happened so lately that it belongs on the whole screen, with its sound. */
  isNew(receipt: Receipt): boolean {
    return this.now_ms() - receipt.at <= NEWS_MS;
  }

  /** The answer to this screen's own command. */
  result(receipt: Receipt): void {
    this.tell(receipt.kind, receipt, "");
  }

  /** One event of the feed; acknowledged once it has really been seen and heard. */
  event(event: FeedEvent): void {
    const key = eventKey(event.kind, event.body);
    if (this.isNew(event.body) || this.shown.has(key)) {
      this.tell(event.kind, event.body, event.sound);
    } else {
      this.once.first(key);
    }
    whenSeen(() => this.acknowledge(event.seq, "shown"));
    void this.sounding.get(key)?.then((heard) => {
      if (heard) this.acknowledge(event.seq, "sounded");
    });
  }

  /** The command of this screen was refused because it looks like one already paid. */
  ask(receipt: Receipt): void {
    this.tell("duplicate_question", receipt, "");
  }

  refuse(): void {
    void sounds().play("refused");
    tremble("bad");
  }

  dismiss(receipt: Receipt): void {
    this.results.value = this.results.value.filter((other) => other !== receipt);
  }

  answered(refused: string, words?: string): void {
    this.questions.value = this.questions.value.filter((other) => other.refused !== refused);
    if (words) toast(words);
  }

  shopHasShown(payments: string[]): void {
    this.shownToShop.value = new Set([...this.shownToShop.value, ...payments]);
  }

  private tell(kind: string, receipt: Receipt, sound: string): void {
    // What expired at midnight wakes nobody: it was warned of, and stands in the history.
    if (kind === "expiry") return;
    const key = eventKey(kind, receipt);
    const isFirst = this.once.first(key);
    if (!this.shown.has(key)) {
      this.shown.add(key);
      // Seen before a reload already: the history has it, the screen need not repeat it.
      if (isFirst || receipt.at >= this.opened_ms()) this.show(kind, receipt);
    }
    if (isFirst) this.sounding.set(key, this.sound(kind, sound));
  }

  private show(kind: string, receipt: Receipt): void {
    if (kind === "duplicate_question") {
      this.questions.value = [...this.questions.value, { refused: receipt.id, receipt }];
      return;
    }
    if (receipt.refers) this.answered(receipt.refers);
    this.results.value = [receipt, ...this.results.value];
  }

  private sound(kind: string, wanted: string): Promise<boolean> {
    tremble(kind === "reversal" || kind === "duplicate_question" ? "attention" : "good");
    const name = SOUND_NAMES.find((known) => known === wanted) ?? SOUNDS[kind] ?? "attention";
    return sounds().play(name);
  }
}
