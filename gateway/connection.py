"""One websocket: its reading, its queue of frames, and its end.

Reading never waits for anything but the next frame: what takes time is a task of its own, or lies
at the counter with a way back. Sending never waits at all: frames go into a queue that is bounded
in number and size, and a writer empties it, which lives only while there is something to write. A
screen that reads more slowly than its frames come is closed as slow and resumes later.

Speaks ASGI directly, or past it where the server offers its wire (`gateway.wire`): on the way of a
payment each layer less counts.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import structlog
from msgspec import Raw
from starlette.types import Receive, Send

from gateway.counter import Answer
from gateway.pins import PinMemory
from gateway.protocol.closing import CloseCode, Closing
from gateway.protocol.messages import Ack, Auth, Error, Result, Retry, Stage, encode
from gateway.protocol.session import Phase, Reply, Session
from ledger.authorise import Decision
from ledger.identity import Session as SignedIn
from ledger.outcomes import Outcome
from notifier.feeds import Feed

if TYPE_CHECKING:
    from gateway.hub import Hub

BUSY_RETRY_MS = 500

log = structlog.get_logger("gateway.connection")


class Wire(Protocol):
    """The shorter way that a server may offer; see `gateway.wire`."""

    take: Callable[[str], None] | None

    def write(self, payload: bytes) -> bool:
        """Sends a text frame; False where it cannot be sent now."""


class Connection:
    """A websocket and its session. Listens to its feed once it is admitted."""

    __slots__ = (
        "_closing",
        "_hub",
        "_reader",
        "_send",
        "_sending_since",
        "_tasks",
        "_wire",
        "_writer",
        "closing_since",
        "feed",
        "memory",
        "opened_ms",
        "queue",
        "queue_bytes",
        "session",
        "skipped",
        "who",
    )

    def __init__(
        self, hub: "Hub", session: Session, send: Send, wire: Wire | None, opened_ms: int
    ) -> None:
        self._hub = hub
        self._send = send
        self._wire = wire
        self._reader: asyncio.Task[Any] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] | None = None
        self._sending_since = 0.0
        self._closing: Closing | None = None
        self.closing_since = 0.0
        self.session = session
        self.opened_ms = opened_ms
        self.queue: deque[bytes] = deque()
        self.queue_bytes = 0
        self.who: SignedIn | None = None
        self.feed: Feed | None = None
        self.memory: PinMemory | None = None  # Of the PIN, from its first right use on.
        self.skipped = 0  # Events that a slow console was spared.

    def now(self) -> datetime:
        """The wall clock."""
        return self._hub.now()

    # -- reading -----------------------------------------------------------------------------------

    async def serve(self, receive: Receive) -> None:
        """Reads until the websocket ends."""
        self._reader = asyncio.current_task()
        if self._wire is not None:
            self._wire.take = self._take
        self.send(self.session.hello(self._hub.now_ms()))
        try:
            while (message := await receive())["type"] == "websocket.receive":
                frame = message.get("text")
                if frame is None:
                    self.close(CloseCode.MALFORMED, "frames are text")
                else:
                    self._take(frame)
        except asyncio.CancelledError:
            # Ended from here (`abort`): the peer does not even take the close frame.
            if self._closing is None:
                raise
        finally:
            self.session.phase = Phase.CLOSED
            self._forget()
            if self._wire is not None:
                self._wire.take = None
                self._wire = None

    def _take(self, frame: str) -> None:
        try:
            action = self.session.receive(frame, self._hub.monotonic())
            if action is not None:
                self._act(action)
        except Exception:
            log.exception("session_fault", session=self.session.name)
            self.close(CloseCode.INTERNAL_FAULT, "an internal fault")

    def _act(self, action: object) -> None:
        kind = type(action)
        if kind is Ack:
            if action.stage is Stage.SHOWN:  # type: ignore[attr-defined]
                self._hub.shown(self, action.seq)  # type: ignore[attr-defined]
        elif isinstance(action, Reply):
            self.send(action.frame)
        elif isinstance(action, Closing):
            self._end(action)
        elif isinstance(action, Auth):
            self.spawn(self._hub.admission.admit(self, action))
        else:
            self._hub.handle(self, action)

    def spawn(self, work: Coroutine[Any, Any, None]) -> bool:
        """Lets something take its time; False when too much of it is under way already."""
        tasks = self._tasks
        if tasks is None:
            tasks = self._tasks = set()
        if len(tasks) >= self._hub.limits.session.commands_in_flight_max:
            work.close()
            return False
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(self._done)
        return True

    def _done(self, task: asyncio.Task[None]) -> None:
        if self._tasks is not None:
            self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("session_fault", session=self.session.name, exc_info=fault)
            self.close(CloseCode.INTERNAL_FAULT, "an internal fault")

    # -- sending -----------------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Hands a frame to the network where it takes it at once, and queues it where not."""
        if self._closing is not None:
            return
        if self._writer is None:
            if self._wire is not None and self._wire.write(frame):
                return
            self._writer = asyncio.create_task(self._write())
        self.queue.append(frame)
        self.queue_bytes += len(frame)
        limits = self._hub.limits.session
        if len(self.queue) > limits.queue_frames_max or self.queue_bytes > limits.queue_bytes_max:
            self.close_slow("the queue is full")

    def event(self, seq: int, frame: bytes) -> None:
        """The next event of the feed. One that a resume has brought already is left out."""
        sent = self.session.sent
        if seq == sent + 1:
            self.session.sent = seq
            self.send(frame)
        elif seq > sent:
            self.close(CloseCode.INTERNAL_FAULT, f"event {seq} behind {sent}")

    def answer(self, command: UUID, answer: Answer) -> None:
        """The counter's answer to a command of this session."""
        if isinstance(answer, Decision):
            body = Raw(answer.receipt.encode())
            if answer.outcome is Outcome.DONE:
                self.send(encode(Result(command, body)))
            else:
                self.send(encode(Error(answer.outcome, Retry.NEVER, command, detail=body)))
        else:
            self.refuse(command, answer.value, Retry.SAME_ID, retry_after_ms=BUSY_RETRY_MS)

    def refuse(
        self,
        command: UUID,
        code: str,
        retry: Retry,
        *,
        retry_after_ms: int | None = None,
        attempts_left: int | None = None,
        message: str | None = None,
    ) -> None:
        """Answers a command with one of the gateway's own errors."""
        self.send(encode(Error(code, retry, command, retry_after_ms, attempts_left, message)))

    async def _write(self) -> None:
        """Sends what is queued, then the close frame if it is time; waits as long as it must."""
        queue, send, monotonic = self.queue, self._send, self._hub.monotonic
        try:
            while queue:
                frame = queue.popleft()
                self.queue_bytes -= len(frame)
                self._sending_since = monotonic()
                await send({"type": "websocket.send", "text": frame.decode()})
            if self._closing is not None:
                await send(
                    {
                        "type": "websocket.close",
                        "code": int(self._closing.code),
                        "reason": self._closing.reason,
                    }
                )
        except (OSError, RuntimeError):
            # The peer is gone, or the server closed on a broken frame; the reader learns it too.
            queue.clear()
            self.queue_bytes = 0
        finally:
            self._sending_since = 0.0
            self._writer = None

    # -- the end -----------------------------------------------------------------------------------

    @property
    def closing(self) -> bool:
        """Whether its end has begun."""
        return self._closing is not None

    @property
    def flushed(self) -> bool:
        """Whether everything has been handed to the network."""
        return self._writer is None and not self.queue

    def close(self, code: CloseCode, reason: str = "") -> None:
        """Closes behind the frames that are queued."""
        self._end(self.session.close(code, reason))

    def close_slow(self, why: str) -> None:
        """The screen reads too slowly: what is queued is dropped, it will resume."""
        self.queue.clear()
        self.queue_bytes = 0
        self._hub.slow(self)
        self.close(CloseCode.SLOW_READER, why)

    def fall_out(self) -> None:
        """The feed cannot go on: come back and resume."""
        self.close(CloseCode.INTERNAL_FAULT, "the feed was interrupted")

    def _end(self, closing: Closing) -> None:
        if self._closing is not None:
            return
        self._closing = closing
        self.closing_since = self._hub.monotonic()
        self._hub.metrics.closed(closing.code)
        self._hub.leave(self)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def tick(self, now: float, wall: datetime, wall_ms: int) -> None:
        """Once a second: pings, and ends what hangs."""
        limits = self._hub.limits.session
        if self._closing is not None:
            if now - self.closing_since > limits.linger_s:
                self.abort()
            return
        if self._sending_since and now - self._sending_since > limits.send_s:
            self.close_slow("the network takes nothing")
            return
        if self.who is not None and self.who.expires_at <= wall:
            self.close(CloseCode.SIGNED_OUT, "the sign-in has expired")
            return
        position = self.feed.position if self.feed is not None else self._hub.tail_position
        due = self.session.tick(now, wall_ms, position)
        if isinstance(due, Closing):
            self._end(due)
        elif due is not None:
            self.send(due)

    def abort(self) -> None:
        """Gives up a websocket that does not even take its close frame."""
        if self._writer is not None:
            self._writer.cancel()
        if self._reader is not None:
            self._reader.cancel()

    def _forget(self) -> None:
        """The websocket has ended. What it asked for and is under way goes on: a PIN that was
        counted is counted to the end, and a payment's outcome waits to be asked for.
        """
        self._hub.leave(self)
        self._hub.forget(self)
        if self._closing is None:
            self._closing = Closing(CloseCode.INTERNAL_FAULT, "gone")
            self.queue.clear()
            self.queue_bytes = 0
            if self._writer is not None:
                self._writer.cancel()
