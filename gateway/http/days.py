"""Days that requests name, as instants of the town's own clocks."""

import datetime as dt
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.refused import Refused

# At the ends of the calendar a day has no midnight that could be told in another time zone.
YEARS = range(2000, 2200)


def check_day(day: dt.date, field: str) -> None:
    """Refuses a day of another age.

    Raises:
        Refused: ``invalid``, with the field.
    """
    if day.year not in YEARS:
        text = f"The day has to be from {YEARS.start} to {YEARS.stop - 1}."
        raise Refused("invalid", text, field=field)


def days(
    since: dt.date | None, until: dt.date | None, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """From the first day's midnight to that after the last, on the town's clocks.

    Raises:
        Refused: ``invalid``, where the last day is before the first, or one is of another age.
    """
    for field, day in (("since", since), ("until", until)):
        if day is not None:
            check_day(day, field)
    if since is not None and until is not None and until < since:
        raise Refused("invalid", "The last day is before the first.", field="until")
    after = None if until is None else until + dt.timedelta(days=1)
    return _midnight(since, zone), _midnight(after, zone)


def _midnight(day: dt.date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, dt.time(), zone)


def local_time(at: datetime, zone: ZoneInfo) -> str:
    """An instant as the town's clocks show it, to the second."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
