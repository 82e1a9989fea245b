"""A town's day, squeezed into minutes: how many people are about, and how much in a hurry."""

from msgspec import Struct


class Hours(Struct, frozen=True):
    """A part of the day. ``lull_s`` is how long people wait between two things they do."""

    name: str
    until: float  # The share of the day at which it ends.
    people: float  # The share of all wallets that is about.
    lull_s: float
    storm: bool = False  # At its beginning every connection is torn at once.


DAY = (
    Hours("morning", 0.25, 0.4, 1.5),
    Hours("lunch rush", 0.55, 1.0, 0.25),
    Hours("reconnect storm", 0.75, 1.0, 0.5, storm=True),
    Hours("evening", 1.0, 0.5, 1.0),
)


def hours_at(share: float) -> Hours | None:
    """The part of the day at this share of it; None when it is over."""
    return next((hours for hours in DAY if share < hours.until), None)
