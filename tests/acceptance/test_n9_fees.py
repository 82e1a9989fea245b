"""N9: fee rates change at any time, from an instant on, by shop or group; what is settled stays."""

from ledger.database import Pool
from tests.acceptance.nagaoka import Nagaoka
from tests.acceptance.settling import open_settling
from tests.support.ledger import problems


async def test_n9_a_fee_that_changes_in_the_middle_of_a_period(
    nagaoka: Nagaoka, pool: Pool
) -> None:
    """1.5 % for all from noon; from the next day 2 % for the shopping street, and 0.5 % for one
    shop of it. Old and new stand side by side in one settlement, each from its instant on; the
    settlement before keeps its rate, and a payment cancelled later gives its own fee back.
    """
    office = await open_settling(nagaoka)
    books, greens = await nagaoka.opens("大手書房"), await nagaoka.opens("殿町の八百屋")
    sweets = await nagaoka.opens("摂田屋の菓子店")
    street = {"groups": ["street"]}
    for tablet in (greens, sweets):
        path = f"/console/shops/{tablet.shop.shop}/groups"
        await nagaoka.asks("PUT", path, street, dict)
    hanako = await nagaoka.registers("花子")
    await books.takes_cash(await hanako.shows_top_up_code(90_000), 90_000)

    await hanako.pays(greens.shop, 9_000)  # Before there was any fee.
    nagaoka.clock.advance(minutes=1)
    await office.charges_fee(kind="redemption", basis_points=150, yen=0)
    nagaoka.clock.advance(minutes=1)
    early = await hanako.pays(greens.shop, 3_333)
    first = await office.settles(shops=[greens.shop.shop])
    line = (await office.lines(first))[greens.shop.shop]
    assert (line.accepted, line.fees, line.net) == (12_333, 49, 12_284)  # 1.5 % of 3,333 is 49.995.

    rates = await office.charges_fee(
        kind="redemption", basis_points=200, yen=0, group="street", valid_from="2026-04-02T00:00"
    )
    assert [rate.in_force for rate in rates.rates] == [True, False]
    await office.charges_fee(
        kind="redemption", basis_points=50, yen=10, shop=sweets.shop.shop,
        valid_from="2026-04-02T00:00",
    )  # fmt: skip
    await office.charges_fee(kind="transfer", basis_points=0, yen=440)
    await hanako.pays(greens.shop, 10_000)  # Still the first of April: 1.5 %.
    await office.next_day()
    await hanako.pays(greens.shop, 5_000)  # Now the street's 2 %.
    await hanako.pays(sweets.shop, 2_000)  # 0.5 % and ten yen.
    await hanako.pays(books.shop, 1_000)  # Not in the street: still 1.5 %.
    await greens.cancels(early.id, "返品")  # Gives 1.5 % back, as it was taken.

    second = await office.settles()
    told = await office.lines(second)
    # 1.5 % of 10,000 less 3,333 is 100.005; 2 % of 5,000 is 100; the bank's is 440.
    assert told[greens.shop.shop].fees == 100 + 100 + 440
    assert told[greens.shop.shop].accepted == 10_000 + 5_000 - 3_333
    assert told[sweets.shop.shop].fees == 10 + 10 + 440
    assert (told[books.shop.shop].fees, told[books.shop.shop].transfer_fee) == (15, 0)
    by_rate = {
        (each.rate, each.amount): each.fee for each in await office.fees(second, "rate")
        if each.kind == "payment"
    }  # fmt: skip
    assert by_rate == {(1, 10_000 + 1_000 - 3_333): 115, (2, 5_000): 100, (3, 2_000): 20}
    days = {
        (each.day, each.group): each.fee for each in await office.fees(second, "day,group")
        if each.kind == "payment"
    }  # fmt: skip
    assert days[("2026-04-01", "street")] == 150
    assert days[("2026-04-02", "")] == 15
    assert {each.instrument for each in await office.fees(second, "instrument")} >= {"coin"}
    assert (await office.lines(first))[greens.shop.shop].fees == 49
    assert await problems(pool) == []


async def test_n9_what_a_fee_cannot_be(nagaoka: Nagaoka) -> None:
    """Each wrong rate names its field, and none of them is set."""
    for body, field in (
        ({"kind": "redemption", "basis_points": 150}, "yen"),
        ({"kind": "redemption", "basis_points": 10_001, "yen": 0}, "basis_points"),
        ({"kind": "redemption", "basis_points": 1, "yen": -1}, "yen"),
        ({"kind": "tax", "basis_points": 1, "yen": 0}, "kind"),
        ({"kind": "transfer", "basis_points": 1, "yen": 0}, "kind"),
        ({"kind": "redemption", "basis_points": 1, "yen": 0, "group": "moon"}, "group"),
        ({"kind": "redemption", "basis_points": 1, "yen": 0, "instrument": "gold"}, "instrument"),
        ({"kind": "redemption", "basis_points": 1, "yen": 0, "shop": 1}, "shop"),
        (
            {"kind": "issue", "basis_points": 1, "yen": 0, "valid_from": "2026-04-01T11:59"},
            "valid_from",
        ),
        (
            {"kind": "issue", "basis_points": 1, "yen": 0, "valid_from": "2026-02-30T00:00"},
            "valid_from",
        ),
    ):
        answer = await nagaoka.tries("POST", "/console/fees", body)
        assert (answer.status_code, answer.json()["field"]) == (422, field), (body, answer.text)
    assert (await nagaoka.tries("GET", "/console/fees", None)).json() == {"rates": []}
