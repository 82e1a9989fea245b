"""Coupons and offers as a wallet sees them: what it can use or claim, now or later."""

from datetime import datetime

from msgspec import Struct

from ledger import coupons, offers
from ledger.coupons import Coupon
from ledger.database import Executor, fetch_rows, load_queries
from ledger.offers import Offer
from ledger.outcomes import Outcome

SQL = load_queries("wallet_coupons")


class WalletCoupon(Struct, frozen=True):
    """A coupon of a wallet. ``why_not``: the refusal of any payment with it at this moment.

    ``until``: when it is over for this wallet. ``uses_left``: None where nothing bounds them.
    """

    coupon: Coupon
    why_not: Outcome | None
    until: datetime
    uses_left: int | None


class WalletOffer(Struct, frozen=True):
    """An offer, the coupon that it gives, and the wallet's ``place`` if it has one."""

    offer: Offer
    coupon: Coupon | None
    place: int | None


async def wallet_coupons(
    pool: Executor, town: int, wallet: int, now: datetime
) -> list[WalletCoupon]:
    """What a wallet can use now or later; those over soonest first."""
    rows = await fetch_rows(pool, SQL["wallet_coupons"], town, wallet, now)
    known = await _coupons(pool, town, [row["coupon"] for row in rows])
    return [
        WalletCoupon(
            known[row["coupon"]],
            Outcome(row["why_not"]) if row["why_not"] else None,
            row["until"],
            row["uses_left"],
        )
        for row in rows
    ]


async def wallet_offers(pool: Executor, town: int, wallet: int, now: datetime) -> list[WalletOffer]:
    """The offers that a wallet can claim or apply for, now or later, or has a place of."""
    rows = await fetch_rows(pool, SQL["wallet_offers"], town, wallet, now)
    numbers = [row["offer"] for row in rows]
    found = await offers.offers(pool, town, len(numbers), numbers=numbers)
    offer = {each.offer: each for each in found}
    known = await _coupons(pool, town, [each.coupon for each in found if each.coupon is not None])
    return [
        WalletOffer(offer[row["offer"]], known.get(offer[row["offer"]].coupon or 0), row["place"])
        for row in rows
    ]


async def _coupons(pool: Executor, town: int, numbers: list[int]) -> dict[int, Coupon]:
    found = await coupons.coupons(pool, town, numbers=numbers, limit=len(numbers))
    return {each.coupon: each for each in found}
