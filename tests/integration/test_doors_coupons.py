"""Coupons over HTTP: made and stopped at the console, seen and claimed in wallets; bad input."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from config.profile import read_profile
from ledger.offers import Awarding, NewOffer, Offer, open_offer
from ledger.towns import load_town
from tests.support.doors import Doors, Visitor

API = "/api/nagaoka"
COUPON: dict[str, Any] = {
    "code": "bread",
    "name": "パンのクーポン",
    "fund": "city_coupons",
    "budget": 10_000,
    "discount": 500,
    "minimum": 1_000,
    "starts_at": "2026-04-01T00:00",
    "ends_at": "2026-05-01T00:00",
    "awarded": True,
}
ROUND: dict[str, Any] = {
    "code": "first",
    "name": "第1回",
    "places": 2,
    "coupon": "bread",
    "opens_at": "2026-04-01T12:00",
    "closes_at": "2026-04-02T00:00",
    "use_until": "2026-04-08T00:00",
}


@pytest.fixture
async def operator(doors: Doors) -> Visitor:
    """An operator of a Nagaoka that has coupons."""
    [coupon] = [
        each for each in read_profile("digital-coupon").instruments if each.kind == "coupon"
    ]
    town = doors.context.towns["nagaoka"]
    kinds = [replace(each, spend_order=each.spend_order + 1) for each in town.profile.instruments]
    number = max(each.number for each in kinds) + 1
    changed = replace(town.profile, instruments=[replace(coupon, number=number), *kinds])
    await load_town(doors.pool, changed, doors.clock.advance(seconds=1))
    town.take(changed)
    return await doors.operator()


async def made(operator: Visitor, path: str, body: dict[str, Any], **changes: Any) -> Any:
    """What the console makes of a body."""
    answer = await operator.post(f"{API}/console{path}", json=body | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def opened_by_draw(doors: Doors) -> Offer:
    """An offer of the same coupon whose places are drawn."""
    now = doors.clock.now
    week = now + timedelta(days=7)
    new = NewOffer("draw", "抽選", Awarding.DRAW, 2, now, week, week, "bread")
    return await open_offer(doors.pool, doors.town, new, now)


async def test_a_coupon_is_made_listed_and_stopped(doors: Doors, operator: Visitor) -> None:
    """With its terms as they were sent, hours as hours, and its budget."""
    terms = {"weekdays": [6, 7], "hours_from": "22:00", "hours_to": "02:30", "mixes": True}
    line = await made(operator, "/coupons", COUPON, **terms)
    sent = ("code", "name", "discount", "minimum", "awarded")
    assert {name: line["terms"][name] for name in sent} == {name: COUPON[name] for name in sent}
    assert {name: line["terms"][name] for name in terms} == terms
    assert (line["fund"], line["ceiling"], line["granted"], line["uses"]) == (
        *("city_coupons", 10_000, 0, 0),
    )
    listed = (await operator.get(f"{API}/console/coupons")).json()
    assert listed == {"coupons": [line], "next": None}
    path = f"/coupons/{line['terms']['coupon']}"
    raised = await operator.put(f"{API}/console{path}/budget", json={"ceiling": 20_000})
    assert raised.json()["ceiling"] == 20_000
    stopped = await made(operator, f"{path}/stop", {})
    assert stopped["stopped_at"] == doors.clock.now_ms
    again = await operator.post(f"{API}/console{path}/stop", json={})
    assert (again.status_code, again.json()["code"]) == (409, "coupon_over")


async def test_a_round_is_claimed_by_who_comes_first(doors: Doors, operator: Visitor) -> None:
    """Two places, three people; who has one is told it again, also after the closing."""
    await made(operator, "/coupons", COUPON)
    offer = (await made(operator, "/offers", ROUND))["offer"]
    holders = [await doors.holder(f"0901234567{number}") for number in range(3)]
    claim = f"{API}/wallet/offers/{offer}/claim"
    seen = (await holders[0].get(f"{API}/wallet/offers")).json()["offers"]
    assert [(each["code"], each["left"], each["place"]) for each in seen] == [("first", 2, None)]
    assert seen[0]["coupon"]["discount"] == 500
    assert (await holders[0].get(f"{API}/wallet/coupons")).json() == {"coupons": []}

    told = [await holder.post(claim) for holder in (*holders, holders[0])]
    assert [each.status_code for each in told] == [200, 200, 409, 200]
    assert [each.json().get("place") for each in told] == [1, 2, None, 1]
    assert told[2].json()["code"] == "offer_sold_out"
    [coupon] = (await holders[1].get(f"{API}/wallet/coupons")).json()["coupons"]
    assert (coupon["terms"]["code"], coupon["why_not"], coupon["uses_left"]) == ("bread", None, 1)
    assert coupon["until"] == told[1].json()["use_until"]
    [line] = (await operator.get(f"{API}/console/offers")).json()["offers"]
    assert (line["places"], line["awarded"], line["reserve"]) == (2, 2, 500)

    doors.clock.advance(days=1)
    assert (await holders[1].post(claim)).json()["place"] == 2
    late = await holders[2].post(claim)
    assert (late.status_code, late.json()["code"]) == (409, "offer_closed")


async def test_who_cannot_have_a_place_is_told_why(doors: Doors, operator: Visitor) -> None:
    """A frozen wallet, and anybody once the coupon is stopped; nobody gets a worthless place."""
    number = (await made(operator, "/coupons", COUPON))["terms"]["coupon"]
    claim = f"{API}/wallet/offers/{(await made(operator, '/offers', ROUND))['offer']}/claim"
    holders = [await doors.holder(f"0901234567{place}") for place in range(2)]
    await doors.pool.execute(
        "UPDATE koban.account SET state = 'frozen' WHERE account = $1", holders[0].account
    )
    frozen = await holders[0].post(claim)
    assert (frozen.status_code, frozen.json()["code"]) == (402, "wallet_frozen")
    await made(operator, f"/coupons/{number}/stop", {})
    stopped = await holders[1].post(claim)
    assert (stopped.status_code, stopped.json()["code"]) == (409, "offer_closed")
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.award") == 0


async def test_nothing_is_claimed_but_open_rounds_of_coupons(
    doors: Doors, operator: Visitor
) -> None:
    """Not before the opening, not by draw, no right to buy, nothing that is not there."""
    await made(operator, "/coupons", COUPON)
    holder = await doors.holder()
    draw = await opened_by_draw(doors)
    offers = {
        "later": await made(operator, "/offers", ROUND, code="later", opens_at="2026-04-01T18:00"),
        "draw": {"offer": draw.offer},
        "right": await made(operator, "/offers", ROUND, code="right", coupon=None, amount=10_000),
        "nothing": {"offer": 999},
    }
    told = {}
    for name, offer in offers.items():
        answer = await holder.post(f"{API}/wallet/offers/{offer['offer']}/claim")
        told[name] = (answer.status_code, answer.json()["code"])
    nothing = (404, "not_found")
    assert told == {
        "later": (409, "offer_closed"),
        "draw": nothing,
        "right": nothing,
        "nothing": nothing,
    }
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.award") == 0


BAD_COUPONS: list[tuple[dict[str, Any], str]] = [
    ({"code": "Bread"}, "code"),
    ({"code": "b" * 41}, "code"),
    ({"name": ""}, "name"),
    ({"name": "パン\u202e"}, "name"),
    ({"colour": "red"}, "colour"),
    ({"discount": None}, "discount"),
    ({"discount": 0}, "discount"),
    ({"discount": -500}, "discount"),
    ({"discount": 0.5}, "discount"),
    ({"discount": "500"}, "discount"),
    ({"discount": 10_000_001}, "discount"),
    ({"basis_points": 1_000}, "discount"),
    ({"discount": None, "basis_points": 1_000}, "discount_max"),
    ({"discount": None, "basis_points": 10_001, "discount_max": 100}, "basis_points"),
    ({"discount_max": 100}, "discount_max"),
    ({"minimum": 0}, "minimum"),
    ({"starts_at": "2026-04-01"}, "starts_at"),
    ({"starts_at": "2026-02-30T00:00"}, "starts_at"),
    ({"starts_at": "0001-01-01T00:00"}, "starts_at"),
    ({"ends_at": "2026-04-01T00:00"}, "ends_at"),
    ({"starts_at": "2026-03-01T00:00", "ends_at": "2026-03-31T00:00"}, "ends_at"),
    ({"weekdays": [0]}, "weekdays[0]"),
    ({"weekdays": [8]}, "weekdays[0]"),
    ({"weekdays": [1, 1]}, "weekdays"),
    ({"month_days": [32]}, "month_days[0]"),
    ({"hours_from": "25:00", "hours_to": "26:00"}, "hours_from"),
    ({"hours_from": "10:00"}, "hours_to"),
    ({"hours_from": "10:00", "hours_to": "10:00"}, "hours_to"),
    ({"hours_from": "24:00", "hours_to": "10:00"}, "hours_from"),
    ({"hours_from": "10:00", "hours_to": "00:00"}, "hours_to"),
    ({"shop_groups": ["nobody"]}, "shop_groups"),
    ({"shops": [999_999]}, "shops"),
    ({"shops": [0]}, "shops[0]"),
    ({"per_person": 0}, "per_person"),
    ({"survey": "nothing"}, "survey"),
    ({"fund": "user"}, "fund"),
    ({"budget": None}, "fund"),
    ({"budget": -1}, "budget"),
    ({"instrument": "coin"}, "instrument"),
]
BAD_OFFERS: list[tuple[dict[str, Any], str, str]] = [
    ({"code": "bread!"}, "invalid", "code"),
    ({"places": 0}, "invalid", "places"),
    ({"places": 1.5}, "invalid", "places"),
    ({"places": 1_000_001}, "invalid", "places"),
    ({"places": 21}, "over_budget", "places"),
    ({"awarding": "draw"}, "invalid", "awarding"),
    ({"coupon": "milk"}, "invalid", "coupon"),
    ({"coupon": None}, "invalid", "coupon"),
    ({"amount": 5_000}, "invalid", "coupon"),
    ({"closes_at": "2026-04-01T12:00"}, "invalid", "closes_at"),
    ({"use_until": "2026-04-01T13:00"}, "invalid", "closes_at"),
    ({"opens_at": "2026-03-01T12:00", "closes_at": "2026-03-02T12:00"}, "invalid", "closes_at"),
    ({"use_until": "2026-05-01T00:01"}, "invalid", "use_until"),
    ({"use_until": "soon"}, "invalid", "use_until"),
]


async def test_a_wrong_coupon_is_refused_by_its_field(doors: Doors, operator: Visitor) -> None:
    """And nothing is made: no coupon, no fund, no line in the audit."""
    wrong = []
    for changes, field in BAD_COUPONS:
        answer = await operator.post(f"{API}/console/coupons", json=COUPON | changes)
        told = answer.json()
        if (answer.status_code, told.get("code"), told.get("field")) != (422, "invalid", field):
            wrong.append(f"{changes}: {answer.text}")
    assert not wrong, "\n".join(wrong)
    for table in ("koban.coupon", "koban.budget", "people.audit"):
        assert await doors.pool.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_wrong_offer_is_refused_by_its_field(doors: Doors, operator: Visitor) -> None:
    """And nothing of the budget is promised."""
    await made(operator, "/coupons", COUPON)
    wrong = []
    for changes, code, field in BAD_OFFERS:
        answer = await operator.post(f"{API}/console/offers", json=ROUND | changes)
        told = answer.json()
        if (told.get("code"), told.get("field")) != (code, field):
            wrong.append(f"{changes}: {answer.text}")
    assert not wrong, "\n".join(wrong)
    assert await doors.pool.fetchval("SELECT reserved FROM koban.budget") == 0
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.offer") == 0


async def test_each_change_leaves_its_line(doors: Doors, operator: Visitor) -> None:
    """Who made, stopped or changed what; a refused one leaves none."""
    number = (await made(operator, "/coupons", COUPON))["terms"]["coupon"]
    await operator.post(f"{API}/console/coupons", json=COUPON | {"budget": None})
    offer = (await made(operator, "/offers", ROUND))["offer"]
    await operator.put(f"{API}/console/coupons/{number}/budget", json={"ceiling": 20_000})
    await operator.put(f"{API}/console/coupons/{number}/budget", json={"ceiling": 1})
    await made(operator, f"/coupons/{number}/stop", {})
    rows = await doors.pool.fetch("SELECT act, subject, name FROM people.audit ORDER BY number")
    assert [tuple(row) for row in rows] == [
        ("coupon.made", f"coupon:{number}", "係"),
        ("offer.opened", f"offer:{offer}", "係"),
        ("coupon.budget_changed", f"coupon:{number}", "係"),
        ("coupon.stopped", f"coupon:{number}", "係"),
    ]


async def test_codes_and_budgets_stand(doors: Doors, operator: Visitor) -> None:
    """A code is taken for ever; a budget is not cut below what it promised; who only looks at the
    console changes nothing.
    """
    line = await made(operator, "/coupons", COUPON)
    await made(operator, "/offers", ROUND)
    budget = f"{API}/console/coupons/{line['terms']['coupon']}/budget"
    for method, path, body, code in (
        ("POST", "/console/coupons", COUPON | {"budget": None}, "code_taken"),
        ("POST", "/console/coupons", COUPON | {"code": "milk"}, "invalid"),
        ("POST", "/console/offers", ROUND, "code_taken"),
        ("PUT", budget.removeprefix(API), {"ceiling": 999}, "over_budget"),
        ("PUT", "/console/coupons/999/budget", {"ceiling": 999}, "not_found"),
        ("POST", "/console/coupons/999/stop", {}, "not_found"),
    ):
        answer = await operator.request(method, f"{API}{path}", json=body)
        assert answer.json()["code"] == code, (path, answer.text)
    onlooker = await doors.operator("見る係", "ops")
    for path, body in (("coupons", COUPON), ("offers", ROUND)):
        answer = await onlooker.post(f"{API}/console/{path}", json=body | {"code": "other"})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert await doors.pool.fetchval("SELECT ceiling FROM koban.budget") == 10_000
