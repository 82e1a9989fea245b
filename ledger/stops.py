"""Planned stops (計画停止, N19): when the service will not be there, kept for every gateway.

A stop is planned, may be moved while it is not over, and is called off or said to be over. What
phase it is in follows from its instants and the present one, so no gateway need be told of it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("stops")

# Told again so long before it begins: a shop can finish what it is doing, and nobody has forgotten.
SOON = timedelta(minutes=10)
# Further ahead nobody remembers; a stop lasts a night, not a month.
AHEAD_MAX = timedelta(days=90)
LENGTH_MAX = timedelta(days=7)

_decode_words = msgspec.json.Decoder(dict[str, str]).decode


class Phase(StrEnum):
    """Where a stop is in time."""

    PLANNED = "planned"
    SOON = "soon"
    UNDER_WAY = "under_way"
    OVER = "over"  # Its time has passed, it was ended before, or it was called off.


class StopTimes(Struct, frozen=True):
    """From when until when the service is not there, and what is told of it, by language."""

    from_at: datetime
    until_at: datetime
    words: Mapping[str, str]


class Stop(Struct, frozen=True):
    """A planned stop. ``ended_at``: it was called off, or was over before its time."""

    town: int
    stop: int
    times: StopTimes
    planned_at: datetime
    planned_by: str
    ended_at: datetime | None

    def phase(self, now: datetime) -> Phase:
        """Where it is at ``now``."""
        if self.ended_at is not None or now >= self.times.until_at:
            return Phase.OVER
        if now >= self.times.from_at:
            return Phase.UNDER_WAY
        return Phase.SOON if now >= self.times.from_at - SOON else Phase.PLANNED


class WrongTimes(ValueError):
    """A stop cannot be at these times; the message says which and what is allowed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_times(from_at: datetime, until_at: datetime, now: datetime) -> None:
    """Refuses a stop that is over already, ends before it begins, is too far off or too long.

    Raises:
        WrongTimes: which of the two, and what is allowed.
    """
    if until_at <= now:
        raise WrongTimes(
            "until_at", f"{until_at:%Y-%m-%dT%H:%MZ} is past; allowed is later than now"
        )
    if until_at <= from_at:
        raise WrongTimes("until_at", "a stop ends after it begins")
    if from_at - now > AHEAD_MAX:
        raise WrongTimes("from_at", f"a stop begins at most {AHEAD_MAX.days} days ahead")
    if until_at - from_at > LENGTH_MAX:
        raise WrongTimes("until_at", f"a stop lasts at most {LENGTH_MAX.days} days")


async def ahead(pool: Executor, now: datetime) -> list[Stop]:
    """The stops of every town that are planned or under way, the next first."""
    return [_stop(row) for row in await fetch_rows(pool, SQL["ahead"], now)]


async def stops(pool: Executor, town: int, limit: int) -> list[Stop]:
    """A town's stops, also those that are over, the latest first."""
    return [_stop(row) for row in await fetch_rows(pool, SQL["stops"], town, limit)]


async def lock_stop(connection: Connection, town: int, stop: int) -> Stop | None:
    """One stop, which nobody else changes until the transaction ends; None: there is no such."""
    row = await fetch_row(connection, SQL["stop"], town, stop)
    return _stop(row) if row else None


async def plan(connection: Connection, town: int, times: StopTimes, by: str, now: datetime) -> int:
    """Plans a stop at checked times; its number."""
    words = msgspec.json.encode(times.words).decode()
    row = await fetch_row(
        connection, SQL["plan"], town, times.from_at, times.until_at, words, now, by
    )
    assert row is not None
    return int(row["stop"])


async def move(connection: Connection, town: int, stop: int, times: StopTimes) -> None:
    """Puts a stop that is not over at other, checked times, with other words."""
    words = msgspec.json.encode(times.words).decode()
    await fetch_row(connection, SQL["move"], town, stop, times.from_at, times.until_at, words)


async def end(connection: Connection, town: int, stop: int, now: datetime) -> None:
    """Calls a stop off, or says that it is over before its time."""
    await fetch_row(connection, SQL["end_stop"], town, stop, now)


def _stop(row: Record) -> Stop:
    return Stop(
        row["town"],
        row["stop"],
        StopTimes(row["from_at"], row["until_at"], _decode_words(row["words"])),
        row["planned_at"],
        row["planned_by"],
        row["ended_at"],
    )
