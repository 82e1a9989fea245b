"""What identifies a shop beside its own sticker: marks of other schemes (mission rows N17 and C3).

A scheme is ``jpqr``, ``store_code``, ``device`` or ``stamp``; a mark comes here in its scheme's
normal form, which `gateway.qr.marks` makes. One mark means one shop of a town at a time.
"""

from datetime import datetime

from msgspec import Struct

from ledger.accounts import Shop
from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("marks")


class Mark(Struct, frozen=True):
    """A mark, and the shop that has it."""

    shop: int
    scheme: str
    mark: str
    added_at: datetime


async def add_mark(
    pool: Executor, town: int, shop: int, scheme: str, mark: str, now: datetime
) -> Mark | None:
    """Gives a shop a mark, and tells the mark as it then stands.

    Where a shop has it already, this one or another, nothing changes: look at ``shop`` of what
    comes back. None: there is no such shop.
    """
    row = await fetch_row(pool, SQL["add_mark"], town, shop, scheme, mark, now)
    if row is None:
        row = await fetch_row(pool, SQL["mark_in_use"], town, scheme, mark)
    return Mark(*row) if row else None


async def remove_mark(
    pool: Executor, town: int, shop: int, scheme: str, mark: str, now: datetime
) -> bool:
    """Takes a mark off a shop; another may have it then. False: the shop has not got it."""
    return await fetch_row(pool, SQL["remove_mark"], town, shop, scheme, mark, now) is not None


async def marks(pool: Executor, town: int, shop: int) -> list[Mark]:
    """The marks that a shop has now, oldest first."""
    return [Mark(*row) for row in await fetch_rows(pool, SQL["marks"], town, shop)]


async def shop_by_mark(pool: Executor, town: int, scheme: str, mark: str) -> Shop | None:
    """The shop that has this mark now, or None."""
    row = await fetch_row(pool, SQL["shop_by_mark"], town, scheme, mark)
    return Shop(*row) if row else None
