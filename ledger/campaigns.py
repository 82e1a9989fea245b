"""Campaigns (H3): for a time, on some days, at some shops or terminals, an act gives more.

What is in force stands in ``koban.campaign`` and is read by every decision, so a campaign begins
and ends by the clock and nobody starts it. Before it begins its terms may be changed; from then on
they stand, and it can only be stopped from an instant on.

Dice: the seed is made with the campaign and lies in the database in clear, because the decision
throws with it in SQL. Its SHA-256, the commitment, is public from the beginning; the seed itself is
read by nobody until `SEED_REST` after the end. `ledger.dice` throws again with it.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    translated,
)

SQL = load_queries("campaigns")

SEED_BYTES = 32

# An act takes effect at the earliest so long after it was asked for: by then it is committed, and
# no payment is decided by the terms of before at an instant that belongs to those of after.
LEAD = timedelta(seconds=10)

# Gateways' clocks may differ by some seconds, and whoever knew the seed while one of them still
# throws could choose an id by its face.
SEED_REST = timedelta(minutes=1)


class Face(Struct, frozen=True):
    """A face of the dice: how often it comes (of the sum of weights), and what it multiplies by."""

    weight: int
    factor: int


class Terms(Struct, frozen=True):
    """What a campaign is. Instruments by their numbers in the profile; amounts in yen.

    ``trigger``: top_up, payment or issue. ``source``: only what moved in this kind of value counts;
    None: the whole payment, or the points issued. ``fund`` None: the shop pays. ``entry_max`` and
    ``person_max``: what it gives at most at once, and to one wallet. ``weekdays``: 1 is Monday.
    ``from_minute`` and ``to_minute``: of the day; a time that ends before it begins runs past
    midnight and belongs to the day on which it began. Each list that is not empty is a condition of
    its own. ``faces``: of the dice; none: no dice.
    """

    code: str
    name: str
    trigger: str
    source: int | None
    instrument: int
    basis_points: int
    rounding: str
    fund: int | None
    entry_max: int | None
    person_max: int | None
    priority: int
    starts_at: datetime
    ends_at: datetime
    weekdays: tuple[int, ...]
    month_days: tuple[int, ...]
    from_minute: int | None
    to_minute: int | None
    shop_groups: tuple[str, ...]
    shops: tuple[int, ...]
    terminal_groups: tuple[str, ...]
    faces: tuple[Face, ...]


class Campaign(Struct, frozen=True):
    """A campaign. ``commitment``: SHA-256 of the dice's seed; ``seed``: only when it is over.
    ``granted`` yen in ``grants`` entries so far.
    """

    campaign: int
    terms: Terms
    fund_code: str | None
    stopped_at: datetime | None
    commitment: bytes | None
    seed: bytes | None
    grants: int = 0
    granted: int = 0

    @property
    def over_at(self) -> datetime:
        """From when on it gives nothing."""
        return min(self.terms.ends_at, self.stopped_at or self.terms.ends_at)

    def running(self, now: datetime) -> bool:
        """Whether it has begun and is not over."""
        return self.terms.starts_at <= now < self.over_at


class UnknownPlaces(Struct, frozen=True):
    """What a campaign names that is not there; ``known``: the groups that terminals are in."""

    shops: list[int]
    terminal_groups: list[str]
    known: list[str]


# -- acts ------------------------------------------------------------------------------------------


async def own_fund(
    connection: Connection, town: int, code: str, ceiling: int, now: datetime
) -> int:
    """A campaign's own fund, opened where it is new, which may give ``ceiling`` yen in all."""
    name = f"campaign:{code}"  # No profile and no programme can name a fund so.
    with translated():
        fund = await connection.fetchval(SQL["fund"], town, name)
        if fund is None:
            fund = await connection.fetchval(SQL["open_fund_account"], town, now)
            await connection.execute(SQL["open_fund"], town, fund, name)
        await connection.execute(SQL["set_ceiling"], town, fund, ceiling)
    return int(fund)


async def add(connection: Connection, town: int, terms: Terms) -> int | None:
    """Makes a campaign, with a seed where it has dice; its number, or None: the code is taken."""
    with translated():
        number = await connection.fetchval(SQL["add"], town, *_fields(terms), _seed(terms))
    return None if number is None else int(number)


async def lock(connection: Connection, town: int, code: str) -> bool:
    """Keeps others from changing a campaign until the transaction ends; False: there is none."""
    with translated():
        return await connection.fetchval(SQL["lock"], town, code) is not None


