"""Sales at the ordinary doors: their terms, and a gateway that leaves them to their own lane."""

from typing import Any

import pytest

from ledger import audit
from ledger.audit import Filter
from ledger.sales import find_sale
from tests.support.doors import Doors
from tests.support.sales import open_sale

API = "/api/nagaoka"


async def terms(doors: Doors, offer: int) -> int | None:
    """From which age on people may buy."""
    sale = await find_sale(doors.pool, doors.town, offer)
    assert sale is not None
    return sale.age_min


async def test_an_operator_says_who_may_buy(doors: Doors) -> None:
    """Until the sale opens; each change leaves its line."""
    operator = await doors.operator()
    offer = await open_sale(doors.pool, doors.town, 10, doors.clock.now, opens_in_s=60)
    path = f"{API}/console/sales/{offer}/terms"
    answer = await operator.put(path, json={"age_min": 18})
    assert (answer.status_code, answer.json()) == (200, {"age_min": 18})
    assert await terms(doors, offer) == 18
    assert (await operator.put(path, json={"age_min": None})).status_code == 200
    assert await terms(doors, offer) is None
    lines = await audit.lines(doors.pool, doors.town, Filter(act="sale.terms_changed"), None, 10)
    assert [(line.before, line.after) for line in lines] == [
        ('{"age_min": 18}', '{"age_min": null}'),
        ('{"age_min": null}', '{"age_min": 18}'),
    ]
    doors.clock.advance(seconds=60)
    late = await operator.put(path, json={"age_min": 20})
    assert (late.status_code, late.json()["code"]) == (409, "sale_opened")
    assert await terms(doors, offer) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"age_min": 0}, "invalid"),
        ({"age_min": 121}, "invalid"),
        ({"age_min": -1}, "invalid"),
        ({"age_min": 18.5}, "invalid"),
        ({"age_min": "18"}, "invalid"),
        ({}, "invalid"),
        ({"age_min": 18, "age_max": 20}, "invalid"),
        ([], "invalid"),
    ],
)
async def test_terms_that_make_no_sense_change_nothing(doors: Doors, body: Any, code: str) -> None:
    """Told what is wrong; no line is left."""
    operator = await doors.operator()
    offer = await open_sale(doors.pool, doors.town, 10, doors.clock.now, opens_in_s=60)
    answer = await operator.put(f"{API}/console/sales/{offer}/terms", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await terms(doors, offer) is None
    acts = Filter(act="sale.terms_changed")
    assert await audit.lines(doors.pool, doors.town, acts, None, 10) == []


async def test_only_operators_say_who_may_buy(doors: Doors) -> None:
    """Not who only looks, not a wallet; and not for an offer that is none."""
    offer = await open_sale(doors.pool, doors.town, 10, doors.clock.now, opens_in_s=60)
    path = f"{API}/console/sales/{offer}/terms"
    looking, holder = await doors.operator("当直", "ops"), await doors.holder()
    assert (await looking.put(path, json={"age_min": 18})).json()["code"] == "not_allowed"
    assert (await holder.put(path, json={"age_min": 18})).json()["code"] == "signed_out"
    operator = await doors.operator()
    nowhere = await operator.put(f"{API}/console/sales/999/terms", json={"age_min": 18})
    assert (nowhere.status_code, nowhere.json()["field"]) == (404, "offer")
    assert await terms(doors, offer) is None


async def test_a_gateway_without_a_lane_says_so(doors: Doors) -> None:
    """Once somebody is signed in, and in the same words for everything about sales."""
    offer = await open_sale(doors.pool, doors.town, 10, doors.clock.now)
    visitor, holder = doors.visitor(), await doors.holder()
    assert (await visitor.post(f"{API}/sales/{offer}/join", json={})).status_code == 401
    for answer in (
        await visitor.get(f"{API}/sales"),
        await visitor.get(f"{API}/sales/{offer}"),
        await holder.post(f"{API}/sales/{offer}/join", json={}),
        await holder.get(f"{API}/sales/{offer}/place"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (421, "sale_elsewhere")
