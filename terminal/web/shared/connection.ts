/**
 * One screen's websocket: it opens, signs in with a ticket, follows its feed, and comes back.
 *
 * The state is honest: `connected` only after `ready`; a line that says nothing for longer than two
 * heartbeats is treated as lost without waiting for the network to notice.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type End, endOf, waitBefore } from "./absence";
import { type AnswerTo, Commands, type NewCommand, type Pending } from "./commands";
import { Feed } from "./feed";
import { ApiFailure } from "./http";
import { Memory } from "./memory";
import {
  type Alert,
  type ClientMessage,
  type CommandError,
  type FeedEvent,
  type Figures,
  type Notice,
  type PlannedStop,
  type Ready,
  type Resume,
  type Role,
  type ServerMessage,
  type Shown,
  type Stage,
  SUBPROTOCOL,
  type TownEvents,
} from "./protocol";

export interface Link {
  /** `offline`: the device says it has no network, or nobody has answered for a while. */
  kind: "connecting" | "connected" | "reconnecting" | "offline" | "ended";
  since: number;
  reason?: End;
}

/** What a screen does with what comes. */
export interface Listener {
  /** Load the state over HTTP (first time, or after `resync`), then follow events on top of it. */
  load(ready: Ready): void;
  /** One event of the feed, in order, each once. */
  event(event: FeedEvent): void;
  /** Everything else that is said without being asked. */
  message?(message: TownEvents | Figures | Alert | Shown | Notice | CommandError): void;
}

export interface ConnectionOptions {
  town: string;
  role: Role;
  listener: Listener;
  /** Gets a ticket over HTTPS; throws `ApiFailure`. */
  ticket: () => Promise<string>;
  memory?: Memory;
  open?: (url: string, protocol: string) => WebSocket;
}

const READY_PATIENCE_MS = 10_000;
// So long without a line, and the screen says "offline" instead of "reconnecting".
const OFFLINE_AFTER_MS = 15_000;
// A heartbeat may overtake an event by a moment; past this the event counts as lost.
const GAP_PATIENCE_MS = 2_000;
const GAP_WAIT_MS = 250;

// A refused ticket is cured by a new one; one that is refused again and again is a fault.
const TICKETS_REFUSED_MAX = 3;

export class Connection {
  readonly commands: Commands;
  private readonly feed: Feed;
  private readonly linkSignal = signal<Link>({ kind: "connecting", since: Date.now() });
  private readonly readySignal = signal<Ready | null>(null);
  private readonly stopsSignal = signal<PlannedStop[]>([]);
  private socket: WebSocket | null = null;
  private started = false;
  private attempt = 0;
  private ticketsRefused = 0;
  private clockAhead_ms = 0;
  private ping_ms = 20_000;
  private waitHint_ms: number | null = null;
  private loaded = false;
  private round = 0; // Every attempt has its number; what belongs to an older one is ignored.
  private readonly timers: Record<string, ReturnType<typeof setTimeout>> = {};

  constructor(private readonly options: ConnectionOptions) {
    const memory = options.memory ?? new Memory(`${options.town}.${options.role}`);
    this.commands = new Commands(memory);
    this.feed = new Feed(memory);
  }

  get link(): ReadonlySignal<Link> {
    return this.linkSignal;
  }

  /** What the gateway said at the last sign-in. */
  get ready(): ReadonlySignal<Ready | null> {
    return this.readySignal;
  }

  /** The planned stops ahead, the next first; also while the line is down because of one. */
  get stops(): ReadonlySignal<PlannedStop[]> {
    return this.stopsSignal;
  }

  /** The gateway's clock, in milliseconds since the Unix epoch. */
  serverNow(): number {
    return Date.now() + this.clockAhead_ms;
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    window.addEventListener("online", this.onWake);
    window.addEventListener("offline", this.onOffline);
    document.addEventListener("visibilitychange", this.onWake);
    this.attempt = 0;
    this.linkSignal.value = { kind: "connecting", since: Date.now() };
    void this.connect();
  }

  stop(): void {
    this.started = false;
    window.removeEventListener("online", this.onWake);
    window.removeEventListener("offline", this.onOffline);
    document.removeEventListener("visibilitychange", this.onWake);
    this.drop();
  }

  send<T extends NewCommand>(command: T, label?: string): Pending<AnswerTo<T>> {
    return this.commands.send(command, label);
  }

  /** Everything up to `seq` has come this far on this screen. */
  acknowledge(seq: number, stage: Stage): void {
    this.feed.acknowledge(seq, stage);
  }

  private readonly onWake = (): void => {
    if (!this.started || document.hidden || this.socket || this.isEnded()) return;
    this.attempt = 0;
    void this.connect();
  };

  private readonly onOffline = (): void => {
    if (this.started && !this.isEnded()) this.lost();
  };

  private isEnded(): boolean {
    return this.linkSignal.value.kind === "ended";
  }

  private async connect(): Promise<void> {
    const round = ++this.round;
    this.clear("retry");
    this.set("patience", READY_PATIENCE_MS, () => this.lost());
    try {
      const ticket = await this.options.ticket();
      if (this.started && round === this.round) this.openWith(ticket);
    } catch (error) {
      if (!this.started || round !== this.round) return;
      const failure = error instanceof ApiFailure ? error : null;
      if (failure?.status === 401 || failure?.status === 403) this.end("signed_out");
      else this.lost(failure?.detail?.retry_after_ms ?? null);
    }
  }

