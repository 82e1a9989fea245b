"""Campaigns at the doors: bad input as a table, what may be changed when, and what is public."""

import hashlib
from datetime import timedelta
from typing import Any

from ledger import accounts
from tests.support.doors import Doors, Visitor

API = "/api/nagaoka"
WEEK = {"starts_at": "2030-05-06T00:00", "ends_at": "2030-05-13T00:00"}
NEW: dict[str, Any] = {
    "code": "spring",
    "name": "春のポイントアップ",
    "trigger": "payment",
    "instrument": "point",
    "basis_points": 500,
    "budget": 100_000,
    **WEEK,
}
DICE = [{"weight": 5, "factor": 1}, {"weight": 1, "factor": 10}]


async def made(operator: Visitor, **over: Any) -> dict[str, Any]:
    """A campaign that is taken as it was sent."""
    answer = await operator.post(f"{API}/console/campaigns", json=NEW | over)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def acts(operator: Visitor) -> list[str]:
    """What the audit says was done to campaigns, oldest first."""
    answer = await operator.get(f"{API}/console/audit", params={"act": "campaign"})
    return [line["act"] for line in reversed(answer.json()["lines"])]


# What is sent otherwise than in NEW, the field that is refused, and words of the message.
BAD_TERMS: list[tuple[dict[str, Any], str, str]] = [
    ({"code": "Spring"}, "code", ""),
    ({"code": ""}, "code", ""),
    ({"code": "春"}, "code", ""),
    ({"name": ""}, "name", ""),
    ({"trigger": "send"}, "trigger", ""),
    ({"instrument": "gold"}, "instrument", "found 'gold'; allowed is coin, point"),
    ({"source": "gold"}, "source", "allowed is coin, point"),
    ({"trigger": "issue", "source": "coin"}, "source", "nothing where the trigger is issue"),
    ({"basis_points": 0}, "basis_points", ""),
    ({"basis_points": 100_001}, "basis_points", ""),
    ({"basis_points": 2.5}, "basis_points", ""),
    ({"rounding": "none"}, "rounding", ""),
    ({"budget": None}, "budget", "a budget in yen or a programme"),
    ({"budget": 0}, "budget", ""),
    ({"budget": -1}, "budget", ""),
    ({"programme": "health"}, "budget", "nothing beside a programme"),
    ({"programme": "none", "budget": None}, "programme", "found 'none'"),
    ({"entry_max": 0}, "entry_max", ""),
    ({"person_max": 0}, "person_max", ""),
    ({"priority": 0}, "priority", ""),
    ({"starts_at": "2030-05-06"}, "starts_at", ""),
    ({"starts_at": "2030-02-30T00:00"}, "starts_at", ""),
    ({"starts_at": "2030-05-06T24:00"}, "starts_at", ""),
    ({"starts_at": "2020-05-06T00:00"}, "starts_at", "an instant to come"),
    ({"starts_at": "2300-05-06T00:00"}, "starts_at", "from 2000 to 2199"),
    ({"ends_at": "2030-05-06T00:00"}, "ends_at", "an instant after 2030-05-06"),
    ({"ends_at": "2033-06-06T00:00"}, "ends_at", "within three years"),
    ({"weekdays": [0]}, "weekdays[0]", ""),
    ({"weekdays": [8]}, "weekdays[0]", ""),
    ({"month_days": [32]}, "month_days[0]", ""),
    ({"hours_from": "10:00"}, "hours_to", "because the other one is given"),
    ({"hours_to": "10:00"}, "hours_from", "because the other one is given"),
    ({"hours_from": "10:00", "hours_to": "10:00"}, "hours_from", "another hour than hours_to"),
    ({"hours_from": "24:00", "hours_to": "10:00"}, "hours_from", "before 24:00"),
    ({"hours_from": "10:00", "hours_to": "00:00"}, "hours_to", "24:00 for the end"),
    ({"hours_from": "25:00", "hours_to": "10:00"}, "hours_from", ""),
    ({"shop_groups": ["roads"]}, "shop_groups", "allowed is street"),
    ({"shops": [999_999]}, "shops", "found '999999'"),
    ({"terminal_groups": ["tills"]}, "terminal_groups", "nothing: there is none"),
    ({"dice": DICE[:1]}, "dice", "none, or 2 to 20"),
    ({"dice": [{"weight": 1, "factor": 0}] * 2}, "dice", "at least one factor above 0"),
    ({"dice": [{"weight": 0, "factor": 1}] * 2}, "dice[0].weight", ""),
    ({"dice": [{"weight": 1, "factor": -1}] * 2}, "dice[0].factor", ""),
    ({"dice": [{"weight": 1, "factor": 1}] * 21}, "dice", ""),
    ({"seed": "00"}, "seed", ""),
]


