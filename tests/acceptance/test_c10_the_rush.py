"""C10: hundreds come at the same moment for a few vouchers, and whoever pays does not feel it."""

import asyncio
from typing import Any

import asyncpg
import httpx
import msgspec

from gateway.protocol import api_coupons, api_sales
from ledger.sales import early_score
from ledger.towns import town_number
from tests.acceptance.conftest import Visit
from tests.acceptance.coupon_city import (
    TOWN,
    at,
    claims,
    coupons_of,
    gets_tickets,
    makes_coupon,
    paid_with,
    parts,
    round_of,
)
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.support.ledger import problems
from tests.support.sales import Applicant, crowd, states

PLACES, EARLY, LATE = 60, 59, 240
PAYMENTS = (500, 1_000, 1_500, 2_000)


async def announces(town: Nagaoka) -> api_coupons.OfferLine:
    """The office announces a sale in ten minutes: coupons of 500 yen, 60 places, by a queue."""
    await makes_coupon(town, "festival", budget=30_000, discount=500, minimum=1_000, awarded=True)
    body = round_of(town, "rush", "festival", PLACES, 7) | {"opens_at": at(town, minutes=10)}
    offer = await town.asks("POST", "/console/offers", body, api_coupons.OfferLine)
    terms = f"/console/sales/{offer.offer}/terms"
    await town.asks("PUT", terms, {"age_min": None}, api_sales.SaleTerms)
    async with asyncio.timeout(10):
        while offer.offer not in [sale.offer for sale in (await sales(town)).sales]:
            await asyncio.sleep(0.05)
    return offer


async def sales(town: Nagaoka) -> api_sales.Sales:
    """The town's sales, as everybody sees them."""
    return await town.get("/sales", api_sales.Sales)


async def sale(town: Nagaoka) -> api_sales.SaleInfo:
    """The one there is."""
    [found] = (await sales(town)).sales
    return found


async def joins(holder: Holder, offer: int) -> api_sales.SalePlace:
    """Takes a place in the queue on the phone."""
    answer = await holder.sends(f"/sales/{offer}/join", {})
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=api_sales.SalePlace)


async def all_join(town: Nagaoka, offer: int, people: list[Applicant]) -> list[dict[str, Any]]:
    """A crowd joins at once."""

    async def join(who: Applicant) -> dict[str, Any]:
        answer = await town.posts(f"/sales/{offer}/join", {}, who.token)
        told: dict[str, Any] = answer.json()
        who.ticket = told["ticket"]
        return told

    return await asyncio.gather(*(join(who) for who in people))


async def all_ask(town: Nagaoka, offer: int, people: list[Applicant]) -> list[dict[str, Any]]:
    """Everybody asks where they stand, one after the other."""
    told = []
    for who in people:
        query = f"?ticket={who.ticket}" if who.ticket else ""
        place = await town.get(f"/sales/{offer}/place{query}", api_sales.SalePlace, who.token)
        told.append(msgspec.to_builtins(place))
    return told


async def test_c10_a_rush_is_served_fairly_while_others_pay(
    visit: Visit, pool: asyncpg.Pool
) -> None:
    """Sixty wait before the opening, 240 come the moment it opens, and somebody pays in a shop all
    the while. The sixty are served in the order that the seed decides, which was committed before;
    nobody twice, not one over; the others are told honestly. A winner pays with the coupon.
    """
    town = await visit(TOWN)
    number = await town_number(pool, TOWN)
    assert number is not None
    offer = (await announces(town)).offer
    ai, ken = await town.registers("券田 愛", "09011110000"), await town.registers("券田 健")
    bakery = await town.opens("パン屋 麦")
    await gets_tickets(town, ai, ken)

    early = await crowd(pool, number, EARLY, town.clock.now)
    assert (await joins(ai, offer)).state == "waiting"
    told = await all_join(town, offer, early)
    assert states(told) == {"waiting": EARLY}
    assert all(one["place"] is None and one["ask_again_s"] >= 600 for one in told)
    announced = await sale(town)
    assert (announced.sold, announced.seed) == (0, None)
    line = await town.asks("GET", "/console/offers", None, api_coupons.OfferLines)
    [round_] = [each for each in line.offers if each.offer == offer]
    assert await claims(ken, round_) == "offer_closed"

    town.clock.advance(minutes=10)
    assert await claims(ken, round_) == "offer_queued"
    late = await crowd(pool, number, LATE, town.clock.now)
    rush = asyncio.create_task(all_join(town, offer, late))
    for amount in PAYMENTS:
        paid = await ken.pays(bakery.shop, amount)
        assert paid.amount == amount
    assert set(states(await rush)) <= {"waiting", "sold_out"}
    async with asyncio.timeout(20):
        while (await sale(town)).sold < PLACES:
            await asyncio.sleep(0.05)

    assert states(await all_ask(town, offer, early)) == {"served": EARLY}
    told = await all_ask(town, offer, late)
    assert states(told) == {"sold_out": LATE}
    assert all(one["ask_again_s"] is None for one in told), "this is final"
    over = await sale(town)
    assert over.seed is not None
    seed = bytes.fromhex(over.seed)
    rows = await pool.fetch(
        "SELECT wallet FROM koban.award WHERE town = $1 AND offer = $2 ORDER BY place",
        number,
        offer,
    )
    everybody = [ai.account, *(who.wallet for who in early)]
    drawn = sorted(everybody, key=lambda wallet: early_score(seed, wallet))
    assert [row["wallet"] for row in rows] == drawn

    assert list(await coupons_of(ai)) == ["festival"]
    assert parts(await paid_with(ai, bakery.shop, 1_500, "festival"))["coupon"] == 500
    assert await problems(pool) == []


async def test_c10_a_program_gains_nothing(visit: Visit, pool: asyncpg.Pool) -> None:
    """Whoever asks a hundred times has one place, and is told to wait; whoever has no wallet with a
    verified phone has none.
    """
    town = await visit(TOWN)
    number = await town_number(pool, TOWN)
    assert number is not None
    offer = (await announces(town)).offer
    (bot,) = await crowd(pool, number, 1, town.clock.now)
    (nobody,) = await crowd(pool, number, 1, town.clock.now, known=False)

    async def asks() -> httpx.Response:
        return await town.posts(f"/sales/{offer}/join", {}, bot.token)

    answers = await asyncio.gather(*(asks() for _ in range(100)))
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert len(slowed) > 80
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in slowed)
    refused = (await all_join(town, offer, [nobody]))[0]
    assert (refused["state"], refused["reason"]) == ("refused", "phone_needed")
    town.clock.advance(minutes=10)
    async with asyncio.timeout(20):
        while (await sale(town)).sold < 1:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert (await sale(town)).sold == 1
