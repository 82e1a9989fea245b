"""H3: a fixed grant set per terminal: at a fair, each tablet gives what its stall is for."""

from typing import Any

import pytest

from gateway.protocol import api
from gateway.protocol.messages import Receipt, State
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.granting import (
    grants_again,
    is_set_for,
    left,
    opens_activity,
    opens_programme,
)
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.acceptance.test_h2_points_from_shops import CARD, received
from tests.support.ledger import problems

YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}


@pytest.fixture
async def fair(visit: Visit) -> Nagaoka:
    """Hirakata on the day of the health fair: two stalls with an activity each."""
    town = await visit("hirakata")
    await opens_programme(town, "health_fair", "health", 10_000)
    await opens_activity(town, "health_fair", "walk", "歩こう会", 100)
    await opens_activity(town, "health_fair", "checkup", "骨密度の測定", 200)
    return town


@pytest.fixture
async def stall(fair: Nagaoka) -> Tablet:
    """A stall's tablet, as it was enrolled."""
    return await fair.opens("健康フェアの受付")


@pytest.fixture
async def yoshi(fair: Nagaoka) -> Holder:
    """Somebody who takes part."""
    return await fair.registers_as(YOSHI, "09012345678")


async def test_h3_a_tablet_grants_what_is_set_for_it(
    fair: Nagaoka, stall: Tablet, yoshi: Holder, pool: Pool
) -> None:
    """Nothing before the office has set an activity, then that, then another one."""
    code = await yoshi.shows_code(None)
    assert await stall.grants(code) == "no_preset"
    preset = await is_set_for(fair, stall, "walk")
    assert preset == api.PresetInfo(activity="walk", name="歩こう会", amount=100, open=True)
    walked = await stall.grants(code)
    assert isinstance(walked, Receipt)
    assert (walked.kind, walked.amount, walked.activity) == ("grant", 100, "歩こう会")
    assert await stall.grants(await yoshi.shows_code(None)) == "already_granted"

    await is_set_for(fair, stall, "checkup")
    checked = await stall.grants(await yoshi.shows_code(500))  # Whatever the code is to pay.
    assert isinstance(checked, Receipt)
    assert (checked.amount, checked.activity) == (200, "骨密度の測定")
    assert await yoshi.holds() == {"health": 300}
    assert await left(fair, "health_fair") == (300, 9_700)

    assert await is_set_for(fair, stall, None) is None
    assert await stall.grants(await yoshi.shows_code(None)) == "no_preset"
    assert await problems(pool) == []


async def test_h3_what_was_granted_stays_whatever_is_set_since(
    fair: Nagaoka, stall: Tablet, yoshi: Holder
) -> None:
    """A tablet that lost the answer sends the command again, or asks: the first answer stands."""
    await is_set_for(fair, stall, "walk")
    code = await yoshi.shows_code(None)
    first = await stall.grants(code)
    assert isinstance(first, Receipt)
    await is_set_for(fair, stall, "checkup")
    assert await grants_again(stall, first.id, code) == first
    await is_set_for(fair, stall, None)
    assert await stall.status(first.id) is State.PROCESSED
    assert (await yoshi.balance()).total == 100
    other = await fair.opens("別の店")
    assert await other.status(first.id) is State.NOT_FOUND


async def test_h3_a_card_that_nobody_registered_takes_part(
    fair: Nagaoka, stall: Tablet, pool: Pool
) -> None:
    """A tap is enough."""
    await is_set_for(fair, stall, "walk")
    assert (await stall.sends("/terminal/cards", {"idm": CARD})).status_code == 200
    granted = await stall.grants(await received(stall, CARD))
    assert isinstance(granted, Receipt)
    assert granted.amount == 100
    assert await stall.grants(await received(stall, CARD)) == "already_granted"
    assert await problems(pool) == []


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("preset", {"activity": "picnic"}, 422, "activity"),
        ("preset", {"activity": "any_amount"}, 422, "activity"),
        ("preset", {"activity": ""}, 422, "activity"),
        ("preset", {"activity": 7}, 422, "activity"),
        ("preset", {}, 422, "activity"),
        ("preset", {"activity": "walk", "amount": 500}, 422, "amount"),
        ("groups", {"groups": ["Fair!"]}, 422, "groups"),
        ("groups", {"groups": "fair"}, 422, "groups"),
        ("groups", {"groups": ["fair"] * 21}, 422, "groups"),
    ],
)
async def test_h3_what_cannot_be_set_changes_nothing(
    fair: Nagaoka, stall: Tablet, path: str, body: dict[str, Any], status: int, field: str
) -> None:
    """No such activity, one whose grants each say their own amount, or no sense at all."""
    varying = {
        "code": "any_amount",
        "programme": "health_fair",
        "name": "表彰",
        "amount_max": 1_000,
        "starts_at": "2026-01-01T00:00",
        "ends_at": "2027-01-01T00:00",
    }
    await fair.asks("POST", "/console/activities", varying, dict)
    await is_set_for(fair, stall, "walk")
    terminal = (await stall.looks("terminal", api.TerminalInfo)).terminal
    answer = await fair.tries("PUT", f"/console/terminals/{terminal}/{path}", body)
    assert answer.status_code == status, answer.text
    assert answer.json()["field"].partition("[")[0] == field, answer.text
    known = await fair.asks("GET", "/console/terminals", None, api.Terminals)
    assert [(one.preset, one.groups) for one in known.terminals] == [("walk", [])]


async def test_h3_tablets_are_put_into_groups(fair: Nagaoka, stall: Tablet) -> None:
    """Campaigns go by them; each once, in order, and only for a terminal that is there."""
    terminal = (await stall.looks("terminal", api.TerminalInfo)).terminal
    path = f"/console/terminals/{terminal}/groups"
    told = await fair.asks("PUT", path, {"groups": ["street", "fair", "fair"]}, dict)
    assert told == {"groups": ["fair", "street"]}
    (known,) = (await fair.asks("GET", "/console/terminals", None, api.Terminals)).terminals
    assert known.groups == ["fair", "street"]
    answer = await fair.tries("PUT", "/console/terminals/999999/groups", {"groups": []})
    assert (answer.status_code, answer.json()["field"]) == (404, "terminal")
