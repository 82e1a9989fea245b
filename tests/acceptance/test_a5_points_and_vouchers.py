"""A5: points that the city hands out and premium vouchers, in one wallet and on the same rails."""

from gateway.protocol.messages import Receipt
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.granting import is_set_for, left, opens_activity, opens_programme
from tests.acceptance.topping_up import arrives
from tests.support.ledger import problems

TOWN = "higashimurayama"


async def test_a5_the_citys_points_and_a_premium_voucher_pay_together(
    visit: Visit, pool: Pool
) -> None:
    """Sayuri bought a voucher of 10,000 yen and got 2,000 on it; at the health centre she gets 500
    points. The greengrocer takes both at once and is owed one sum; what comes back is what it was.
    """
    town = await visit(TOWN)
    sayuri = await town.registers("東村山 小百合")
    await arrives(town, pool, sayuri.account, way="seven_bank_voucher", amount=10_000)
    assert (await sayuri.hears()).kind == "top_up"

    await opens_programme(town, "health", "point", 2_000)
    await opens_activity(town, "health", "walk", "健康ウォーク", 500)
    centre, greens = await town.opens("保健センター"), await town.opens("野菜の店")
    await is_set_for(town, centre, "walk")
    granted = await centre.grants(await sayuri.shows_code(None))
    assert isinstance(granted, Receipt)
    assert (granted.kind, granted.amount, granted.activity) == ("grant", 500, "健康ウォーク")
    heard = await sayuri.hears()
    assert (heard.kind, heard.sound, heard.receipt.amount) == ("grant", "topped_up", 500)
    assert await sayuri.holds() == {"point": 500, "voucher": 12_000}
    funders = {lot.funder for part in (await sayuri.balance()).parts for lot in part.lots}
    assert funders == {"health", "user", "premium"}

    paid = await sayuri.pays(greens.shop, 1_300)
    assert {part.instrument: part.amount for part in paid.parts} == {"point": 500, "voucher": 800}
    assert (await greens.day()).net == 1_300
    assert (await centre.day()).net == 0, "the city's points cost the centre nothing"
    assert await left(town, "health") == (500, 1_500)

    await greens.hears()
    await greens.cancels(paid.id, "返品")
    assert await sayuri.holds() == {"point": 500, "voucher": 12_000}
    assert await problems(pool) == []


async def test_a5_nobody_gets_more_than_the_city_has_set_aside(visit: Visit, pool: Pool) -> None:
    """Once a person, and no more than the budget: the third is refused until it is raised."""
    town = await visit(TOWN)
    await opens_programme(town, "health", "point", 1_000)
    await opens_activity(town, "health", "walk", "健康ウォーク", 500)
    centre = await town.opens("保健センター")
    await is_set_for(town, centre, "walk")
    people = [await town.registers(f"市民 {n}", f"0901234567{n}") for n in range(3)]
    for person in people[:2]:
        assert isinstance(await centre.grants(await person.shows_code(None)), Receipt)
    assert await centre.grants(await people[0].shows_code(None)) == "already_granted"
    code = await people[2].shows_code(None)
    assert await centre.grants(code) == "over_budget"
    assert await left(town, "health") == (1_000, 0)

    await town.asks("PUT", "/console/programmes/health/budget", {"ceiling": 1_500}, dict)
    assert isinstance(await centre.grants(code), Receipt)
    assert [(await person.balance()).total for person in people] == [500, 500, 500]
    assert await left(town, "health") == (1_500, 0)
    assert await problems(pool) == []
