"""One websocket session as a state machine, without a socket.

    OPENED ── auth ──▶ AUTHENTICATING ── welcome() ──▶ READY ── close() ──▶ CLOSED

Frames and time go in; what comes out is what to do: a message to carry out, a frame to send back,
or a `Closing`. It knows the protocol's rules (order, roles, sizes, rates, heartbeats, acks) and
nothing of money, tickets or networks. Times are seconds of one monotonic clock unless the name
ends in ``_ms`` (then wall clock, since the Unix epoch).
"""

from enum import Enum
from uuid import UUID

import msgspec
from msgspec import Struct

from config.limits import SessionLimits
from gateway.protocol.closing import CloseCode, Closing
from gateway.protocol.messages import (
    SUBPROTOCOL,
    Ack,
    Auth,
    Charge,
    ClientMessage,
    Confirm,
    Error,
    Give,
    GrantHere,
    Hello,
    Issue,
    Limits,
    Pay,
    Ping,
    Pong,
    ReadCode,
    Ready,
    Resume,
    Retry,
    Reverse,
    Role,
    Send,
    ShowCode,
    Stage,
    Status,
    TopUp,
    decode_client,
    encode,
)

COMMANDS: dict[Role, frozenset[type[Struct]]] = {
    Role.WALLET: frozenset({Pay, Send, Give, Confirm, ShowCode, Status}),
    Role.TERMINAL: frozenset({Charge, TopUp, Issue, GrantHere, Reverse, ReadCode, Status}),
    Role.CONSOLE: frozenset(),
    Role.STAFF: frozenset(),
}


class Phase(Enum):
    """Where a session is in its life."""

    OPENED = "opened"
    AUTHENTICATING = "authenticating"
    READY = "ready"
    CLOSED = "closed"


class Reply(Struct, frozen=True):
    """A frame to send back; nothing else happens."""

    frame: bytes


# What a received frame asks of the caller; None: nothing.
Action = ClientMessage | Reply | Closing | None


class _Named(Struct):
    """As much of a faulty command as is needed to answer it."""

    id: UUID
    type: str


_decode_named = msgspec.json.Decoder(_Named).decode
_COMMAND_TAGS = frozenset(
    str(kind.__struct_config__.tag) for kinds in COMMANDS.values() for kind in kinds
)


def resumes(resume: Resume | None, epoch: int, seq: int, events_max: int) -> bool:
    """Whether a feed that stands at ``seq`` can go on completely where the screen stopped.

    Not across epochs (the feed was begun anew), not from a position that does not exist yet, and
    not over more events than are worth sending.
    """
    return (
        resume is not None
        and resume.epoch == epoch
        and resume.seq <= seq
        and seq - resume.seq <= events_max
    )


