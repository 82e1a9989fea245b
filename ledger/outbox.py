"""The outbox: events written in the payments' own transactions, read by position.

An account's feed has positions without gaps (``seq``); a town's events have numbers without gaps
(``number``), given under the town's lock, so a reader that goes on behind the last number it
saw never misses one that was committed late.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.authorise import FeedEvent
from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("outbox")


class Position(Struct, frozen=True):
    """Where a feed stands. Positions of different epochs cannot be compared."""

    epoch: int
    seq: int


class PastEvent(Struct, frozen=True):
    """An event with the instant it was decided at."""

    event: FeedEvent
    at: datetime


class Unshown(Struct, frozen=True):
    """A payment that one party's screens have not shown. ``kind``: wallet or shop."""

    payment: UUID
    account: int
    kind: str
    at: datetime


async def position(pool: Executor, town: int, account: int) -> Position | None:
    """Where an account's feed stands; None where there is no such account."""
    row = await fetch_row(pool, SQL["position"], town, account)
    return Position(*row) if row else None


async def town_position(pool: Executor, town: int) -> Position:
    """Where a town's events stand; ``seq`` is the last event's number."""
    row = await fetch_row(pool, SQL["town_position"], town)
    return Position(*row) if row else Position(0, 0)


async def feed_after(
    pool: Executor, town: int, account: int, seq: int, limit: int
) -> list[FeedEvent]:
    """The next ``limit`` events of an account's feed behind ``seq``."""
    rows = await fetch_rows(pool, SQL["feed_after"], town, account, seq, limit)
    return [FeedEvent(*row) for row in rows]


async def events_after(pool: Executor, town: int, number: int, limit: int) -> list[FeedEvent]:
    """The next ``limit`` events of a town behind ``number``."""
    rows = await fetch_rows(pool, SQL["events_after"], town, number, limit)
    return [FeedEvent(*row) for row in rows]


async def events_before(
    pool: Executor,
    town: int,
    before: int | None,
    limit: int,
    kind: str | None = None,
    account: int | None = None,
) -> list[PastEvent]:
    """The last ``limit`` events of a town before a number, newest first."""
    rows = await fetch_rows(pool, SQL["events_before"], town, before, limit, kind, account)
    return [PastEvent(FeedEvent(*row[:7]), row["at"]) for row in rows]


async def mark_shown(pool: Executor, town: int, shown: Mapping[int, int], now: datetime) -> None:
    """Notes how far accounts' screens have shown their feeds (account → seq)."""
    if shown:
        await fetch_rows(pool, SQL["mark_shown"], town, list(shown), list(shown.values()), now)


async def unshown(
    pool: Executor, town: int, since: datetime, until: datetime, limit: int
) -> list[Unshown]:
    """What was decided in between and not shown by one party's screens, newest first."""
    rows = await fetch_rows(pool, SQL["unshown"], town, since, until, limit)
    return [Unshown(*row) for row in rows]


async def still_unshown(
    pool: Executor, town: int, payments: Sequence[UUID]
) -> set[tuple[UUID, int]]:
    """Of these payments, those that an account's screens have still not shown."""
    if not payments:
        return set()
    rows = await fetch_rows(pool, SQL["still_unshown"], town, payments)
    return {(row["payment"], row["account"]) for row in rows}
