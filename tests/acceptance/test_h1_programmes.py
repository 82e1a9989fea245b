"""H1: departments grant points for events and activities, each out of a budget."""

import re
from argparse import Namespace
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gateway.acquirers import office
from gateway.giving import programmes
from gateway.office import at_office
from gateway.protocol import api_programmes
from gateway.protocol.messages import Receipt
from ledger.database import Pool
from terminal.department import DepartmentClient
from terminal.signed import SignedRefused
from tests.acceptance.conftest import Visit
from tests.acceptance.granting import is_set_for, opens_activity, opens_programme
from tests.acceptance.lists import Colleague, brings, budget, shown
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.support.clock import Clock
from tests.support.jobs import Jobs, worker_of
from tests.support.ledger import problems

YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}
TARO = {"name": "枚方 太郎", "kana": "ヒラカタ タロウ", "birth_date": "1988-11-02"}
WALK = "walk"


@pytest.fixture
async def hirakata(visit: Visit) -> Nagaoka:
    """The health department has 1,000 points for this year's walks."""
    town = await visit("hirakata")
    await opens_programme(town, "health", "health", 1_000)
    return town


@pytest.fixture
async def yoshi(hirakata: Nagaoka) -> Holder:
    """Somebody who walks."""
    return await hirakata.registers_as(YOSHI, "09012345678")


@pytest.fixture
async def taro(hirakata: Nagaoka) -> Holder:
    """Somebody else who does."""
    return await hirakata.registers_as(TARO, "09022222222")


@pytest.fixture
async def work(hirakata: Nagaoka, dsn: str, clock: Clock) -> AsyncIterator[Jobs]:
    """A worker, who works when it is told to."""
    async with worker_of(dsn, clock) as worker:
        yield Jobs(worker, clock)


async def test_h1_a_department_grants_by_list_and_takes_it_back(
    hirakata: Nagaoka, yoshi: Holder, taro: Holder, work: Jobs, pool: Pool
) -> None:
    """The list comes from a spreadsheet, in Shift_JIS, with four lines that cannot be right: each
    is told. Nothing moves until a colleague has approved; then both phones sound. It was last
    year's list: all of it is taken back that was not spent.
    """
    await opens_activity(hirakata, "health", WALK, "ひらかた歩こう会", None, amount_max=500)
    colleague = await Colleague.comes(hirakata)
    list_of_walkers = (
        "宛先,金額・ポイント,氏名\r\n"
        "090-1234-5678,300,五十嵐ヨシ\r\n"
        "０９０２２２２２２２２,２００,ヒラカタ タロウ\r\n"
        "090-1234-5678,300,\r\n"
        "08000000000,300,\r\n"
        f"{taro.account},-200,\r\n"
        "09022222222,12.5,\r\n"
    ).encode("cp932")
    checked = await brings(hirakata, WALK, list_of_walkers)
    assert (checked.run.encoding, checked.run.rows, checked.run.total) == ("Shift_JIS", 2, 500)
    assert [each.ja for each in checked.problems] == [
        "4 行目「宛先」: 2 行目と同じ人です。",
        "5 行目「宛先」: この番号の人はこの町にいません。",
        "6 行目「金額・ポイント」: 「-200」は負の数です。",
        "7 行目「金額・ポイント」: 「12.5」は整数ではありません。",
    ]
    assert [each.en for each in checked.notes] == ["Line 3: Full-width digits were read as digits."]
    assert (checked.budget.left, checked.left_after) == (1_000, 500)
    assert await yoshi.holds() == {}

    assert (await colleague.approves(checked)).status_code == 200
    assert (await budget(hirakata, "health")).reserved == 500
    await work.work()
    heard = await yoshi.hears()
    assert (heard.kind, heard.receipt.amount) == ("grant", 300)
    await taro.hears()
    assert (await yoshi.holds(), await taro.holds()) == ({"health": 300}, {"health": 200})
    assert (await shown(hirakata, checked.run.run)).percent == 100

    books = await hirakata.opens("くずは書房")
    await yoshi.pays(books.shop, 120)
    assert (await colleague.undoes(checked.run.run)).status_code == 200
    await work.work()
    run = await shown(hirakata, checked.run.run)
    assert (run.state, run.given, run.taken, run.spent) == ("undone", 500, 380, 120)
    assert (await yoshi.holds(), await taro.holds()) == ({}, {})
    assert (await budget(hirakata, "health")).left == 880
    assert await problems(pool) == []