class Session:
    """The state of one session.

    ``sent`` is the position of the last event sent; ``acked`` how far each stage has come. An ack
    may confirm an event of an earlier connection, so it is bounded by ``sent``, not by where this
    connection began.
    """

    __slots__ = (
        "_commands",
        "_full",
        "_limits",
        "_pinged_at",
        "_tokens",
        "_tokens_at",
        "acked",
        "began",
        "heard_at",
        "name",
        "opened_at",
        "phase",
        "role",
        "sent",
    )

    def __init__(self, name: str, limits: SessionLimits, now: float) -> None:
        self.name = name
        self.phase = Phase.OPENED
        self.role: Role | None = None
        self.began = 0
        self.sent = 0
        self.acked: dict[Stage, int] = {}
        self.opened_at = self.heard_at = self._tokens_at = self._pinged_at = now
        self._limits = limits
        # In acks: a command costs as much as so many of them.
        self._full = limits.commands_per_s * limits.burst_s * limits.acks_per_command
        self._tokens = float(self._full)
        self._commands: frozenset[type[Struct]] = frozenset()

    @property
    def unshown(self) -> int:
        """Events sent here that the screen has not yet said it showed."""
        return self.sent - max(self.began, self.acked.get(Stage.SHOWN, 0))

    # -- what the gateway says ---------------------------------------------------------------------

    def hello(self, now_ms: int) -> bytes:
        """The gateway's first frame."""
        return encode(Hello(SUBPROTOCOL, now_ms))

    def welcome(
        self,
        *,
        role: Role,
        town: str,
        account: int,
        name: str,
        epoch: int,
        seq: int,
        resync: bool,
        now: float,
        now_ms: int,
    ) -> bytes:
        """The ticket was good: commands are taken. ``seq`` is where the feed goes on."""
        self.phase = Phase.READY
        self.role = role
        self.began = self.sent = seq
        self._commands = COMMANDS[role]
        self._pinged_at = now
        limits = self._limits
        return encode(
            Ready(
                session=self.name,
                role=role,
                town=town,
                account=account,
                name=name,
                server_time=now_ms,
                ping_interval_ms=round(limits.ping_interval_s * 1000),
                limits=Limits(limits.frame_bytes_max, limits.commands_per_s),
                epoch=epoch,
                seq=seq,
                resync=resync,
            )
        )

    def close(self, code: CloseCode, reason: str = "") -> Closing:
        """Ends the session: nothing that still comes counts."""
        self.phase = Phase.CLOSED
        return Closing(code, reason)

    def tick(self, now: float, now_ms: int, seq: int) -> bytes | Closing | None:
        """What time itself brings: a ping that is due, or the end of a silent session.

        ``seq`` is the last event of the session's feed. Call about once a second.
        """
        limits = self._limits
        if self.phase is Phase.READY:
            if now - self.heard_at > limits.silence_max_s:
                return self.close(CloseCode.HEARTBEAT_LOST, "no sign of life")
            if now - self._pinged_at >= limits.ping_interval_s:
                self._pinged_at = now
                return encode(Ping(seq, now_ms))
        elif self.phase is not Phase.CLOSED and now - self.opened_at > limits.auth_s:
            return self.close(CloseCode.AUTH_TIMEOUT, "no auth in time")
        return None

    # -- what the screen says ----------------------------------------------------------------------

    def receive(self, frame: str, now: float) -> Action:
        """One text frame from the screen."""
        if self.phase is Phase.CLOSED:
            return None
        self.heard_at = now
        bytes_max = self._limits.frame_bytes_max
        if len(frame) > bytes_max or (
            not frame.isascii() and len(frame.encode(errors="replace")) > bytes_max
        ):
            return self.close(CloseCode.TOO_LARGE, f"a frame has at most {bytes_max} bytes")
        try:
            message: ClientMessage = decode_client(frame)
        except msgspec.ValidationError as error:
            return self._faulty(frame, str(error), now)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return self.close(CloseCode.MALFORMED, "not JSON")
        if self.phase is Phase.READY:
            return self._when_ready(message, now)
        return self._before_ready(message)

    def _when_ready(self, message: ClientMessage, now: float) -> Action:
        kind = type(message)
        if kind in self._commands:
            return self._paid(message.id, now) or message  # type: ignore[union-attr]
        if kind is Ack:
            return self._light(now) or self._ack(message)  # type: ignore[arg-type]
        if kind is Pong:
            return self._light(now)
        return self.close(CloseCode.VIOLATION, f"{kind.__name__} is not for a {self.role} now")

    def _before_ready(self, message: ClientMessage) -> Action:
        if self.phase is Phase.OPENED and type(message) is Auth:
            self.phase = Phase.AUTHENTICATING
            return message
        return self.close(CloseCode.VIOLATION, "auth comes first, once, and ready follows it")

    def _faulty(self, frame: str, fault: str, now: float) -> Action:
        """A command with wrong fields is answered; what cannot be answered ends the session."""
        if self.phase is Phase.READY:
            try:
                named = _decode_named(frame)
            except msgspec.DecodeError:
                pass
            else:
                if named.type in _COMMAND_TAGS:
                    return self._paid(named.id, now) or Reply(
                        encode(Error("invalid", Retry.NEW_ID, named.id, message=fault))
                    )
        return self.close(CloseCode.MALFORMED, fault.encode()[:120].decode(errors="ignore"))

    def _ack(self, ack: Ack) -> Action:
        """An ack counts when it brings its stage further; a late one is no fault."""
        if ack.seq > self.sent:
            return self.close(CloseCode.VIOLATION, f"{ack.seq} was never sent")
        if ack.seq <= self.acked.get(ack.stage, 0):
            return None
        self.acked[ack.stage] = ack.seq
        return ack

    # -- the rate ----------------------------------------------------------------------------------

    def _spend(self, cost: int, now: float) -> float:
        limits = self._limits
        per_s = limits.commands_per_s * limits.acks_per_command
        tokens = min(self._full, self._tokens + (now - self._tokens_at) * per_s) - cost
        self._tokens_at, self._tokens = now, tokens
        return tokens

    def _paid(self, command: UUID, now: float) -> Reply | Closing | None:
        """None when the command is within the rate; refused when above; closed when far above."""
        limits = self._limits
        cost = limits.acks_per_command
        tokens = self._spend(cost, now)
        if tokens >= 0:
            return None
        if tokens < -self._full:
            return self.close(CloseCode.TOO_FAST, f"at most {limits.commands_per_s} commands/s")
        wait_ms = round(1000 * (cost - tokens) / cost / limits.commands_per_s)
        return Reply(encode(Error("too_fast", Retry.SAME_ID, command, retry_after_ms=wait_ms)))

    def _light(self, now: float) -> Closing | None:
        if self._spend(1, now) < -self._full:
            return self.close(CloseCode.TOO_FAST, "acks are cumulative: send fewer")
        return None
