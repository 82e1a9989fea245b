"""Coupons at the ledger: who pays with them, what the budget has, and what rounds leave of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from ledger import coupons, offers, surveys, wallet_coupons
from ledger.coupons import Coupon, CouponRefused, Terms, Uses, problem
from ledger.ids import uuid7
from ledger.offers import OfferRefused
from ledger.questions import TextQuestion
from ledger.requests import Kind, Request
from ledger.surveys import Audience, NewSurvey
from ledger.vault import Vault
from tests.support.clock import START
from tests.support.coupons import CouponBench
from tests.support.doors import SETTINGS
from tests.support.ledger import receipt


async def parts(city: CouponBench, wallet: int, amount: int, *used: Coupon) -> dict[str, int]:
    """What a payment was paid with."""
    decision = await city.pays(wallet, amount, *used)
    assert decision.outcome == "done", decision.receipt
    return {part.instrument: part.amount for part in receipt(decision).parts}


async def test_a_coupon_pays_its_part_out_of_its_fund(city: CouponBench) -> None:
    """The wallet pays the rest, the shop is owed all of it, the budget has given the discount."""
    bread, wallet = await city.coupon(), await city.wallet(6_000)
    assert await parts(city, wallet, 1_200, bread) == {"coupon": 500, "voucher": 700}
    assert await city.holds(wallet) == {"voucher": 5_300}
    assert await city.budget() == (500, 0)
    uses = await coupons.uses(city.pool, city.town, [bread.coupon])
    assert uses == {bread.coupon: Uses(1, 500)}
    assert await city.problems() == []


async def test_a_share_is_taken_off_up_to_its_bound(city: CouponBench) -> None:
    """Ten per cent, at most 300 yen, rounded down."""
    eco = await city.coupon("eco", discount=None, basis_points=1_000, discount_max=300)
    wallet = await city.wallet(6_000)
    assert await parts(city, wallet, 1_005, eco) == {"coupon": 100, "voucher": 905}
    assert await parts(city, wallet, 4_000, eco) == {"coupon": 300, "voucher": 3_700}


@pytest.mark.parametrize(
    ("terms", "days", "amount", "outcome"),
    [
        ({}, 0, 1_000, "done"),
        ({}, 0, 999, "coupon_under_minimum"),
        ({"weekdays": (3,)}, 0, 1_000, "done"),  # The clock begins at noon on a Wednesday.
        ({"weekdays": (1, 2, 4, 5, 6, 7)}, 0, 1_000, "coupon_closed"),
        ({"month_days": (1,)}, 0, 1_000, "done"),
        ({"month_days": (1,)}, 1, 1_000, "coupon_closed"),
        ({"from_minute": 720, "to_minute": 721}, 0, 1_000, "done"),
        ({"from_minute": 721, "to_minute": 900}, 0, 1_000, "coupon_closed"),
        ({"from_minute": 600, "to_minute": 720}, 0, 1_000, "coupon_closed"),
        ({}, 29.99, 1_000, "done"),
        ({}, 30, 1_000, "coupon_closed"),
        ({"shop_groups": ("small",)}, 0, 1_000, "coupon_not_here"),
        ({"awarded": True}, 0, 1_000, "coupon_not_yours"),
        ({"fund": "poor"}, 0, 1_000, "over_budget"),
    ],
)
async def test_terms_hold_at_their_boundary(
    city: CouponBench, terms: dict[str, Any], days: float, amount: int, outcome: str
) -> None:
    """Refused payments leave wallet and budget as they were."""
    coupon, wallet = await city.coupon(budget=499 if "fund" in terms else 10_000, **terms), 0
    wallet = await city.wallet(6_000)
    city.clock.advance(days=days)
    decision = await city.pays(wallet, amount, coupon)
    assert decision.outcome == outcome
    if outcome != "done":
        assert await city.holds(wallet) == {"voucher": 6_000}
        seen = await city.seen(coupon.coupon)
        assert (seen.granted, seen.reserved) == (0, 0)


async def test_a_person_uses_it_as_often_as_its_terms_say(city: CouponBench) -> None:
    """Twice; a payment that is given back frees the coupon and its budget."""
    bread, wallet = await city.coupon(per_person=2), await city.wallet(6_000)
    first = city.pay(wallet, 1_000, coupons=(bread.coupon,))
    assert (await city.one(first)).outcome == "done"
    assert (await city.pays(wallet, 1_100, bread)).outcome == "done"
    assert (await city.pays(wallet, 1_200, bread)).outcome == "coupon_used"
    assert await city.budget() == (1_000, 0)
    assert (await city.one(city.reverse(first.id))).outcome == "done"
    assert await city.budget() == (500, 0)
    assert (await city.pays(wallet, 1_200, bread)).outcome == "done"
    uses = await coupons.uses(city.pool, city.town, [bread.coupon])
    assert uses == {bread.coupon: Uses(2, 1_000)}
    assert await city.problems() == []


async def test_coupons_pay_together_only_where_both_allow_it(city: CouponBench) -> None:
    """Two that mix take off both; one that does not pays alone; none pays twice."""
    bread, milk = await city.coupon("bread", mixes=True), await city.coupon("milk", mixes=True)
    alone, wallet = await city.coupon("alone"), await city.wallet(6_000)
    assert await parts(city, wallet, 1_500, bread, milk) == {"coupon": 1_000, "voucher": 500}
    for pair in ((bread, alone), (alone, milk), (bread, bread)):
        assert (await city.pays(wallet, 1_600, *pair)).outcome == "coupons_not_together"
    assert (await city.pays(wallet, 1_700, alone)).outcome == "done"


async def test_a_second_payment_that_was_meant_uses_the_coupon_too(city: CouponBench) -> None:
    """The question keeps the coupons and uses none; a yes pays with them."""
    bread, wallet = await city.coupon(per_person=2), await city.wallet(6_000)
    assert (await city.pays(wallet, 1_000, bread)).outcome == "done"
    again = city.pay(wallet, 1_000, coupons=(bread.coupon,))
    assert (await city.one(again)).outcome == "duplicate_suspected"
    assert await city.budget() == (500, 0)
    yes = await city.one(Request(uuid7(), Kind.CONFIRM, wallet=wallet, refers=again.id))
    assert yes.outcome == "done"
    told = receipt(yes)
    assert told.coupons == [bread.coupon]
    assert {part.instrument: part.amount for part in told.parts} == {"coupon": 500, "voucher": 500}
    assert await city.budget() == (1_000, 0)
    assert (await city.pays(wallet, 1_100, bread)).outcome == "coupon_used"


async def test_a_part_that_is_given_back_leaves_the_coupon_used(city: CouponBench) -> None:
    """Only a payment that is given back whole frees it; the books are right either way."""
    bread, wallet = await city.coupon(per_person=1), await city.wallet(6_000)
    first = city.pay(wallet, 1_500, coupons=(bread.coupon,))
    assert (await city.one(first)).outcome == "done"
    assert (await city.one(city.reverse(first.id, 600))).outcome == "done"
    assert (await city.pays(wallet, 1_100, bread)).outcome == "coupon_used"
    assert await city.problems() == []
    assert (await city.one(city.reverse(first.id))).outcome == "done"
    assert await city.budget() == (0, 0)
    assert await city.holds(wallet) == {"voucher": 6_000}
    assert (await city.pays(wallet, 1_100, bread)).outcome == "done"
    assert await city.problems() == []


async def test_a_stopped_coupon_pays_nothing(city: CouponBench) -> None:
    """From that moment on, and it is stopped once."""
    bread, wallet = await city.coupon(), await city.wallet(6_000)
    assert await coupons.stop(city.pool, city.town, bread.coupon, city.clock.now)
    assert not await coupons.stop(city.pool, city.town, bread.coupon, city.clock.now)
    assert (await city.pays(wallet, 1_000, bread)).outcome == "coupon_unknown"


async def test_only_who_answered_its_survey_uses_it(city: CouponBench) -> None:
    """The same wallet before and after its answer."""
    now = city.clock.now
    question = TextQuestion(code="why", text={"ja": "なぜ"})
    number = await surveys.add(
        city.pool,
        city.town,
        NewSurvey("town", {"ja": "町"}, Audience.WALLETS, [question], now, now + timedelta(days=9)),
    )
    assert number is not None
    survey = await surveys.survey(city.pool, city.town, number)
    assert survey is not None
    thanks, wallet = await city.coupon("thanks", survey="town"), await city.wallet(6_000)

    async def why_not() -> str | None:
        [found] = await wallet_coupons.wallet_coupons(city.pool, city.town, wallet, city.clock.now)
        return found.why_not

    assert await why_not() == "coupon_not_yours"
    assert (await city.pays(wallet, 1_000, thanks)).outcome == "coupon_not_yours"
    vault = Vault.of(SETTINGS)
    assert await surveys.answer(city.pool, vault, city.town, survey, wallet, {"why": "水"}, now)
    assert not await surveys.answer(city.pool, vault, city.town, survey, wallet, {"why": "山"}, now)
    assert await why_not() is None
    assert (await city.pays(wallet, 1_100, thanks)).outcome == "done"


# -- rounds ----------------------------------------------------------------------------------------


async def test_a_round_keeps_its_budget_and_gives_back_what_nobody_used(
    city: CouponBench,
) -> None:
    """Twenty places of 500 yen take the whole budget; three are used, seventeen come back and are
    the next round's, and not one yen more.
    """
    bread = await city.coupon(awarded=True)
    wallets = [await city.wallet(6_000) for _ in range(5)]
    first = await city.round(bread, 20)
    assert (await city.budget(), first.reserve) == ((0, 10_000), 500)
    with pytest.raises(OfferRefused) as refused:
        await city.round(bread, 1, code="second")
    assert (refused.value.why, refused.value.needed, refused.value.left) == ("over_budget", 500, 0)
    assert await city.claims(first, *wallets[:4]) == wallets[:4]
    for wallet in wallets[:3]:
        assert (await city.pays(wallet, 1_000, bread)).outcome == "done"
    assert (await city.pays(wallets[0], 1_100, bread)).outcome == "coupon_used"
    assert (await city.pays(wallets[4], 1_000, bread)).outcome == "coupon_not_yours"
    assert await city.budget() == (1_500, 8_500)
    assert await city.problems() == []

    city.clock.advance(days=7)
    assert (await city.pays(wallets[3], 1_000, bread)).outcome == "coupon_not_yours"
    city.clock.advance(seconds=offers.END_GRACE.total_seconds())
    ended = await offers.end_some(city.pool, city.town, city.clock.now)
    assert ended == {first.offer: 8_500}
    assert await offers.end_some(city.pool, city.town, city.clock.now) == {}
    assert await city.budget() == (1_500, 0)

    with pytest.raises(OfferRefused) as refused:
        await city.round(bread, 18, code="second")
    assert (refused.value.needed, refused.value.left) == (9_000, 8_500)
    second = await city.round(bread, 17, code="second")
    assert await city.claims(second, *wallets) == wallets
    assert (await city.pays(wallets[0], 1_200, bread)).outcome == "done"
    assert await city.budget() == (2_000, 8_000)
    assert await city.problems() == []


async def test_a_place_whose_payment_was_given_back_is_used_again(city: CouponBench) -> None:
    """What it kept of the budget was let go with the first use and is not kept twice."""
    bread, wallet = await city.coupon(awarded=True), await city.wallet(6_000)
    offer = await city.round(bread, 2)
    await city.claims(offer, wallet)
    first = city.pay(wallet, 1_000, coupons=(bread.coupon,))
    assert (await city.one(first)).outcome == "done"
    assert await city.budget() == (500, 500)
    assert (await city.one(city.reverse(first.id))).outcome == "done"
    assert await city.budget() == (0, 500)
    [found] = await wallet_coupons.wallet_coupons(city.pool, city.town, wallet, city.clock.now)
    assert (found.why_not, found.uses_left) == (None, 1)
    assert (await city.pays(wallet, 1_000, bread, shop=city.shop)).outcome == "done"
    assert await city.budget() == (500, 500)
    city.clock.advance(days=7, seconds=offers.END_GRACE.total_seconds())
    assert await offers.end_some(city.pool, city.town, city.clock.now) == {offer.offer: 500}
    assert await city.budget() == (500, 0)
    assert await city.problems() == []


async def test_stopping_a_coupon_ends_its_rounds(city: CouponBench) -> None:
    """Their places are worth nothing from then on, so what they kept goes back soon after."""
    bread = await city.coupon(awarded=True)
    offer = await city.round(bread, 4)
    assert await city.budget() == (0, 2_000)
    await coupons.stop(city.pool, city.town, bread.coupon, city.clock.now)
    assert await offers.end_some(city.pool, city.town, city.clock.now) == {}
    city.clock.advance(seconds=offers.END_GRACE.total_seconds())
    assert await offers.end_some(city.pool, city.town, city.clock.now) == {offer.offer: 2_000}
    assert await city.budget() == (0, 0)


async def test_rounds_opened_at_once_never_promise_more_than_there_is(city: CouponBench) -> None:
    """Eight rounds of 3,000 yen against 10,000: three are opened."""
    bread = await city.coupon(awarded=True)
    told = await asyncio.gather(
        *(city.round(bread, 6, code=f"r{number}") for number in range(8)), return_exceptions=True
    )
    assert [type(each) for each in told].count(OfferRefused) == 5
    assert await city.budget() == (0, 9_000)


@pytest.mark.parametrize(
    ("changes", "places", "why"),
    [
        ({"awarded": False}, 1, "coupon_for_all"),
        ({"ends_at": 6}, 1, "coupon_closed"),
        ({}, 21, "over_budget"),
    ],
)
async def test_rounds_that_cannot_be_kept_are_refused(
    city: CouponBench, changes: dict[str, Any], places: int, why: str
) -> None:
    """A coupon for everybody, one that ends before its places, and too small a budget."""
    if "ends_at" in changes:
        changes = {"ends_at": city.clock.now + timedelta(days=changes["ends_at"])}
    bread = await city.coupon(**({"awarded": True} | changes))
    with pytest.raises(OfferRefused) as refused:
        await city.round(bread, places)
    assert refused.value.why == why
    assert await city.budget() == (0, 0)
    assert await offers.offers(city.pool, city.town, 10) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE koban.budget SET reserved = reserved - 1",
        "UPDATE koban.offer SET reserve = reserve - 1",
        "UPDATE koban.offer SET places = places + 1",
        "UPDATE koban.offer SET ended_at = closes_at",
        "UPDATE koban.coupon_use SET offer = NULL",
    ],
)
async def test_verify_finds_a_round_that_keeps_something_else(
    city: CouponBench, tampering: str
) -> None:
    """Too much or too little of the budget, for whatever reason."""
    bread, wallet = await city.coupon(awarded=True), await city.wallet(6_000)
    await city.claims(await city.round(bread, 4), wallet)
    assert (await city.pays(wallet, 1_000, bread)).outcome == "done"
    assert await city.problems() == []
    await city.pool.execute(tampering)
    assert any("its rounds keep" in problem for problem in await city.problems())


# -- what a wallet sees ----------------------------------------------------------------------------


async def test_a_wallet_sees_what_it_can_use_and_why_not_now(city: CouponBench) -> None:
    """Places by their end, hours, uses that are left; what is nobody's of it is not shown."""
    everybodys = await city.coupon("bread", per_person=1)
    lunch = await city.coupon("lunch", from_minute=660, to_minute=720)
    await city.coupon("draw", awarded=True)
    mine = await city.coupon("mine", awarded=True)
    wallet = await city.wallet(6_000)
    offer = await city.round(mine, 2, days=3)
    await city.claims(offer, wallet)

    async def seen() -> dict[str, tuple[str | None, int | None]]:
        found = await wallet_coupons.wallet_coupons(city.pool, city.town, wallet, city.clock.now)
        assert [each.until for each in found] == sorted(each.until for each in found)
        return {each.coupon.code: (each.why_not, each.uses_left) for each in found}

    assert await seen() == {
        "bread": (None, 1),
        "lunch": ("coupon_closed", None),
        "mine": (None, 1),
    }
    assert (await city.pays(wallet, 1_000, everybodys)).outcome == "done"
    assert (await city.pays(wallet, 1_100, mine)).outcome == "done"
    assert (await city.pays(wallet, 1_200, lunch)).outcome == "coupon_closed"
    assert await seen() == {
        "bread": ("coupon_used", 0),
        "lunch": ("coupon_closed", None),
        "mine": ("coupon_used", 0),
    }
    city.clock.advance(days=3)
    assert set(await seen()) == {"bread", "lunch"}


