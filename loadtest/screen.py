"""A screen on a real websocket, for gevent: blocking calls that let other screens go on.

It behaves as the protocol asks: a ticket for each connection, resume from its place in the feed,
commands without an answer sent again under their ids, everything shown acknowledged at most every
50 ms. What it sees goes into its `Seen`, what is worth measuring to its `Observer`.
"""

import random
import socket
import time
from contextlib import suppress
from typing import Protocol
from uuid import UUID

import gevent
import msgspec
import requests
import websocket
from gevent.event import AsyncResult
from gevent.event import Event as Flag
from gevent.lock import RLock

from gateway.protocol import messages
from gateway.protocol.api import Ticket
from gateway.protocol.messages import (
    SUBPROTOCOL,
    Ack,
    Auth,
    Charge,
    Confirm,
    Error,
    Event,
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
    Stage,
    Status,
    TopUp,
    TownEvents,
)
from gateway.protocol.reading import decode_server
from loadtest.roster import Person
from loadtest.seen import Place, Seen, Sighting

# Real screens acknowledge at most this often, for everything that came meanwhile.
ACK_EVERY_S = 0.05
CONNECT_TIMEOUT_S = 10
ANSWER_TIMEOUT_S = 30
COME_BACK_LAST_S = 3.0
FINAL_CODES = range(4100, 4200)

Command = Pay | Charge | Confirm | TopUp | Reverse | ShowCode | ReadCode | Status
MONEY = (Pay, Charge, Confirm, TopUp, Reverse)

_receipt = msgspec.json.Decoder(Receipt).decode


class ScreenFault(Exception):
    """The screen cannot do what it should; the message says what was in the way."""


class Observer(Protocol):
    """Who wants to know what happens on a screen."""

    def told(self, role: Role, receipt: Receipt, at_s: float, connected_s: float) -> None:
        """An event is on the screen, which is connected since ``connected_s`` (monotonic)."""

    def trouble(self, what: str, detail: str) -> None:
        """Something happened that must not."""


