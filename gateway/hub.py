"""One town's sessions on this gateway: who is here, and what reaches them.

Everything that happens to a websocket after it was opened and before it is gone goes through here:
it is admitted by its ticket, joins its feed (complete or resync), has its commands handled, hears
of what others have shown, and is closed when its sign-in ends.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Raw

from config.limits import Limits
from config.profile import Profile
from gateway.admission import Admission
from gateway.alerts import Alerts
from gateway.connection import Connection
from gateway.handlers import Handlers
from gateway.metrics import Metrics
from gateway.protocol.api import SessionLine
from gateway.protocol.closing import CloseCode
from gateway.protocol.messages import (
    Event,
    Notice,
    Retry,
    Role,
    Shown,
    encode,
)
from gateway.protocol.session import Phase, Session
from gateway.stops import StopBoard
from gateway.tail import Tail
from gateway.tickets import Sessions
from gateway.trail import Trail
from ledger.authorise import FeedEvent
from ledger.database import Pool
from ledger.identity import ended_sessions
from notifier.away import Away
from notifier.broker import Broker
from notifier.confirmations import Confirmations
from notifier.feeds import Feed, Feeds
from notifier.push import PushSender
from notifier.relay import Relay
from notifier.sounds import sound_of

# A feed to which nobody listens any more is kept so long, for the screen that comes right back.
IDLE_FEED_S = 60.0
ENDED_BATCH = 2_000  # Sessions looked up at once.
LOOKING_MS = 5  # Between two screens that look at their notices: 200 a second, 2 ms each.

log = structlog.get_logger("gateway.hub")


class Hub:
    """One town on this gateway. Made by `gateway.app`, which joins its parts together."""

    def __init__(
        self,
        profile: Profile,
        *,
        pool: Pool,
        sessions: Sessions,
        broker: Broker,
        push: PushSender | None,
        metrics: Metrics,
        trail: Trail,
        limits: Limits,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.profile = profile
        self.town = profile.town.number
        self.code = profile.town.code
        self.limits = limits
        self.metrics = metrics
        self.now = now
        self.monotonic = monotonic
        self._pool = pool
        self._trail = trail
        self._names = 0
        self._gateway = broker.gateway
        self.draining = False
        self.connections: set[Connection] = set()
        self.feeds = Feeds(pool, self.town, self.encode, self._handed_out)
        self.tail = Tail()
        self.away = Away(profile, pool, push, now, monotonic) if push is not None else None
        decided = self.away.decided if self.away is not None else None
        self.relay = Relay(pool, self.town, self.feeds, self.tail.take, decided)
        self.confirmations = Confirmations(
            pool, self.town, broker, self._tell_shown, metrics.both_shown, monotonic, now
        )
        self.alerts = Alerts(self.tail.tell, self.now_ms)
        self.stops = StopBoard(self._tell_all)
        self.admission = Admission(self, pool, sessions)
        self.handlers: Handlers

    def take(self, profile: Profile) -> None:
        """Goes by these rules from now on."""
        self.profile = profile
        self.handlers.take(profile)
        if self.away is not None:
            self.away.take(profile)

    def now_ms(self) -> int:
        """The wall clock, in milliseconds since the Unix epoch."""
        return int(self.now().timestamp() * 1000)

    @property
    def tail_position(self) -> int:
        """The last event of the town that was offered here."""
        return self.relay.frontier

    # -- coming ------------------------------------------------------------------------------------

    def session(self) -> Session:
        """A session for a websocket that has just been opened."""
        self._names += 1
        return Session(f"{self._gateway}-{self._names}", self.limits.session, self.monotonic())

    # -- going -------------------------------------------------------------------------------------

    def leave(self, connection: Connection) -> None:
        """Nothing more reaches this connection. May be called more than once."""
        if connection.feed is not None:
            self.feeds.leave(connection.feed, connection, self.monotonic())
        self.tail.leave(connection)
        self.admission.leave(connection)

    def forget(self, connection: Connection) -> None:
        """The websocket is gone."""
        self.connections.discard(connection)

    def end(self, sessions: set[UUID]) -> None:
        """These sign-ins are over: their sockets are closed at once.

        A tablet does not sign out by itself, its terminal is revoked; people sign out.
        """
        for connection in list(self.connections):
            if connection.who is not None and connection.who.session in sessions:
                revoked = connection.session.role is Role.TERMINAL
                connection.close(CloseCode.REVOKED if revoked else CloseCode.SIGNED_OUT)

    async def look_up_ended(self) -> None:
        """The safety net: asks which of the sign-ins here are over, whoever was to tell.

        Raises:
            LedgerUnavailable: it could not be asked.
        """
        here = list({one.who.session for one in self.connections if one.who is not None})
        for start in range(0, len(here), ENDED_BATCH):
            ended = await ended_sessions(
                self._pool, self.town, here[start : start + ENDED_BATCH], self.now()
            )
            if ended:
                self.end(set(ended))

    def slow(self, connection: Connection) -> None:
        """A screen reads more slowly than its events come."""
        account = connection.who.account if connection.who is not None else None
        self.alerts.flash("slow_reader", "a screen reads too slowly and was closed", account)
        log.warning("slow_reader", session=connection.session.name, account=account)

    def tick(self, share: int, shares: int) -> None:
        """What time brings to one of ``shares`` parts of the connections; each part once a second.

        In parts, so that many thousand sessions do not hold up a payment all at once.
        """
        now, wall, wall_ms = self.monotonic(), self.now(), self.now_ms()
        for connection in list(self.connections)[share::shares]:
            connection.tick(now, wall, wall_ms)
        if share == 0:
            self.feeds.sweep(now - IDLE_FEED_S)
            self.alerts.tick()

    def announce(self, kind: str, words: str, retry_after_ms: Callable[[], int]) -> None:
        """A notice to everybody; each is given their own time to come back."""
        for connection in list(self.connections):
            if connection.session.phase is Phase.READY:
                connection.send(encode(Notice(kind, words, retry_after_ms())))

    def _tell_all(self, frame: bytes) -> None:
        for connection in list(self.connections):
            if connection.session.phase is Phase.READY:
                connection.send(frame)

    def announce_notices(self, reached: Callable[[Role, int], bool]) -> None:
        """Has the screens of some accounts look at their notices, one behind the other, so that a
        whole town does not ask in one moment.
        """
        looking = 0
        for connection in list(self.connections):
            who = connection.who
            ready = connection.session.phase is Phase.READY
            if ready and who is not None and reached(Role(who.role), who.account):
                connection.send(encode(Notice("notices", "", looking * LOOKING_MS)))
                looking += 1

    # -- what reaches them -------------------------------------------------------------------------

    def handle(self, connection: Connection, command: object) -> None:
        """Carries a command out, now or later."""
        if self.draining:
            connection.refuse(command.id, "unavailable", Retry.SAME_ID)  # type: ignore[attr-defined]
        else:
            self.handlers.handle(connection, command)

    def shown(self, connection: Connection, seq: int) -> None:
        """A screen has shown its feed up to ``seq``."""
        if connection.feed is not None:
            feed = connection.feed
            payments = self.confirmations.shown(feed, seq)
            self._trail.shown(payments, feed.role, feed.account)

    def encode(self, feed: Feed, event: FeedEvent) -> bytes:
        sound = sound_of(self.profile.sounds, event.kind, feed.role)
        return encode(Event(event.seq, event.kind, sound, Raw(event.body.encode())))

    def _handed_out(self, feed: Feed, event: FeedEvent) -> None:
        self.confirmations.handed_out(feed, event)
        self._trail.handed_out(event, len(feed.listeners))

    def _tell_shown(self, account: int, by: str, payments: list[UUID]) -> None:
        feed = self.feeds.get(account)
        if feed is not None and feed.listeners:
            frame = encode(Shown(payments, Role(by)))
            for listener in feed.listeners:
                if isinstance(listener, Connection):
                    listener.send(frame)

    # -- what others ask ---------------------------------------------------------------------------

    def count(self, role: Role) -> int:
        """Sessions of a role."""
        if role is Role.CONSOLE:
            return len(self.tail.consoles)
        return sum(1 for one in self.connections if one.session.role is role)

    @property
    def queue_frames(self) -> int:
        """Frames that wait for their screens to read."""
        return sum(len(connection.queue) for connection in self.connections)

    def lines(self) -> list[SessionLine]:
        """Every admitted session, for the console."""
        return [
            SessionLine(
                session=one.session.name,
                role=Role(one.who.role),
                account=one.who.account,
                name=one.who.name,
                since=one.opened_ms,
                queue_frames=len(one.queue),
                unacked=one.session.unshown,
            )
            for one in self.connections
            if one.who is not None
        ]
