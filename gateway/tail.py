"""The town's tail: what the consoles see of all events, conflated where they cannot keep up.

Events gather for a moment and go out as one frame, made once for all consoles. A console whose
queue is not empty enough is spared frames; the next one that it gets says how many events it was
spared. What it missed it can read back over HTTP.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Raw

from gateway.protocol.messages import TownEvent, TownEvents, encode
from ledger.authorise import FeedEvent

if TYPE_CHECKING:
    from gateway.connection import Connection

# Nobody reads more of a moment than this; the newest are kept.
EVENTS_MAX = 100
# A console with so many frames waiting is spared the next.
QUEUE_FRAMES_MAX = 8


class Tail:
    """One town's tail and the consoles that follow it."""

    def __init__(self) -> None:
        self.consoles: list[Connection] = []
        self._events: list[FeedEvent] = []
        self._spared = 0  # Events of this moment beyond the newest.

    def join(self, console: "Connection") -> None:
        """A console follows from here on."""
        self.consoles.append(console)

    def leave(self, console: "Connection") -> None:
        """A console is gone; anybody else is ignored."""
        if console in self.consoles:
            self.consoles.remove(console)

    def take(self, events: Sequence[FeedEvent]) -> None:
        """The next events of the town, in order."""
        if not self.consoles:
            return
        self._events.extend(events)
        if (beyond := len(self._events) - EVENTS_MAX) > 0:
            del self._events[:beyond]
            self._spared += beyond

    def send(self) -> None:
        """Sends what has gathered; call it some ten times a second."""
        if not self._events:
            return
        events = [
            TownEvent(event.number, event.account, event.seq, event.kind, Raw(event.body.encode()))
            for event in self._events
        ]
        spared, self._events, self._spared = self._spared, [], 0
        shared = encode(TownEvents(events, spared))
        for console in list(self.consoles):
            if len(console.queue) >= QUEUE_FRAMES_MAX:
                console.skipped += len(events) + spared
            elif console.skipped:
                own = encode(TownEvents(events, spared + console.skipped))
                console.skipped = 0
                console.send(own)
            else:
                console.send(shared)

    def tell(self, frame: bytes) -> None:
        """Any other frame for every console (figures, alerts)."""
        for console in list(self.consoles):
            if len(console.queue) < QUEUE_FRAMES_MAX:
                console.send(frame)
