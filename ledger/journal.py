"""Reading the journal across wallets and shops: what the town's and the shops' people look at."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from ledger.database import Executor, chosen, fetch_row, fetch_rows, load_queries

SQL = load_queries("journal")


class Entry(Struct, frozen=True):
    """One entry. ``shop`` is the other party beside the wallet; ``reversed`` how much of it was
    given back since (yen); ``terminal`` is None where no tablet stood behind it.
    """

    entry: int
    id: UUID
    kind: str
    at: datetime
    wallet: int
    shop: int
    shop_name: str
    terminal: int | None
    amount: int
    refers: UUID | None
    reason: str | None
    reversed: int


class Filter(Struct, frozen=True):
    """Which entries; None lets everything through. ``since`` counts in, ``until`` does not."""

    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    amount_min: int | None = None
    amount_max: int | None = None
    wallet: int | None = None
    entry: int | None = None


async def entries(
    pool: Executor,
    town: int,
    wanted: Filter,
    before: int | None,
    limit: int,
    shops: Sequence[int] | None = None,
) -> list[Entry]:
    """Entries before entry ``before``, newest first: the town's, or those of some shops."""
    of = SQL["entries_of_town"] if shops is None else SQL["entries_of_shops"]
    query, arguments = chosen(
        of, town=town, before=before, limit=limit, shops=shops, **asdict(wanted)
    )
    rows = await fetch_rows(pool, query, *arguments)
    return [Entry(*row) for row in rows]


async def entry_by_id(pool: Executor, town: int, id: UUID) -> Entry | None:  # noqa: A002
    """The entry that command ``id`` brought about; None where it brought none about."""
    row = await fetch_row(pool, SQL["entry_by_id"], town, id)
    return Entry(*row) if row else None


async def shops_called(pool: Executor, town: int, name: str) -> list[int]:
    """The accounts of shops whose name has this in it, whatever the case."""
    return [row["account"] for row in await fetch_rows(pool, SQL["shops_called"], town, name)]
