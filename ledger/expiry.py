"""Expiry (失効): at the town's midnight, what has come to its end leaves the wallets (H5).

A payment is decided by its own instant: from a lot's end on nobody can spend it, whether or not it
was carried away yet. So nothing hurries, and a run goes by in slices that no payment waits for.
Each wallet's part has an id of its own, derived from the midnight, so that a slice which is done
again changes nothing. Value goes to the purpose that the kind of value names, or back to its fund.

What the town's rules no longer name lies still, as it does for payments.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from ledger.authorise import decide
from ledger.database import Pool, fetch_row, fetch_rows, load_queries, transaction
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request

SQL = load_queries("expiry")
SPACE = UUID("6d0f7a52-1a0e-5f0b-9f0d-5d7a4a3f1c20")  # Ids derived here are nobody else's.
SLICE_ROWS = 200


class Run(Struct, frozen=True):
    """A run. ``listed`` and ``done``: wallets and where their value goes; ``amount``: yen gone."""

    boundary: datetime
    listed: int
    done: int
    amount: int
    wallet: int
    destination: int
    started_at: datetime
    finished_at: datetime | None


class Ending(Struct, frozen=True):
    """One kind of value that ends: ``purpose`` None where it goes back to its fund; yen."""

    instrument: str
    funder: str
    purpose: str | None
    people: int
    amount: int
    largest: int


class Largest(Struct, frozen=True):
    """What one wallet loses, in yen."""

    wallet: int
    amount: int


class Preview(Struct, frozen=True):
    """What a run would carry away, nothing being written."""

    people: int
    amount: int
    endings: list[Ending]
    largest: list[Largest]


class _Amount(Struct):
    amount: int


_read_amount = msgspec.json.Decoder(_Amount).decode


def expiry_id(town: int, boundary: datetime, wallet: int, destination: int) -> UUID:
    """The id of one wallet's part of a midnight's run."""
    return uuid5(SPACE, f"{town} {boundary.timestamp():.0f} {wallet} {destination}")


async def preview(pool: Pool, town: int, at: datetime) -> Preview:
    """What will have expired at ``at`` if nobody uses anything until then."""
    endings = [Ending(*row) for row in await fetch_rows(pool, SQL["preview"], town, at)]
    rows = await fetch_rows(pool, SQL["people"], town, at)
    return Preview(
        people=rows[0]["people"] if rows else 0,
        amount=sum(one.amount for one in endings),
        endings=endings,
        largest=[Largest(row["wallet"], row["amount"]) for row in rows],
    )


async def run_slice(
    pool: Pool, town: int, boundary: datetime, clock: Callable[[], datetime]
) -> bool:
    """Begins the run of a midnight or goes on with it by one slice; whether there is more to do.

    May be killed and called again at any moment, also by several workers at once. ``boundary`` must
    be past.
    """
    async with transaction(pool) as connection:
        if await connection.fetchrow(SQL["open_run"], town, boundary, clock()) is not None:
            await connection.execute(SQL["list_rows"], town, boundary)
    run = await read_run(pool, town, boundary)
    assert run is not None
    if run.finished_at is not None:
        return False
    rows = await fetch_rows(
        pool, SQL["next_rows"], town, boundary, run.wallet, run.destination, SLICE_ROWS
    )
    if not rows:
        await fetch_row(pool, SQL["finish"], town, boundary, clock())
        return False
    batch = await decide(
        pool,
        town,
        [
            Request(
                expiry_id(town, boundary, row["wallet"], row["destination"]),
                Kind.EXPIRE,
                wallet=row["wallet"],
                shop=row["destination"],
            )
            for row in rows
        ],
        clock(),
    )
    amount = sum(
        _read_amount(one.receipt).amount for one in batch.decisions if one.outcome is Outcome.DONE
    )
    await fetch_row(
        pool,
        SQL["come_to"],
        town,
        boundary,
        rows[-1]["wallet"],
        rows[-1]["destination"],
        len(rows),
        amount,
        run.wallet,
        run.destination,
    )
    return True


async def read_run(pool: Pool, town: int, boundary: datetime) -> Run | None:
    """The run of a midnight, or None where it never began."""
    row = await fetch_row(pool, SQL["run"], town, boundary)
    return Run(*row) if row else None


async def runs(pool: Pool, town: int, before: datetime | None, limit: int) -> list[Run]:
    """The runs of midnights before ``before`` (None: all), the newest first."""
    return [Run(*row) for row in await fetch_rows(pool, SQL["runs"], town, before, limit)]
