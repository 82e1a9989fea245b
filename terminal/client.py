"""A screen without a face: the websocket protocol from the other side, for tests and programs.

It behaves as a good screen does. It takes a ticket for every connection, keeps its place in the
feed (epoch and seq), comes back by itself after a lost connection, resumes, and sends the commands
it has no answer for again, under the same ids. Events are handed out once each and in order; what
came twice is dropped and counted, and a gap closes the connection so that resuming fills it.

    async with Client("http://127.0.0.1:8000", "nagaoka", Role.WALLET, token) as wallet:
        reply = await wallet.command(Pay(id=new_id(), shop=12, amount=500, pin="1234"))
        event = await wallet.next_push(Event)
        await wallet.ack(event.seq, Stage.SHOWN)

One event loop, one task for reading; methods may be called from any task of that loop.
"""

import asyncio
import random
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Self, TypeVar, cast
from uuid import UUID

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
from websockets.typing import Origin, Subprotocol

from gateway.protocol import messages
from gateway.protocol.ids import new_id
from gateway.protocol.messages import (
    SUBPROTOCOL,
    Ack,
    Alert,
    Auth,
    Charge,
    Confirm,
    Error,
    Event,
    Figures,
    Hello,
    Notice,
    Pay,
    Ping,
    Pong,
    ReadCode,
    Ready,
    Receipt,
    Result,
    Resume,
    Retry,
    Reverse,
    Role,
    ServerMessage,
    ShowCode,
    Shown,
    Stage,
    State,
    Status,
    StatusAnswer,
    TopUp,
    TownEvents,
)
from gateway.protocol.reading import decode_server
from terminal.errors import ClientError, ConnectionLost, TicketRefused, Unanswered

# Close codes that say: do not come back by yourself (signed out, revoked, replaced, at fault).
FINAL_CODES = range(4100, 4200)
# The first wait before coming back, doubled each time up to the last; jittered by half, so that a
# thousand screens do not return in the same instant.
COME_BACK_FIRST_S = 0.05
COME_BACK_LAST_S = 5.0
# Pushes nobody has taken yet, of one kind. At the limit reading stops, as on a stuck screen.
PUSHES_MAX = 10_000

# What carries an id and gets exactly one answer.
Command = Pay | Charge | Confirm | TopUp | Reverse | ShowCode | ReadCode | Status
Reply = Result | Error
Push = Event | TownEvents | Figures | Alert | Shown | Notice
PushT = TypeVar("PushT", Event, TownEvents, Figures, Alert, Shown, Notice)

