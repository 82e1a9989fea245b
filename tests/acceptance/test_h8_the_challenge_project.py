"""H8: the town reaches a goal together, everybody sees how far it is, and all who took part get a
bonus, once.
"""

from datetime import timedelta
from typing import Any

import pytest

from gateway.protocol.api_challenges import (
    AskedAgain,
    ChallengeLines,
    ChallengeProject,
    ChallengeProjects,
    OwnChallenge,
    OwnChallenges,
)
from gateway.protocol.api_programmes import Activity, Programme
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import JAPAN, Holder, Nagaoka
from tests.support.clock import Clock
from tests.support.jobs import Jobs, worker_of
from tests.support.ledger import problems

PEOPLE = [
    ({"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}, "09012345678"),
    ({"name": "枚方 太郎", "kana": "ヒラカタ タロウ", "birth_date": "1988-11-02"}, "09022222222"),
    ({"name": "香里 はな", "kana": "コウリ ハナ", "birth_date": "1995-07-30"}, "09033333333"),
]


@pytest.fixture
async def hirakata(visit: Visit) -> Nagaoka:
    """The commerce department has 100,000 points for a challenge project."""
    town = await visit("hirakata")
    programme = {
        "code": "together",
        "department": "商工振興課",
        "name": "チャレンジプロジェクト",
        "instrument": "common",
        "ceiling": 100_000,
    }
    await town.asks("POST", "/console/programmes", programme, Programme)
    await opens_activity(town, "bonus", amount=100, per_person="once")
    return town


async def opens_activity(town: Nagaoka, code: str, **terms: Any) -> None:
    """An activity of the programme, for the budget's year."""
    body = {
        "code": code,
        "programme": "together",
        "name": "みんなでチャレンジ",
        "starts_at": "2026-04-01T00:00",
        "ends_at": "2027-04-01T00:00",
        **terms,
    }
    await town.asks("POST", "/console/activities", body, Activity)


async def calls(town: Nagaoka, **terms: Any) -> ChallengeProject:
    """The operator calls the town to a challenge, from the next hour on, for a month."""
    noon = town.clock.now.astimezone(JAPAN)
    body = {
        "code": "spring",
        "name": "みんなで 500 ポイント",
        "kind": "circulation",
        "goal": 500,
        "starts_at": f"{noon + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{noon + timedelta(days=30):%Y-%m-%dT%H:%M}",
        "bonus": 100,
        "bonus_activity": "bonus",
        **terms,
    }
    return await town.asks("POST", "/console/challenges", body, ChallengeProject)


async def sees(town: Nagaoka) -> ChallengeProject:
    """What anybody sees, without signing in, some seconds later."""
    town.clock.advance(seconds=3)
    (project,) = (await town.get("/challenges", ChallengeProjects)).challenges
    return project


async def works(town: Nagaoka, dsn: str, clock: Clock) -> None:
    """A worker looks, the minute after."""
    async with worker_of(dsn, clock) as worker:
        await worker.enqueue_due()
        town.clock.advance(minutes=1)
        await worker.enqueue_due()
        await Jobs(worker, clock).work()


async def own(holder: Holder) -> list[OwnChallenge]:
    """What a wallet took part in."""
    return (await holder.looks("wallet/challenges", OwnChallenges)).challenges


async def test_h8_who_took_part_gets_the_bonus_once(
    hirakata: Nagaoka, dsn: str, clock: Clock, pool: Pool
) -> None:
    """Points given and spent at shops bring the town nearer, and everybody sees it. With the
    purchase that reaches the goal it is decided who took part: Yoshi and Tarō, not Hana, who came
    an hour later. The bonus is heard on their phones, comes out of the budget, and comes once
    however often workers look.
    """
    yoshi, taro, hana = [await hirakata.registers_as(*person) for person in PEOPLE]
    books, greens = await hirakata.opens("くずは書房"), await hirakata.opens("枚方の八百屋")
    made = await calls(hirakata)
    assert (made.state, made.instrument, made.bonus) == ("to_come", "common", 100)
    await books.issues(await hana.shows_code(None), 90_000)  # Before it began.
    hirakata.clock.advance(minutes=60)

    await books.issues(await yoshi.shows_code(None), 20_000)
    seen = await sees(hirakata)
    assert (seen.state, seen.progress, seen.people) == ("running", 200, 1)
    await yoshi.pays(greens.shop, 150)
    undone = await books.issues(await hana.shows_code(None), 10_000)
    seen = await sees(hirakata)
    assert (seen.progress, seen.people) == (450, 2)
    await books.cancels(undone.id, "返品")
    seen = await sees(hirakata)
    assert (seen.progress, seen.people) == (350, 1)
    await greens.issues(await taro.shows_code(None), 15_000)
    hirakata.clock.advance(minutes=60)
    await books.issues(await hana.shows_code(None), 1_000)
    seen = await sees(hirakata)
    assert (seen.state, seen.progress, seen.people, seen.granted) == ("reached", 500, 2, 0)
    assert [await own(each) for each in (yoshi, taro, hana)] == [
        [OwnChallenge("spring", "waiting")],
        [OwnChallenge("spring", "waiting")],
        [],
    ]

    before = [await each.holds() for each in (yoshi, taro, hana)]
    assert before == [{"common": 50}, {"common": 150}, {"common": 910}]
    for _ in range(3):
        await works(hirakata, dsn, clock)
    assert [await each.holds() for each in (yoshi, taro, hana)] == [
        {"common": 150},
        {"common": 250},
        {"common": 910},
    ]
    while (heard := await yoshi.hears()).kind != "grant":
        pass
    assert (heard.receipt.amount, heard.receipt.outcome) == (100, "done")
    assert (await sees(hirakata)).granted == 2
    assert await own(taro) == [OwnChallenge("spring", "granted")]
    programme = await hirakata.asks("GET", "/console/programmes/together", None, Programme)
    assert programme.budget.left == 100_000 - 200
    assert await problems(pool) == []


async def test_h8_an_activity_and_a_budget_that_is_too_small(
    hirakata: Nagaoka, dsn: str, clock: Clock, pool: Pool
) -> None:
    """Three people take part in a clean-up, which was the goal. The budget is enough for two: who
    is left without is told at the console; the budget is raised, and the third gets the bonus too.
    """
    holders = [await hirakata.registers_as(*person) for person in PEOPLE]
    await opens_activity(hirakata, "clean-up", amount=10)
    tablet = await hirakata.opens("淀川河川公園")
    terminal = (await tablet.looks("terminal", dict[str, Any]))["terminal"]
    preset = f"/console/terminals/{terminal}/preset"
    await hirakata.asks("PUT", preset, {"activity": "clean-up"}, dict[str, Any])
    await calls(hirakata, kind="activity", activity="clean-up", goal=3)
    hirakata.clock.advance(minutes=60)
    budget = "/console/programmes/together/budget"
    await hirakata.asks("PUT", budget, {"ceiling": 3 * 10 + 2 * 100}, Programme)
    for holder in holders:
        assert not isinstance(await tablet.grants(await holder.shows_code(None)), str)
    seen = await sees(hirakata)
    assert (seen.state, seen.progress, seen.people) == ("reached", 3, 3)

    await works(hirakata, dsn, clock)
    (line,) = (await hirakata.asks("GET", "/console/challenges", None, ChallengeLines)).challenges
    assert (line.challenge.granted, line.refused) == (2, {"over_budget": 1})
    assert line.budget_left == 0
    await hirakata.asks("PUT", budget, {"ceiling": 10_000}, Programme)
    again = await hirakata.asks("POST", "/console/challenges/spring/again", {}, AskedAgain)
    assert again.bonuses == 1
    await works(hirakata, dsn, clock)
    assert [await holder.holds() for holder in holders] == [{"common": 110}] * 3
    assert (await sees(hirakata)).granted == 3
    assert await problems(pool) == []