class Screen:
    """One person's screen, over all its connections."""

    def __init__(self, host: str, town: str, person: Person, observer: Observer) -> None:
        self.person = person
        self.seen = Seen(person.role, person.account)
        self.questions: list[UUID] = []  # Payments that the payer is asked about.
        self.ready = Flag()
        self._host = host.rstrip("/")
        self._town = town
        self._observer = observer
        self._epoch = 0
        self._number = 0  # The console's place among the town's events.
        self._socket: websocket.WebSocket | None = None
        self._sending = RLock()
        self._pending: dict[UUID, tuple[bytes, AsyncResult]] = {}
        self._ack_waits = False
        self._connected_s = 0.0
        self.wanted = False
        self._life: gevent.Greenlet | None = None

    # -- the connection ----------------------------------------------------------------------------

    def open(self) -> None:
        """Connects and stays connected until `close`.

        Raises:
            ScreenFault: the first connection did not come about.
        """
        self.wanted = True
        self._connect()
        self._life = gevent.spawn(self._live)

    def close(self) -> None:
        """Closes the connection and stays away."""
        self.wanted = False
        self.drop()
        if self._life is not None:
            self._life.join(timeout=5)

    def drop(self) -> None:
        """Tears the connection, as a tunnel or a restarted phone does."""
        if (wire := self._socket) is not None and wire.sock is not None:
            # Shut down, not closed: the greenlet that reads it finds its end, as with a real one.
            with suppress(OSError):
                wire.sock.shutdown(socket.SHUT_RDWR)

    def _ticket(self) -> str:
        answer = self.http("POST", "ticket", {"role": self.person.role.value})
        return msgspec.json.decode(answer, type=Ticket).ticket

    def http(self, method: str, path: str, body: dict[str, str] | None = None) -> bytes:
        """One call of the HTTP API as this person.

        Raises:
            ScreenFault: anything but an answer with status 200.
        """
        try:
            answer = requests.request(
                method,
                f"{self._host}/api/{self._town}/{path}",
                json=body,
                headers={"Authorization": f"Bearer {self.person.token}", "Origin": self._host},
                timeout=CONNECT_TIMEOUT_S,
            )
        except requests.RequestException as error:
            raise ScreenFault(f"{method} {path}: {error!r}") from error
        if answer.status_code != 200:
            raise ScreenFault(f"{method} {path}: {answer.status_code} {answer.text}")
        return bytes(answer.content)

    def _shake_hands(self, resume: Resume | None) -> tuple[websocket.WebSocket, Ready]:
        try:
            wire = websocket.create_connection(
                f"{self._host.replace('http', 'ws', 1)}/ws/{self._town}",
                timeout=CONNECT_TIMEOUT_S,
                origin=self._host,
                subprotocols=[SUBPROTOCOL],
                enable_multithread=True,
                skip_utf8_validation=True,
            )
            decode_server(wire.recv())
            wire.send(messages.encode(Auth(self._ticket(), resume)).decode())
            ready = decode_server(wire.recv())
        except (OSError, websocket.WebSocketException, msgspec.DecodeError) as error:
            raise ScreenFault(f"no connection: {error!r}") from error
        if not isinstance(ready, Ready):
            raise ScreenFault(f"not let in: {ready!r}")
        wire.settimeout(None)
        return wire, ready

    def _connect(self) -> None:
        first = self.seen.entered is None
        wire, ready = self._shake_hands(None if first else Resume(self._epoch, self._place()))
        self._epoch = ready.epoch
        if first or ready.resync:
            self._number = ready.seq
        self.seen.enter(ready.seq, resync=ready.resync)
        self._socket = wire
        self._connected_s = time.monotonic()
        self.ready.set()
        for frame, _ in list(self._pending.values()):
            self._send(frame)

    def end_of_feed(self) -> int:
        """Where the feed ends now, as a connection that resumes nothing is told.

        Raises:
            ScreenFault: it did not come about.
        """
        wire, ready = self._shake_hands(None)
        wire.close()
        return ready.seq

    def _place(self) -> int:
        return self._number if self.person.role is Role.CONSOLE else self.seen.last

    def _live(self) -> None:
        wait_s = 0.05
        while self.wanted:
            if self._socket is not None:
                code = self._read()
                self._socket = None
                self.ready.clear()
                if code in FINAL_CODES and self.wanted:
                    self._observer.trouble("sent away", f"{self._name()} was closed with {code}")
                    return
                wait_s = 0.05
            gevent.sleep(wait_s * random.uniform(0.5, 1))  # noqa: S311 - no secret.
            wait_s = min(wait_s * 2, COME_BACK_LAST_S)
            if self.wanted:
                try:
                    self._connect()
                except ScreenFault:
                    continue

    def _read(self) -> int:
        """Reads until the connection ends; the close code, or 1006."""
        wire = self._socket
        try:
            while wire is not None:
                opcode, data = wire.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return int.from_bytes(data[:2], "big") if len(data) > 1 else 1005
                self._take(decode_server(data))
        except (OSError, websocket.WebSocketException):
            pass
        except msgspec.DecodeError as error:
            self._observer.trouble("unreadable frame", f"{self._name()}: {error}")
        return 1006

    def _name(self) -> str:
        return f"{self.person.role} {self.person.account}"

    # -- what comes --------------------------------------------------------------------------------

    def _take(self, message: ServerMessage) -> None:
        match message:
            case Event():
                self._take_event(message)
            case Result() | Error() if message.id is not None:
                self._take_answer(message, message.id)
            case Ping():
                self._send(messages.encode(Pong()))
            case TownEvents():
                for event in message.events:
                    if event.number != self._number + 1 and not message.skipped:
                        self._observer.trouble("console gap", f"{self._number} → {event.number}")
                    self._number = event.number
            case Error():
                self._observer.trouble("error", f"{self._name()}: {message.code}")
            case _:
                pass  # Figures, alerts, notices, planned stops: for people to read.

    def _take_event(self, event: Event) -> None:
        body = bytes(event.body)
        receipt = _receipt(body)
        place = self.seen.tell(Sighting(event.seq, event.kind, receipt.id, body))
        if place is not Place.NEXT:
            self._observer.trouble(place.value, f"{self._name()}: event {event.seq}")
            return
        if event.kind == "duplicate_question":
            self.questions.append(receipt.id)
        else:
            self._observer.told(self.person.role, receipt, time.monotonic(), self._connected_s)
        if not self._ack_waits:
            self._ack_waits = True
            gevent.spawn_later(ACK_EVERY_S, self._ack)

    def _ack(self) -> None:
        self._ack_waits = False
        self._send(messages.encode(Ack(self.seen.last, Stage.SHOWN)))

    def _take_answer(self, answer: Result | Error, command: UUID) -> None:
        if isinstance(answer, Error) and answer.retry is Retry.SAME_ID:
            if (pending := self._pending.get(command)) is not None:
                gevent.spawn_later((answer.retry_after_ms or 100) / 1000, self._send, pending[0])
            return
        pending = self._pending.pop(command, None)
        if pending is None:
            return
        if command in self.seen.unanswered:
            self.seen.unanswered.remove(command)
            receipt = answer.result if isinstance(answer, Result) else answer.detail
            if isinstance(receipt, msgspec.Raw):
                self.seen.answers[command] = bytes(receipt)
        pending[1].set(answer)

    # -- what goes ---------------------------------------------------------------------------------

    def command(self, command: Command) -> Result | Error:
        """Sends a command and waits for its final answer, over reconnects.

        Raises:
            ScreenFault: there is none in time; the outcome is unknown.
        """
        frame = messages.encode(command)
        waiting = AsyncResult()
        self._pending[command.id] = (frame, waiting)
        if isinstance(command, MONEY):
            self.seen.unanswered.add(command.id)
        self._send(frame)
        try:
            answer: Result | Error = waiting.get(timeout=ANSWER_TIMEOUT_S)
        except gevent.Timeout:
            raise ScreenFault(f"no answer to {command!r} in {ANSWER_TIMEOUT_S} s") from None
        return answer

    def _send(self, frame: bytes) -> None:
        """Without a connection nothing is sent; commands go again when it is back."""
        wire = self._socket
        if wire is None:
            return
        try:
            with self._sending:
                wire.send(frame.decode())
        except (OSError, websocket.WebSocketException):
            self.drop()  # The reader notices and comes back.
