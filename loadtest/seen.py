"""What one screen saw, written down as it came. Pure: no socket and no clock."""

from enum import Enum
from uuid import UUID

from msgspec import Struct

from gateway.protocol.messages import Role


class Place(Enum):
    """Where an event stood in the feed, compared with the ones before it."""

    NEXT = "next"
    GAP = "gap"  # Events before it are missing.
    DOUBLE = "double"  # It was here already.
    REORDERED = "reordered"  # It was missing, and comes behind later ones.


class Sighting(Struct, frozen=True):
    """An event as it reached the screen. ``body`` is the receipt, byte for byte."""

    seq: int
    kind: str
    subject: UUID
    body: bytes


class Seen:
    """One account's screen over a whole run, with all its connections."""

    def __init__(self, role: Role, account: int) -> None:
        self.role = role
        self.account = account
        self.entered: int | None = None  # The position at which the feed was first entered.
        self.last = 0
        self.events: dict[int, Sighting] = {}
        self.answers: dict[UUID, bytes] = {}  # Final answers with a receipt, by the command's id.
        self.unanswered: set[UUID] = set()  # Money commands sent and not finally answered.
        self.troubles: dict[Place, int] = dict.fromkeys(
            (Place.GAP, Place.DOUBLE, Place.REORDERED), 0
        )
        self.resyncs = 0

    def enter(self, seq: int, *, resync: bool) -> None:
        """A connection is ready; the feed goes on behind ``seq`` unless it was resumed."""
        if self.entered is None:
            self.entered = self.last = seq
        elif resync:
            self.resyncs += 1
            self.last = seq

    def tell(self, sighting: Sighting) -> Place:
        """An event came."""
        if sighting.seq in self.events:
            place = Place.DOUBLE
        elif sighting.seq <= self.last:
            place = Place.REORDERED
        else:
            place = Place.NEXT if sighting.seq == self.last + 1 else Place.GAP
            self.last = sighting.seq
        self.events.setdefault(sighting.seq, sighting)
        if place is not Place.NEXT:
            self.troubles[place] += 1
        return place

    def missing(self, end: int) -> list[int]:
        """The events up to ``end`` that should have come and did not."""
        if self.entered is None:
            return []
        return [seq for seq in range(self.entered + 1, end + 1) if seq not in self.events]
