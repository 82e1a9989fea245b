/**
 * What fills the whole screen and sounds: a success, a question, news of an absence.
 *
 * Each happening is announced once on this screen, whether its result or its feed event comes first,
 * and also after a reload. Where two windows show the same tablet, both show what happens and one of
 * them sounds. The gateway is told `shown` when the person could see it, and `sounded`
 * only when the audio graph proved that it could be heard.
 */
import { signal } from "@preact/signals";
import { say, whenSeen } from "../shared/device";
import { language } from "../shared/i18n";
import { eventKey, Memory, Once, PageStore } from "../shared/memory";
import { yen } from "../shared/money";
import type { FeedEvent, Receipt, Stage } from "../shared/protocol";
import { SOUND_NAMES, type SoundName, type Sounds } from "../shared/sounds";
import { type Absence, soundOf, tellingOf } from "./absence";
import { t } from "./words";

export type Announcement =
  | { kind: "done"; receipt: Receipt; also: readonly Receipt[] }
  | { kind: "away"; absence: Absence }
  | { kind: "not_done"; amount: number }
  | { kind: "not_given" };

// Events that were missed arrive together right behind `ready`; this long nothing, and they are all here.
const MISSED_SETTLE_MS = 250;
/** How many further successes stand small under the newest one. */
const ALSO_MAX = 4;

export interface AnnouncerOptions {
  sounds: Pick<Sounds, "play">;
  memory: Memory;
  acknowledge: (seq: number, stage: Stage) => void;
  now_ms: () => number;
  /** When this page's line first came up: what happened later happened before its eyes. */
  opened_ms: () => number;
  /** This tablet's own number: another counter's charges belong on that counter's screen. */
  terminal: () => number | null;
  /** Seconds until a success leaves by itself; 0: it stays until touched. */
  stays_s: () => number;
}

export class Announcer {
  readonly showing = signal<Announcement | null>(null);
  readonly speaks = signal(false);
  private readonly once: Once;
  /** What this very page has shown; `once` is shared with other windows and the page before. */
  private readonly here = new Once(new Memory("here", new PageStore()));
  private readonly sounding = new Map<string, Promise<boolean>>();
  private missed: FeedEvent[] = [];
  private missedTimer: ReturnType<typeof setTimeout> | null = null;
  private leaveTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly options: AnnouncerOptions) {
    this.once = new Once(options.memory);
    this.speaks.value = options.memory.read<boolean>("speaks") ?? false;
  }

  /** A command of this tablet was carried out. */
  result(receipt: Receipt): void {
    const key = eventKey(receipt.kind, receipt);
    const first = this.once.first(key);
    if (this.isNewHere(key, receipt, first)) this.present(receipt);
    if (first) this.ring(key, soundFor(receipt.kind));
  }

  /** An event of the feed; `missed` when it happened before this line was up. */
  event(event: FeedEvent, missed: boolean): void {
    if (!missed) return this.tell(event);
    this.missed.push(event);
    if (this.missedTimer !== null) clearTimeout(this.missedTimer);
    this.missedTimer = setTimeout(() => this.tellMissed(), MISSED_SETTLE_MS);
  }

  /** What a fresh load showed to be new since this tablet was last here. */
  away(absence: Absence): void {
    this.showing.value = { kind: "away", absence };
    this.ring(`away:${absence.to}`, soundOf(absence));
  }

  refused(): void {
    void this.options.sounds.play("refused");
  }

  notDone(amount: number): void {
    this.showing.value = { kind: "not_done", amount };
    this.refused();
  }

  notGiven(): void {
    this.showing.value = { kind: "not_given" };
    this.refused();
  }

  dismiss(): void {
    if (this.leaveTimer !== null) clearTimeout(this.leaveTimer);
    this.showing.value = null;
  }

  speakAmounts(on: boolean): void {
    this.speaks.value = on;
    this.options.memory.write("speaks", on);
  }

  private tellMissed(): void {
    const events = this.missed;
    this.missed = [];
    const telling = tellingOf(events, this.options.now_ms());
    if (telling.how === "each") {
      for (const event of events) this.tell(event);
      return;
    }
    const fresh = events.filter((event) => this.once.first(eventKey(event.kind, event.body)));
    const last = events[events.length - 1];
    const sum = tellingOf(fresh, Number.POSITIVE_INFINITY);
    if (sum.how === "sum") this.away(sum.absence);
    if (last) this.shown(last.seq);
  }

  private tell(event: FeedEvent): void {
    const key = eventKey(event.kind, event.body);
    const first = this.once.first(key);
    if (this.isOurs(event)) {
      const isNew = this.isNewHere(key, event.body, first);
      if (isNew && event.kind !== "duplicate_question") this.present(event.body);
      const sound = SOUND_NAMES.find((name) => name === event.sound);
      if (first && sound) this.ring(key, sound);
    }
    this.shown(event.seq);
    void this.sounding.get(key)?.then((sounded) => {
      if (sounded) this.options.acknowledge(event.seq, "sounded");
    });
  }

  /** Told by nobody before, or by another window at the same time; and not by this page yet. */
  private isNewHere(key: string, receipt: Receipt, first: boolean): boolean {
    return this.here.first(key) && (first || receipt.at >= this.options.opened_ms());
  }

  /** A charge or a top-up was asked for at one counter; a scanned sticker concerns them all. */
  private isOurs({ body }: FeedEvent): boolean {
    const at = body.terminal ?? null;
    return at === null || at === this.options.terminal();
  }

  private present(receipt: Receipt): void {
    const before = this.showing.value;
    const also = before?.kind === "done" ? [before.receipt, ...before.also].slice(0, ALSO_MAX) : [];
    this.showing.value = { kind: "done", receipt, also };
    const stays_s = this.options.stays_s();
    if (this.leaveTimer !== null) clearTimeout(this.leaveTimer);
    if (stays_s > 0) this.leaveTimer = setTimeout(() => this.dismiss(), stays_s * 1000);
    if (this.speaks.value) speak(receipt);
  }

  private ring(key: string, sound: SoundName): void {
    const playing = this.options.sounds.play(sound);
    this.sounding.set(key, playing);
    // The event may follow its result by seconds after an outage; then the memory is given back.
    void playing.then(() => setTimeout(() => this.sounding.delete(key), 60_000));
  }

  /** Acknowledgements are cumulative, so late ones are harmless. */
  private shown(seq: number): void {
    whenSeen(() => this.options.acknowledge(seq, "shown"));
  }
}

function soundFor(kind: string): SoundName {
  if (kind === "payment") return "paid";
  return ["top_up", "issue", "grant"].includes(kind) ? "topped_up" : "attention";
}

/** The amount in a voice, for those who can't look. */
export function speak(receipt: Receipt): void {
  const amount = yen(receipt.amount, language.value);
  if (receipt.kind === "payment") say(t("speak.payment", { amount }));
  else if (receipt.kind === "top_up") say(t("speak.top_up", { amount }));
  else if (receipt.kind === "issue" || receipt.kind === "grant") say(t("speak.issue"));
}
