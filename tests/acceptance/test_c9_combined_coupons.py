"""C9: coupons of several kinds side by side, each with its own shops, terms and days."""

from gateway.protocol.api_groups import ShopGroups
from tests.acceptance.conftest import Visit
from tests.acceptance.coupon_city import (
    TOWN,
    coupons_of,
    gets_tickets,
    looks_ahead,
    makes_coupon,
    paid_with,
    parts,
    pays_with,
    sees_coupon,
)


async def test_c9_childcare_lessons_eco_and_a_gift_in_one_budget(visit: Visit) -> None:
    """A family has four coupons: nappies at the chemist's, lessons at the swimming school on
    weekends, ten per cent for a bag of one's own everywhere, and one gift out of the catalogue. The
    first two and the eco coupon go together; the gift pays alone. Each stays at its shops, on its
    days, in its hours, and all of them draw on one budget.
    """
    town = await visit(TOWN)
    ai = await town.registers("券田 愛")
    chemist, school, grocer = [
        await town.opens(name) for name in ("薬局 ほほえみ", "スイミング 波", "八百屋 みどり")
    ]
    path = f"/console/shops/{grocer.shop.shop}/groups"
    await town.asks("PUT", path, {"groups": ["small"]}, ShopGroups)
    await makes_coupon(
        town,
        "nappies",
        budget=5_000,
        discount=1_000,
        minimum=2_000,
        shops=[chemist.shop.shop],
        per_person=2,
        mixes=True,
    )
    await makes_coupon(
        town,
        "lessons",
        discount=2_000,
        minimum=3_000,
        shops=[school.shop.shop],
        weekdays=[6, 7],
        per_person=1,
        mixes=True,
    )
    await makes_coupon(
        town,
        "eco",
        basis_points=1_000,
        discount_max=100,
        hours_from="09:00",
        hours_to="18:00",
        mixes=True,
    )
    await makes_coupon(town, "gift", discount=500, shop_groups=["small"], per_person=1)
    await gets_tickets(town, ai)
    told = {code: each.why_not for code, each in (await coupons_of(ai)).items()}
    assert told == {"nappies": None, "lessons": "coupon_closed", "eco": None, "gift": None}

    # A Wednesday noon: together at the chemist's, each alone where it belongs.
    assert await pays_with(ai, grocer.shop, 2_000, "nappies") == "coupon_not_here"
    assert await pays_with(ai, school.shop, 3_000, "lessons") == "coupon_closed"
    assert await pays_with(ai, chemist.shop, 1_999, "nappies") == "coupon_under_minimum"
    assert await pays_with(ai, grocer.shop, 1_000, "gift", "eco") == "coupons_not_together"
    seen = await looks_ahead(ai, chemist.shop, 2_600, "nappies", "eco")
    assert {part.instrument: part.amount for part in seen.parts} == {
        "coupon": 1_100,
        "common_ticket": 1_500,
    }
    paid = await paid_with(ai, chemist.shop, 2_600, "nappies", "eco")
    assert parts(paid) == {"coupon": 1_100, "common_ticket": 1_500}
    assert len(paid.coupons) == 2
    assert parts(await paid_with(ai, grocer.shop, 1_000, "gift")) == {
        "coupon": 500,
        "common_ticket": 500,
    }
    assert await pays_with(ai, grocer.shop, 1_500, "gift") == "coupon_used"

    # Saturday evening: the lessons' day, but not the eco coupon's hour.
    await town.days_pass(days=3, minutes=7 * 60)
    ai = await town.signs_in()
    assert await pays_with(ai, school.shop, 3_000, "lessons", "eco") == "coupon_closed"
    assert parts(await paid_with(ai, school.shop, 3_000, "lessons")) == {
        "coupon": 2_000,
        "common_ticket": 1_000,
    }
    line = await sees_coupon(town, "lessons")
    assert (line.fund, line.ceiling, line.granted) == ("city_coupons", 5_000, 3_600)
    # 1,400 yen are left for all of them: nappies once more, and then no more.
    assert parts(await paid_with(ai, chemist.shop, 2_000, "nappies"))["coupon"] == 1_000
    await town.days_pass(days=0.6)
    assert (await coupons_of(await town.signs_in()))["eco"].why_not is None