async def test_bad_terms_are_told_and_nothing_is_made(doors: Doors) -> None:
    """What, where and what is allowed; no fund is opened for a campaign that is refused."""
    operator, wrong = await doors.operator(), []
    for over, field, said in BAD_TERMS:
        answer = await operator.post(f"{API}/console/campaigns", json=NEW | over)
        told = answer.json()
        got = (answer.status_code, told.get("code"), told.get("field"))
        if got != (422, "invalid", field) or said not in told["message"]:
            wrong.append(f"{over}: {got} {told}")
        doors.clock.advance(seconds=1)
    assert not wrong, "\n".join(wrong)
    assert (await doors.visitor().get(f"{API}/campaigns")).json() == {"campaigns": []}
    assert await acts(operator) == []
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.budget") == 0


# What is asked of "spring", which is to come.
REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("PUT", "/spring", NEW | {"code": "autumn"}, 422, "invalid"),
    ("PUT", "/autumn", NEW | {"code": "autumn"}, 404, "not_found"),
    ("PUT", "/SPRING", NEW, 422, "invalid"),
    ("POST", "", NEW, 409, "code_taken"),
    ("POST", "/autumn/stop", {}, 404, "not_found"),
    ("POST", "/spring/stop", {"at": "2020-01-01T00:00"}, 422, "invalid"),
    ("POST", "/spring/stop", {"at": "2030-05-13T00:00"}, 409, "campaign_over"),
    ("POST", "/spring/stop", {"at": "tomorrow"}, 422, "invalid"),
    ("POST", "/spring/rate", {"code": "more", "basis_points": 700}, 422, "invalid"),
    (
        "POST",
        "/spring/rate",
        {"code": "spring", "basis_points": 700, "at": "2030-05-07T00:00"},
        409,
        "code_taken",
    ),
    (
        "POST",
        "/spring/rate",
        {"code": "more", "basis_points": 0, "at": "2030-05-07T00:00"},
        422,
        "invalid",
    ),
    (
        "POST",
        "/spring/rate",
        {"code": "more", "basis_points": 700, "at": "2030-06-07T00:00"},
        409,
        "campaign_over",
    ),
    ("POST", "/preview", {"campaign": NEW, "month": "2030-13"}, 422, "invalid"),
    ("POST", "/preview", {"campaign": NEW, "month": "2100-01"}, 422, "invalid"),
    ("POST", "/preview", {"campaign": NEW | {"instrument": "gold"}}, 422, "invalid"),
    ("POST", "/preview", NEW, 422, "invalid"),
    ("POST", "/preview", {}, 422, "invalid"),
]


async def test_what_cannot_be_done_to_a_campaign(doors: Doors) -> None:
    """Each with its code; the campaign stays as it was, and no line is left."""
    operator, wrong = await doors.operator(), []
    before = (await made(operator))["campaign"]
    for method, path, body, status, code in REFUSED:
        answer = await operator.request(method, f"{API}/console/campaigns{path}", json=body)
        if (answer.status_code, answer.json().get("code")) != (status, code):
            wrong.append(f"{method} {path} {body}: {answer.status_code} {answer.text}")
    assert not wrong, "\n".join(wrong)
    assert (await doors.visitor().get(f"{API}/campaigns")).json() == {"campaigns": [before]}
    assert await acts(operator) == ["campaign.made"]


