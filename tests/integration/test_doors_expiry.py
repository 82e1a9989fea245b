"""Expiry and notices at the doors: what the console and everybody see, and bad input as a table."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import Response

from ledger import notices
from ledger.notices import NewNotice
from tests.integration.test_expiry import midnight_after, purpose, run, short_points, until
from tests.integration.test_giving import grant
from tests.support import giving
from tests.support.doors import Doors, Visitor
from tests.support.ledger import Bench

API = "/api/nagaoka"
CONSOLE = f"{API}/console/expiry"

# Where somebody looks, with what, and the field that is refused.
BAD_QUERIES: list[tuple[str, dict[str, Any], str]] = [
    (CONSOLE, {"at": "tomorrow"}, "at"),
    (CONSOLE, {"at": "2026-02-30"}, "at"),
    (CONSOLE, {"at": "1999-12-31"}, "at"),
    (CONSOLE, {"day": "2026-04-02"}, "day"),
    (f"{CONSOLE}/runs", {"before": "2200-01-01"}, "before"),
    (f"{CONSOLE}/runs", {"limit": 0}, "limit"),
    (f"{CONSOLE}/runs", {"limit": 201}, "limit"),
    (f"{API}/wallet/notices", {"before": 0}, "before"),
    (f"{API}/wallet/notices", {"limit": "many"}, "limit"),
    (f"{API}/wallet/notices", {"after": 1}, "after"),
    (f"{API}/terminal/notices", {"limit": 201}, "limit"),
]
BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    ({}, "up_to"),
    ({"up_to": 0}, "up_to"),
    ({"up_to": "1"}, "up_to"),
    ({"up_to": 1, "all": True}, "all"),
    ({"up_to": 2**53}, "up_to"),
]


def refused(answer: Response) -> tuple[int, str, str]:
    """How something was refused."""
    told = answer.json()
    return answer.status_code, told.get("code"), told.get("field")


async def tablet(doors: Doors, operator: Visitor) -> Visitor:
    return await doors.tablet(operator, await doors.shop())


async def test_bad_questions_are_told(doors: Doors) -> None:
    """What is wrong, and where."""
    operator, holder = await doors.operator(), await doors.holder()
    visitors = {"console": operator, "wallet": holder, "terminal": await tablet(doors, operator)}
    wrong = []
    for path, query, field in BAD_QUERIES:
        answer = await visitors[path.split("/")[3]].get(path, params=query)
        if refused(answer) != (422, "invalid", field):
            wrong.append(f"{path} {query}: {answer.status_code} {answer.text}")
    for role in ("wallet", "terminal"):
        for body, field in BAD_BODIES:
            answer = await visitors[role].post(f"{API}/{role}/notices/read", json=body)
            if refused(answer) != (422, "invalid", field):
                wrong.append(f"{role} {body}: {answer.status_code} {answer.text}")
            doors.clock.advance(seconds=1)
    assert not wrong, "\n".join(wrong)


async def test_who_may_look(doors: Doors) -> None:
    """Purposes are everybody's; what a midnight carries away is the console's, ops included."""
    ops, holder, stranger = (
        await doors.operator("当直", role="ops"),
        await doors.holder(),
        doors.visitor(),
    )
    assert (await stranger.get(f"{API}/purposes")).json() == {"purposes": []}
    for path in (CONSOLE, f"{CONSOLE}/runs"):
        assert (await ops.get(path)).status_code == 200
        assert (await holder.get(path)).status_code == 401
        assert (await stranger.get(path)).status_code == 401
    for path in ("wallet", "terminal"):
        assert (await stranger.get(f"{API}/{path}/notices")).status_code == 401
        read = await stranger.post(f"{API}/{path}/notices/read", json={"up_to": 1})
        assert read.status_code == 401
    assert (await holder.get(f"{API}/terminal/notices")).status_code == 401


async def test_a_midnight_before_and_after(doors: Doors, bench: Bench) -> None:
    """The console sees what will go, from whom and where to; the run; and everybody the sum."""
    operator, boundary = await doors.operator(), await short_points(bench)
    await purpose(bench, "publicity")
    await giving.activity(bench, "walk", await giving.fund(bench, "health", 10_000))
    wallets = [await bench.wallet() for _ in range(3)]
    await bench.decide(*(grant(wallet, "walk") for wallet in wallets))
    await bench.one(bench.pay(wallets[0], 40))
    tomorrow = (await operator.get(CONSOLE)).json()
    first_day = midnight_after(bench.clock.now).date()
    assert (tomorrow["day"], tomorrow["people"]) == (f"{first_day}", 0)
    day = first_day + timedelta(days=1)
    told = (await operator.get(CONSOLE, params={"at": f"{day}"})).json()
    assert told == {
        "day": f"{day}",
        "boundary": round(boundary.timestamp() * 1000),
        "people": 3,
        "amount": 260,
        "endings": [
            {"instrument": "point", "funder": "health", "purpose": "publicity", "people": 3}
            | {"amount": 260, "largest": 100}
        ],
        "largest": [
            {"wallet": wallets[1], "amount": 100},
            {"wallet": wallets[2], "amount": 100},
            {"wallet": wallets[0], "amount": 60},
        ],
        "run": None,
    }
    until(bench, boundary + timedelta(minutes=5))
    await run(bench, boundary)
    operator = await doors.operator("翌朝の係")
    told = (await operator.get(CONSOLE, params={"at": f"{day}"})).json()
    now_ms = bench.clock.now_ms
    line = {"day": f"{day}", "listed": 3, "done": 3, "amount": 260}
    line |= {"started_at": now_ms, "finished_at": now_ms}
    assert (told["people"], told["endings"], told["run"]) == (0, [], line)
    answer = await doors.visitor().get(f"{API}/purposes")
    assert answer.json() == {
        "purposes": [{"code": "publicity", "name": "publicity", "amount": 260}]
    }


async def test_runs_a_page_at_a_time(doors: Doors, bench: Bench) -> None:
    """Newest first; the next page begins behind the last day."""
    first = midnight_after(bench.clock.now)
    bench.clock.advance(days=6)
    operator = await doors.operator()
    for days in range(5):
        await run(bench, first + timedelta(days=days))
    page = (await operator.get(f"{CONSOLE}/runs", params={"limit": 3})).json()
    newest = [line["day"] for line in page["runs"]]
    assert newest == ["2026-04-06", "2026-04-05", "2026-04-04"]
    assert page["next"] == "2026-04-04"
    rest = await operator.get(f"{CONSOLE}/runs", params={"limit": 3, "before": page["next"]})
    assert [line["day"] for line in rest.json()["runs"]] == ["2026-04-03", "2026-04-02"]
    assert rest.json()["next"] is None


@pytest.mark.parametrize("role", ["wallet", "terminal"])
async def test_notices_are_read_by_those_they_are_for(doors: Doors, role: str) -> None:
    """A page at a time, newest first; reading up to one leaves newer ones unread; nobody reads
    somebody else's.
    """
    operator = await doors.operator()
    reader = await doors.holder() if role == "wallet" else await tablet(doors, operator)
    other = await doors.holder("09099999999", "別の 人")
    body = '{"days": 7, "ends_at": 1, "parts": [{"instrument": "point", "amount": 5}]}'
    for account in (reader.account, other.account):
        new = [NewNotice(account, f"{date(2026, 4, day)}", body) for day in (1, 2, 3)]
        await notices.add(doors.pool, doors.town, "expiry_warning", new, doors.clock.now)
    path = f"{API}/{role}/notices"
    page = (await reader.get(path, params={"limit": 2})).json()
    assert (len(page["notices"]), page["unread"]) == (2, 3)
    assert page["notices"][0]["body"] == {
        "kind": "expiry_warning",
        "days": 7,
        "ends_at": 1,
        "parts": [{"instrument": "point", "amount": 5}],
    }
    rest = (await reader.get(path, params={"before": page["next"]})).json()
    assert (len(rest["notices"]), rest["next"]) == (1, None)
    up_to = page["notices"][1]["notice"]
    read = await reader.post(f"{path}/read", json={"up_to": up_to})
    assert read.json() == {"unread": 1}
    assert [line["read"] for line in (await reader.get(path)).json()["notices"]] == [
        False,
        True,
        True,
    ]
    assert (await other.get(f"{API}/wallet/notices")).json()["unread"] == 3
