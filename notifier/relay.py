"""The relay: learns of every event of a town, and offers each to the feeds and to the town's tail.

Own batches' events come by `own`, at once. Of other gateways' events it hears by `hint` and reads
them from the outbox. Behind both stands a poll of the town's last event number; what it shows and
nobody offered by the next look is read. The town's numbers have no gaps, so one position (the
frontier: everything up to it was offered) tells exactly what is missing.

Offering twice is harmless: feeds and tail take each number once. ``healthy`` is False while the
outbox cannot be read.
"""

import asyncio
from collections.abc import Callable
from collections.abc import Sequence as Several

import structlog

from ledger.authorise import FeedEvent
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.outbox import events_after, town_position
from notifier.feeds import Feeds, GapTooLong, Sequence

# Two looks make the tenth of a second within which a lost hint is made good: an event that one look
# shows is read at the next, if it was not offered by then. (Own batches mostly are, and so are not
# read again.)
POLL_S = 0.05
# Events read at once: some milliseconds' work, so that catching up does not hold up the loop.
PAGE = 500
AGAIN_S = 0.2

log = structlog.get_logger("notifier.relay")


class Relay:
    """One town's relay.

    Args:
        feeds: where account events go.
        tail: is given all events of the town in the order of their numbers.
        decided: is told of the events of this gateway's own batches.
    """

    def __init__(
        self,
        pool: Pool,
        town: int,
        feeds: Feeds,
        tail: Callable[[Several[FeedEvent]], None],
        decided: Callable[[Several[FeedEvent]], None] | None = None,
    ) -> None:
        self._pool = pool
        self._town = town
        self._feeds = feeds
        self._tail = tail
        self._decided = decided
        self._order: Sequence[FeedEvent] = Sequence()
        self._wanted = 0
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.epoch = 0
        self.healthy = False
        self._broken = False
        self.catch_ups = 0  # How often something had to be read; for the metrics.

    @property
    def frontier(self) -> int:
        """Every event up to this number was offered."""
        return self._order.position or 0

    @property
    def wanted(self) -> int:
        """There are events up to this number, as far as was heard or looked up."""
        return self._wanted

    async def start(self) -> None:
        """Takes up its place behind the town's last event.

        Raises:
            LedgerError: the outbox cannot be read.
        """
        place = await town_position(self._pool, self._town)
        self.epoch = place.epoch
        self._order.start(place.seq)
        self.healthy = True
        self._tasks = [
            asyncio.create_task(self._poll(), name="relay poll"),
            asyncio.create_task(self._read(), name="relay read"),
        ]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task that ends by a fault of ours does not end in silence: health says so."""
        if not task.cancelled() and (fault := task.exception()) is not None:
            self.healthy = False
            self._broken = True
            log.error("relay_fault", task=task.get_name(), exc_info=fault)

    async def stop(self) -> None:
        """Ends; what comes later is read by whoever resumes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def own(self, events: Several[FeedEvent]) -> None:
        """The events of a batch that this gateway has just committed, in order."""
        if events:
            self._take(events)
            if self._decided is not None:
                self._decided(events)
            if self._order.held:
                # Another gateway's events, or those of an own batch not seen yet, are between.
                self._want(events[-1].number)

    def hint(self, number: int) -> None:
        """Another gateway says that the town's events reach to ``number``."""
        self._want(number)

    def _want(self, number: int) -> None:
        if number > self.frontier:
            self._wanted = max(self._wanted, number)
            self._wake.set()

    def _take(self, events: Several[FeedEvent]) -> None:
        self._feeds.offer(events)
        try:
            ready = self._order.take(events[0].number, events)
        except GapTooLong:
            # They were offered to the feeds; the tail reads them again from the outbox.
            return
        if ready:
            self._tail(ready)

    async def _read(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            # One turn of the loop: the own batch that fills the gap may be just behind.
            await asyncio.sleep(0)
            try:
                while self._wanted > self.frontier:
                    events = await events_after(self._pool, self._town, self.frontier, PAGE)
                    if not events:
                        break
                    self.catch_ups += 1
                    self._take(events)
            except LedgerError as error:
                self.healthy = False
                log.warning("outbox_unreadable", error=str(error))
                await asyncio.sleep(AGAIN_S)
                self._wake.set()

    async def _poll(self) -> None:
        seen = self.frontier
        while True:
            await asyncio.sleep(POLL_S)
            try:
                place = await town_position(self._pool, self._town)
            except LedgerError as error:
                if self.healthy:
                    log.warning("outbox_unreadable", error=str(error))
                self.healthy = False
                await asyncio.sleep(AGAIN_S)
                continue
            self.healthy = not self._broken
            if place.epoch != self.epoch:
                log.warning("outbox_begun_anew", epoch=place.epoch, number=place.seq)
                self.epoch, seen = place.epoch, place.seq
                self._order = Sequence(seen)
                self._wanted = seen
                self._feeds.drop_all()
                continue
            if seen > self.frontier:
                self._want(seen)
            seen = place.seq
