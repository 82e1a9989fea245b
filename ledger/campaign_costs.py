"""What a campaign would cost: its rule on the acts of a month that has passed. Writes nothing.

A figure to decide by, not a promise: other campaigns beside it are not looked at, people may come
because of it, and of dice the mean is taken (which with a maximum for one person is rather too much
than too little). Acts that were given back whole are left out.
"""

from datetime import datetime

import asyncpg
from msgspec import Struct

from ledger.campaigns import Terms
from ledger.database import Pool, load_queries, translated
from ledger.errors import LedgerError

SQL = load_queries("campaign_costs")

SHOPS_MAX = 10
TIME_MAX_S = 20


class CostBusy(LedgerError):
    """Somebody else's look is under way; one at a time is enough for a database that pays."""


class CostTooLarge(LedgerError):
    """The look took longer than `TIME_MAX_S` and was given up."""


class ShopCost(Struct, frozen=True):
    """What it would have given at one shop (or by one provider): yen, in so many acts."""

    shop: int
    name: str
    acts: int
    people: int
    amount: int


class Cost(Struct, frozen=True):
    """What it would have given: ``amount`` yen in ``acts`` acts of ``people`` wallets. ``shops``:
    where it would have given most. ``used_up_at``: when the fund would have had too little left.
    """

    acts: int
    people: int
    amount: int
    shops: list[ShopCost]
    used_up_at: datetime | None


async def cost(
    pool: Pool, town: int, terms: Terms, since: datetime, until: datetime, left: int | None
) -> Cost:
    """What these terms would have given from ``since`` to before ``until``, whatever their own
    period; ``left``: what the fund may still give (yen), None: no bound.

    Raises:
        CostBusy: one at a time; ask again.
        CostTooLarge: it took too long.
        LedgerUnavailable: the database is away.
    """
    faces = terms.faces
    with translated():
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            if not await connection.fetchval(SQL["bound"], f"{TIME_MAX_S}s", town):
                raise CostBusy("another look at the past is under way in this town")
            try:
                rows = await connection.fetch(
                    SQL["cost"],
                    *(town, since, until, terms.trigger, terms.source),
                    *(terms.basis_points, terms.rounding, terms.weekdays, terms.month_days),
                    *(terms.from_minute, terms.to_minute),
                    *(terms.shop_groups, terms.shops, terms.terminal_groups),
                    [face.weight for face in faces] or [1],
                    [face.factor for face in faces] or [1],
                    *(left, terms.entry_max, terms.person_max, SHOPS_MAX + 1),
                )
            except asyncpg.QueryCanceledError as error:
                raise CostTooLarge(f"given up after {TIME_MAX_S} s") from error
    whole, *shops = rows
    return Cost(
        whole["acts"],
        whole["people"],
        whole["amount"],
        [
            ShopCost(row["shop"], row["title"] or "", row["acts"], row["people"], row["amount"])
            for row in shops
        ],
        whole["used_up_at"],
    )
