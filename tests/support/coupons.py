"""Coupons in a test's hands: a town that has them, wallets with vouchers, payments in few words."""

from datetime import timedelta

import asyncpg
import pytest
from msgspec.structs import replace

from config.profile import read_profile
from ledger import coupons, offers
from ledger.authorise import Decision
from ledger.coupons import Coupon, Terms
from ledger.database import transaction
from ledger.ids import uuid7
from ledger.offers import Awarding, NewOffer, Offer
from ledger.requests import Kind, Request
from ledger.towns import load_town, provider_account
from tests.support.clock import Clock
from tests.support.ledger import Bench

BUDGET = 10_000
FUND = "city_coupons"


class CouponBench(Bench):
    """The ledger of the town of digital coupons."""

    async def wallet(self, value: int = 0) -> int:
        """A wallet with vouchers: ``value`` yen, of which a sixth is the city's premium."""
        wallet = await super().wallet()
        if value:
            way, paid = "convenience", value * 5 // 6
            provider = await provider_account(self.pool, self.town, way)
            load = Request(uuid7(), Kind.LOAD, wallet=wallet, shop=provider, way=way, amount=paid)
            assert (await self.one(load)).outcome == "done"
        return wallet

    def terms(self, code: str = "bread", **changes: object) -> Terms:
        """500 yen off from 1,000 yen on, for a month from now, for everybody."""
        now = self.clock.now
        terms = Terms(
            code=code,
            name="パンのクーポン",
            fund=FUND,
            discount=500,
            minimum=1_000,
            starts_at=now,
            ends_at=now + timedelta(days=30),
        )
        return replace(terms, **changes)

    async def coupon(self, code: str = "bread", budget: int = BUDGET, **changes: object) -> Coupon:
        """The coupon, made; its fund is opened with the first."""
        terms = self.terms(code, **changes)
        known = await coupons.coupons(self.pool, self.town)
        new = None if any(each.fund == terms.fund for each in known) else budget
        instrument = next(each.number for each in self.profile.instruments if each.code == "coupon")
        number = await coupons.add(self.pool, self.town, terms, instrument, new, self.clock.now)
        return await self.seen(number)

    async def seen(self, number: int) -> Coupon:
        """A coupon and its budget as they are now."""
        found = await coupons.coupon(self.pool, self.town, number)
        assert found is not None
        return found

    async def budget(self) -> tuple[int, int]:
        """What the coupons' fund has given, and what it has promised."""
        row = await self.pool.fetchrow(
            "SELECT granted, reserved FROM koban.budget b JOIN koban.fund f USING (town, fund) "
            "WHERE f.town = $1 AND f.code = $2",
            self.town,
            FUND,
        )
        assert row is not None
        return row["granted"], row["reserved"]

    async def round(
        self, coupon: Coupon, places: int, *, code: str = "first", days: int = 7
    ) -> Offer:
        """A round of a coupon, open now, its places good for some days."""
        now = self.clock.now
        new = NewOffer(
            code=code,
            name="第1回",
            awarding=Awarding.FIRST_COME,
            places=places,
            opens_at=now,
            closes_at=now + timedelta(days=1),
            use_until=now + timedelta(days=days),
            coupon=coupon.code,
        )
        return await offers.open_offer(self.pool, self.town, new, now)

    async def claims(self, offer: Offer, *wallets: int) -> list[int]:
        """Wallets come in this order; those that have a place then."""
        async with transaction(self.pool) as connection:
            awards = await offers.award(connection, self.town, offer.offer, wallets, self.clock.now)
        return [award.wallet for award in awards]

    async def pays(self, wallet: int, amount: int, *used: Coupon, **changes: object) -> Decision:
        """A payment with coupons."""
        numbers = tuple(each.coupon for each in used)
        return await self.one(self.pay(wallet, amount, coupons=numbers, **changes))


@pytest.fixture
async def city(pool: asyncpg.Pool, clock: Clock) -> CouponBench:
    """The town of digital coupons, with one shop."""
    profile = read_profile("digital-coupon")
    await load_town(pool, profile, clock.now)
    made = CouponBench(pool, profile.town.number, clock, profile)
    await made.open()
    return made