async def test_only_operators_make_and_stop_campaigns(doors: Doors) -> None:
    """Ops look and reckon; nobody else does even that."""
    operator, ops = await doors.operator(), await doors.operator("当直", role="ops")
    await made(operator)
    holder = await doors.holder()
    console = f"{API}/console/campaigns"
    for path, body in (
        ("", NEW | {"code": "other"}),
        ("/spring/stop", {}),
        ("/spring/rate", {"code": "other", "basis_points": 1}),
    ):
        assert (await ops.post(f"{console}{path}", json=body)).status_code == 403
        assert (await holder.post(f"{console}{path}", json=body)).status_code == 401
    assert (await ops.put(f"{console}/spring", json=NEW)).status_code == 403
    assert (await ops.get(console)).status_code == 200
    assert (await ops.post(f"{console}/preview", json={"campaign": NEW})).status_code == 200
    assert (await holder.post(f"{console}/preview", json={"campaign": NEW})).status_code == 401
    assert await acts(operator) == ["campaign.made"]


async def test_a_campaign_is_changed_until_it_begins_and_stopped_after(doors: Doors) -> None:
    """Terms may change up to the first instant; then they stand. The code is never used again."""
    operator, clock = await doors.operator(), doors.clock
    console = f"{API}/console/campaigns"
    start = clock.now.astimezone(doors.context.towns["nagaoka"].zone) + timedelta(hours=2)
    period = {
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(days=7):%Y-%m-%dT%H:%M}",
    }
    await made(operator, **period)
    changed = await operator.put(
        f"{console}/spring", json=NEW | period | {"basis_points": 300, "budget": 5_000}
    )
    assert changed.json()["campaign"]["basis_points"] == 300
    [line] = (await operator.get(console)).json()["campaigns"]
    assert (line["fund"], line["budget_left"]) == ("campaign:spring", 5_000)
    clock.advance(minutes=119, seconds=51)
    operator = await _again(doors)
    too_late = await operator.put(f"{console}/spring", json=NEW)
    assert (too_late.status_code, too_late.json()["code"]) == (409, "campaign_begun")
    clock.advance(seconds=9)
    [public] = (await doors.visitor().get(f"{API}/campaigns")).json()["campaigns"]
    assert (public["state"], public["basis_points"]) == ("running", 300)
    stopped = await operator.post(f"{console}/spring/stop", json={})
    assert stopped.json()["campaign"]["state"] == "running"
    clock.advance(seconds=10)
    [public] = (await doors.visitor().get(f"{API}/campaigns")).json()["campaigns"]
    assert public["state"] == "over"
    assert (await operator.post(f"{console}/spring/stop", json={})).json()[
        "code"
    ] == "campaign_over"
    again = await operator.post(console, json=NEW)
    assert again.json()["code"] == "code_taken"
    assert await acts(operator) == ["campaign.made", "campaign.changed", "campaign.stopped"]


async def test_another_rate_is_one_act_from_one_instant_on(doors: Doors) -> None:
    """The old campaign stops where the new one begins, with all else the same and one fund."""
    operator, console = await doors.operator(), f"{API}/console/campaigns"
    await made(operator, weekdays=[6, 7], dice=DICE)
    answer = await operator.post(
        f"{console}/spring/rate",
        json={"code": "spring2", "basis_points": 800, "at": "2030-05-09T12:00"},
    )
    assert answer.status_code == 200, answer.text
    new, old = (await operator.get(console)).json()["campaigns"]
    assert new["campaign"]["starts_at"] == old["campaign"]["stopped_at"]
    assert new["fund"] == old["fund"] == "campaign:spring"
    differ = {key for key in new["campaign"] if new["campaign"][key] != old["campaign"][key]}
    assert differ == {"code", "basis_points", "starts_at", "stopped_at", "commitment"}
    assert answer.json()["overlaps"] == []
    assert await acts(operator) == ["campaign.made", "campaign.rate_changed"]


