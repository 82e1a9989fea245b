"""Rights to top up: a test's wallets have won what they need to buy."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from ledger.database import transaction
from ledger.ids import uuid7
from ledger.offers import Awarding, Gives, NewOffer, award, open_offer

AMPLE = 1_000_000  # Yen; more than any test buys.


async def award_rights(
    pool: asyncpg.Pool, town: int, wallets: Sequence[int], now: datetime, amount: int = AMPLE
) -> None:
    """Each of these wallets has a place of one offer of rights, worth ``amount`` yen for a year."""
    year = timedelta(days=365)
    offer = await open_offer(
        pool,
        town,
        NewOffer(
            code=f"won-{uuid7()}",
            name="プレミアム商品券",
            awarding=Awarding.DRAW,
            places=len(wallets),
            opens_at=now,
            closes_at=now + year,
            use_until=now + year,
            amount=amount,
        ),
        now,
    )
    assert offer.gives is Gives.RIGHT
    async with transaction(pool) as connection:
        awards = await award(connection, town, offer.offer, wallets, now)
    assert len(awards) == len(wallets)
