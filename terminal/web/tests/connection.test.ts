// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, NOT_FOUND_SETTLES_MS, RESEND_WITHIN_MS } from "../shared/commands";
import { Connection, type Listener } from "../shared/connection";
import { ApiFailure } from "../shared/http";
import { eventKey, Memory, Once, PageStore } from "../shared/memory";
import type { FeedEvent, Receipt } from "../shared/protocol";
import { FakeSocket, receiptOf, settle } from "./line";

const PAY = { type: "pay", shop: 7, amount: 450, pin: "1234" } as const;

let place: PageStore;
let listener: Listener & { events: FeedEvent[]; loads: number };
let tickets: number;
let ticket: () => Promise<string>;

function connect(): Connection {
  const connection = new Connection({
    town: "nagaoka",
    role: "wallet",
    listener,
    memory: new Memory("test", place),
    ticket: () => ticket(),
    open: (url, protocol) => new FakeSocket(url, protocol) as unknown as WebSocket,
  });
  connection.start();
  return connection;
}

async function connected(): Promise<Connection> {
  const connection = connect();
  await settle();
  FakeSocket.last.accept();
  return connection;
}

/** The line is cut, and the screen is back on a new one. */
async function comeBack(): Promise<FakeSocket> {
  FakeSocket.last.cut();
  await vi.advanceTimersByTimeAsync(1_000);
  FakeSocket.last.accept();
  return FakeSocket.last;
}

function eventOf(seq: number): FeedEvent {
  return { type: "event", seq, kind: "payment", sound: "paid", body: receiptOf(`p${seq}`) };
}

/** What a promise has become, without waiting for it. */
async function now<T>(promise: Promise<T>): Promise<T | "open"> {
  await settle();
  return Promise.race([promise, Promise.resolve("open" as const)]);
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  FakeSocket.open = [];
  place = new PageStore();
  tickets = 0;
  ticket = async () => `ticket-${++tickets}-0123456789`;
  const events: FeedEvent[] = [];
  listener = {
    events,
    loads: 0,
    load() {
      this.loads++;
    },
    event: (event) => void events.push(event),
  };
});

afterEach(() => {
  vi.useRealTimers();
});

describe("signing in", () => {
  it("opens the town's socket with the versioned subprotocol and a ticket as the first frame", async () => {
    const connection = connect();
    await settle();
    expect(FakeSocket.last.url).toMatch(/^wss?:\/\/[^/]+\/ws\/nagaoka$/);
    expect(FakeSocket.last.protocol).toBe("koban.v1");
    expect(connection.link.value.kind).toBe("connecting");
    FakeSocket.last.accept();
    expect(FakeSocket.last.sent[0]).toEqual({ type: "auth", ticket: "ticket-1-0123456789" });
    expect(connection.link.value.kind).toBe("connected");
    expect(listener.loads).toBe(1);
  });

  it("uses a new ticket for every attempt", async () => {
    await connected();
    const again = await comeBack();
    expect(again.of("auth")[0]?.ticket).toBe("ticket-2-0123456789");
  });

  it("stays away when nobody is signed in", async () => {
    ticket = () => Promise.reject(new ApiFailure("signed_out", 401, null));
    const connection = connect();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connection.link.value).toMatchObject({ kind: "ended", reason: "signed_out" });
    expect(FakeSocket.open).toHaveLength(0);
  });

  it("keeps trying, ever less often, while nobody answers, and says so", async () => {
    ticket = async () => {
      tickets++;
      throw new ApiFailure("network", 0, null);
    };
    const connection = connect();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(connection.link.value.kind).toBe("offline");
    const early = tickets;
    expect(early).toBeGreaterThan(4);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(tickets - early).toBeLessThan(4);
  });
});

