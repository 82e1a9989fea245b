"""The generator's screens: wallets and tablets on raw websockets, and the payments under way.

The gateway encodes a message's fields in the order of its struct, so the type, the ``seq`` and the
first ``id`` stand where slices find them. Whatever does not look so is decoded properly.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

from msgspec import Struct
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from gateway.protocol import messages
from gateway.protocol.messages import (
    SUBPROTOCOL,
    Ack,
    Auth,
    Error,
    Event,
    Hello,
    Ping,
    Pong,
    Ready,
    Result,
    Role,
    Stage,
)
from gateway.protocol.reading import decode_server

# Real screens say "shown" at most this often, for everything that came meanwhile.
ACK_EVERY_S = 0.05
CONNECT_TIMEOUT_S = 30

_RESULT = b'{"type":"result","id":"'
_EVENT = b'{"type":"event","seq":'
_ID = b'"id":"'
_PONG = messages.encode(Pong())


class Seat(Struct, frozen=True):
    """Who is to be connected: a wallet's or a shop's account, and the ticket that lets it in."""

    role: Role
    account: int
    ticket: str


class Payment:
    """A payment under way: when it was meant to be sent, and what has come of it."""

    __slots__ = ("frame", "id", "intended_s", "paid", "payer", "told")

    def __init__(self, payment_id: bytes, payer: "Screen", frame: bytes) -> None:
        self.id = payment_id
        self.payer = payer
        self.frame = frame
        self.intended_s = 0.0
        self.paid = False  # The payer has its result.
        self.told = False  # The shop has its event.


class Fleet:
    """All screens of a generator, and the payments between them."""

    def __init__(self) -> None:
        self.wallets: list[Screen] = []
        self.tablets: list[Screen] = []
        self.under_way: dict[bytes, Payment] = {}
        self.ended: list[tuple[float, float]] = []  # (moment of the end, latency), seconds.
        self.outcomes: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.gaps = 0
        self.repeats = 0
        self.acks = 0
        self.leaving = False
        self.on_end: Callable[[], None] = lambda: None
        self._unshown: deque[tuple[float, Screen]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def connect(self, url: str, origin: str, seats: list[Seat], at_once: int) -> None:
        """Brings every seat to ``ready``; any refusal ends the run with its reason."""
        gate = asyncio.Semaphore(at_once)

        async def one(seat: Seat) -> None:
            async with gate:
                screen = Screen(self, seat)
                await ws_connect(
                    lambda: screen,
                    url,
                    extra_headers={"Origin": origin, "Sec-WebSocket-Protocol": SUBPROTOCOL},
                    websocket_handshake_timeout=CONNECT_TIMEOUT_S,
                    read_buffer_init_size=2048,
                )
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    await screen.ready
                (self.wallets if seat.role is Role.WALLET else self.tablets).append(screen)

        async with asyncio.TaskGroup() as group:
            for seat in seats:
                group.create_task(one(seat))
        if self._timer is None:
            self._show()

    async def leave(self) -> None:
        """Closes every connection."""
        self.leaving = True
        if self._timer is not None:
            self._timer.cancel()
        for screen in self.wallets + self.tablets:
            screen.transport.send_close()
            screen.transport.disconnect()
        await asyncio.sleep(0)

    def send(self, payment: Payment, intended_s: float) -> None:
        payment.intended_s = intended_s
        self.under_way[payment.id] = payment
        payment.payer.transport.send(WSMsgType.TEXT, payment.frame)

    def paid(self, payment_id: bytes) -> None:
        payment = self.under_way.get(payment_id)
        if payment is None or payment.paid:
            self.repeats += 1
            return
        payment.paid = True
        if payment.told:
            self._end(payment, "done")

    def told(self, payment_id: bytes) -> None:
        payment = self.under_way.get(payment_id)
        if payment is None or payment.told:
            self.repeats += 1
            return
        payment.told = True
        if payment.paid:
            self._end(payment, "done")

    def refused(self, error: Error) -> None:
        payment = self.under_way.get(str(error.id).encode())
        if payment is None:
            self.outcomes[f"error without a payment: {error.code}"] += 1
        else:
            self._end(payment, error.code)

    async def settled(self, timeout_s: float) -> None:
        """Waits for what is under way; what stays so counts as unanswered."""
        quiet = asyncio.Event()

        def look() -> None:
            if not self.under_way:
                quiet.set()

        self.on_end = look
        look()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await quiet.wait()
        for payment in self.under_way.values():
            missing = "result" if not payment.paid else "event"
            self.outcomes[f"unanswered ({missing} missing)"] += 1
        self.under_way.clear()

    def _end(self, payment: Payment, outcome: str) -> None:
        now_s = perf_counter()
        del self.under_way[payment.id]
        self.outcomes[outcome] += 1
        if outcome == "done":
            self.ended.append((now_s, now_s - payment.intended_s))
        self.on_end()

    def showing(self, screen: "Screen") -> None:
        """The screen has something new on it; it will say so within `ACK_EVERY_S`."""
        self._unshown.append((perf_counter() + ACK_EVERY_S, screen))

    def _show(self) -> None:
        now_s = perf_counter()
        while self._unshown and self._unshown[0][0] <= now_s:
            _, screen = self._unshown.popleft()
            screen.ack()
            self.acks += 1
        self._timer = asyncio.get_running_loop().call_later(0.005, self._show)


class Screen(WSListener):
    """One websocket."""

    def __init__(self, fleet: Fleet, seat: Seat) -> None:
        self.fleet = fleet
        self.seat = seat
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: WSTransport
        self.seq = 0
        self.shown = 0
        self.paid = 0  # Payments sent so far: makes every amount of a wallet different.
        self._tablet = seat.role is Role.TERMINAL

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        del transport
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("closed before it was ready"))
        elif not self.fleet.leaving:
            self.fleet.closed["torn"] += 1

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            code = frame.get_close_code()
            if not self.ready.done():
                reason = frame.get_close_message() or b""
                self.ready.set_exception(ConnectionError(f"closed with {code}: {reason.decode()}"))
            else:
                self.fleet.closed[str(code)] += 1
            transport.send_close(code)
            transport.disconnect()
            return
        data = frame.get_payload_as_bytes()
        if data.startswith(_EVENT):
            comma = data.index(b",", 22)
            self._event(int(data[22:comma]), data, comma)
        elif data.startswith(_RESULT):
            self.fleet.paid(data[23:59])
        else:
            self._decoded(data)

    def _event(self, seq: int, data: bytes, start: int) -> None:
        if seq != self.seq + 1:
            if seq <= self.seq:
                self.fleet.repeats += 1
                return
            self.fleet.gaps += 1
        if self.seq == self.shown:
            self.fleet.showing(self)
        self.seq = seq
        if self._tablet:
            at = data.index(_ID, start) + 6
            self.fleet.told(data[at : at + 36])

    def _decoded(self, data: bytes) -> None:
        match decode_server(data):
            case Ping():
                self.transport.send(WSMsgType.TEXT, _PONG)
            case Error() as error:
                self.fleet.refused(error)
            case Hello():
                self.transport.send(WSMsgType.TEXT, messages.encode(Auth(self.seat.ticket)))
            case Ready() as ready:
                self.seq = self.shown = ready.seq
                self.ready.set_result(None)
            case Result() as result:
                self.fleet.paid(str(result.id).encode())
            case Event() as event:
                self._event(event.seq, bytes(event.body), 0)
            case _:
                pass  # Shown, notices: nothing to do for this generator.

    def ack(self) -> None:
        self.shown = self.seq
        self.transport.send(WSMsgType.TEXT, messages.encode(Ack(self.seq, Stage.SHOWN)))
