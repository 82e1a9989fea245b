"""Rights to buy: what a wallet may top up by the places that it has.

The ledger's own call decides by which right a top-up goes (`koban.recall_right`); this tells people
beforehand, so that nobody pays for what would have to be given back.
"""

from datetime import datetime

from msgspec import Struct

from ledger.database import Executor, fetch_rows, load_queries

SQL = load_queries("rights")


class Right(Struct, frozen=True):
    """A place that is a right to top up ``amount`` yen in all, of which ``left`` are left."""

    code: str
    name: str
    amount: int
    left: int
    use_until: datetime


async def rights(pool: Executor, town: int, wallet: int, now: datetime) -> list[Right]:
    """The wallet's rights that are worth something at ``now``, the one that ends soonest first."""
    rows = await fetch_rows(pool, SQL["rights"], town, wallet, now)
    return [Right(code, name, amount, int(left), until) for code, name, amount, left, until in rows]
