"""What a payment would come to, asked of the rules that would decide it. Writes nothing."""

from datetime import MAXYEAR, datetime

from msgspec import Struct

from ledger.authorise import listed
from ledger.database import Executor, fetch_row, load_queries
from ledger.outcomes import Outcome

SQL = load_queries("preview")


class UsedLot(Struct, frozen=True):
    """So much of one lot of the wallet; ``expires_at`` None: never."""

    instrument: str
    amount: int
    funder: str
    expires_at: datetime | None


class Preview(Struct, frozen=True):
    """``outcome`` as of now; it may be another one by the time of the payment.

    ``asks``: the payer would be asked first whether a second payment is meant. ``receipt``: the
    payer's copy as it would be, in JSON, without a number and under no payment's id. ``lots``: what
    would be used, in the order of spending; none where the payment would be refused.
    """

    outcome: Outcome
    asks: bool
    receipt: str
    lots: list[UsedLot]


async def preview(
    pool: Executor,
    town: int,
    wallet: int,
    shop: int,
    amount: int,
    now: datetime,
    coupons: tuple[int, ...] = (),
) -> Preview:
    """What paying ``amount`` yen at ``shop``, with these coupons, would come to at ``now``.

    Raises:
        TownUnknown: the town has no rules at that instant.
    """
    row = await fetch_row(pool, SQL["preview"], town, now, wallet, shop, amount, listed(coupons))
    assert row is not None
    names = ("instruments", "amounts", "funders", "ends")
    lots = [
        # The driver reads 'infinity' as the last year there is.
        UsedLot(instrument, amount, funder, None if end.year == MAXYEAR else end)
        for instrument, amount, funder, end in zip(
            *(row[name] or () for name in names), strict=True
        )
    ]
    return Preview(Outcome(row["outcome"]), row["asks"], row["receipt"], lots)
