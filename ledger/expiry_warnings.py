"""Warnings before value ends (N8): a notice on the days that the town's profile names.

A day of the town is gone through once, wallet after wallet in slices; how far it has come is
committed with the notices, so whoever is killed leaves nothing half done and nobody told twice.
Value that ends at the midnight which closes a day is one day from its end on that day.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ledger import notices
from ledger.database import Executor, Pool, fetch_row, load_queries, transaction
from ledger.notices import NewNotice

SQL = load_queries("expiry_warnings")
KIND = "expiry_warning"
SLICE_WALLETS = 500  # 50 ms where all are warned, and no more pushes than their queue takes.


class Part(Struct, frozen=True):
    """So many yen of one kind of value."""

    instrument: str
    amount: int


class Warned(Struct, frozen=True):
    """A wallet that was warned: ``days`` before the day at which its ``parts`` end, the first of
    them at ``ends_at``. ``notice``: the number of the notice that tells it.
    """

    wallet: int
    notice: int
    days: int
    ends_at: datetime
    parts: list[Part]


class Progress(Struct, frozen=True):
    """How far a day's warnings have come: all wallets up to ``wallet``."""

    wallet: int
    notices: int
    started_at: datetime
    finished_at: datetime | None


class _Body(Struct, frozen=True):
    """What a notice has in its body; ``ends_at`` in ms since 1970."""

    days: int
    ends_at: int
    parts: list[Part]


class _Line(Struct, frozen=True):
    wallet: int
    warn_day: int
    ends_at: datetime
    instrument: str
    amount: int


async def warn_slice(
    pool: Pool, town: int, day: date, zone: ZoneInfo, warn_days: Sequence[int], now: datetime
) -> list[Warned] | None:
    """Warns those of the next wallets whose value ends one of ``warn_days`` days after the town's
    ``day``, ``now`` being an instant of that day or later; None: there was no further wallet.

    May be killed and called again at any moment, also by several workers at once.
    """
    async with transaction(pool) as connection:
        await connection.execute(SQL["begin"], town, day, now)
        reached = await connection.fetchrow(SQL["take"], town, day)
        assert reached is not None
        if reached["finished_at"] is not None:
            return None
        last = await connection.fetchval(SQL["slice_end"], town, reached["wallet"], SLICE_WALLETS)
        if last is None:
            await connection.execute(SQL["finish"], town, day, now)
            return None
        rows = await connection.fetch(
            SQL["endings"],
            town,
            reached["wallet"],
            last,
            now,
            list(warn_days),
            [_midnight(day + timedelta(days=days), zone) for days in warn_days],
            [_midnight(day + timedelta(days=days + 1), zone) for days in warn_days],
        )
        warned = await _tell(connection, town, day, [_Line(*row) for row in rows], now)
        await connection.execute(SQL["come_to"], town, day, last, len(warned))
    return warned


async def progress(pool: Executor, town: int, day: date) -> Progress | None:
    """How far a day's warnings have come; None where they never began."""
    row = await fetch_row(pool, SQL["progress"], town, day)
    return Progress(*row) if row else None


async def _tell(
    connection: Executor, town: int, day: date, lines: Sequence[_Line], now: datetime
) -> list[Warned]:
    """Makes the notices; those that are new."""
    told: dict[tuple[int, str], Warned] = {}
    for (wallet, days), group in groupby(lines, attrgetter("wallet", "warn_day")):
        of_wallet = list(group)
        ends_at = min(line.ends_at for line in of_wallet)
        parts = [Part(line.instrument, line.amount) for line in of_wallet]
        subject = f"{day + timedelta(days=days)} {days}"
        told[wallet, subject] = Warned(wallet, 0, days, ends_at, parts)
    new = [
        NewNotice(wallet, subject, msgspec.json.encode(_body(warned)).decode())
        for (wallet, subject), warned in told.items()
    ]
    return [
        msgspec.structs.replace(told[added.account, added.subject], notice=added.notice)
        for added in await notices.add(connection, town, KIND, new, now)
    ]


def _body(warned: Warned) -> _Body:
    return _Body(warned.days, round(warned.ends_at.timestamp() * 1000), warned.parts)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
