"""Admission: from a ticket to a place in a feed, and who makes room for whom.

A screen takes its place behind a position, and from then on misses nothing: the feed collects
before its position is read, missed events are read up to it, and joining waits for nothing.
"""

from typing import TYPE_CHECKING

import structlog

from gateway.connection import Connection
from gateway.protocol.closing import CloseCode
from gateway.protocol.messages import Auth, Resume, Role
from gateway.protocol.session import Phase, resumes
from gateway.tickets import Sessions
from ledger.authorise import FeedEvent
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.identity import Session as SignedIn
from ledger.outbox import feed_after, position
from notifier.feeds import Feed, FeedUnknown

if TYPE_CHECKING:
    from gateway.hub import Hub

log = structlog.get_logger("gateway.admission")


class Admission:
    """One town's door for websockets, and who holds how many of them."""

    def __init__(self, hub: "Hub", pool: Pool, sessions: Sessions) -> None:
        self._hub = hub
        self._pool = pool
        self._sessions = sessions
        self._holders: dict[tuple[Role, int], list[Connection]] = {}

    def leave(self, connection: Connection) -> None:
        """The connection holds no place any more. May be called more than once."""
        if connection.who is None:
            return
        holder = _holder(connection.who)
        others = self._holders.get(holder, [])
        if connection in others:
            others.remove(connection)
            if not others:
                del self._holders[holder]

    async def admit(self, connection: Connection, auth: Auth) -> None:
        """Lets the holder of a good ticket in; closes the others. Never raises for them."""
        try:
            who = await self._sessions.redeem_ticket(self._hub.town, auth.ticket, self._hub.now())
            if who is None:
                connection.close(CloseCode.TICKET_REFUSED, "used, too old, or signed out")
            elif connection.session.phase is Phase.AUTHENTICATING and self._make_room(who):
                connection.who = who
                if who.role == Role.CONSOLE:
                    self._seat_console(connection, who, auth)
                else:
                    await self._seat(connection, who, auth)
            else:
                connection.close(CloseCode.TOO_MANY_SOCKETS, "come back later")
        except LedgerError as error:
            log.warning("not_admitted", error=str(error))
            connection.close(CloseCode.INTERNAL_FAULT, "the database is away")
        except FeedUnknown:
            connection.close(CloseCode.TICKET_REFUSED, "the account is gone")

    def _make_room(self, who: SignedIn) -> bool:
        """Closes the oldest socket of the same screen; False where a shop or town is full."""
        limits = self._hub.limits.sockets
        if who.role == Role.CONSOLE:
            return len(self._hub.tail.consoles) < limits.consoles_per_town
        sockets_max = limits.per_wallet
        if who.role == Role.TERMINAL:
            sockets_max = limits.per_terminal
            shop = self._hub.feeds.get(who.account)
            if shop is not None and len(shop.listeners) >= limits.per_shop:
                return False
        others = self._holders.get(_holder(who), [])
        for connection in others[: max(0, len(others) - sockets_max + 1)]:
            connection.close(CloseCode.REPLACED, "a newer socket of this screen is open")
        return True

    async def _seat(self, connection: Connection, who: SignedIn, auth: Auth) -> None:
        """Joins a screen to its feed: every missed event first, or a resync; then what comes."""
        feed = await self._hub.feeds.open(who.account, who.role)
        connection.feed = feed
        resume = auth.resume
        missed = await self._missed(feed, resume) if resume is not None else None
        if self._hub.feeds.get(who.account) is not feed:
            connection.fall_out()
        if connection.session.phase is not Phase.AUTHENTICATING:
            self._hub.feeds.leave(feed, connection, self._hub.monotonic())
            return
        # From here to the end nothing waits: no event can come between position and joining.
        begin = feed.position if resume is None or missed is None else resume.seq
        resync = resume is not None and missed is None
        self._welcome(connection, who, feed.epoch, begin, resync=resync)
        if missed is not None:
            for event in missed:
                connection.event(event.seq, self._hub.encode(feed, event))
            self._hub.confirmations.missed(feed, missed)
        if not connection.closing:
            feed.listeners.append(connection)

    async def _missed(self, feed: Feed, resume: Resume) -> list[FeedEvent] | None:
        """Every event behind where the screen stopped, up to where the feed stands; else None."""
        events_max = self._hub.limits.session.resume_events_max
        stands_at = feed.position
        if resume.seq > stands_at:
            # Another gateway may have told the screen of events that are on their way to this one.
            place = await position(self._pool, self._hub.town, feed.account)
            stands_at = place.seq if place is not None else 0
        if not resumes(resume, feed.epoch, stands_at, events_max):
            return None
        missed: list[FeedEvent] = []
        have = resume.seq
        while have < feed.position and len(missed) <= events_max:
            page = await feed_after(self._pool, self._hub.town, feed.account, have, events_max)
            if not page:
                return None
            missed += page
            have = page[-1].seq
        return missed if have >= feed.position else None

    def _seat_console(self, connection: Connection, who: SignedIn, auth: Auth) -> None:
        """A console follows the whole town from now on; what it missed it reads over HTTP."""
        resume = auth.resume
        here = self._hub.relay.frontier
        same = resume is not None and resumes(resume, self._hub.relay.epoch, here, 0)
        resync = resume is not None and not same
        self._welcome(connection, who, self._hub.relay.epoch, here, resync=resync)
        self._hub.tail.join(connection)
        self._hub.alerts.greet(connection)

    def _welcome(
        self, connection: Connection, who: SignedIn, epoch: int, seq: int, *, resync: bool
    ) -> None:
        self._holders.setdefault(_holder(who), []).append(connection)
        connection.send(
            connection.session.welcome(
                role=Role(who.role),
                town=self._hub.code,
                account=who.account,
                name=who.name,
                epoch=epoch,
                seq=seq,
                resync=resync,
                now=self._hub.monotonic(),
                now_ms=self._hub.now_ms(),
            )
        )
        self._hub.stops.greet(connection)


def _holder(who: SignedIn) -> tuple[Role, int]:
    """Which screen it is: a wallet's holder, a terminal, or the town's consoles."""
    role = Role(who.role)
    return role, (who.terminal or 0) if role is Role.TERMINAL else who.account