describe("the line", () => {
  it("answers a heartbeat", async () => {
    await connected();
    FakeSocket.last.say({ type: "ping", seq: 0, server_time: Date.now() });
    expect(FakeSocket.last.of("pong")).toHaveLength(1);
  });

  it("treats a silent line as lost and names since when", async () => {
    const connection = await connected();
    const socket = FakeSocket.last;
    await vi.advanceTimersByTimeAsync(44_500);
    expect(socket.closedWith).toBe(1000);
    expect(connection.link.value.kind).toBe("reconnecting");
    expect(connection.link.value.since).toBeGreaterThanOrEqual(1_800_000_044_000);
  });

  it.each([4100, 4102, 4103, 4104, 4105, 4106, 4107, 4109])(
    "does not come back by itself after %i",
    async (code) => {
      const connection = await connected();
      FakeSocket.last.cut(code);
      await vi.advanceTimersByTimeAsync(120_000);
      expect(connection.link.value.kind).toBe("ended");
      expect(FakeSocket.open).toHaveLength(1);
    },
  );

  it.each([1006, 1012, 4000, 4001, 4002, 4003, 4004])("comes back after %i", async (code) => {
    const connection = await connected();
    FakeSocket.last.cut(code);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    expect(FakeSocket.open).toHaveLength(2);
    expect(connection.link.value.kind).toBe("connected");
  });

  it("gets a new ticket when one is refused, but not for ever", async () => {
    const connection = connect();
    for (let attempt = 1; attempt <= 3; attempt++) {
      await vi.advanceTimersByTimeAsync(5_000);
      expect(FakeSocket.open).toHaveLength(attempt);
      FakeSocket.last.cut(4101);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connection.link.value).toMatchObject({ kind: "ended", reason: "fault" });
  });

  it("comes back on request after another screen took over", async () => {
    const connection = await connected();
    FakeSocket.last.cut(4100);
    connection.start();
    await settle();
    FakeSocket.last.accept();
    expect(connection.link.value.kind).toBe("connected");
  });

  it("keeps the planned stops in their order until they are over or told anew", async () => {
    const connection = await connected();
    const say = (stop: number, from_at: number, phase = "planned"): void =>
      FakeSocket.last.say({
        type: "planned_stop",
        stop,
        phase,
        from_at,
        until_at: from_at + 1,
        words: { ja: "点検" },
      });
    const known = (): [number, string][] =>
      connection.stops.value.map((stop) => [stop.stop, stop.phase]);
    say(1, 20);
    say(2, 10);
    say(1, 20, "soon");
    expect(known()).toEqual([
      [2, "planned"],
      [1, "soon"],
    ]);
    say(2, 10, "over");
    expect(known()).toEqual([[1, "soon"]]);
    FakeSocket.last.cut();
    expect(known()).toEqual([[1, "soon"]]);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    expect(known()).toEqual([]);
  });

  it("waits as long as a draining gateway asks for", async () => {
    await connected();
    FakeSocket.last.say({ type: "notice", kind: "draining", text: "", retry_after_ms: 8_000 });
    FakeSocket.last.cut(1012);
    await vi.advanceTimersByTimeAsync(5_900);
    expect(FakeSocket.open).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(4_200);
    expect(FakeSocket.open).toHaveLength(2);
  });
});

