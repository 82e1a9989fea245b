"""Confirmations: which screens have shown what, told to the other party; and what nobody saw.

A screen acknowledges how far it has shown its feed. From that follow, here: the payments that are
now shown (told to the other party's screens, on any gateway, a few at a time), the shown positions
(kept by the ledger, cumulative, so a lost write is made good by the next), the time from the commit
until both have seen it, and the figure and the alerts of payments that one party has not seen.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from msgspec import Struct

from ledger.authorise import FeedEvent
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.outbox import Unshown, mark_shown, still_unshown, unshown
from notifier.broker import Broker, ShownBy, Told
from notifier.feeds import Feed

TELL_S = 0.2  # News for one screen gathers so long: a hot shop gets five messages a second.
KEEP_S = 0.5  # How often shown positions are written.
LOOK_S = 2.0  # How often is asked what was not shown; each payment is looked at once.
UNSHOWN_AFTER_S = 10.0
# Older than this it is history, not an alarm: the wallet was closed, and its owner will see.
UNSHOWN_UNTIL_S = 600.0
UNSHOWN_MAX = 200
# Payments for whose second screen is waited; dropped when so old, or when there are so many.
AWAITED_S = 60.0
AWAITED_MAX = 50_000
# Handed out and not yet shown, per feed. A screen that shows nothing of so many is not in front of
# anybody, and the other party is told by the history instead.
UNTOLD_MAX = 5_000

WALLET, TERMINAL = "wallet", "terminal"
_BITS = {WALLET: 1, TERMINAL: 2}

log = structlog.get_logger("notifier.confirmations")


class Awaited(Struct):
    """A payment both of whose feeds are here, from its commit until both screens have shown it."""

    since: float
    seen: int = 0


class Confirmations:
    """One town's confirmations on this gateway.

    Args:
        tell: sends "these payments were shown by ``by``" to the sessions of an account here.
        both_shown: is given the seconds from commit to shown on both screens.
    """

    def __init__(
        self,
        pool: Pool,
        town: int,
        broker: Broker,
        tell: Callable[[int, str, list[UUID]], None],
        both_shown: Callable[[float], None],
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._town = town
        self._broker = broker
        self._tell = tell
        self._both_shown = both_shown
        self._monotonic = monotonic
        self._now = now
        self._awaited: dict[UUID, Awaited] = {}
        self._news: dict[tuple[int, str], list[UUID]] = {}
        self._shown: dict[int, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._looked_until = now() - timedelta(seconds=UNSHOWN_UNTIL_S)
        # What one party's screens have not shown after ten seconds, by payment and account.
        self.unshown: dict[tuple[UUID, int], Unshown] = {}

    def start(self) -> None:
        """Begins to tell, to write and to look."""
        self._tasks = [
            asyncio.create_task(self._every(TELL_S, self._tell_news), name="tell"),
            asyncio.create_task(self._every(KEEP_S, self._keep), name="keep shown"),
            asyncio.create_task(self._every(LOOK_S, self._look), name="look for unshown"),
        ]

    async def stop(self) -> None:
        """Tells and writes what is still to be told and written, and ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._tell_news()
            await self._keep()
        except LedgerError as error:
            log.warning("shown_not_kept", error=str(error), accounts=len(self._shown))

    # -- what happens ------------------------------------------------------------------------------

    def handed_out(self, feed: Feed, event: FeedEvent) -> None:
        """The sessions of a feed have got an event."""
        if len(feed.untold) >= UNTOLD_MAX:
            feed.untold.popleft()
        feed.untold.append(event)
        if event.subject not in self._awaited:
            if len(self._awaited) >= AWAITED_MAX:
                del self._awaited[next(iter(self._awaited))]
            self._awaited[event.subject] = Awaited(self._monotonic())

    def missed(self, feed: Feed, events: Sequence[FeedEvent]) -> None:
        """A screen that came back was sent these; nobody here has shown what lies before."""
        for event in reversed(events):
            if not feed.untold or event.seq < feed.untold[0].seq:
                feed.untold.appendleft(event)

    def shown(self, feed: Feed, seq: int) -> list[UUID]:
        """A screen of this feed has shown everything up to ``seq``; the payments that are new."""
        if seq > self._shown.get(feed.account, 0):
            self._shown[feed.account] = seq
        payments = []
        untold = feed.untold
        while untold and untold[0].seq <= seq:
            event = untold.popleft()
            payments.append(event.subject)
            self._seen(event.subject, feed.role)
            self.unshown.pop((event.subject, feed.account), None)
            if event.other is not None:
                self._news.setdefault((event.other, feed.role), []).append(event.subject)
        return payments

    def heard(self, told: Told) -> None:
        """Another gateway's sessions have shown payments to whose other party we may be home."""
        for shown in told.shown:
            for payment in shown.payments:
                self._seen(payment, shown.by)
            self._tell(shown.account, shown.by, shown.payments)
            # The account is whom it is told to; whoever has shown it is the other party.
            told_of = set(shown.payments)
            for payment, account in list(self.unshown):
                if payment in told_of and account != shown.account:
                    del self.unshown[payment, account]

    def _seen(self, payment: UUID, by: str) -> None:
        awaited = self._awaited.get(payment)
        if awaited is not None:
            awaited.seen |= _BITS[by]
            if awaited.seen == 3:
                del self._awaited[payment]
                self._both_shown(self._monotonic() - awaited.since)

    # -- what is done about it ---------------------------------------------------------------------

    async def _every(self, seconds: float, what: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await what()
            except LedgerError as error:
                log.warning("confirmations_wait", error=str(error))

    async def _tell_news(self) -> None:
        news, self._news = self._news, {}
        for (account, by), payments in news.items():
            self._tell(account, by, payments)
        if news and self._broker.peers(self._town):
            told = [ShownBy(account, by, payments) for (account, by), payments in news.items()]
            self._broker.tell(self._town, Told(self._broker.gateway, told))

    async def _keep(self) -> None:
        old = self._monotonic() - AWAITED_S
        while self._awaited and self._awaited[first := next(iter(self._awaited))].since < old:
            del self._awaited[first]
        shown, self._shown = self._shown, {}
        try:
            await mark_shown(self._pool, self._town, shown, self._now())
        except LedgerError:
            for account, seq in shown.items():
                self._shown[account] = max(seq, self._shown.get(account, 0))
            raise

    async def _look(self) -> None:
        """Adds what has become ten seconds old unshown; drops what was shown since, or is old."""
        now = self._now()
        until = now - timedelta(seconds=UNSHOWN_AFTER_S)
        found = await unshown(self._pool, self._town, self._looked_until, until, UNSHOWN_MAX)
        self._looked_until = until
        known = {**self.unshown, **{(one.payment, one.account): one for one in found}}
        oldest = now - timedelta(seconds=UNSHOWN_UNTIL_S)
        recent = [one for one in known.values() if one.at >= oldest][-UNSHOWN_MAX:]
        still = await still_unshown(self._pool, self._town, [one.payment for one in recent])
        self.unshown = {
            (one.payment, one.account): one for one in recent if (one.payment, one.account) in still
        }