_decode_receipt = msgspec.json.Decoder(Receipt).decode


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust over TLS. Reading it takes tens of milliseconds, in which nothing else runs;
    a thousand screens that come back at once share it.
    """
    return httpx.create_ssl_context(trust_env=False)


def _decode(frame: bytes) -> ServerMessage:
    try:
        return decode_server(frame)
    except msgspec.DecodeError as error:
        raise ConnectionLost(4106, f"not a message of the protocol: {frame!r}: {error}") from error


def receipt_of(reply: Reply) -> Receipt | None:
    """The receipt in an answer to a money command; None where nothing was decided."""
    raw = reply.result if isinstance(reply, Result) else reply.detail
    return _decode_receipt(raw) if isinstance(raw, msgspec.Raw) else None


class _Told(msgspec.Struct):
    """A `StatusAnswer` as msgspec can read it: ready-made JSON cannot be optional there."""

    payment: UUID
    state: State
    receipt: msgspec.Raw


class Client:
    """One signed-in screen.

    Args:
        url: scheme, host and port of the gateway (``http://127.0.0.1:8000``).
        token: the session token of that role, as sign-in or enrolment gave it.
        comes_back: False leaves a lost connection lost, for tests of the moment itself.
    """

    def __init__(
        self, url: str, town: str, role: Role, token: str, *, comes_back: bool = True
    ) -> None:
        self.town = town
        self.role = role
        self.comes_back = comes_back
        self.ready: Ready | None = None  # Of the latest connection.
        self.epoch = 0
        self.seq = 0  # The last event handed out, or the position the feed was entered at.
        self.connections = 0
        self.resyncs = 0
        self.repeats = 0  # Events that came again and were not handed out again.
        self.gaps = 0
        self.close_codes: list[int] = []
        self._url = url.rstrip("/")
        self._token = token
        self._connection: ClientConnection | None = None
        self._life: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[Ready] | None = None
        self._connected = asyncio.Event()
        self._reads = asyncio.Event()
        self._reads.set()
        self._pending: dict[UUID, tuple[bytes, asyncio.Future[Reply]]] = {}
        self._pushes: dict[type[Push], asyncio.Queue[Push]] = defaultdict(
            lambda: asyncio.Queue(PUSHES_MAX)
        )
        self._pinged_seq = 0

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # -- the connection ----------------------------------------------------------------------------

    async def open(self) -> Ready:
        """Connects and signs in.

        Raises:
            TicketRefused, ConnectionLost: when the very first connection does not come about.
        """
        self._opened = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(), name=f"{self.role} client")
        return await self._opened

    async def close(self) -> None:
        """Closes the connection politely; commands without an answer raise ConnectionLost."""
        self.comes_back = False
        self._reads.set()
        if self._connection is not None:
            await self._connection.close()
        if self._life is not None:
            self._life.cancel()
            with suppress(asyncio.CancelledError):
                await self._life
        self._abandon(ConnectionLost(1000, "closed here"))

    async def connected(self, timeout_s: float = 30) -> None:
        """Waits until the session is ready (again).

        Raises:
            TimeoutError: it was not in time.
        """
        async with asyncio.timeout(timeout_s):
            await self._connected.wait()

    async def _live(self) -> None:
        wait_s = COME_BACK_FIRST_S
        while True:
            connections = self.connections
            try:
                await self._session()
            except TicketRefused as error:
                self._abandon(error)
                return
            except ConnectionLost as error:
                if not self.comes_back or error.code in FINAL_CODES or not self.connections:
                    self._abandon(error)
                    return
            except Exception as error:
                self._abandon(ClientError(f"the client itself failed: {error!r}"))
                raise
            wait_s = COME_BACK_FIRST_S if self.connections > connections else wait_s
            await asyncio.sleep(wait_s * random.uniform(0.5, 1))  # noqa: S311 - no secret.
            wait_s = min(wait_s * 2, COME_BACK_LAST_S)

    def _abandon(self, error: ClientError) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_exception(error)
        pending, self._pending = self._pending, {}
        for _, answer in pending.values():
            if not answer.done():
                answer.set_exception(error)

    async def _ticket(self) -> str:
        async with httpx.AsyncClient(
            base_url=self._url, verify=_trusted(), trust_env=False, timeout=10
        ) as http:
            try:
                answer = await http.post(
                    f"/api/{self.town}/ticket",
                    json={"role": self.role},
                    headers={"Authorization": f"Bearer {self._token}", "Origin": self._url},
                )
            except httpx.TransportError as error:
                raise ConnectionLost(1006, f"no ticket: {error!r}") from error
        if answer.status_code in (401, 403):
            raise TicketRefused(answer.text)
        if answer.status_code != 200:
            raise ConnectionLost(1006, f"no ticket: {answer.status_code} {answer.text}")
        return str(answer.json()["ticket"])

    async def _session(self) -> None:
        """One connection, from ticket to close; always ends in an exception."""
        ticket = await self._ticket()
        try:
            async with connect(
                f"{self._url.replace('http', 'ws', 1)}/ws/{self.town}",
                origin=Origin(self._url),
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                proxy=None,
                ping_interval=None,
                close_timeout=1,
            ) as connection:
                await self._sign_in(connection, ticket)
                while True:
                    await self._reads.wait()
                    await self._take(_decode(await connection.recv(decode=False)))
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd is not None else 1006
            self.close_codes.append(code)
            raise ConnectionLost(code, error.rcvd.reason if error.rcvd else "") from error
        except (OSError, TimeoutError, InvalidHandshake, WebSocketException) as error:
            raise ConnectionLost(1006, repr(error)) from error
        finally:
            self._connection = None
            self._connected.clear()

    async def _sign_in(self, connection: ClientConnection, ticket: str) -> None:
        hello = _decode(await connection.recv(decode=False))
        if not isinstance(hello, Hello) or hello.protocol != SUBPROTOCOL:
            raise ConnectionLost(4107, f"not our protocol: {hello!r}")
        resume = Resume(self.epoch, self.seq) if self.ready is not None else None
        await connection.send(messages.encode(Auth(ticket, resume)), text=True)
        ready = _decode(await connection.recv(decode=False))
        if not isinstance(ready, Ready):
            await connection.wait_closed()
            raise ConnectionLost(connection.close_code or 1006, repr(ready))
        if ready.resync:
            self.resyncs += 1
        if ready.resync or resume is None:
            self.seq = ready.seq
        self.epoch = ready.epoch
        self.ready = ready
        self.connections += 1
        self._pinged_seq = 0
        self._connection = connection
        self._connected.set()
        if self._opened is not None and not self._opened.done():
            self._opened.set_result(ready)
        for frame, _ in list(self._pending.values()):
            await self._send(frame)

    # -- what comes --------------------------------------------------------------------------------

    async def _take(self, message: ServerMessage) -> None:
        match message:
            case Result() | Error() if message.id is not None:
                if (pending := self._pending.pop(message.id, None)) and not pending[1].done():
                    pending[1].set_result(message)
            case Event():
                await self._take_event(message)
            case Ping():
                # Events queued before the ping are ahead of it, but one committed meanwhile may
                # be behind: only a position told by the ping before is surely missing.
                if self.role is not Role.CONSOLE and self._pinged_seq > self.seq:
                    await self._fill_gap()
                self._pinged_seq = message.seq
                await self._send(messages.encode(Pong()))
            case TownEvents() | Figures() | Alert() | Shown() | Notice():
                await self._pushes[type(message)].put(message)
            case Error():
                raise ConnectionLost(4106, f"{message.code}: {message.message}")
            case _:
                raise ConnectionLost(4106, f"out of order: {message!r}")

    async def _take_event(self, event: Event) -> None:
        if event.seq <= self.seq:
            self.repeats += 1
        elif event.seq > self.seq + 1:
            await self._fill_gap()
        else:
            self.seq = event.seq
            await self._pushes[Event].put(event)

    async def _fill_gap(self) -> None:
        self.gaps += 1
        if self._connection is not None:
            await self._connection.close(3000, "gap")

    async def next_push(self, kind: type[PushT], timeout_s: float = 30) -> PushT:
        """The next push of this kind, waiting for it.

        Raises:
            TimeoutError: none came in time.
        """
        async with asyncio.timeout(timeout_s):
            return cast("PushT", await self._pushes[kind].get())

    def waiting(self, kind: type[PushT]) -> int:
        """How many pushes of this kind have come and were not taken."""
        return self._pushes[kind].qsize()

    async def events(self) -> AsyncIterator[Event]:
        """The feed, from here on, for as long as the caller listens."""
        while True:
            yield cast("Event", await self._pushes[Event].get())

    # -- what goes ---------------------------------------------------------------------------------

    async def command(self, command: Command, timeout_s: float = 30) -> Reply:
        """Sends a command and waits for its answer, over reconnects.

        Raises:
            Unanswered: no answer within ``timeout_s``; the outcome is unknown.
            ConnectionLost: the connection is gone and this client does not come back.
        """
        frame = messages.encode(command)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._pending[command.id] = (frame, answer)
        await self._send(frame)
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            raise Unanswered(f"{type(command).__name__} {command.id} in {timeout_s} s") from None
        finally:
            self._pending.pop(command.id, None)

    async def settle(self, command: Command, timeout_s: float = 60) -> Reply:
        """Sends a command, under its one id, until it has its final answer.

        Raises:
            Unanswered: none within ``timeout_s``; the outcome is unknown.
        """
        end = time.monotonic() + timeout_s
        while True:
            reply = await self.command(command, max(0.0, end - time.monotonic()))
            if isinstance(reply, Result) or reply.retry is not Retry.SAME_ID:
                return reply
            await asyncio.sleep((reply.retry_after_ms or 100) / 1000)

    async def status(self, payment: UUID, timeout_s: float = 30) -> StatusAnswer:
        """What became of a command, by its id.

        Raises:
            ClientError: the gateway could not say.
        """
        reply = await self.settle(Status(id=new_id(), payment=payment), timeout_s)
        if isinstance(reply, Error):
            raise ClientError(f"no status of {payment}: {reply.code}")
        told = msgspec.json.decode(reply.result, type=_Told)
        known = told.state is State.PROCESSED
        return StatusAnswer(told.payment, told.state, told.receipt if known else None)

    async def ack(self, seq: int, stage: Stage) -> None:
        """Tells the gateway that everything up to ``seq`` has come this far here."""
        await self._send(messages.encode(Ack(seq, stage)))

    async def _send(self, frame: bytes) -> None:
        """Sends a frame if there is a connection. Without one, commands go when it is back."""
        if self._connection is None:
            if not self.comes_back:
                raise ConnectionLost(1006, "not connected")
            return
        # The reading side sees a closed connection too, and brings it and the frame back.
        with suppress(ConnectionClosed):
            await self._connection.send(frame, text=True)