  private openWith(ticket: string): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const url = `${scheme}://${location.host}/ws/${this.options.town}`;
    const socket = (this.options.open ?? ((to, as) => new WebSocket(to, as)))(url, SUBPROTOCOL);
    const asked = this.loaded || this.options.role !== "console" ? this.feed.resume : null;
    this.socket = socket;
    socket.onopen = () => {
      const auth: ClientMessage = asked
        ? { type: "auth", ticket, resume: asked }
        : { type: "auth", ticket };
      socket.send(JSON.stringify(auth));
    };
    socket.onmessage = (frame: MessageEvent<string>) => {
      if (socket !== this.socket) return;
      this.set("silence", this.ping_ms * 2.2, () => this.lost());
      this.receive(JSON.parse(frame.data) as ServerMessage, asked);
    };
    socket.onclose = (close: CloseEvent) => {
      if (socket === this.socket) this.closedBy(close.code);
    };
  }

  private receive(message: ServerMessage, asked: Resume | null): void {
    switch (message.type) {
      case "hello":
        this.clockAhead_ms = message.server_time - Date.now();
        return;
      case "ready":
        return this.signedIn(message, asked);
      case "ping":
        this.clockAhead_ms = message.server_time - Date.now();
        this.transmit({ type: "pong" });
        if (this.options.role !== "console") this.watchGap(message.seq);
        return;
      case "result":
        this.commands.answered(message);
        return;
      case "error":
        if (!this.commands.answered(message)) this.options.listener.message?.(message);
        return;
      case "event":
        return this.follow(message);
      case "planned_stop":
        return this.announced(message);
      case "notice":
        if (message.kind === "draining") this.waitHint_ms = message.retry_after_ms;
        this.options.listener.message?.(message);
        return;
      default:
        this.options.listener.message?.(message);
    }
  }

  private signedIn(ready: Ready, asked: Resume | null): void {
    this.clear("patience");
    this.clockAhead_ms = ready.server_time - Date.now();
    this.ping_ms = ready.ping_interval_ms;
    this.attempt = 0;
    this.ticketsRefused = 0;
    this.waitHint_ms = null;
    const transmit = (message: ClientMessage): void => this.transmit(message);
    const mustLoad = this.feed.begin(ready, asked, transmit) || !this.loaded;
    this.loaded = true;
    this.readySignal.value = ready;
    this.stopsSignal.value = []; // Those that there still are are told right behind.
    this.linkSignal.value = { kind: "connected", since: Date.now() };
    if (mustLoad) this.options.listener.load(ready);
    this.commands.opened(transmit);
  }

  private announced(stop: PlannedStop): void {
    const others = this.stopsSignal.value.filter((other) => other.stop !== stop.stop);
    this.stopsSignal.value = (stop.phase === "over" ? others : [...others, stop]).sort(
      (one, other) => one.from_at - other.from_at,
    );
  }

  private follow(event: FeedEvent): void {
    const place = this.feed.accept(event);
    if (place === "new") this.options.listener.event(event);
    else if (place === "gap") this.lost(GAP_WAIT_MS);
  }

  private watchGap(seq: number): void {
    if (this.feed.isBehind(seq)) {
      this.set("gap", GAP_PATIENCE_MS, () => {
        if (this.feed.isBehind(seq)) this.lost(GAP_WAIT_MS);
      });
    }
  }

  private transmit(message: ClientMessage): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private closedBy(code: number): void {
    const end = endOf(code);
    if (end) return this.end(end);
    if (code === 4101 && ++this.ticketsRefused >= TICKETS_REFUSED_MAX) return this.end("fault");
    this.lost();
  }

  /** The line is gone; come back after a jittered while, or after what the gateway asked for. */
  private lost(wait_ms: number | null = null): void {
    this.drop();
    if (!this.started) return;
    const link = this.linkSignal.value;
    const was = link.kind === "connected" || link.kind === "ended" ? Date.now() : link.since;
    this.tellAbsence(was);
    const delay_ms = waitBefore(this.attempt++, wait_ms ?? this.waitHint_ms);
    this.waitHint_ms = null;
    this.set("retry", delay_ms, () => void this.connect());
  }

  private tellAbsence(since: number): void {
    const absent_ms = Date.now() - since;
    const offline = !navigator.onLine || absent_ms >= OFFLINE_AFTER_MS;
    const first = !this.loaded && !offline;
    this.linkSignal.value = {
      kind: offline ? "offline" : first ? "connecting" : "reconnecting",
      since,
    };
    if (!offline) {
      this.set("absence", OFFLINE_AFTER_MS - absent_ms, () => {
        if (this.linkSignal.value.kind !== "connected" && !this.isEnded()) this.tellAbsence(since);
      });
    }
  }

  private end(reason: End): void {
    this.drop();
    this.started = false;
    this.linkSignal.value = { kind: "ended", since: Date.now(), reason };
  }

  /** Lets go of the socket, without waiting for the network to agree. */
  private drop(): void {
    this.round++;
    for (const name of Object.keys(this.timers)) this.clear(name);
    this.feed.closed();
    this.commands.closed();
    const socket = this.socket;
    this.socket = null;
    if (socket && socket.readyState <= 1) socket.close(1000);
  }

  private set(name: string, wait_ms: number, act: () => void): void {
    this.clear(name);
    this.timers[name] = setTimeout(act, wait_ms);
  }

  private clear(name: string): void {
    clearTimeout(this.timers[name]);
    delete this.timers[name];
  }
}