describe("the feed", () => {
  it("hands on each event once and acknowledges many in one frame", async () => {
    await connected();
    for (const seq of [1, 2, 2, 3, 1]) FakeSocket.last.say(eventOf(seq));
    expect(listener.events.map((event) => event.seq)).toEqual([1, 2, 3]);
    await vi.advanceTimersByTimeAsync(60);
    expect(FakeSocket.last.of("ack")).toEqual([{ type: "ack", seq: 3, stage: "received" }]);
  });

  it("resumes behind the last event", async () => {
    await connected();
    FakeSocket.last.say(eventOf(1));
    FakeSocket.last.say(eventOf(2));
    const again = await comeBack();
    expect(again.of("auth")[0]?.resume).toEqual({ epoch: 1, seq: 2 });
    expect(listener.loads).toBe(1);
    again.say(eventOf(3));
    expect(listener.events.map((event) => event.seq)).toEqual([1, 2, 3]);
  });

  it("after a reload resumes behind the last event that was seen, not merely received", async () => {
    const connection = await connected();
    FakeSocket.last.say(eventOf(1));
    FakeSocket.last.say(eventOf(2));
    connection.acknowledge(1, "shown");
    connection.stop();
    connect();
    await settle();
    FakeSocket.last.accept();
    expect(FakeSocket.last.of("auth")[0]?.resume).toEqual({ epoch: 1, seq: 1 });
    FakeSocket.last.say(eventOf(2));
    expect(listener.events.map((event) => event.seq)).toEqual([1, 2, 2]);
  });

  it("says that what it loaded is shown, and no sooner than the screen says so", async () => {
    const connection = connect();
    await settle();
    FakeSocket.last.accept({ seq: 40 });
    await vi.advanceTimersByTimeAsync(60);
    expect(FakeSocket.last.of("ack")).toEqual([]);
    connection.acknowledge(40, "shown");
    await vi.advanceTimersByTimeAsync(60);
    expect(FakeSocket.last.of("ack")).toEqual([{ type: "ack", seq: 40, stage: "shown" }]);
  });

  it("loads its state anew when the gateway can't resume completely", async () => {
    await connected();
    FakeSocket.last.say(eventOf(1));
    FakeSocket.last.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept({ seq: 900, resync: true });
    expect(listener.loads).toBe(2);
    FakeSocket.last.say(eventOf(901));
    expect(listener.events.map((event) => event.seq)).toEqual([1, 901]);
  });

  it("begins anew when somebody else has signed in on the same device", async () => {
    const connection = await connected();
    FakeSocket.last.say(eventOf(1));
    connection.acknowledge(1, "shown");
    connection.stop();
    connect();
    await settle();
    FakeSocket.last.accept({ account: 2, seq: 1 });
    FakeSocket.last.say(eventOf(2));
    expect(listener.loads).toBe(2);
    expect(listener.events.map((event) => event.seq)).toEqual([1, 2]);
  });

  it("loads its state anew in another epoch", async () => {
    await connected();
    FakeSocket.last.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept({ epoch: 2, seq: 3 });
    expect(listener.loads).toBe(2);
  });

  it("asks again from its place when an event is missing", async () => {
    await connected();
    FakeSocket.last.say(eventOf(1));
    FakeSocket.last.say(eventOf(3));
    expect(listener.events.map((event) => event.seq)).toEqual([1]);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    expect(FakeSocket.last.of("auth")[0]?.resume).toEqual({ epoch: 1, seq: 1 });
  });

  it("notices by a heartbeat that the last event was lost", async () => {
    await connected();
    FakeSocket.last.say({ type: "ping", seq: 1, server_time: Date.now() });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(FakeSocket.open).toHaveLength(2);
  });

  it("stays when the event only came after the heartbeat that counted it", async () => {
    await connected();
    FakeSocket.last.say({ type: "ping", seq: 1, server_time: Date.now() });
    FakeSocket.last.say(eventOf(1));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(FakeSocket.open).toHaveLength(1);
  });

  it("says again after a cut what it had shown, because the word may be lost", async () => {
    const connection = await connected();
    FakeSocket.last.say(eventOf(1));
    connection.acknowledge(1, "shown");
    await vi.advanceTimersByTimeAsync(60);
    const again = await comeBack();
    await vi.advanceTimersByTimeAsync(60);
    expect(again.of("ack")).toContainEqual({ type: "ack", seq: 1, stage: "shown" });
  });
});

