"""Planned stops at the console and the command line, and what wrong words get there."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway import command
from gateway.jobs.upkeep import verify_books
from gateway.protocol.messages import PlannedStop, encode
from gateway.stops import StopBoard
from ledger import stops
from ledger.database import transaction
from ledger.stops import Phase, Stop, StopTimes
from tests.support.clock import START
from tests.support.doors import Doors
from tests.support.gateways import SECRET
from tests.support.house import OpenHouse
from tests.support.jobs import Jobs
from tests.support.offices import API, open_office
from tests.support.people import People

JAPAN = ZoneInfo("Asia/Tokyo")
WORDS = {"ja": "点検のため止まります", "en": "Maintenance"}


def local(at: datetime) -> str:
    return at.astimezone(JAPAN).strftime("%Y-%m-%dT%H:%M:%S")


def body(at: datetime, **other: Any) -> dict[str, Any]:
    times = {"from_at": local(at), "until_at": local(at + timedelta(hours=2)), "words": WORDS}
    return times | other


def test_screens_are_told_what_is_new_and_nothing_twice() -> None:
    """As time passes and as stops are moved and called off."""
    told: list[bytes] = []
    board = StopBoard(told.append)
    begins, ends = START + timedelta(hours=1), START + timedelta(hours=2)
    stop = Stop(1, 7, StopTimes(begins, ends, WORDS), START, "係", None)
    for ahead, now, phase in (
        ([], START, None),
        ([stop], START, "planned"),
        ([stop], START + timedelta(minutes=49), None),
        ([stop], begins - stops.SOON, "soon"),
        ([stop], begins, "under_way"),
        ([stop], ends, "over"),
        ([stop], ends, None),
        ([], ends, None),
        ([stop], START, "planned"),
        ([], START, "over"),
    ):
        board.take(ahead, now)
        times = int(begins.timestamp() * 1000), int(ends.timestamp() * 1000)
        expected = [] if phase is None else [encode(PlannedStop(7, phase, *times, WORDS))]
        assert told == expected, (now, phase)
        told.clear()


async def test_a_stop_is_planned_moved_and_called_off_at_the_console(doors: Doors) -> None:
    """Everybody may look at what is ahead; each act leaves its line."""
    office = await open_office(doors)
    operator = office.operator
    begins = doors.clock.now + timedelta(days=1)
    planned = await operator.post(f"{API}/console/stops", json=body(begins))
    number = planned.json()["stop"]
    ahead = (await doors.visitor().get(f"{API}/stops")).json()["stops"]
    assert [(one["stop"], one["phase"], one["words"]) for one in ahead] == [
        (number, "planned", WORDS)
    ]
    later = body(begins + timedelta(hours=3), words={"ja": "延期します"})
    moved = await operator.put(f"{API}/console/stops/{number}", json=later)
    assert moved.status_code == 200, moved.text
    [line] = (await operator.get(f"{API}/console/stops")).json()["stops"]
    assert line["words"] == {"ja": "延期します"}
    assert line["from_at"] == int((begins + timedelta(hours=3)).timestamp()) * 1000
    assert (await operator.post(f"{API}/console/stops/{number}/cancel")).status_code == 200
    assert (await doors.visitor().get(f"{API}/stops")).json()["stops"] == []
    for again in (
        await operator.put(f"{API}/console/stops/{number}", json=later),
        await operator.post(f"{API}/console/stops/{number}/cancel"),
    ):
        assert (again.status_code, again.json()["code"]) == (409, "stop_over")
    acts = [line["act"] for line in await office.lines(subject=f"stop:{number}")]
    assert acts == ["stop.cancelled", "stop.moved", "stop.planned"]


@pytest.mark.parametrize("method", ["post", "put"])
async def test_a_stop_that_cannot_be_is_refused(doors: Doors, method: str) -> None:
    """Each wrong part by its name; nothing is planned and nothing is moved."""
    operator = (await open_office(doors)).operator
    at = doors.clock.now + timedelta(days=1)
    planned = (await operator.post(f"{API}/console/stops", json=body(at))).json()["stop"]
    path = f"{API}/console/stops" + ("" if method == "post" else f"/{planned}")
    for field, wrong in (
        ("from_at", body(at, from_at="tomorrow night")),
        ("from_at", body(at + stops.AHEAD_MAX)),
        ("until_at", body(at, until_at=local(at))),
        ("until_at", body(at, until_at=local(at + stops.LENGTH_MAX + timedelta(hours=1)))),
        ("until_at", body(doors.clock.now - timedelta(days=2))),
        ("words", body(at, words={"en": "Maintenance"})),
        ("words", body(at, words={"ja": "点検", "xx": "?"})),
        ("words", body(at, words={"ja": "点検\u202e"})),
        ("words", body(at, words={})),
    ):
        answer = await operator.request(method.upper(), path, json=wrong)
        assert answer.status_code == 422, (wrong, answer.text)
        assert field in (answer.json()["field"] or answer.json()["message"]), answer.text
    [only] = await stops.stops(doors.pool, doors.town, 10)
    assert only.times.words == WORDS
    nothing = await operator.post(f"{API}/console/stops/{planned + 1}/cancel")
    assert nothing.status_code == 404


async def test_every_gateway_tells_its_screens(open_house: OpenHouse, people: People) -> None:
    """Wherever the stop was planned: at the command line, here."""
    houses = await open_house(), await open_house()
    payer, shop = await people.wallet(), await people.tablet()
    now = datetime.now(JAPAN)
    times = StopTimes(now + timedelta(hours=1), now + timedelta(hours=2), WORDS)
    async with payer.client(houses[0]) as wallet, shop.client(houses[1]) as tablet:
        async with transaction(people.pool) as connection:
            number = await stops.plan(connection, people.town, times, "係", now)
        for screen in (wallet, tablet):
            told = await screen.next_push(PlannedStop, 10)
            assert (told.stop, told.phase, told.words) == (number, "planned", WORDS)


async def test_the_console_sees_verifications_and_backups(doors: Doors, jobs: Jobs) -> None:
    """The nights' results, newest first, and what scripts/backup has noted."""
    operator = (await open_office(doors)).operator
    nothing = (await operator.get(f"{API}/console/upkeep")).json()
    assert nothing == {"verifications": [], "backups": []}
    due = doors.clock.now
    assert await verify_books(jobs.context, doors.town, due=due, now=due) is False
    await doors.pool.execute(
        "SELECT koban.note_backup('20260401T033000Z', $1, 12345)", doors.clock.now
    )
    told = (await operator.get(f"{API}/console/upkeep")).json()
    [verified], [backup] = told["verifications"], told["backups"]
    assert (verified["problems"], verified["first_problems"]) == (0, [])
    assert verified["started_at"] == int(due.timestamp() * 1000)
    assert (backup["label"], backup["bytes"]) == ("20260401T033000Z", 12345)


