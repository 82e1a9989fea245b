/** What the console knows: the tail, the figures, the alerts; loaded once, then followed. */
import { batch, computed, signal } from "@preact/signals";
import type { Api } from "../shared/http";
import type {
  Alert,
  AlertLine,
  Alerts,
  EventLine,
  Events,
  Figures,
  SessionLine,
  Sessions,
  Shops,
  Terminals,
  TownEvent,
  TownInfo,
} from "../shared/protocol";
import { collect } from "./series";
import { FILTER_NONE, type Filter, gather, matches, ROWS_MAX, type Row } from "./tail";

const PAGE_EVENTS = 200;
/** Searching back keeps this many rows; further back one narrows the filter first. */
const SEARCH_ROWS_MAX = 5_000;
const LOAD_AGAIN_MS = 3_000;

export class Watch {
  readonly town = signal<TownInfo | null>(null);
  readonly rows = signal<Row[]>([]);
  readonly filter = signal<Filter>(FILTER_NONE);
  readonly series = signal<Figures[]>([]);
  readonly alerts = signal<AlertLine[]>([]);
  readonly shops = signal<Shops["shops"]>([]);
  readonly terminals = signal<Terminals["terminals"]>([]);
  readonly sessions = signal<SessionLine[] | null>(null);
  /** Rows that came while the tail was paused; null while it runs. */
  readonly paused = signal<Row[] | null>(null);
  /** How many events a slow console was spared since the last load. */
  readonly skipped = signal(0);
  /** The `before` of the next older page; null when the beginning is reached. */
  readonly older = signal<number | null>(null);
  readonly searching = signal(false);
  readonly failed = signal(false);
  /** Down to here the rows are complete, whatever is filtered by. */
  private complete: number | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  readonly filtered = computed(() =>
    this.rows.value.filter((row) => matches(row, this.filter.value)),
  );
  readonly figures = computed(() => this.series.value[this.series.value.length - 1] ?? null);

  constructor(private readonly api: Api) {}

  async load(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    try {
      const [town, events, alerts] = await Promise.all([
        this.api.get<TownInfo>("town"),
        this.api.get<Events>(`console/events?limit=${PAGE_EVENTS}`),
        this.api.get<Alerts>("console/alerts"),
        this.loadPlaces(),
      ]);
      batch(() => {
        this.town.value = town;
        this.alerts.value = alerts.alerts;
        this.complete = events.next;
        this.older.value = this.startOfSearch();
        this.skipped.value = 0;
        this.failed.value = false;
        this.add(events.events);
      });
    } catch {
      this.failed.value = true;
      this.timer = setTimeout(() => void this.load(), LOAD_AGAIN_MS);
    }
  }

  async loadPlaces(): Promise<void> {
    const [shops, terminals] = await Promise.all([
      this.api.get<Shops>("console/shops"),
      this.api.get<Terminals>("console/terminals"),
    ]);
    batch(() => {
      this.shops.value = shops.shops;
      this.terminals.value = terminals.terminals;
    });
  }

  async loadSessions(): Promise<void> {
    try {
      this.sessions.value = (await this.api.get<Sessions>("console/sessions")).sessions;
    } catch {
      // The list stays as it was and is asked for again in a moment.
    }
  }

  events(events: readonly TownEvent[], skipped: number): void {
    batch(() => {
      this.skipped.value += skipped;
      this.add(events);
      const first = events[0];
      if (skipped > 0 && first) {
        // What was left out lies just below these: the search begins there.
        this.complete = first.number;
        this.older.value = this.startOfSearch();
      }
    });
  }

  figured(figures: Figures): void {
    this.series.value = collect(this.series.value, figures);
  }

  alerted(alert: Alert): void {
    const same = (line: AlertLine): boolean =>
      line.kind === alert.kind && line.payment === alert.payment && line.account === alert.account;
    const rest = this.alerts.value.filter((line) => !same(line));
    const { at, kind, text, account, payment } = alert;
    this.alerts.value = alert.active ? [{ at, kind, text, account, payment }, ...rest] : rest;
  }

  pause(): void {
    this.paused.value = [];
  }

  run(): void {
    const waiting = this.paused.value ?? [];
    batch(() => {
      this.paused.value = null;
      this.rows.value = mergeRows(waiting, this.rows.value);
    });
  }

  /** Searches back: the next older page, asking the server for the kind and account filtered by. */
  async searchBack(): Promise<void> {
    if (this.older.value === null || this.searching.value) return;
    this.searching.value = true;
    const { kind } = this.filter.value;
    const account = accountOf(this.filter.value);
    const query = new URLSearchParams({
      before: String(this.older.value),
      limit: String(PAGE_EVENTS),
      ...(kind ? { kind } : {}),
      ...(account === null ? {} : { account: String(account) }),
    });
    try {
      const page = await this.api.get<Events>(`console/events?${query}`);
      batch(() => {
        this.rows.value = gather(this.rows.value, page.events, SEARCH_ROWS_MAX);
        this.older.value = page.next;
        if (!isServers(this.filter.value)) this.complete = page.next;
      });
    } catch {
      // The button stays, to be pressed again.
    } finally {
      this.searching.value = false;
    }
  }

  /** Where the server filters, what it finds may lie between rows on screen: the search starts anew. */
  choose(change: Partial<Filter>): void {
    const before = this.filter.value;
    const after = { ...before, ...change };
    batch(() => {
      this.filter.value = after;
      if (before.kind !== after.kind || accountOf(before) !== accountOf(after)) {
        this.older.value = this.startOfSearch();
      }
    });
  }

  private startOfSearch(): number | null {
    const newest = this.rows.value[0];
    return isServers(this.filter.value) && newest ? newest.number + 1 : this.complete;
  }

  private add(events: readonly (TownEvent | EventLine)[]): void {
    const most = Math.max(ROWS_MAX, this.rows.value.length);
    if (this.paused.value) this.paused.value = gather(this.paused.value, events, SEARCH_ROWS_MAX);
    else this.rows.value = gather(this.rows.value, events, most);
  }
}

/** The account whose feed the server is asked for. */
function accountOf({ account, shop }: Filter): number | null {
  return account ?? shop;
}

/** Whether the server does a part of the filtering. */
function isServers(filter: Filter): boolean {
  return filter.kind !== "" || accountOf(filter) !== null;
}

/** Two folds of events as one. */
function mergeRows(newer: readonly Row[], older: readonly Row[]): Row[] {
  const events = newer.flatMap((row) =>
    row.accounts.map((account) => ({ ...row, account, seq: 0 })),
  );
  return gather(older, events, Math.max(ROWS_MAX, older.length));
}