async def test_a_wallet_sees_offers_until_they_close_and_its_own_until_they_end(
    city: CouponBench,
) -> None:
    """With its place, and the coupon's terms."""
    bread, wallet, other = await city.coupon(awarded=True), await city.wallet(), await city.wallet()
    offer = await city.round(bread, 2)
    await city.claims(offer, wallet)

    async def places(of: int) -> list[tuple[str, int | None]]:
        found = await wallet_coupons.wallet_offers(city.pool, city.town, of, city.clock.now)
        assert {each.coupon for each in found} <= {await city.seen(bread.coupon)}
        return [(each.offer.code, each.place) for each in found]

    assert await places(wallet) == [("first", 1)]
    assert await places(other) == [("first", None)]
    city.clock.advance(days=1)
    assert await places(wallet) == [("first", 1)]
    assert await places(other) == []
    city.clock.advance(days=6)
    assert await places(wallet) == []


# -- terms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, None),
        ({"ends_at": 0}, "ends_at"),
        ({"discount": None}, "discount"),
        ({"basis_points": 1_000, "discount_max": 100}, "discount"),
        ({"discount": None, "basis_points": 1_000}, "discount_max"),
        ({"discount_max": 100}, "discount_max"),
        ({"from_minute": 600}, "to_minute"),
        ({"to_minute": 600}, "to_minute"),
        ({"from_minute": 600, "to_minute": 600}, "to_minute"),
        ({"from_minute": 1_320, "to_minute": 120}, None),
        ({"weekdays": (1, 1)}, "weekdays"),
        ({"month_days": (31, 31)}, "month_days"),
        ({"shops": (1, 1)}, "shops"),
        ({"shop_groups": ("small", "small")}, "shop_groups"),
        ({"shop_groups": ("large",)}, "shop_groups"),
    ],
)
def test_terms_are_refused_by_the_field_that_is_wrong(
    changes: dict[str, Any], field: str | None
) -> None:
    """Nothing off or two things, a share without a bound, half hours, what is named twice."""
    if "ends_at" in changes:
        changes = {"ends_at": START}
    terms: dict[str, Any] = {
        "code": "bread",
        "name": "パン",
        "fund": "city",
        "discount": 500,
        "starts_at": START,
        "ends_at": START + timedelta(days=1),
    }
    found = problem(Terms(**(terms | changes)), ["small"])
    assert (found[0] if found else None) == field


