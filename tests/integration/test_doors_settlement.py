"""Fee rates and settlements at the console: who may, what is written down, what is refused."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.doors import PASSWORD, Doors, Visitor
from tests.support.offices import API, Office, open_office

PATH = f"{API}/console/settlements"


@pytest.fixture
async def office(doors: Doors) -> Office:
    """A shop that took 50,000 yen in cash, and another that was paid 3,000."""
    made = await open_office(doors)
    await made.payment(await made.wallet(), made.near, 3_000)
    return made


async def colleague(doors: Doors, office: Office) -> Visitor:
    """A second operator, signed in."""
    said = {"name": "同僚", "password": PASSWORD}
    added = await office.operator.post(
        f"{API}/console/operators", json={**said, "role": "operator"}
    )
    assert added.status_code == 200, added.text
    visitor = doors.visitor()
    assert (await visitor.post(f"{API}/console/sign-in", json=said)).status_code == 200
    return visitor


def clock(doors: Doors, **back: float) -> str:
    at: datetime = doors.clock.now - timedelta(**back)
    return at.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%Y-%m-%dT%H:%M:%S")


async def test_each_act_leaves_one_line(doors: Doors, office: Office) -> None:
    """A rate, a settlement that is discarded, one that is released: who, what, and what came of it;
    a look leaves none, nor does what is refused.
    """
    operator, other = office.operator, await colleague(doors, office)
    rate = {"kind": "redemption", "basis_points": 100, "yen": 0}
    assert (await operator.post(f"{API}/console/fees", json=rate)).status_code == 200
    [line] = await office.lines(act="fee.set")
    assert line["after"]["basis_points"] == 100

    body = {"until": clock(doors, minutes=2)}
    before = len(await office.lines())
    seen = await operator.post(f"{PATH}/preview", json=body)
    assert (seen.status_code, seen.json()["settlement"]["lines"]) == (200, 2)
    assert (await operator.get(PATH)).json() == {"settlements": [], "next": None}
    assert len(await office.lines()) == before

    first = (await operator.post(PATH, json=body)).json()
    assert [line["subject"] for line in await office.lines(act="settlement.made")] == [
        "settlement:1"
    ]
    gone = await operator.post(f"{PATH}/1/discard", json={})
    assert gone.status_code == 200, gone.text
    assert len(await office.lines(act="settlement.discarded")) == 1
    second = (await operator.post(PATH, json=body)).json()
    assert second["settlement"]["net"] == first["settlement"]["net"] == 3_000 - 50_000
    digest = {"digest": second["digest"]}
    alone = await operator.post(f"{PATH}/2/release", json=digest)
    assert (alone.status_code, alone.json()["code"]) == (403, "same_operator")
    assert await office.lines(act="settlement.released") == []
    done = await other.post(f"{PATH}/2/release", json=digest)
    assert done.status_code == 200, done.text
    [line] = await office.lines(act="settlement.released")
    assert (line["name"], line["before"]["made_by"]) == ("同僚", "係")
    states = (await operator.get(PATH)).json()["settlements"]
    assert [one["state"] for one in states] == ["released", "discarded"]
    (newest,) = (await operator.get(PATH, params={"limit": 1, "state": "discarded"})).json()[
        "settlements"
    ]
    assert (newest["settlement"], newest["lines"]) == (1, 0)


WRONG: tuple[tuple[str, dict[str, Any], int, str], ...] = (
    ("", {}, 422, "until"),
    ("", {"until": "2026-04-01"}, 422, "until"),
    ("", {"until": "2026-02-30T00:00"}, 422, "until"),
    ("", {"until": "2199-01-01T00:00"}, 422, "until"),
    ("", {"until": "2026-04-01T12:01", "since": "2026-04-01T12:01"}, 422, "until"),
    ("", {"until": "2026-04-01T12:01", "since": "soon"}, 422, "since"),
    ("", {"until": "2026-04-01T12:01", "shops": []}, 422, "shops"),
    ("", {"until": "2026-04-01T12:01", "shops": [999_999]}, 422, "shop"),
    ("", {"until": "2026-04-01T12:01", "group": "moon"}, 422, "group"),
    ("", {"until": "2026-04-01T12:01", "group": "street", "shops": [1]}, 422, "group"),
    ("", {"until": "2026-04-01T12:01", "payout_min": 0}, 422, "payout_min"),
    ("", {"until": "2026-04-01T12:01", "remark": "精" * 201}, 422, "remark"),
    ("", {"until": "2026-04-01T12:01", "shop": 1}, 422, "shop"),
    ("/preview", {"until": "2026-04-01T12:01", "shops": [999_999]}, 422, "shop"),
    ("/9/release", {"digest": "0" * 16}, 404, "settlement"),
    ("/9/release", {"digest": "none"}, 422, "digest"),
    ("/9/release", {}, 422, "digest"),
    ("/9/discard", {}, 404, "settlement"),
    ("/0/discard", {}, 422, "settlement"),
)


async def test_bad_input_names_its_field_and_settles_nothing(doors: Doors, office: Office) -> None:
    """Each with what is wrong; nothing of it is kept, and the first that is right is number 1."""
    doors.clock.advance(minutes=30)
    for path, body, status, field in WRONG:
        answer = await office.operator.post(f"{PATH}{path}", json=body)
        told = (answer.status_code, answer.json().get("field"))
        assert told == (status, field), (path, body, answer.text)
    for path in ("/9", "/9/lines", "/9/fees"):
        assert (await office.operator.get(f"{PATH}{path}")).status_code == 404, path
    fees = await office.operator.get(f"{PATH}/9/fees", params={"by": "moon"})
    assert (fees.status_code, fees.json()["field"]) == (422, "by")
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.settlement") == 0
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.settled_entry") == 0
    made = await office.operator.post(PATH, json={"until": clock(doors, minutes=2)})
    assert made.json()["settlement"]["settlement"] == 1