describe("a money command", () => {
  it("is kept, without the PIN, until it is answered", async () => {
    const connection = await connected();
    const pending = connection.send(PAY, "まるや");
    const stored = place.getItem(`koban.test.command.${pending.id}`) ?? "";
    expect(JSON.parse(stored)).toMatchObject({ id: pending.id, amount: 450, label: "まるや" });
    expect(stored).not.toContain("1234");
    FakeSocket.last.say({ type: "result", id: pending.id, result: receiptOf(pending.id) });
    expect(await now(pending.answer)).toMatchObject({ ok: true });
    expect(place.getItem(`koban.test.command.${pending.id}`)).toBeNull();
  });

  it("hands on a refusal with its detail", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    const detail = receiptOf(pending.id, { outcome: "insufficient_funds", available: 3 });
    FakeSocket.last.say({
      type: "error",
      code: "insufficient_funds",
      retry: "never",
      id: pending.id,
      detail,
    });
    expect(await now(pending.answer)).toMatchObject({ ok: false, error: { detail } });
  });

  it("whose answer was lost is asked about, not sent again", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    expect(pending.phase.value).toBe("waiting");
    FakeSocket.last.cut();
    expect(pending.phase.value).toBe("checking");
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    const [question] = FakeSocket.last.of("status");
    expect(question?.payment).toBe(pending.id);
    expect(FakeSocket.last.of("pay")).toHaveLength(0);
    const receipt = receiptOf(pending.id);
    FakeSocket.last.say({
      type: "result",
      id: question?.id ?? "",
      result: { payment: pending.id, state: "processed", receipt },
    });
    expect(await now(pending.answer)).toEqual({ ok: true, result: receipt });
  });

  it("that never arrived is sent again under the same id", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    FakeSocket.last.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    tellState(FakeSocket.last, pending.id, "not_found");
    expect(FakeSocket.last.of("pay")).toEqual([{ ...PAY, id: pending.id }]);
    expect(await now(pending.answer)).toBe("open");
  });

  it("that is in progress is asked about again", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    FakeSocket.last.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.accept();
    tellState(FakeSocket.last, pending.id, "in_progress");
    await vi.advanceTimersByTimeAsync(1_100);
    expect(FakeSocket.last.of("status")).toHaveLength(2);
    expect(await now(pending.answer)).toBe("open");
  });

  it("is asked about when the line is up but the answer does not come", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    await vi.advanceTimersByTimeAsync(5_100);
    expect(FakeSocket.last.of("status")[0]?.payment).toBe(pending.id);
    expect(pending.phase.value).toBe("checking");
  });

  it("is never called failed while its outcome is unknown", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    FakeSocket.last.cut();
    ticket = () => Promise.reject(new ApiFailure("network", 0, null));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await now(pending.answer)).toBe("open");
    expect(pending.phase.value).toBe("checking");
  });

  it("is not sent any more once a person has given up waiting", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    FakeSocket.last.cut();
    ticket = () => Promise.reject(new ApiFailure("network", 0, null));
    await vi.advanceTimersByTimeAsync(RESEND_WITHIN_MS + 1_000);
    ticket = async () => "ticket-late-0123456789";
    await vi.advanceTimersByTimeAsync(11_000);
    FakeSocket.last.accept();
    tellState(FakeSocket.last, pending.id, "not_found");
    expect(FakeSocket.last.of("pay")).toHaveLength(0);
    expect(await now(pending.answer)).toMatchObject({ ok: false, error: { code: "not_sent" } });
  });

  it("given without a line has certainly not happened when the time is over", async () => {
    const connection = connect();
    ticket = () => Promise.reject(new ApiFailure("network", 0, null));
    const pending = connection.send(PAY);
    expect(pending.phase.value).toBe("unsent");
    await vi.advanceTimersByTimeAsync(RESEND_WITHIN_MS + 100);
    expect(await now(pending.answer)).toMatchObject({ ok: false, error: { code: "not_sent" } });
  });

  it("given without a line goes out, once, when the line is up", async () => {
    const connection = connect();
    const pending = connection.send(PAY);
    await settle();
    FakeSocket.last.accept();
    expect(FakeSocket.last.of("pay")).toEqual([{ ...PAY, id: pending.id }]);
  });

  it("that the gateway could not decide is sent again under the same id", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    FakeSocket.last.say({
      type: "error",
      code: "busy",
      retry: "same_id",
      id: pending.id,
      retry_after_ms: 500,
    });
    await vi.advanceTimersByTimeAsync(600);
    expect(FakeSocket.last.of("pay").map((pay) => pay.id)).toEqual([pending.id, pending.id]);
    expect(await now(pending.answer)).toBe("open");
  });

  it("that could not be decided for long is asked about, because a commit may have been lost", async () => {
    const connection = await connected();
    const pending = connection.send(PAY);
    for (let waited_ms = 0; waited_ms <= RESEND_WITHIN_MS; waited_ms += 2_000) {
      FakeSocket.last.say({
        type: "error",
        code: "unavailable",
        retry: "same_id",
        id: pending.id,
        retry_after_ms: 2_000,
      });
      await vi.advanceTimersByTimeAsync(2_000);
    }
    expect(await now(pending.answer)).toBe("open");
    expect(FakeSocket.last.of("status").length).toBeGreaterThan(0);
  });
});

