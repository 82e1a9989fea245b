"""When a job is due, in a town's own time: pure rules.

An occasion is an instant at which a job is due. All up to the instant `reached` were enqueued.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

# After a longer stand-still the oldest days are let go: whom they were for has been told by people.
MISSED_DAYS_MAX = 31


class Daily(Struct, frozen=True):
    """Once a day at ``at`` by the town's clocks, enqueued ``grace_s`` seconds later."""

    at: time
    grace_s: int = 0


class EveryMinute(Struct, frozen=True):
    """At each full minute; of those that were missed only the last."""


Schedule: TypeAlias = Daily | EveryMinute


def occasions(
    schedule: Schedule, zone: ZoneInfo, reached: datetime, now: datetime
) -> list[datetime]:
    """What is due after ``reached`` and not enqueued by ``now``, in UTC, oldest first."""
    if isinstance(schedule, EveryMinute):
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        return [minute] if minute > reached else []
    until = now - timedelta(seconds=schedule.grace_s)
    days = _days(schedule.at, zone, max(reached, until - timedelta(days=MISSED_DAYS_MAX)), until)
    return [due for due in days if reached < due <= until][-MISSED_DAYS_MAX:]


def _days(at: time, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[datetime]:
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        yield datetime.combine(day, at, zone).astimezone(UTC)
        day += timedelta(days=1)
