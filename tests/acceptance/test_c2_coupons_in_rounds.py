"""C2: coupons by rush or by lottery, within a budget, in rounds; what is unused goes back."""

import asyncio

from gateway.protocol import api, api_draws
from gateway.protocol.messages import Receipt
from tests.acceptance.conftest import Visit
from tests.acceptance.coupon_city import (
    TOWN,
    applies,
    at,
    claims,
    coupons_of,
    gets_tickets,
    looks_ahead,
    makes_coupon,
    opens_round,
    paid_with,
    parts,
    pays_with,
    sees_coupon,
    shows_code,
    tries_to_open,
)
from tests.support.jobs import Jobs

BREAD = {"discount": 500, "minimum": 1_000, "awarded": True}


async def test_c2_who_comes_first_has_the_coupon_and_pays_with_it(visit: Visit) -> None:
    """Two places, three who want one. The wallet shows what the coupon is; a payment takes 500 yen
    off, out of the city's budget, and both screens hear it. Who has no place pays all of it.
    """
    town = await visit(TOWN)
    await makes_coupon(town, "bread", budget=2_000, **BREAD)
    offer = await opens_round(town, "first", "bread", 2)
    ai, ken, yui = [
        await town.registers(name, f"0901111000{place}")
        for place, name in enumerate(("券田 愛", "券田 健", "券田 結"))
    ]
    bakery = await town.opens("パン屋 麦")
    await gets_tickets(town, ai, yui)
    assert [await claims(each, offer) for each in (ai, ken, yui, ai)] == [
        *(1, 2, "offer_sold_out", 1)
    ]

    coupon = (await coupons_of(ai))["bread"]
    assert (coupon.terms.discount, coupon.terms.minimum, coupon.why_not) == (500, 1_000, None)
    assert coupon.until == offer.use_until
    assert await coupons_of(yui) == {}
    seen = await looks_ahead(ai, bakery.shop, 1_500, "bread")
    assert seen.outcome == "done"
    assert {part.instrument: part.amount for part in seen.parts} == {
        "coupon": 500,
        "common_ticket": 1_000,
    }
    paid = await paid_with(ai, bakery.shop, 1_500, "bread")
    assert (paid.amount, parts(paid)) == (1_500, {"coupon": 500, "common_ticket": 1_000})
    assert paid.coupons == [coupon.terms.coupon]
    for screen in (ai, bakery):
        heard = await screen.hears()
        assert (heard.kind, heard.receipt.id) == ("payment", paid.id)
    assert await ai.holds() == {"common_ticket": 4_000}
    assert await pays_with(ai, bakery.shop, 1_000, "bread") == "coupon_used"
    line = await sees_coupon(town, "bread")
    assert (line.uses, line.paid, line.granted, line.reserved) == (1, 500, 500, 500)


async def test_c2_a_shown_code_carries_the_coupon_to_the_till(visit: Visit) -> None:
    """The shop charges 1,500 yen from the code; below the minimum the coupon is not used up."""
    town = await visit(TOWN)
    await makes_coupon(town, "bread", budget=2_000, **BREAD)
    offer = await opens_round(town, "first", "bread", 2)
    ai, bakery = await town.registers("券田 愛"), await town.opens("パン屋 麦")
    await gets_tickets(town, ai)
    await claims(ai, offer)
    code = await shows_code(ai, None, "bread")
    small = await shows_code(ai, 999, "bread")
    assert await bakery.tries_to_charge(small) == "coupon_under_minimum"
    paid = await bakery.charges(code, 1_500)
    assert parts(paid) == {"coupon": 500, "common_ticket": 1_000}


async def test_c2_a_payment_that_is_given_back_frees_the_coupon(visit: Visit) -> None:
    """The shop cancels; the tickets are back, the budget too, and the coupon pays again."""
    town = await visit(TOWN)
    await makes_coupon(town, "bread", budget=500, **BREAD)
    offer = await opens_round(town, "first", "bread", 1)
    ai, bakery = await town.registers("券田 愛"), await town.opens("パン屋 麦")
    await gets_tickets(town, ai)
    await claims(ai, offer)
    paid = await paid_with(ai, bakery.shop, 1_500, "bread")
    assert (await coupons_of(ai))["bread"].why_not == "coupon_used"
    back = await bakery.cancels(paid.id, "返品")
    assert back.amount == 1_500
    assert await ai.holds() == {"common_ticket": 5_000}
    assert (await sees_coupon(town, "bread")).granted == 0
    assert (await coupons_of(ai))["bread"].why_not is None
    assert parts(await paid_with(ai, bakery.shop, 2_000, "bread"))["coupon"] == 500
    line = await sees_coupon(town, "bread")
    assert (line.uses, line.granted, line.reserved) == (1, 500, 0)


