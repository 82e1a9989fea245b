"""The profiles that were loaded: what each town's file said, and from when on."""

from datetime import datetime

from msgspec import Struct

from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("profiles")


class StoredProfile(Struct, frozen=True):
    """One version of a town's rules. ``source`` is the profile in JSON."""

    town: int
    code: str
    version: int
    valid_from: datetime
    source: str


async def versions_in_force(pool: Executor, now: datetime) -> dict[int, int]:
    """The version of each town's rules that holds at ``now``, by the town's number.

    A town whose first rules are still to come is not among them.
    """
    rows = await fetch_rows(pool, SQL["versions_in_force"], now)
    return {row["town"]: row["version"] for row in rows}


async def stored_source(pool: Executor, town: int, version: int) -> str:
    """A version's profile in JSON; ``town`` and ``version`` are ones that exist."""
    row = await fetch_row(pool, SQL["stored_source"], town, version)
    assert row is not None
    source: str = row["source"]
    return source


async def stored_profiles(pool: Executor) -> list[StoredProfile]:
    """Every version of every town, by town and in the order in which they hold."""
    return [StoredProfile(*row) for row in await fetch_rows(pool, SQL["stored_profiles"])]
