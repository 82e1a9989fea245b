"""Feeds: events in order, each once, to whoever listens here.

`Sequence` is the rule (pure); `Feed` is one account's feed with its listeners; `Feeds` is a town's.
A feed exists only while somebody listens to it on this gateway, and a little longer, so that a
screen that comes back finds it in place.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from collections.abc import Sequence as Several
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from ledger.authorise import FeedEvent
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.outbox import position

Thing = TypeVar("Thing")

# Things kept that wait for an earlier one. A gap is closed within a tenth of a second; so many come
# in that time only if something is broken, and then the listeners come back and resume.
HELD_MAX = 20_000


class GapTooLong(Exception):
    """More waits behind a gap than is worth keeping."""


class FeedUnknown(Exception):
    """There is no such account."""


class Sequence(Generic[Thing]):
    """Puts numbered things back in order: each comes out once, none is left out.

    Until `start` is called with the position to begin behind, everything is held.
    """

    __slots__ = ("_held", "position")

    def __init__(self, position: int | None = None) -> None:
        self.position = position
        self._held: dict[int, Thing] = {}

    @property
    def held(self) -> int:
        """How many things wait behind a gap."""
        return len(self._held)

    def start(self, position: int) -> list[Thing]:
        """Begins behind ``position``; what was held and is newer comes out."""
        self.position = position
        for number in [number for number in self._held if number <= position]:
            del self._held[number]
        return self._release()

    def take(self, first: int, things: Several[Thing]) -> Several[Thing]:
        """Takes a run of things numbered from ``first``; returns what is now in order.

        Raises:
            GapTooLong: they cannot be kept.
        """
        position = self.position
        if position is None or first > position + 1:
            if len(self._held) + len(things) > HELD_MAX:
                raise GapTooLong
            self._held.update(enumerate(things, first))
            return ()
        fresh = things[position + 1 - first :]
        self.position = position + len(fresh)
        if not self._held:
            return fresh
        for number in range(position + 1, self.position + 1):
            self._held.pop(number, None)
        return [*fresh, *self._release()]

    def _release(self) -> list[Thing]:
        if self.position is None:
            return []
        ready = []
        number = self.position + 1
        while number in self._held:
            ready.append(self._held.pop(number))
            number += 1
        self.position = number - 1
        return ready


class Listener(Protocol):
    """A session that listens to a feed."""

    def event(self, seq: int, frame: bytes) -> None:
        """Sends the event's frame, which all listeners of the feed share."""

    def fall_out(self) -> None:
        """The feed cannot go on without a gap: the screen must come back and resume."""


class Feed:
    """One account's feed on this gateway. ``role`` is whose it is: wallet or terminal (a shop)."""

    __slots__ = (
        "account",
        "epoch",
        "idle_since",
        "listeners",
        "opening",
        "order",
        "role",
        "untold",
    )

    def __init__(self, account: int, role: str) -> None:
        self.account = account
        self.role = role
        self.epoch = 0
        self.order: Sequence[FeedEvent] = Sequence()
        self.listeners: list[Listener] = []
        self.untold: deque[FeedEvent] = deque()  # Handed out, and not known to be shown yet.
        self.idle_since: float | None = None
        self.opening: asyncio.Task[None] | None = None

    @property
    def position(self) -> int:
        """The last event handed out; 0 before the feed is open."""
        return self.order.position or 0


class Feeds:
    """The feeds of one town that somebody on this gateway listens to.

    Args:
        encode: makes the frame of an event, once for all listeners of its feed.
        handed_out: is told of each event when its listeners have it.
    """

    def __init__(
        self,
        pool: Pool,
        town: int,
        encode: Callable[[Feed, FeedEvent], bytes],
        handed_out: Callable[[Feed, FeedEvent], None],
    ) -> None:
        self._feeds: dict[int, Feed] = {}
        self._pool = pool
        self._town = town
        self._encode = encode
        self._handed_out = handed_out

    def __len__(self) -> int:
        return len(self._feeds)

    def get(self, account: int) -> Feed | None:
        """The account's feed, if anybody listens here."""
        return self._feeds.get(account)

    async def open(self, account: int, role: str) -> Feed:
        """The account's feed, standing at a position behind which no event will be missed.

        It collects from the moment it is asked for, and only then asks where it stands: an event
        is either in the position that is read or still to come.

        Raises:
            LedgerUnavailable: the position could not be read.
            FeedUnknown: there is no such account.
        """
        feed = self._feeds.get(account)
        if feed is None:
            feed = self._feeds[account] = Feed(account, role)
        feed.idle_since = None
        if feed.order.position is None:
            if feed.opening is None:
                feed.opening = asyncio.create_task(self._begin(feed))
            # The reading is shared by all who wait; one that leaves must not end it for the others.
            await asyncio.shield(feed.opening)
        return feed

    async def _begin(self, feed: Feed) -> None:
        try:
            place = await position(self._pool, self._town, feed.account)
        except LedgerError:
            # Whoever asks next begins anew; nobody listens yet.
            self._feeds.pop(feed.account, None)
            raise
        finally:
            feed.opening = None
        if place is None:
            del self._feeds[feed.account]
            raise FeedUnknown(f"account {feed.account} has no feed")
        feed.epoch = place.epoch
        self._hand_out(feed, feed.order.start(place.seq))

    def leave(self, feed: Feed, listener: Listener, now: float) -> None:
        """The listener is gone; the feed stays for a while."""
        with suppress(ValueError):
            feed.listeners.remove(listener)
        if not feed.listeners:
            feed.idle_since = now

    def sweep(self, idle_before: float) -> None:
        """Forgets the feeds to which nobody has listened since ``idle_before``."""
        for feed in [
            feed
            for feed in self._feeds.values()
            if feed.idle_since is not None and feed.idle_since < idle_before
        ]:
            del self._feeds[feed.account]

    def offer(self, events: Iterable[FeedEvent]) -> None:
        """Events of any accounts, in any order, repeats welcome."""
        feeds = self._feeds
        for event in events:
            feed = feeds.get(event.account)
            if feed is None:
                continue
            try:
                ready = feed.order.take(event.seq, (event,))
            except GapTooLong:
                self.drop(feed)
                continue
            if ready:
                self._hand_out(feed, ready)

    def drop(self, feed: Feed) -> None:
        """Forgets a feed that cannot go on; its listeners come back and resume."""
        self._feeds.pop(feed.account, None)
        for listener in list(feed.listeners):
            listener.fall_out()

    def drop_all(self) -> None:
        """The feeds were begun anew (another epoch): everybody comes back."""
        for feed in list(self._feeds.values()):
            self.drop(feed)

    def _hand_out(self, feed: Feed, events: Several[FeedEvent]) -> None:
        for event in events:
            if feed.listeners:
                frame = self._encode(feed, event)
                seq = event.seq
                for listener in list(feed.listeners):
                    listener.event(seq, frame)
            self._handed_out(feed, event)