async def test_c2_the_unused_part_goes_back_and_the_next_round_has_it(
    visit: Visit, jobs: Jobs
) -> None:
    """A budget of 2,000 yen is four places. One of four is used; when the round's days are over the
    job gives 1,500 yen back, and the second round can have three places, not four.
    """
    town = await visit(TOWN)
    await jobs.work()  # A worker looks at the new town for the first time.
    await makes_coupon(town, "bread", budget=2_000, **BREAD)
    first = await opens_round(town, "first", "bread", 4)
    refused = await tries_to_open(town, "second", "bread", 1)
    assert isinstance(refused, api.ApiError)
    assert (refused.code, refused.field) == ("over_budget", "places")
    assert "0 yen of the budget are left" in refused.message
    ai, ken = await town.registers("券田 愛", "09011110000"), await town.registers("券田 健")
    bakery = await town.opens("パン屋 麦")
    await gets_tickets(town, ai, ken)
    assert [await claims(each, first) for each in (ai, ken)] == [1, 2]
    await paid_with(ai, bakery.shop, 1_500, "bread")

    await town.days_pass(days=7, minutes=3)
    await jobs.work()
    ken = await town.signs_in()
    assert await coupons_of(ken) == {}
    line = await sees_coupon(town, "bread")
    assert (line.granted, line.reserved) == (500, 0)
    refused = await tries_to_open(town, "second", "bread", 4)
    assert isinstance(refused, api.ApiError)
    assert "1500 yen of the budget are left" in refused.message
    second = await opens_round(town, "second", "bread", 3)
    assert await claims(ken, second) == 1
    assert parts(await paid_with(ken, bakery.shop, 1_500, "bread"))["coupon"] == 500


async def test_c2_a_crowd_never_gets_more_than_there_is(visit: Visit) -> None:
    """Ten at the same moment for three places: three have one each, and the budget holds."""
    town = await visit(TOWN)
    await makes_coupon(town, "bread", budget=1_500, **BREAD)
    offer = await opens_round(town, "first", "bread", 3)
    crowd = [await town.registers(f"券田 {place}", f"0901111000{place}") for place in range(10)]
    told = await asyncio.gather(*(claims(each, offer) for each in crowd))
    assert sorted(place for place in told if isinstance(place, int)) == [1, 2, 3]
    assert told.count("offer_sold_out") == 7


async def test_c2_a_coupon_without_places_stops_at_the_budget(visit: Visit) -> None:
    """20 % off, at most 400 yen, for everybody while 700 yen last: the second payment gets 300 of
    its 400 yen from nowhere, so it is refused whole, and is paid without the coupon.
    """
    town = await visit(TOWN)
    await makes_coupon(
        town, "spring", budget=700, basis_points=2_000, discount_max=400, per_person=1
    )
    ai, ken = await town.registers("券田 愛", "09011110000"), await town.registers("券田 健")
    bakery = await town.opens("パン屋 麦")
    await gets_tickets(town, ai, ken)
    assert parts(await paid_with(ai, bakery.shop, 2_400, "spring")) == {
        "coupon": 400,
        "common_ticket": 2_000,
    }
    assert await pays_with(ken, bakery.shop, 2_400, "spring") == "over_budget"
    assert await ken.holds() == {"common_ticket": 5_000}
    assert isinstance(await pays_with(ken, bakery.shop, 1_000), Receipt)


async def test_c2_a_round_by_lottery_gives_its_coupons_to_the_winners(
    visit: Visit, jobs: Jobs
) -> None:
    """Four apply with their wallets for two coupons, and two draw them; what both places may cost
    is kept from the opening on. The winners find the coupon in their wallets and pay with it, the
    others do not.
    """
    town = await visit(TOWN)
    await jobs.work()
    await makes_coupon(town, "gourmet", budget=2_000, discount=1_000, minimum=1_000, awarded=True)
    body = {
        "code": "gourmet-spring",
        "name": "グルメクーポン",
        "places": 2,
        "coupon": "gourmet",
        "opens_at": f"{at(town, minutes=-1)}:00",
        "closes_at": f"{at(town, minutes=60)}:00",
        "claim_until": f"{at(town, days=3)}:00",
        "use_until": f"{at(town, days=14)}:00",
        "groups": [{"code": "all", "name": "どなたでも"}],
    }
    await town.asks("POST", "/console/draws", body, api_draws.DrawProgress)
    assert (await sees_coupon(town, "gourmet")).reserved == 2_000
    crowd = [await town.registers(f"券田 {place}", f"0901111000{place}") for place in range(4)]
    bakery = await town.opens("パン屋 麦")
    await gets_tickets(town, *crowd)
    for place, holder in enumerate(crowd):
        assert await applies(holder, "gourmet-spring", place) == "entered"
        assert await coupons_of(holder) == {}

    town.clock.advance(minutes=61)
    for act in ("close", "draw", "publish"):
        path = f"/console/draws/gourmet-spring/{act}"
        await town.asks("POST", path, {}, api_draws.DrawProgress)
    town.clock.advance(minutes=1)
    await jobs.work()
    winners = [holder for holder in crowd if "gourmet" in await coupons_of(holder)]
    assert len(winners) == 2
    for holder in winners:
        paid = await paid_with(holder, bakery.shop, 1_500, "gourmet")
        assert parts(paid) == {"coupon": 1_000, "common_ticket": 500}
    line = await sees_coupon(town, "gourmet")
    assert (line.uses, line.granted, line.reserved) == (2, 2_000, 0)
