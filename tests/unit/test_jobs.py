"""When jobs are due, how they are told what to do, and how long they rest after a failure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from gateway.jobs.context import JobContext
from gateway.jobs.job import Job, Retry, job
from gateway.jobs.schedule import MISSED_DAYS_MAX, Daily, EveryMinute, Schedule, occasions
from gateway.jobs.table import JOBS

TOKYO = ZoneInfo("Asia/Tokyo")
MIDNIGHT = Daily(time(0), grace_s=300)
MORNING = Daily(time(10))


def tokyo(text: str) -> datetime:
    """An instant by a town's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("schedule", "reached", "now", "due"),
    [
        (MIDNIGHT, "2026-04-01T00:00", "2026-04-02T00:04:59", []),
        (MIDNIGHT, "2026-04-01T00:00", "2026-04-02T00:05", ["2026-04-02T00:00"]),
        (MIDNIGHT, "2026-04-02T00:00", "2026-04-02T23:59:59", []),
        (
            MIDNIGHT,
            "2026-04-01T00:00",
            "2026-04-04T09:00",
            ["2026-04-02T00:00", "2026-04-03T00:00", "2026-04-04T00:00"],
        ),
        (MIDNIGHT, "2026-12-31T00:00", "2027-01-01T00:05", ["2027-01-01T00:00"]),
        (MIDNIGHT, "2028-02-28T00:00", "2028-02-29T00:05", ["2028-02-29T00:00"]),
        (MORNING, "2026-04-01T10:00", "2026-04-02T09:59:59", []),
        (MORNING, "2026-04-01T10:00", "2026-04-02T10:00", ["2026-04-02T10:00"]),
        # Begun in the middle of a day: the first is the next one.
        (MORNING, "2026-04-01T12:00", "2026-04-01T23:59", []),
        (MORNING, "2026-04-01T12:00", "2026-04-02T10:00", ["2026-04-02T10:00"]),
        # A clock that went back finds nothing, and nothing twice when it comes on again.
        (MORNING, "2026-04-02T10:00", "2026-04-01T10:00", []),
        (EveryMinute(), "2026-04-01T12:00", "2026-04-01T12:00:59.9", []),
        (EveryMinute(), "2026-04-01T12:00", "2026-04-01T12:01", ["2026-04-01T12:01"]),
        (EveryMinute(), "2026-04-01T12:00", "2026-04-05T17:31:30", ["2026-04-05T17:31"]),
    ],
)
def test_what_is_due(schedule: Schedule, reached: str, now: str, due: list[str]) -> None:
    """By the town's clocks, after what was reached, once its grace is over; in UTC."""
    found = occasions(schedule, TOKYO, tokyo(reached), tokyo(now))
    assert found == [tokyo(text) for text in due]
    assert all(instant.tzinfo is UTC for instant in found)


def test_after_a_long_stand_still_the_latest_days_are_caught_up() -> None:
    """Bounded: a database that comes back after a year does not work off a year."""
    found = occasions(MORNING, TOKYO, tokyo("2025-04-01T10:00"), tokyo("2026-04-01T10:00"))
    assert len(found) == MISSED_DAYS_MAX
    assert found[-1] == tokyo("2026-04-01T10:00")
    assert found == sorted(found)


def test_a_town_whose_clocks_are_put_back_has_each_day_once() -> None:
    """Two nights a year have 23 or 25 hours somewhere; each day is there once."""
    zone = ZoneInfo("Europe/Berlin")
    at_half_past_two = Daily(time(2, 30))
    since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 11, 30, 12, tzinfo=UTC)
    reached, found = since, list[datetime]()
    while reached < until:
        now = reached + timedelta(hours=7)
        found += occasions(at_half_past_two, zone, found[-1] if found else since, now)
        reached = now
    days = [instant.astimezone(zone).date() for instant in found]
    assert len(set(days)) == len(days) == (date(2026, 11, 30) - date(2026, 3, 1)).days + 1


def test_a_failed_job_rests_longer_and_longer_and_not_for_ever() -> None:
    """Doubling from the first wait to the longest, then given up."""
    retry = Retry(attempts_max=6, first_s=2, longest_s=12)
    assert [retry.wait_s(attempts) for attempts in range(1, 7)] == [2, 4, 8, 12, 12, None]


@job("test.told", subject="run")
async def told(
    context: JobContext,
    town: int,
    *,
    run: int,
    place: UUID,
    day: date,
    note: str = "",
    now: datetime,
) -> None:
    """Takes arguments of several kinds."""


ID = UUID("01990000-0000-7000-8000-000000000001")
GOOD: dict[str, Any] = {"run": 7, "place": ID, "day": date(2026, 4, 1)}


def test_a_job_is_told_what_was_deferred() -> None:
    """Through JSON and back, with what was left out; its lock names the town and the subject."""
    plain = told.plain(GOOD)
    assert plain == {"run": 7, "place": str(ID), "day": "2026-04-01", "note": ""}
    assert told.told(plain) == GOOD | {"note": ""}
    assert told.lock(3, plain) == "test.told:3:7"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"run": "seven"},
        {"run": None},
        {"place": "no id"},
        {"day": "2026-02-30"},
        {"note": 5},
        {"nobody": 1},
        {"now": tokyo("2026-04-01T00:00")},
    ],
    ids=str,
)
def test_what_is_none_of_its_arguments_is_refused_when_it_is_deferred(
    wrong: dict[str, Any],
) -> None:
    """By whoever defers it, before anything waits."""
    with pytest.raises(TypeError):
        told.plain(GOOD | wrong if wrong else {})


async def without_now(context: JobContext, town: int, *, run: int) -> None: ...
async def by_position(context: JobContext, town: int, run: int, *, now: datetime) -> None: ...
async def not_due(context: JobContext, town: int, *, run: int, now: datetime) -> None: ...


@pytest.mark.parametrize(
    ("function", "more", "words"),
    [
        (without_now, {}, "also takes now"),
        (by_position, {}, "run is not by keyword"),
        (not_due, {"subject": "shop"}, "subject 'shop'"),
        (not_due, {"schedule": lambda _profile: EveryMinute()}, "one argument due"),
    ],
)
def test_a_function_of_another_form_is_no_job(function: Any, more: Any, words: str) -> None:
    """Said when the module is read, not when the job is due."""
    with pytest.raises(TypeError, match=words):
        job("test.wrong", **more)(function)


def test_every_job_has_a_name_of_its_own() -> None:
    """Jobs that wait are found by it."""
    names = [one.name for one in JOBS]
    assert len(set(names)) == len(names)
    assert all(isinstance(one, Job) for one in JOBS)
