"""Settlements: made by one, looked at, released by another, or discarded."""

from datetime import datetime

from msgspec import Struct

from ledger.database import Executor, chosen, fetch_rows, load_queries

SQL = load_queries("settlements")


class Settlement(Struct, frozen=True):
    """A settlement of [``from_at``, ``until_at``), and its totals in yen.

    ``scope``: all, group (``shop_group``) or shops (these ``shops``). ``state``: made, released,
    closed (nothing of it is to move any more), discarded. ``payouts`` and ``collections`` count the
    lines that move, ``paid_out`` and ``collected`` are their sums; ``carried`` is what goes on to
    the next settlement, of ``carrying`` lines.
    """

    settlement: int
    from_at: datetime
    until_at: datetime
    scope: str
    shop_group: str | None
    shops: list[int] | None
    payout_min: int
    collection_min: int
    fee_rounding: str
    remark: str
    state: str
    made_by: int | None
    made_name: str
    made_at: datetime
    released_by: int | None
    released_name: str | None
    released_at: datetime | None
    discarded_name: str | None
    discarded_at: datetime | None
    lines: int
    entries: int
    accepted: int
    topped_up: int
    issued: int
    fees: int
    carried_in: int
    net: int
    payouts: int
    paid_out: int
    collections: int
    collected: int
    carrying: int
    carried: int


async def settlement(pool: Executor, town: int, number: int) -> Settlement | None:
    """The settlement with this number, or None."""
    found = await settlements(pool, town, number=number, limit=1)
    return found[0] if found else None


async def settlements(
    pool: Executor,
    town: int,
    *,
    number: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[Settlement]:
    """Settlements, newest first."""
    query, values = chosen(
        SQL["settlements"], town=town, number=number, state=state, before=before, limit=limit
    )
    return [Settlement(*row) for row in await fetch_rows(pool, query, *values)]
