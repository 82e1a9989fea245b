"""Challenge projects at the doors: bad input as a table, what is public, and who may do what."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from gateway.jobs.challenges import look
from tests.support.doors import Doors, Visitor
from tests.support.jobs import Jobs
from tests.support.ledger import Bench

API = "/api/nagaoka"
NEW: dict[str, Any] = {
    "code": "together",
    "name": "みんなで回そう 5,000円",
    "kind": "circulation",
    "goal": 5_000,
    "starts_at": "2026-04-02T00:00",
    "ends_at": "2026-05-01T00:00",
    "bonus": 100,
    "bonus_activity": "bonus",
}
PEOPLE = {"kind": "participants", "takes_part": ["payment", "gift"]}

# What is sent otherwise than in NEW, the field that is refused, and words of the message.
BAD_TERMS: list[tuple[dict[str, Any], str, str]] = [
    ({"code": "Together"}, "code", ""),
    ({"name": ""}, "name", ""),
    ({"kind": "luck"}, "kind", ""),
    ({"goal": 0}, "goal", ""),
    ({"goal": 1.5}, "goal", ""),
    ({"starts_at": "2026-03-31T00:00"}, "starts_at", "an instant to come"),
    ({"starts_at": "someday"}, "starts_at", ""),
    ({"ends_at": "2026-04-02T00:00"}, "ends_at", "an instant after 2026-04-02"),
    ({"ends_at": "2026-04-31T00:00"}, "ends_at", ""),
    ({"bonus": 0}, "bonus", ""),
    ({"bonus": 99}, "bonus", "found '99'; allowed is 100, which the activity gives"),
    ({"bonus_activity": "walk", "bonus": 501}, "bonus", "allowed is at most 500"),
    ({"bonus_activity": "none"}, "bonus_activity", "the code of one of the town's activities"),
    ({"bonus_activity": "short"}, "bonus_activity", "from the challenge's start to a day after"),
    ({"activity": "walk"}, "activity", "nothing of circulation"),
    ({"kind": "activity"}, "activity", "the code of an activity"),
    ({"kind": "activity", "activity": "none"}, "activity", "the code of one of the town's"),
    ({"takes_part": ["payment"]}, "takes_part", "nothing of circulation"),
    ({"kind": "participants"}, "takes_part", "one or more of payment, issue"),
    ({"kind": "participants", "takes_part": ["send"]}, "takes_part[0]", ""),
    ({"progress": 1}, "progress", ""),
]


async def activity(bench: Bench, code: str, amount: int | None, amount_max: int, days: int) -> None:
    """A programme of a budget of 10,000 yen in points, with one activity for so many days."""
    await bench.pool.execute(
        """
        WITH account AS (
            INSERT INTO koban.account (town, account, kind, opened_at)
            VALUES ($1, nextval('koban.account_number'), 'fund', $2) RETURNING account
        ), fund AS (
            INSERT INTO koban.fund (town, fund, code) SELECT $1, account, 'fund-' || $3 FROM account
        ), budget AS (
            INSERT INTO koban.budget (town, fund, ceiling) SELECT $1, account, 10000 FROM account
        ), programme AS (
            INSERT INTO koban.programme (town, programme, code, department, name, fund, instrument)
            SELECT $1, nextval('koban.programme_number'), 'of-' || $3, '商工課', '商工', account, 2
            FROM account RETURNING programme
        )
        INSERT INTO koban.activity (town, code, programme, name, amount, amount_max, per_person,
            starts_at, ends_at)
        SELECT $1, $3, programme, 'みんなで', $4::bigint, $5::bigint, 'once', $2, $6 FROM programme
        """,
        *(bench.town, bench.clock.now, code, amount, amount_max),
        bench.clock.now + timedelta(days=days),
    )


@pytest.fixture
async def town_hall(doors: Doors, bench: Bench) -> Visitor:
    """An operator's browser, in a town with activities to grant bonuses for."""
    await activity(bench, "bonus", 100, 100, 365)
    await activity(bench, "walk", None, 500, 365)
    await activity(bench, "short", 100, 100, 30)
    return await doors.operator()


async def makes(operator: Visitor, **over: Any) -> Response:
    return await operator.post(f"{API}/console/challenges", json=NEW | over)


async def public(doors: Doors) -> list[dict[str, Any]]:
    """What everybody sees."""
    doors.clock.advance(seconds=3)  # What is told may be so old.
    found: list[dict[str, Any]] = (await doors.visitor().get(f"{API}/challenges")).json()[
        "challenges"
    ]
    return found


async def acts(operator: Visitor) -> list[tuple[str, str]]:
    """What the audit says was done, and by whom, oldest first."""
    answer = await operator.get(f"{API}/console/audit", params={"act": "challenge"})
    return [(line["actor"], line["act"]) for line in reversed(answer.json()["lines"])]


async def test_bad_terms_are_told_and_nothing_is_made(doors: Doors, town_hall: Visitor) -> None:
    """What, where and what is allowed."""
    wrong = []
    for over, field, said in BAD_TERMS:
        answer = await makes(town_hall, **over)
        told = answer.json()
        got = (answer.status_code, told.get("code"), told.get("field"))
        if got != (422, "invalid", field) or said not in told["message"]:
            wrong.append(f"{over}: {got} {told}")
        doors.clock.advance(seconds=1)
    assert not wrong, "\n".join(wrong)
    assert await public(doors) == []
    assert await acts(town_hall) == []


