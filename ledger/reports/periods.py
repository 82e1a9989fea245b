"""The time a report is about."""

import datetime as dt
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

DAYS_MAX = 366  # A year's journal is the most that one report reads.


class Period(Struct, frozen=True):
    """From the first midnight to that after the last day, on the town's clocks."""

    first: dt.date
    last: dt.date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """The first instant in it."""
        return datetime.combine(self.first, dt.time(), self.zone)

    @property
    def until(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + dt.timedelta(days=1), dt.time(), self.zone)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def month_of(day: dt.date, zone: ZoneInfo) -> Period:
    """The whole month in which a day lies."""
    first = day.replace(day=1)
    return Period(first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(1), zone)


def month_before(day: dt.date, zone: ZoneInfo) -> Period:
    """The whole month before the one in which a day lies."""
    return month_of(day.replace(day=1) - dt.timedelta(days=1), zone)
