/** The tablet put together: one line, one feed, one clerk. Started once, when the page opens enrolled. */
import { batch, effect, signal } from "@preact/signals";
import { Connection } from "../shared/connection";
import { whenSeen } from "../shared/device";
import type { Api } from "../shared/http";
import { Memory } from "../shared/memory";
import { NoticeBoard } from "../shared/notices";
import type { Ready } from "../shared/protocol";
import { sounds } from "../shared/sounds";
import { useTownColour } from "../shared/ui/theme";
import { summarise } from "./absence";
import { Announcer } from "./announcer";
import { Clerk } from "./clerk";
import { Counter } from "./counter";
import { whyNot } from "./payers";

export class Till {
  readonly connection: Connection;
  readonly counter: Counter;
  readonly announcer: Announcer;
  readonly clerk: Clerk;
  readonly notices: NoticeBoard;
  private opened_ms = Number.POSITIVE_INFINITY;

  constructor(readonly api: Api) {
    const memory = new Memory(`${api.town}.terminal`);
    this.notices = new NoticeBoard(api, "terminal");
    this.connection = new Connection({
      town: api.town,
      role: "terminal",
      memory,
      ticket: () => api.ticket("terminal"),
      listener: {
        load: (ready) => void this.load(ready),
        event: (event) => {
          const missed = event.body.at < (this.connection.ready.value?.server_time ?? 0);
          const { refers } = event.body;
          batch(() => {
            this.counter.follow(event);
            if (refers) this.clerk.answered(refers);
            this.announcer.event(event, missed);
          });
        },
        message: (message) => {
          if (message.type === "shown") this.counter.shown(message.payments);
          if (message.type === "notice" && message.kind === "notices") {
            this.notices.soon(message.retry_after_ms ?? 0);
          }
        },
      },
    });
    const now_ms = (): number => this.connection.serverNow();
    this.counter = new Counter(api, memory);
    this.announcer = new Announcer({
      sounds: sounds(),
      memory,
      acknowledge: (seq, stage) => this.connection.acknowledge(seq, stage),
      now_ms,
      opened_ms: () => this.opened_ms,
      terminal: () => this.counter.terminal.value?.terminal ?? null,
      stays_s: () => this.counter.town.value?.success_stays_s ?? 0,
    });
    const { announcer, counter } = this;
    this.clerk = new Clerk(
      api.town,
      this.connection,
      {
        result: (receipt) =>
          batch(() => {
            counter.follow({ body: receipt });
            announcer.result(receipt);
          }),
        refused: () => announcer.refused(),
        notDone: (amount) => announcer.notDone(amount),
        notGiven: () => announcer.notGiven(),
      },
      (text) => whyNot(api, text),
    );
    effect(() => {
      const colour = this.counter.town.value?.colour;
      if (colour) useTownColour(colour);
    });
  }

  start(): void {
    this.connection.start();
  }

  private async load(ready: Ready): Promise<void> {
    this.opened_ms = Math.min(this.opened_ms, ready.server_time);
    void this.notices.look();
    const missed = await this.counter.load();
    // A complete resume tells the missed events one by one; only what it could not tell is told here.
    const absence = ready.resync ? summarise(missed) : null;
    if (absence) this.announcer.away(absence);
    // The list has what came before this place in the feed: once seen, that is shown.
    if (this.counter.loading.value === "loaded") {
      whenSeen(() => this.connection.acknowledge(ready.seq, "shown"));
    }
  }
}

/** Who this page is: not yet known, not enrolled, enrolled, or told to leave. */
export type Standing = "starting" | "stranger" | "enrolled" | "revoked";

export const standing = signal<Standing>("starting");
