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
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self, TypeVar, cast
from uuid import UUID

import msgspec

from gateway.protocol import messages
from gateway.protocol.ids import new_id
from gateway.protocol.messages import (
    Ack,
    Alert,
    Charge,
    Confirm,
    Error,
    Event,
    Figures,
    Give,
    GrantHere,
    Issue,
    Notice,
    Pay,
    Ping,
    PlannedStop,
    Pong,
    ReadCode,
    Ready,
    Receipt,
    Result,
    Resume,
    Retry,
    Reverse,
    Role,
    Send,
    ServerMessage,
    ShowCode,
    Shown,
    Stage,
    Status,
    StatusAnswer,
    TopUp,
    TownEvents,
)
from gateway.protocol.reading import decode_status
from terminal.errors import ClientError, ConnectionLost, Unanswered
from terminal.line import Line

# Pushes nobody has taken yet, of one kind. At the limit reading stops, as on a stuck screen.
PUSHES_MAX = 10_000

# What carries an id and gets exactly one answer.
Command = (
    Pay
    | Send
    | Give
    | Charge
    | Confirm
    | TopUp
    | Issue
    | GrantHere
    | Reverse
    | ShowCode
    | ReadCode
    | Status
)
Reply = Result | Error
Push = Event | TownEvents | Figures | Alert | Shown | Notice | PlannedStop
PushT = TypeVar("PushT", Event, TownEvents, Figures, Alert, Shown, Notice, PlannedStop)

_decode_receipt = msgspec.json.Decoder(Receipt).decode


def receipt_of(reply: Reply) -> Receipt | None:
    """The receipt in an answer to a money command; None where nothing was decided."""
    raw = reply.result if isinstance(reply, Result) else reply.detail
    return _decode_receipt(raw) if isinstance(raw, msgspec.Raw) else None


class Client(Line):
    """One signed-in screen; `Line` tells its arguments."""

    def __init__(
        self, url: str, town: str, role: Role, token: str, *, comes_back: bool = True
    ) -> None:
        super().__init__(url, town, role, token, comes_back=comes_back)
        self.epoch = 0
        self.seq = 0  # The last event handed out, or the position the feed was entered at.
        self.resyncs = 0
        self.repeats = 0  # Events that came again and were not handed out again.
        self.gaps = 0
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

    # -- the line ----------------------------------------------------------------------------------

    def _place(self) -> Resume | None:
        return None if self.ready is None else Resume(self.epoch, self.seq)

    async def _enter(self, ready: Ready) -> None:
        if ready.resync:
            self.resyncs += 1
        if ready.resync or self.connections == 1:
            self.seq = ready.seq
        self.epoch = ready.epoch
        self._pinged_seq = 0
        for frame, _ in list(self._pending.values()):
            await self._send(frame)

    def _abandon(self, error: ClientError) -> None:
        pending, self._pending = self._pending, {}
        for _, answer in pending.values():
            if not answer.done():
                answer.set_exception(error)

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
            case TownEvents() | Figures() | Alert() | Shown() | Notice() | PlannedStop():
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
        return decode_status(reply.result)

    async def ack(self, seq: int, stage: Stage) -> None:
        """Tells the gateway that everything up to ``seq`` has come this far here."""
        await self._send(messages.encode(Ack(seq, stage)))