async def test_who_may_do_what_to_a_challenge(doors: Doors, town_hall: Visitor) -> None:
    """Operators make and stop, ops look, everybody sees the public side; and the wrong path."""
    assert (await makes(town_hall)).status_code == 200
    ops, holder, console = (
        await doors.operator("当直", role="ops"),
        await doors.holder(),
        f"{API}/console/challenges",
    )
    assert (await makes(town_hall)).json()["code"] == "code_taken"
    assert (await ops.get(console)).status_code == 200
    assert (await holder.get(console)).status_code == 401
    for path in ("", "/together/stop", "/together/again"):
        body = NEW | {"code": "other"} if path == "" else {}
        assert (await ops.post(f"{console}{path}", json=body)).status_code == 403
        assert (await holder.post(f"{console}{path}", json=body)).status_code == 401
    for path in ("/none/stop", "/none/again"):
        assert (await town_hall.post(f"{console}{path}")).status_code == 404
    assert (await doors.visitor().get(f"{API}/wallet/challenges")).status_code == 401
    assert (await holder.get(f"{API}/wallet/challenges")).json() == {"challenges": []}
    [seen] = await public(doors)
    assert (seen["state"], seen["progress"], seen["people"]) == ("to_come", 0, 0)
    assert await acts(town_hall) == [("operator", "challenge.made")]


async def test_a_challenge_that_is_called_off_stays_so(doors: Doors, town_hall: Visitor) -> None:
    """Once; and its code is never used again."""
    await makes(town_hall, **PEOPLE)
    console = f"{API}/console/challenges"
    stopped = await town_hall.post(f"{console}/together/stop")
    assert stopped.json()["state"] == "stopped"
    assert (await town_hall.post(f"{console}/together/stop")).json()["code"] == "challenge_ended"
    assert (await makes(town_hall)).json()["code"] == "code_taken"
    [seen] = await public(doors)
    assert (seen["state"], seen["takes_part"]) == ("stopped", ["gift", "payment"])
    assert await acts(town_hall) == [
        ("operator", "challenge.made"),
        ("operator", "challenge.stopped"),
    ]


async def test_progress_is_public_and_the_bonus_comes_once(
    doors: Doors, town_hall: Visitor, bench: Bench, jobs: Jobs
) -> None:
    """Payments count as they come, without a job; at the goal it is decided who took part. A job
    grants; a wallet that was frozen gets its own when it is asked again.
    """
    await makes(town_hall)
    early, first, second, late = [await bench.wallet(10_000) for _ in range(4)]
    await bench.one(bench.pay(early, 4_000))
    doors.clock.advance(days=1)
    await bench.one(bench.pay(first, 2_000))
    returned = bench.pay(early, 1_000)
    await bench.one(returned)
    [seen] = await public(doors)
    assert (seen["state"], seen["progress"], seen["people"]) == ("running", 3_000, 2)
    await bench.one(bench.reverse(returned.id))
    [seen] = await public(doors)
    assert (seen["progress"], seen["people"]) == (2_000, 1), "given back is no taking part"
    await bench.one(bench.pay(second, 3_000))
    at = bench.clock.now
    await bench.one(bench.pay(late, 500))
    [seen] = await public(doors)
    assert (seen["state"], seen["progress"], seen["people"]) == ("reached", 5_000, 2)
    assert seen["reached_at"] == round(at.timestamp() * 1000)
    assert seen["granted"] == 0

    await doors.pool.execute("UPDATE koban.account SET state = 'frozen' WHERE account = $1", second)
    before = {wallet: await bench.holds(wallet) for wallet in (early, first, late)}
    await jobs.work()
    [line] = (await _again_operator(doors)).json()["challenges"]
    assert (line["challenge"]["granted"], line["refused"]) == (1, {"wallet_frozen": 1})
    assert (await bench.holds(first))["point"] == before[first]["point"] + 100
    assert await bench.holds(early) == before[early]
    assert await bench.holds(late) == before[late]

    await doors.pool.execute("UPDATE koban.account SET state = 'open' WHERE account = $1", second)
    held = (await bench.holds(second))["point"]
    operator = await doors.operator("三人目")
    again = await operator.post(f"{API}/console/challenges/together/again")
    assert again.json() == {"bonuses": 1}
    for _ in range(3):
        doors.clock.advance(minutes=1)
        await jobs.work()
    assert (await bench.holds(second))["point"] == held + 100
    assert (await bench.holds(first))["point"] == before[first]["point"] + 100
    [seen] = await public(doors)
    assert seen["granted"] == 2
    assert await bench.problems() == []
    assert await acts(operator) == [
        ("operator", "challenge.made"),
        ("system", "challenge.reached"),
        ("operator", "challenge.asked_again"),
    ]
    assert await look(jobs.context, doors.town, due=doors.clock.now, now=doors.clock.now) is False


async def _again_operator(doors: Doors) -> Response:
    operator = await doors.operator("係の同僚")
    return await operator.get(f"{API}/console/challenges")


async def test_a_goal_that_is_not_reached_is_closed(
    doors: Doors, town_hall: Visitor, bench: Bench, jobs: Jobs
) -> None:
    """Two minutes after its end, when whatever was on its way has arrived; nobody gets a bonus."""
    await makes(town_hall)
    wallet = await bench.wallet(10_000)
    doors.clock.advance(days=10)
    await bench.one(bench.pay(wallet, 4_999))
    doors.clock.advance(days=20)
    await bench.one(bench.pay(wallet, 1_000))
    [seen] = await public(doors)
    assert (seen["state"], seen["progress"]) == ("missed", 4_999), (
        "what came late counts for nothing"
    )
    before = await bench.holds(wallet)
    doors.clock.advance(minutes=2)
    await jobs.work()
    assert await bench.holds(wallet) == before