async def test_the_command_line_plans_moves_and_cancels(
    dsn: str,
    pool: Any,
    town: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With a sentence on what was wrong, and then nothing has changed."""
    for name, text in (("POSTGRES_DSN", dsn), ("REDIS_URL", "redis://x"), ("SECRET", SECRET)):
        monkeypatch.setenv(f"KOBAN_{name}", text)
    begins = datetime.now(JAPAN).replace(tzinfo=None, microsecond=0) + timedelta(days=1)
    times = ("--from", begins.isoformat(), "--until", (begins + timedelta(hours=1)).isoformat())
    planned = (
        "stops",
        "plan",
        "nagaoka",
        *times,
        "--words",
        "点検です",
        "--in",
        "en",
        "Maintenance",
    )
    for words, status, says in (
        (planned, 0, "stop 1 is announced"),
        (("stops", "move", "nagaoka", "1", *times, "--in", "en", "Later"), 0, "stop 1 is now"),
        (("stops", "list", "nagaoka", "--json"), 0, '"en": "Later"'),
        (("stops", "plan", "nagaoka", *times, "--words", "長" * 201), 1, "201 characters"),
        (("stops", "plan", "nagaoka", "--from", "soon", *times[2:], "--words", "x"), 1, "--from"),
        (("stops", "cancel", "nagaoka", "9"), 1, "there is no stop 9"),
        (("stops", "cancel", "nagaoka", "1"), 0, "called off"),
        (("stops", "cancel", "nagaoka", "1"), 1, "is over"),
    ):
        assert await _run(words) == status, words
        said = capsys.readouterr()
        assert says in said.out + said.err, (words, said)
    [kept] = await stops.stops(pool, town, 10)
    assert kept.phase(datetime.now(JAPAN)) is Phase.OVER


async def _run(words: tuple[str, ...]) -> int:
    """The command, beside this test's loop: it has one of its own."""
    return await asyncio.to_thread(command.main, list(words))
