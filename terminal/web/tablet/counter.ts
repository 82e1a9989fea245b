/**
 * The shop's counter as this tablet knows it: who we are, the lines, the day.
 *
 * Loading and following may overlap: lines are identified by their receipt, so whichever comes first
 * wins nothing. The day's figures are the server's; between two loads they are moved on by new lines.
 */
import { batch, signal } from "@preact/signals";
import type { Api } from "../shared/http";
import type { Memory } from "../shared/memory";
import type { Day, FeedEvent, HistoryPage, TerminalInfo, TownInfo } from "../shared/protocol";
import { follow, type Line, markShown, merge } from "./feed";
import { addToDay, dateOf } from "./totals";

const PAGE_LINES = 50;
const LOAD_AGAIN_MS = 3_000;
// The figures on the wall are checked against the ledger once a minute, and soon after a reversal.
const DAY_AGAIN_MS = 60_000;
const DAY_SOON_MS = 500;

export type Loading = "loading" | "loaded" | "failed";

export class Counter {
  readonly lines = signal<Line[]>([]);
  readonly day = signal<Day | null>(null);
  readonly terminal = signal<TerminalInfo | null>(null);
  readonly town = signal<TownInfo | null>(null);
  readonly loading = signal<Loading>("loading");
  /** The `before` of the next older page; null when there is none. */
  readonly older = signal<number | null>(null);
  private dayTimer: ReturnType<typeof setTimeout> | null = null;
  private loadTimer: ReturnType<typeof setTimeout> | null = null;
  private round = 0;

  constructor(
    private readonly api: Api,
    private readonly memory: Memory,
  ) {
    setInterval(() => void this.loadDay(), DAY_AGAIN_MS);
  }

  /** Loads everything anew and tells which lines the tablet had not known when it went away. */
  async load(): Promise<Line[]> {
    const round = ++this.round;
    this.loading.value = "loading";
    try {
      const [town, terminal, history, day] = await Promise.all([
        this.api.get<TownInfo>("town"),
        this.api.get<TerminalInfo>("terminal"),
        this.api.get<HistoryPage>(`terminal/history?limit=${PAGE_LINES}`),
        this.api.get<Day>("terminal/day"),
      ]);
      if (round !== this.round) return [];
      const known = this.memory.read<number>("entry");
      batch(() => {
        this.town.value = town;
        this.terminal.value = terminal;
        this.lines.value = merge(this.lines.value, history.lines);
        this.older.value = history.next;
        this.day.value = day;
        this.loading.value = "loaded";
      });
      const missed =
        known === null ? [] : this.lines.value.filter((line) => (line.entry ?? 0) > known);
      this.remember();
      return missed;
    } catch {
      if (round === this.round) {
        this.loading.value = "failed";
        this.loadAgain();
      }
      return [];
    }
  }

  /** The next page of older lines. */
  async loadOlder(): Promise<void> {
    const before = this.older.value;
    if (before === null) return;
    try {
      const page = await this.api.get<HistoryPage>(
        `terminal/history?before=${before}&limit=${PAGE_LINES}`,
      );
      batch(() => {
        this.lines.value = merge(this.lines.value, page.lines);
        this.older.value = page.next;
      });
    } catch {
      // The button stays: the clerk presses it again.
    }
  }

  /** One event of the feed, or the receipt of this tablet's own command, whichever comes first. */
  follow(event: Pick<FeedEvent, "body">): void {
    const before = this.lines.value;
    const after = follow(before, event);
    const line = after.find(({ id }) => id === event.body.id);
    this.lines.value = after;
    this.remember();
    const isNew = line && !before.some(({ id }) => id === line.id);
    const day = this.day.value;
    if (!isNew || !day) return;
    if (dateOf(line.at) !== day.date) return this.loadDaySoon();
    const original = after.find(({ id }) => id === line.refers) ?? null;
    this.day.value = addToDay(day, line, original);
    if (line.kind === "reversal") this.loadDaySoon();
  }

  shown(payments: readonly string[]): void {
    this.lines.value = markShown(this.lines.value, payments);
    this.loadDaySoon();
  }

  find(id: string | null): Line | null {
    return this.lines.value.find((line) => line.id === id) ?? null;
  }

  private loadDaySoon(): void {
    this.dayTimer ??= setTimeout(() => {
      this.dayTimer = null;
      void this.loadDay();
    }, DAY_SOON_MS);
  }

  private async loadDay(): Promise<void> {
    if (this.loading.value !== "loaded") return;
    try {
      this.day.value = await this.api.get<Day>("terminal/day");
    } catch {
      // The figures stay as they were; the connection's own sign says that they may be old.
    }
  }

  private loadAgain(): void {
    if (this.loadTimer !== null) clearTimeout(this.loadTimer);
    this.loadTimer = setTimeout(() => void this.load(), LOAD_AGAIN_MS);
  }

  /** The newest entry that has been on this screen: what is above it came while we were away. */
  private remember(): void {
    const entries = this.lines.value.map((line) => line.entry ?? 0);
    const newest = Math.max(0, ...entries);
    if (newest > (this.memory.read<number>("entry") ?? -1)) this.memory.write("entry", newest);
  }
}
