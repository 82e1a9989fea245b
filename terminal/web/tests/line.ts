/** A socket whose other end is the test: what the screen sent, and what the gateway says. */
import type { ClientMessage, Ready, Receipt, ServerMessage } from "../shared/protocol";

export class FakeSocket {
  static open: FakeSocket[] = [];
  readyState = 0;
  sent: ClientMessage[] = [];
  closedWith: number | null = null;
  onopen: (() => void) | null = null;
  onmessage: ((frame: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.open.push(this);
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.open[FakeSocket.open.length - 1];
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }

  close(code: number): void {
    this.readyState = 3;
    this.closedWith = code;
  }

  // -- the gateway's side

  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  accept(ready: Partial<Ready> = {}): void {
    this.readyState = 1;
    this.onopen?.();
    this.say({ type: "hello", protocol: "koban.v1", server_time: Date.now() });
    this.say(readyOf(ready));
  }

  /** The network cuts the line, or the gateway closes it. */
  cut(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  /** Everything of one kind that the screen has sent. */
  of<T extends ClientMessage["type"]>(type: T): Extract<ClientMessage, { type: T }>[] {
    return this.sent.filter((message) => message.type === type) as Extract<
      ClientMessage,
      { type: T }
    >[];
  }
}

export function readyOf(ready: Partial<Ready> = {}): Ready {
  return {
    type: "ready",
    session: "s",
    role: "wallet",
    town: "nagaoka",
    account: 1,
    name: "",
    server_time: Date.now(),
    ping_interval_ms: 20_000,
    limits: { frame_bytes_max: 4096, commands_per_s: 20 },
    epoch: 1,
    seq: 0,
    resync: false,
    ...ready,
  };
}

export function receiptOf(id: string, receipt: Partial<Receipt> = {}): Receipt {
  return { id, kind: "payment", outcome: "done", at: Date.now(), amount: 450, ...receipt };
}

/** Lets promises that are already settled run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