@pytest.mark.parametrize(
    ("changes", "budget", "field"),
    [
        ({"fund": "unknown"}, None, "fund"),
        ({"fund": "premium"}, None, "fund"),
        ({"fund": "premium"}, 5_000, "fund"),
        ({}, 5_000, "budget"),
        ({"shops": (999_999,)}, None, "shops"),
        ({"survey": "unknown"}, None, "survey"),
    ],
)
async def test_what_a_coupon_names_has_to_be_there(
    city: CouponBench, changes: dict[str, Any], budget: int | None, field: str
) -> None:
    """Funds without a budget, a second budget, shops and surveys of nobody; nothing is made."""
    await city.coupon()
    terms = city.terms("second", **changes)
    with pytest.raises(CouponRefused) as refused:
        await coupons.add(city.pool, city.town, terms, 4, budget, city.clock.now)
    assert refused.value.field == field
    assert [each.code for each in await coupons.coupons(city.pool, city.town)] == ["bread"]


async def test_a_ceiling_is_never_below_what_is_given_and_promised(city: CouponBench) -> None:
    """One yen less than that is refused, that much is not."""
    bread, wallet = await city.coupon(awarded=True), await city.wallet(6_000)
    offer = await city.round(bread, 3)
    await city.claims(offer, wallet)
    await city.pays(wallet, 1_000, bread)
    assert not await coupons.set_ceiling(city.pool, city.town, bread.coupon, 1_499)
    assert await coupons.set_ceiling(city.pool, city.town, bread.coupon, 1_500)
    assert (await city.seen(bread.coupon)).ceiling == 1_500
    with pytest.raises(OfferRefused):
        await city.round(bread, 1, code="second")