async def test_h1_by_tablet_by_code_and_by_a_departments_app(
    hirakata: Nagaoka, yoshi: Holder, taro: Holder, pool: Pool
) -> None:
    """The walk is worth 400 once. Yoshi shows her code at the gymnasium's tablet; Taro enters the
    digits on the venue's screen; the health app reports another activity, for which 200 are left.
    A budget is never overdrawn, by whatever door.
    """
    await opens_activity(hirakata, "health", WALK, "ひらかた歩こう会", 400)
    await opens_activity(
        hirakata, "health", "steps", "歩数", None, amount_max=500, per_person="always"
    )
    gym = await hirakata.opens("総合体育館")
    await is_set_for(hirakata, gym, WALK)
    granted = await gym.grants(await yoshi.shows_code(None))
    assert isinstance(granted, Receipt)
    assert granted.amount == 400

    body = {"valid_until": "2026-04-01T18:00"}
    made = await hirakata.asks(
        "POST", f"/console/activities/{WALK}/codes", body, api_programmes.MadeActivityCode
    )
    for _ in range(2):  # The second time is the same grant.
        entered = await taro.sends("/wallet/activities", {"code": made.digits})
        assert entered.status_code == 200, entered.text
    again = await yoshi.sends("/wallet/activities", {"code": made.qr})
    assert again.json()["code"] == "already_granted"
    assert (await yoshi.holds(), await taro.holds()) == ({"health": 400}, {"health": 400})

    async with await app_of(hirakata) as app:
        steps = await app.grant("steps-0401-1", "090-1234-5678", "steps", 150)
        assert (steps.wallet, steps.amount, steps.outcome) == (yoshi.account, 150, "done")
        assert await app.grant("steps-0401-1", "090-1234-5678", "steps", 150) == steps
        with pytest.raises(SignedRefused) as refused:
            await app.grant("steps-0401-2", "090-2222-2222", "steps", 51)
        assert refused.value.error.code == "over_budget"
        assert (await app.granted("steps-0401-2")).outcome == "over_budget"
        # The department gets more to give; what was refused stays so under its id.
        await hirakata.asks(
            "PUT",
            "/console/programmes/health/budget",
            {"ceiling": 2_000},
            api_programmes.Programme,
        )
        await app.grant("steps-0401-3", "090-2222-2222", "steps", 51)
    assert await taro.holds() == {"health": 451}
    assert (await budget(hirakata, "health")).left == 2_000 - 1_001
    assert await problems(pool) == []


async def test_h1_a_list_that_is_more_than_the_budget_is_not_approved(
    hirakata: Nagaoka, yoshi: Holder, taro: Holder, work: Jobs
) -> None:
    """It is told before, refused then, and nobody has anything."""
    await opens_activity(hirakata, "health", WALK, "ひらかた歩こう会", 600)
    colleague = await Colleague.comes(hirakata)
    text = f"recipient\n{yoshi.account}\n{taro.account}\n"
    checked = await brings(hirakata, WALK, text.encode())
    assert (checked.run.total, checked.left_after) == (1_200, -200)
    assert (await colleague.approves(checked)).json()["code"] == "over_budget"
    await work.work()
    assert (await yoshi.holds(), await taro.holds()) == ({}, {})
    assert (await budget(hirakata, "health")).left == 1_000


async def app_of(town: Nagaoka) -> DepartmentClient:
    """The health app, let in by the town's office at the command line."""

    async def at_acquirers(act: str, **words: str) -> str:
        return await office.run(Namespace(act=act, town=town.code, **words))

    await at_acquirers("open", acquirer="health-app", name="健康アプリ")
    printed = await at_acquirers("key", acquirer="health-app")
    found = re.search(r"key id +(\S+)\nsecret +(\S+)\n", printed)
    assert found
    options = programmes.arguments(["allow", town.code, "health", "health-app"])
    now = datetime.now(UTC)
    said = await at_office(town.code, now, lambda there: programmes.act(there, options))
    assert said == "health-app may grant for health."

    def seconds() -> float:
        return town.clock.now.timestamp()

    return DepartmentClient(town.url, town.code, found[1], found[2], clock=seconds)
