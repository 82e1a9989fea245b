/**
 * The place in a feed: what has come, what is missing, and what the gateway has been told of it.
 *
 * The position that survives a reload is the last event *shown*: what was received but never seen by
 * anybody comes again.
 */
import type { Memory } from "./memory";
import type { Ack, FeedEvent, Ready, Resume, Stage } from "./protocol";

// Many events arriving together are acknowledged in one frame.
const ACK_AFTER_MS = 50;

const STAGES: readonly Stage[] = ["received", "shown", "sounded"];

interface Position extends Resume {
  /** Whose feed it is: somebody else may sign in on the same device. */
  account: number;
}

export class Feed {
  private position: Position | null;
  private reached: Record<Stage, number> = { received: 0, shown: 0, sounded: 0 };
  private told: Record<Stage, number> = { received: 0, shown: 0, sounded: 0 };
  private timer: ReturnType<typeof setTimeout> | null = null;
  private transmit: ((ack: Ack) => void) | null = null;

  constructor(private readonly memory: Memory) {
    this.position = memory.read<Position>("position");
  }

  /** Where to go on, for `auth`. */
  get resume(): Resume | null {
    return this.position && { epoch: this.position.epoch, seq: this.position.seq };
  }

  /** True when the screen must load its state over HTTP before it follows. */
  begin(ready: Ready, asked: Resume | null, transmit: (ack: Ack) => void): boolean {
    this.transmit = transmit;
    const isMine = this.position?.account === ready.account;
    const follows = asked !== null && isMine && !ready.resync && asked.epoch === ready.epoch;
    if (!follows) {
      this.position = { epoch: ready.epoch, seq: ready.seq, account: ready.account };
      this.memory.write("position", this.position);
      // The state loaded over HTTP has what came before; it is shown once the screen says so.
      this.reached = { received: ready.seq, shown: 0, sounded: 0 };
      this.told = { ...this.reached };
    } else {
      // Acknowledgements may have been lost with the line; they are cumulative, so once more.
      this.told = { received: 0, shown: 0, sounded: 0 };
      this.flushSoon();
    }
    return !follows;
  }

  closed(): void {
    this.transmit = null;
  }

  /** `new`: the next one. `old`: it has been here before. `gap`: something before it is missing. */
  accept(event: FeedEvent): "new" | "old" | "gap" {
    const position = this.position;
    if (!position) return "gap";
    if (event.seq <= position.seq) return "old";
    if (event.seq > position.seq + 1) return "gap";
    this.position = { ...position, seq: event.seq };
    this.acknowledge(event.seq, "received");
    return "new";
  }

  /** Whether the gateway has sent more than has arrived. */
  isBehind(seq: number): boolean {
    return this.position !== null && seq > this.position.seq;
  }

  acknowledge(seq: number, stage: Stage): void {
    if (seq <= this.reached[stage]) return;
    this.reached[stage] = seq;
    if (stage === "shown" && this.position) {
      this.memory.write("position", { ...this.position, seq });
    }
    this.flushSoon();
  }

  private flushSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.flush();
    }, ACK_AFTER_MS);
  }

  private flush(): void {
    if (!this.transmit) return;
    for (const stage of STAGES) {
      const seq = this.reached[stage];
      if (seq > this.told[stage]) {
        this.told[stage] = seq;
        this.transmit({ type: "ack", seq, stage });
      }
    }
  }
}
