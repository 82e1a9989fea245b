"""When a shop is open, by the week; all functions are pure.

Minutes are the town's own time. A shop that is open past midnight says so as its neighbours do:
Friday 18:00 to 26:00 is Saturday until 2:00.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

DAY = 1_440  # Minutes.
WEEK = 7 * DAY
TO_MAX = 30 * 60  # 30:00, six in the morning after.


class Hours(Struct, frozen=True):
    """Open on a weekday (1 is Monday) from one minute of the day to before another."""

    day: int
    from_minute: int
    to_minute: int


def open_minutes(hours: Sequence[Hours]) -> Iterator[tuple[int, int]]:
    """Stretches of minutes of the week, from the first to before the last; Sunday's night goes on
    on Monday.
    """
    for each in hours:
        begin = (each.day - 1) * DAY + each.from_minute
        end = (each.day - 1) * DAY + each.to_minute
        yield begin, min(end, WEEK)
        if end > WEEK:
            yield 0, end - WEEK


def minute_of_week(local: datetime) -> int:
    """Which minute of the week an instant is, in the time zone that it is told in."""
    return local.weekday() * DAY + local.hour * 60 + local.minute