async def change(connection: Connection, town: int, terms: Terms) -> None:
    """Gives the campaign of this code other terms. The caller has seen that it has not begun.

    Dice keep their seed, so that nobody can throw again until a seed pleases.
    """
    with translated():
        await connection.execute(SQL["change"], town, *_fields(terms), _seed(terms))


async def stop(connection: Connection, town: int, code: str, at: datetime) -> None:
    """From ``at`` on the campaign gives nothing; where it ends earlier, nothing changes."""
    with translated():
        await connection.execute(SQL["stop"], town, code, at)


def _seed(terms: Terms) -> bytes | None:
    return secrets.token_bytes(SEED_BYTES) if terms.faces else None


def _fields(terms: Terms) -> tuple[object, ...]:
    return (
        *(terms.code, terms.name, terms.trigger, terms.source, terms.instrument),
        *(terms.basis_points, terms.rounding, terms.fund, terms.entry_max, terms.person_max),
        *(terms.priority, terms.starts_at, terms.ends_at, terms.weekdays, terms.month_days),
        *(terms.from_minute, terms.to_minute, terms.shop_groups, terms.shops),
        terms.terminal_groups,
        [face.weight for face in terms.faces] or None,
        [face.factor for face in terms.faces] or None,
    )


# -- reading ---------------------------------------------------------------------------------------


async def campaigns(
    pool: Executor,
    town: int,
    now: datetime,
    *,
    over_after: datetime | None = None,
    before: int | None = None,
    limit: int = 200,
) -> list[Campaign]:
    """Campaigns, the newest first; what they gave is not added up. ``over_after``: only those that
    are not over by then; ``before``: only those made before the campaign of this number.
    """
    rows = await _rows(pool, town, now, over_after=over_after, before=before, limit=limit)
    return [_campaign(row) for row in rows]


async def added_up(pool: Executor, town: int, found: Sequence[Campaign]) -> list[Campaign]:
    """The same campaigns with what they gave so far, which reads every grant of theirs."""
    numbers = [each.campaign for each in found]
    given = {row["campaign"]: row for row in await fetch_rows(pool, SQL["given"], town, numbers)}
    return [
        replace(each, grants=row["grants"], granted=row["amount"])
        if (row := given.get(each.campaign))
        else each
        for each in found
    ]


async def campaign(pool: Executor, town: int, code: str, now: datetime) -> Campaign | None:
    """The campaign of this code, or None; what it gave is not added up."""
    rows = await _rows(pool, town, now, code=code, limit=1)
    return _campaign(rows[0]) if rows else None


async def _rows(
    pool: Executor,
    town: int,
    now: datetime,
    *,
    code: str | None = None,
    over_after: datetime | None = None,
    before: int | None = None,
    limit: int,
) -> list[asyncpg.Record]:
    query, arguments = chosen(
        SQL["campaigns"],
        town=town,
        now=now,
        grace=SEED_REST,
        code=code,
        over_after=over_after,
        before=before,
        limit=limit,
    )
    return await fetch_rows(pool, query, *arguments)


def _campaign(row: asyncpg.Record) -> Campaign:
    faces = zip(row["face_weights"] or (), row["face_factors"] or (), strict=True)
    fields = {name: row[name] for name in Terms.__struct_fields__ if name != "faces"}
    for name, value in fields.items():
        if isinstance(value, list):
            fields[name] = tuple(value)
    terms = Terms(**fields, faces=tuple(Face(weight, factor) for weight, factor in faces))
    return Campaign(
        row["campaign"],
        terms,
        row["fund_code"],
        row["stopped_at"],
        row["commitment"],
        row["seed"],
    )


async def programme(pool: Executor, town: int, code: str) -> tuple[int, int] | None:
    """The fund of a programme and the number of its instrument; None where there is none."""
    row = await fetch_row(pool, SQL["programme"], town, code)
    return (row["fund"], row["instrument"]) if row else None


async def budget_left(pool: Executor, town: int, fund: int) -> int | None:
    """What a fund may still give (yen); None: it has no bound."""
    row = await fetch_row(pool, SQL["budget_left"], town, fund)
    return None if row is None else int(row["left"])


async def unknown_places(
    pool: Executor, town: int, shops: Sequence[int], terminal_groups: Sequence[str]
) -> UnknownPlaces:
    """Which of these shops and groups of terminals are not there."""
    row = await fetch_row(pool, SQL["unknown_places"], town, list(shops), list(terminal_groups))
    assert row is not None
    return UnknownPlaces(*row)
