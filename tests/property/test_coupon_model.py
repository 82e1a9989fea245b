"""Random rounds of coupons on one budget, with people who come at once: never a yen too much."""

import asyncio
import random
from datetime import timedelta

from ledger import coupons, offers
from ledger.coupons import Coupon
from ledger.offers import Awarding, NewOffer, OfferRefused
from ledger.outcomes import Outcome
from ledger.requests import Request
from tests.support.coupons import FUND, CouponBench
from tests.support.seeds import drawn, seeds

STEPS, WALLETS = 40, 6

# What is kept for places that were not used, by the offers and uses themselves.
PROMISED = """
    SELECT coalesce(sum(o.reserve * (o.places - (
        SELECT count(DISTINCT u.wallet) FROM koban.coupon_use u
        WHERE u.town = o.town AND u.offer = o.offer))), 0)::bigint
    FROM koban.offer o WHERE o.town = $1 AND o.ended_at IS NULL
"""
# What coupons paid, less what came back, by the postings.
PAID = """
    SELECT coalesce(sum(
        CASE p.from_account WHEN f.fund THEN p.amount ELSE -p.amount END), 0)::bigint
    FROM koban.posting p JOIN koban.fund f ON f.town = p.town
    WHERE p.town = $1 AND f.code = $2 AND f.fund IN (p.from_account, p.to_account)
"""


class Life:
    """One budget, four coupons on it, and whatever chance makes of them."""

    def __init__(self, city: CouponBench, seed: int) -> None:
        self.city = city
        self.random = random.Random(seed)
        self.coupons: list[Coupon] = []
        self.wallets: list[int] = []
        self.paid: list[Request] = []
        self.seen: set[str] = set()
        self.rounds = 0
        self.ceiling = self.random.choice([3_000, 6_000, 12_000])

    async def begin(self) -> None:
        """Two coupons for who has a place, two for everybody."""
        year = self.city.clock.now + timedelta(days=365)
        for code, terms in (
            ("bread", {"awarded": True, "discount": 500, "mixes": True}),
            (
                "eco",
                {"awarded": True, "discount": None, "basis_points": 2_000, "discount_max": 300},
            ),
            ("open", {"discount": 200, "mixes": True, "minimum": 1}),
            ("once", {"discount": 700, "per_person": 1, "mixes": True}),
        ):
            made = await self.city.coupon(code, self.ceiling, ends_at=year, **terms)
            self.coupons.append(made)
        self.wallets = [await self.city.wallet(24_000) for _ in range(WALLETS)]

    async def step(self) -> None:
        """Several things at the same moment; then the budget is looked at."""
        self.city.clock.advance(minutes=self.random.choice([1, 6, 300, 3_000]))
        deeds = [self.open, self.claim, self.pay, self.pay, self.give_back, self.end]
        chosen = self.random.choices(deeds, k=self.random.randint(1, 6))
        await asyncio.gather(*(deed() for deed in chosen))
        row = await self.city.pool.fetchrow(
            "SELECT b.ceiling, b.granted, b.reserved FROM koban.budget b"
            " JOIN koban.fund f USING (town, fund) WHERE f.town = $1 AND f.code = $2",
            self.city.town,
            FUND,
        )
        assert row is not None
        assert row["granted"] + row["reserved"] <= row["ceiling"]
        assert row["reserved"] == await self.city.pool.fetchval(PROMISED, self.city.town)
        assert row["granted"] == await self.city.pool.fetchval(PAID, self.city.town, FUND)

    async def open(self) -> None:
        """A round, if the budget has it."""
        now, days = self.city.clock.now, self.random.randint(1, 5)
        self.rounds += 1
        new = NewOffer(
            code=f"r{self.rounds}",
            name="募集",
            awarding=Awarding.FIRST_COME,
            places=self.random.randint(1, 5),
            opens_at=now,
            closes_at=now + timedelta(days=days),
            use_until=now + timedelta(days=days),
            coupon=self.random.choice(self.coupons[:2]).code,
        )
        try:
            await offers.open_offer(self.city.pool, self.city.town, new, now)
            self.seen.add("opened")
        except OfferRefused as refused:
            self.seen.add(refused.why)

    async def claim(self) -> None:
        """Some wallets at any offer."""
        known = await offers.offers(self.city.pool, self.city.town, 5)
        if known:
            wallets = self.random.sample(self.wallets, 3)
            awarded = await self.city.claims(self.random.choice(known), *wallets)
            self.seen.add("awarded" if awarded else "none left")

    async def pay(self) -> None:
        """A payment with one coupon or two."""
        used = self.random.sample(self.coupons, self.random.choice([1, 1, 2]))
        amount = self.random.choice([1, 999, 1_000, 1_010, 1_500])
        numbers = tuple(each.coupon for each in used)
        request = self.city.pay(self.random.choice(self.wallets), amount, coupons=numbers)
        outcome = (await self.city.one(request)).outcome
        self.seen.add(outcome)
        if outcome == Outcome.DONE:
            self.paid.append(request)

    async def give_back(self) -> None:
        """A payment is given back, whole or in part."""
        if self.paid:
            request = self.random.choice(self.paid)
            amount = self.random.choice([None, None, 1, 300])
            decision = await self.city.one(self.city.reverse(request.id, amount))
            self.seen.add(f"reversal {decision.outcome}")

    async def end(self) -> None:
        """What is over is ended."""
        if await offers.end_some(self.city.pool, self.city.town, self.city.clock.now):
            self.seen.add("ended")


@seeds(1)
async def test_a_budget_is_never_overdrawn(city: CouponBench, seed: int) -> None:
    """Whatever is opened, claimed, paid, given back and ended, and in whatever order at once: given
    and promised stay within the ceiling and are what offers and postings say, to the yen.
    """
    life = Life(city, drawn(seed))
    await life.begin()
    for _ in range(STEPS):
        await life.step()
    assert {"opened", "awarded", "done"} <= life.seen, life.seen
    assert await city.problems() == []
    uses = await coupons.uses(city.pool, city.town, [each.coupon for each in life.coupons])
    granted, _ = await city.budget()
    assert granted <= sum(each.paid for each in uses.values())