describe("a command from before a reload", () => {
  async function reloaded(): Promise<{ id: string; connection: Connection }> {
    const before = await connected();
    const { id } = before.send(PAY, "まるや");
    before.stop();
    const connection = connect();
    await settle();
    return { id, connection };
  }

  it("is known, asked about, and told when it was paid", async () => {
    const { id, connection } = await reloaded();
    const [recovered] = connection.commands.recovered;
    expect(recovered?.kept).toMatchObject({ id, label: "まるや", amount: 450 });
    FakeSocket.last.accept();
    tellState(FakeSocket.last, id, "processed", receiptOf(id));
    expect(await now(recovered?.answer as Promise<Answer<Receipt>>)).toMatchObject({ ok: true });
    expect(place.getItem(`koban.test.command.${id}`)).toBeNull();
  });

  it("is believed not to have happened only after the last frame must have arrived", async () => {
    const { id, connection } = await reloaded();
    const [recovered] = connection.commands.recovered;
    FakeSocket.last.accept();
    tellState(FakeSocket.last, id, "not_found");
    expect(await now(recovered?.answer as Promise<Answer<Receipt>>)).toBe("open");
    await vi.advanceTimersByTimeAsync(NOT_FOUND_SETTLES_MS);
    tellState(FakeSocket.last, id, "not_found");
    expect(FakeSocket.last.of("pay")).toHaveLength(0);
    expect(await now(recovered?.answer as Promise<Answer<Receipt>>)).toMatchObject({
      ok: false,
      error: { code: "not_sent" },
    });
  });

  it("that was refused is told as refused", async () => {
    const { id, connection } = await reloaded();
    const [recovered] = connection.commands.recovered;
    FakeSocket.last.accept();
    tellState(FakeSocket.last, id, "processed", receiptOf(id, { outcome: "code_used" }));
    expect(await now(recovered?.answer as Promise<Answer<Receipt>>)).toMatchObject({
      ok: false,
      error: { code: "code_used", retry: "never" },
    });
  });
});

describe("a question", () => {
  it("is asked again after a cut, and given up when nobody answers", async () => {
    const connection = await connected();
    const pending = connection.send({ type: "read_code", code: "8201493827165043" });
    const again = await comeBack();
    expect(again.of("read_code").map((read) => read.id)).toEqual([pending.id]);
    await vi.advanceTimersByTimeAsync(RESEND_WITHIN_MS + 6_000);
    expect(await now(pending.answer)).toMatchObject({ ok: false, error: { code: "no_answer" } });
  });
});

describe("once", () => {
  it("plays a sound once per receipt and kind, also after a reload", () => {
    const memory = new Memory("test", place);
    const key = eventKey("payment", receiptOf("p1"));
    expect(new Once(memory).first(key)).toBe(true);
    expect(new Once(memory).first(key)).toBe(false);
    expect(new Once(memory).first(eventKey("reversal", receiptOf("p1")))).toBe(true);
  });

  it("remembers enough and forgets the oldest", () => {
    const once = new Once(new Memory("test", place));
    for (let number = 0; number < 600; number++) once.first(`payment:${number}`);
    expect(once.first("payment:599")).toBe(false);
    expect(once.first("payment:0")).toBe(true);
  });
});

/** The gateway answers the last `status` question. */
function tellState(
  socket: FakeSocket,
  payment: string,
  state: "processed" | "in_progress" | "not_found",
  receipt: Receipt | null = null,
): void {
  const questions = socket.of("status").filter((status) => status.payment === payment);
  const id = questions[questions.length - 1]?.id ?? "";
  socket.say({ type: "result", id, result: { payment, state, receipt } });
}