async def test_the_dices_seed_is_committed_to_and_secret_until_the_end(doors: Doors) -> None:
    """Its digest is public at once and stays through changes; itself a minute after the end; and it
    stands in no line of the audit.
    """
    operator, console = await doors.operator(), f"{API}/console/campaigns"
    commitment = (await made(operator, dice=DICE))["campaign"]["commitment"]
    changed = await operator.put(
        f"{console}/spring", json=NEW | {"dice": [*DICE, {"weight": 1, "factor": 2}]}
    )
    assert changed.json()["campaign"]["commitment"] == commitment
    early = await doors.visitor().get(f"{API}/campaigns/spring/throws")
    assert (early.status_code, early.json()["code"]) == (404, "not_found")
    stopped = await operator.post(f"{console}/spring/stop", json={})
    assert stopped.json()["campaign"]["seed"] is None
    doors.clock.advance(seconds=69)
    [public] = (await doors.visitor().get(f"{API}/campaigns")).json()["campaigns"]
    assert (public["seed"], public["commitment"]) == (None, commitment)
    doors.clock.advance(seconds=1)
    [public] = (await doors.visitor().get(f"{API}/campaigns")).json()["campaigns"]
    assert hashlib.sha256(bytes.fromhex(public["seed"])).hexdigest() == commitment
    told = (await doors.visitor().get(f"{API}/campaigns/spring/throws")).json()
    assert (told["seed"], told["throws"], told["next"]) == (public["seed"], [], None)
    kept = await doors.pool.fetch("SELECT a::text AS line FROM people.audit a")
    assert not any(public["seed"] in row["line"] for row in kept)
    plain = await made(operator, code="plain")
    assert plain["campaign"]["commitment"] is None
    none = await doors.visitor().get(f"{API}/campaigns/plain/throws")
    assert none.status_code == 404


async def test_campaigns_that_overlap_are_named(doors: Doors) -> None:
    """With what the town's rule makes of them; what never meets is not named."""
    operator = await doors.operator()
    street, away = await doors.shop("通りの店"), await doors.shop("離れた店")
    await accounts.set_shop_groups(doors.pool, doors.town, street.account, ["street"])
    await made(operator, code="all")
    await made(operator, code="topping", trigger="top_up")
    await made(operator, code="away", shops=[away.account])
    await made(operator, code="later", starts_at=WEEK["ends_at"], ends_at="2030-06-01T00:00")
    await made(operator, code="evening", hours_from="22:00", hours_to="02:00")
    at_noon = await made(
        operator,
        code="street",
        shop_groups=["street"],
        hours_from="12:00",
        hours_to="13:00",
        priority=1,
    )
    assert at_noon["overlaps"] == [{"code": "all", "name": NEW["name"], "gives": "both"}]
    for rule, gives in (("best", "greater"), ("first", "other")):
        await doors.pool.execute(
            "UPDATE koban.profile SET campaign_overlap = $2 WHERE town = $1", doors.town, rule
        )
        late = await made(
            operator,
            code=rule,
            shop_groups=["street"],
            hours_from="01:00",
            hours_to="02:00",
            priority=200,
        )
        assert late["overlap"] == rule
        assert {
            line["code"]: line["gives"] for line in late["overlaps"] if line["code"] != "best"
        } == {
            "all": gives,
            "evening": gives,
        }


async def _again(doors: Doors) -> Visitor:
    """Another operator's browser: the first one's session may be over by now."""
    return await doors.operator("係の同僚")
