"""Programmes, activities, venues' codes and departments' systems at the doors."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from gateway.acquirers.keys import NewKey
from ledger import accounts, acquirers, programmes
from ledger.activity_codes import make_digits, read_digits
from ledger.database import transaction
from ledger.vault import Vault
from terminal.department import DepartmentClient
from tests.support.acquirers import Behind, open_acquirer
from tests.support.doors import ORIGIN, SETTINGS, Doors, Visitor
from tests.support.ledger import problems
from tests.support.programmes import API, activity, budget, open_giving, programme

# The acts that the audit's table (test_doors_audit.py) leaves to this file.
ACTS = (
    "programme.opened",
    "programme.ceiling_changed",
    "activity.opened",
    "activity.closed",
    "activity.extended",
    "activity.code_made",
    "activity.code_ended",
)
LONG = "長" * 61


async def audit_of(doors: Doors) -> list[str]:
    """Every act on programmes and activities, oldest first."""
    found = await doors.pool.fetch(
        "SELECT act FROM people.audit WHERE town = $1 AND (act LIKE 'programme.%' "
        "OR act LIKE 'activity.%') ORDER BY number",
        doors.town,
    )
    return [row["act"] for row in found]


async def make_code(operator: Visitor, until: str = "2026-04-01T18:00", **other: Any) -> Any:
    """A venue's code."""
    made = await operator.post(
        f"{API}/console/activities/walk/codes", json={"valid_until": until, **other}
    )
    assert made.status_code == 200, made.text
    return made.json()


async def take_part(holder: Visitor, code: str) -> httpx.Response:
    """Enters a code in the wallet."""
    return await holder.post(f"{API}/wallet/activities", json={"code": code})


async def test_every_act_leaves_its_line(doors: Doors) -> None:
    """In the order in which it was done."""
    operator = await doors.operator()
    await open_giving(operator)
    made = await operator.put(f"{API}/console/programmes/health/budget", json={"ceiling": 5_000})
    assert made.json()["budget"]["left"] == 5_000
    code = await make_code(operator)
    number = code["code"]["number"]
    ended = await operator.post(f"{API}/console/activity-codes/{number}/end", json={})
    assert ended.status_code == 200, ended.text
    closed = await operator.post(f"{API}/console/activities/walk/close", json={})
    assert closed.json()["open"] is False
    path, later = f"{API}/console/activities/walk/end", {"ends_at": "2099-01-01T00:00"}
    extended = await operator.put(path, json=later)
    assert extended.json()["open"] is True
    assert (await operator.put(path, json={"ends_at": "2001-01-01T00:00"})).status_code == 422
    assert sorted(await audit_of(doors)) == sorted(ACTS)
    listed = (await operator.get(f"{API}/console/activities/walk/codes")).json()["codes"]
    assert [(each["number"], each["holds"]) for each in listed] == [(number, False)]
    kept = await doors.pool.fetch("SELECT a::text AS line FROM people.audit a")
    assert code["digits"].replace("-", "") not in "".join(row["line"] for row in kept)


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "status", "code", "field"),
    [
        ("operator", "POST", "/console/programmes", {}, 422, "invalid", "code"),
        *(
            ("operator", "POST", "/console/programmes", programme() | wrong, 422, "invalid", at)
            for wrong, at in (
                ({"code": "Health"}, "code"),
                ({"code": "h" * 32}, "code"),
                ({"name": ""}, "name"),
                ({"name": LONG}, "name"),
                ({"name": "a\u202eb"}, "name"),
                ({"department": LONG}, "department"),
                ({"instrument": "gold"}, "instrument"),
                ({"ceiling": -1}, "ceiling"),
                ({"ceiling": 1.5}, "ceiling"),
                ({"ceiling": 10**12 + 1}, "ceiling"),
                ({"more": 1}, "more"),
            )
        ),
        (
            "operator",
            "POST",
            "/console/programmes",
            programme("health"),
            409,
            "programme_taken",
            "code",
        ),
        (
            "operator",
            "POST",
            "/console/programmes",
            programme("user"),
            409,
            "programme_taken",
            "code",
        ),
        ("operator", "GET", "/console/programmes/none", None, 404, "not_found", "programme"),
        (
            "operator",
            "PUT",
            "/console/programmes/none/budget",
            {"ceiling": 1},
            404,
            "not_found",
            "programme",
        ),
        (
            "operator",
            "PUT",
            "/console/programmes/health/budget",
            {"ceiling": "1"},
            422,
            "invalid",
            "ceiling",
        ),
        *(
            ("operator", "POST", "/console/activities", activity("a") | wrong, 422, "invalid", at)
            for wrong, at in (
                ({"code": "A"}, "code"),
                ({"programme": "none"}, "programme"),
                ({"amount": 0}, "amount"),
                ({"amount": None}, "amount_max"),
                ({"amount": 5, "amount_max": 4}, "amount_max"),
                ({"per_person": "twice"}, "per_person"),
                ({"starts_at": "tomorrow"}, "starts_at"),
                ({"starts_at": "2026-02-30T00:00"}, "starts_at"),
                ({"ends_at": "2025-12-31T00:00"}, "ends_at"),
                ({"ends_at": "2026-02-01T00:00"}, "ends_at"),
            )
        ),
        (
            "operator",
            "POST",
            "/console/activities",
            activity("walk"),
            409,
            "activity_taken",
            "code",
        ),
        ("operator", "POST", "/console/activities/none/close", None, 404, "not_found", "activity"),
        ("operator", "GET", "/console/activities/none/codes", None, 404, "not_found", "activity"),
        *(
            (
                *("operator", "POST", "/console/activities/walk/codes"),
                {"valid_until": until},
                *(422, "invalid", "valid_until"),
            )
            for until in ("2026-04-01T12:00", "2026-06-01T00:00", "soon")
        ),
        (
            "operator",
            "POST",
            "/console/activities/none/codes",
            {"valid_until": "2026-04-01T18:00"},
            404,
            "not_found",
            "activity",
        ),
        ("operator", "POST", "/console/activity-codes/999/end", None, 404, "not_found", "number"),
        ("ops", "POST", "/console/programmes", programme("p"), 403, "not_allowed", None),
        ("ops", "POST", "/console/activities", activity("a"), 403, "not_allowed", None),
        (
            "ops",
            "PUT",
            "/console/programmes/health/budget",
            {"ceiling": 1},
            403,
            "not_allowed",
            None,
        ),
        ("holder", "GET", "/console/programmes", None, 401, "signed_out", None),
        ("holder", "POST", "/wallet/activities", {}, 422, "invalid", "code"),
        ("holder", "POST", "/wallet/activities", {"code": "12345678"}, 422, "invalid", "code"),
        ("holder", "POST", "/wallet/activities", {"code": "123456789"}, 422, "invalid", "code"),
        ("holder", "POST", "/wallet/activities", {"code": "歩" * 9}, 422, "invalid", "code"),
        ("operator", "POST", "/wallet/activities", {"code": "1"}, 401, "signed_out", None),
    ],
)
async def test_bad_input_gets_its_answer(
    doors: Doors,
    who: str,
    method: str,
    path: str,
    body: Any,
    status: int,
    code: str,
    field: str | None,
) -> None:
    """The code, the field, and nothing changed."""
    operator = await doors.operator("事務局")
    await open_giving(operator)
    visitor = await (doors.holder() if who == "holder" else doors.operator(role=who))
    answer = await visitor.request(method, f"{API}{path}", json=body)
    said = answer.json()
    assert (answer.status_code, said["code"], said.get("field")) == (status, code, field), said
    assert (await budget(operator))["ceiling"] == 100_000
    assert len((await operator.get(f"{API}/console/programmes")).json()["programmes"]) == 1
    assert len((await operator.get(f"{API}/console/activities")).json()["activities"]) == 1
    assert await audit_of(doors) == ["programme.opened", "activity.opened"]


async def test_a_venues_code_grants_once_however_often_it_is_entered(doors: Doors) -> None:
    """As digits, in groups, full-width, or as its QR: the same receipt each time."""
    operator = await doors.operator()
    await open_giving(operator)
    code = await make_code(operator)
    holder = await doors.holder()
    digits = code["digits"]
    first = await take_part(holder, digits)
    assert first.status_code == 200, first.text
    receipt = first.json()["receipt"]
    assert (receipt["kind"], receipt["amount"]) == ("grant", 500)
    wide = digits.translate({ord("0") + n: ord("０") + n for n in range(10)})
    for again in (digits.replace("-", ""), wide, code["qr"]):
        assert (await take_part(holder, again)).json()["receipt"] == receipt
    other = await make_code(operator)
    assert (await take_part(holder, other["digits"])).json()["receipt"] == receipt
    assert (await budget(operator))["granted"] == 500
    assert await problems(doors.pool) == []


@pytest.mark.parametrize(
    ("per_person", "counts"), [("once", [1, 1, 1]), ("daily", [1, 1, 2]), ("always", [1, 2, 3])]
)
async def test_how_often_a_person_gets_it(doors: Doors, per_person: str, counts: list[int]) -> None:
    """By three codes: two of one day, one of the next."""
    operator = await doors.operator()
    await open_giving(operator, per_person=per_person)
    holder = await doors.holder()
    for day, count in zip((0, 0, 1), counts, strict=True):
        doors.clock.advance(days=day, minutes=1)
        if day:  # Nobody stays signed in at the console over night.
            operator = await doors.operator("翌日の係")
        code = await make_code(operator, f"2026-04-0{1 + day}T20:00")
        answer = await take_part(holder, code["digits"])
        assert answer.status_code == 200, answer.text
        assert (await budget(operator))["granted"] == count * 500


async def test_a_code_that_does_not_hold_is_told_apart(doors: Doors) -> None:
    """None such, not yet, over, ended; and a refusal passes when its reason does."""
    operator = await doors.operator()
    await open_giving(operator, ceiling=0)
    holder = await doors.holder()

    async def said(code: str) -> str:
        answer = await take_part(holder, code)
        return "done" if answer.status_code == 200 else str(answer.json()["code"])

    assert await said(make_digits()) == "code_unknown"
    later = await make_code(operator, valid_from="2026-04-01T15:00")
    assert await said(later["digits"]) == "code_expired"
    ended = await make_code(operator)
    await operator.post(f"{API}/console/activity-codes/{ended['code']['number']}/end", json={})
    assert await said(ended["digits"]) == "code_expired"
    code = await make_code(operator)
    assert await said(code["digits"]) == "over_budget"
    assert await said(code["digits"]) == "over_budget"
    await operator.put(f"{API}/console/programmes/health/budget", json={"ceiling": 500})
    assert await said(code["digits"]) == "done"
    assert (await budget(operator))["left"] == 0
    doors.clock.advance(days=1)
    assert await said(code["digits"]) == "code_expired"


async def test_codes_are_not_guessed(doors: Doors) -> None:
    """A wallet that tries ten gets no more for a while."""
    holder = await doors.holder()
    answers = [await take_part(holder, make_digits()) for _ in range(11)]
    assert [answer.status_code for answer in answers[:10]] == [402] * 10
    assert answers[10].json()["code"] == "too_fast"


def test_digits_are_checked_before_anybody_is_asked() -> None:
    """One wrong digit, or two that changed places, is no code."""
    for _ in range(50):
        digits = make_digits()
        assert read_digits(f" {digits[:3]} {digits[3:6]}－{digits[6:]} ") == digits
        wrong = str((int(digits[0]) + 1) % 10) + digits[1:]
        assert read_digits(wrong) is None


# -- departments' systems --------------------------------------------------------------------------


class System:
    """A department's program, with its key."""

    def __init__(self, doors: Doors, key: NewKey) -> None:
        self._doors = doors
        self._key = key

    def _seconds(self) -> float:
        return self._doors.clock.now.timestamp()

    async def asks(
        self, method: str, path: str, content: bytes = b"", *, forged: bool = False
    ) -> httpx.Response:
        """Sends one signed request; the answer, whatever it is."""
        secret = "another secret altogether" if forged else self._key.secret
        client = DepartmentClient(
            *(ORIGIN, "nagaoka", self._key.key_id, secret),
            clock=self._seconds,
        )
        async with client, self._doors.visitor(origin=None) as program:
            headers = client.signature(method, path, content)
            return await program.request(method, f"{API}{path}", content=content, headers=headers)

    async def grants(self, **body: Any) -> httpx.Response:
        """Asks for a grant."""
        return await self.asks("POST", "/grants", msgspec.json.encode(body))


async def open_system(doors: Doors, allowed: str = "health") -> tuple[System, Behind]:
    """A system that may grant for a programme."""
    behind = await open_acquirer(
        doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, code="kenko-app"
    )
    found = await programmes.programme(doors.pool, doors.town, allowed)
    assert found is not None
    assert await programmes.allow_system(
        doors.pool, doors.town, behind.acquirer.acquirer, found.programme, doors.clock.now
    )
    return System(doors, behind.key), behind


async def test_a_system_grants_once_by_its_own_id(doors: Doors) -> None:
    """However often it asks; the standing says the same; by phone number or wallet."""
    operator = await doors.operator()
    await open_giving(operator, amount=None, amount_max=1_000, per_person="always")
    holder = await doors.holder()
    system, _ = await open_system(doors)
    ask = {"id": "walk-1", "recipient": "090-1234-5678", "activity": "walk", "amount": 300}
    first = await system.grants(**ask)
    assert first.status_code == 200, first.text
    assert (first.json()["wallet"], first.json()["amount"], first.json()["outcome"]) == (
        holder.account,
        300,
        "done",
    )
    assert (await system.grants(**ask)).json() == first.json()
    assert (await system.grants(**{**ask, "recipient": str(holder.account)})).json() == first.json()
    assert (await system.asks("GET", "/grants/walk-1")).json() == first.json()
    assert (await system.grants(**{**ask, "amount": 301})).json()["code"] == "id_reused"
    assert (await system.grants(**{**ask, "id": "walk-2"})).status_code == 200
    assert (await budget(operator))["granted"] == 600
    shown = (await operator.get(f"{API}/console/programmes/health")).json()
    assert shown["systems"] == ["kenko-app"]
    assert await problems(doors.pool) == []


@pytest.mark.parametrize(
    ("wrong", "status", "code", "field"),
    [
        ({"id": ""}, 422, "invalid", "id"),
        ({"id": "a b"}, 422, "invalid", "id"),
        ({"recipient": "誰か"}, 422, "invalid", "recipient"),
        ({"recipient": "08000000000"}, 404, "recipient_unknown", "recipient"),
        ({"recipient": "999999"}, 404, "recipient_unknown", "recipient"),
        ({"activity": "none"}, 403, "activity_not_yours", "activity"),
        ({"activity": "dance"}, 403, "activity_not_yours", "activity"),
        ({"amount": 0}, 422, "invalid", "amount"),
        ({"amount": 1.5}, 422, "invalid", "amount"),
        ({"amount": 1_001}, 402, "over_limit", None),
        ({"amount": None}, 402, "amount_required", None),
        ({"amount": 1_000}, 402, "over_budget", None),
        ({"more": 1}, 422, "invalid", "more"),
    ],
)
async def test_what_a_system_may_not_have(
    doors: Doors, wrong: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    """Its code and field, and nothing granted."""
    operator = await doors.operator()
    await open_giving(operator, ceiling=999, amount=None, amount_max=1_000, per_person="always")
    await operator.post(f"{API}/console/programmes", json=programme("culture"))
    await operator.post(f"{API}/console/activities", json=activity("dance", programme="culture"))
    await doors.holder()
    system, _ = await open_system(doors)
    ask = {"id": "x-1", "recipient": "09012345678", "activity": "walk", "amount": 100, **wrong}
    answer = await system.grants(**ask)
    said = answer.json()
    assert (answer.status_code, said["code"], said.get("field")) == (status, code, field), said
    assert (await budget(operator))["granted"] == 0


async def test_who_a_system_is_not(doors: Doors) -> None:
    """A wrong signature, a closed system, one whose programme was taken away, another's id."""
    operator = await doors.operator()
    await open_giving(operator)
    wallet = await accounts.open_wallet(doors.pool, doors.town, doors.clock.now)
    system, behind = await open_system(doors)
    ask = {"id": "x-1", "recipient": str(wallet), "activity": "walk"}
    forged = await system.asks("GET", "/grants/x-1", forged=True)
    assert forged.json()["code"] == "signature_wrong"
    assert (await system.asks("GET", "/grants/x-1")).json()["code"] == "not_found"
    assert (await system.grants(**ask)).status_code == 200
    other = await open_acquirer(
        doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, code="other-app"
    )
    stranger = System(doors, other.key)
    assert (await stranger.asks("GET", "/grants/x-1")).json()["code"] == "not_found"
    assert (await stranger.grants(**ask)).json()["code"] == "activity_not_yours"
    found = await programmes.programme(doors.pool, doors.town, "health")
    assert found is not None
    number = behind.acquirer.acquirer
    assert await programmes.disallow_system(doors.pool, doors.town, number, found.programme)
    assert (await system.grants(**{**ask, "id": "x-2"})).json()["code"] == "activity_not_yours"
    # What it was granted before is still answered.
    assert (await system.grants(**ask)).status_code == 200
    await acquirers.set_acquirer_state(doors.pool, doors.town, number, "closed")
    doors.clock.advance(seconds=1)
    assert (await system.grants(**ask)).json()["code"] == "acquirer_closed"
    assert (await system.asks("GET", "/grants/x-1")).status_code == 200


async def test_an_activity_that_had_not_begun_is_over_when_closed(doors: Doors) -> None:
    """It never opens; closing it again says so."""
    operator = await doors.operator()
    await open_giving(operator, starts_at="2026-05-01T00:00")
    path = f"{API}/console/activities/walk/close"
    closed = (await operator.post(path, json={})).json()
    assert closed["starts_at"] < closed["ends_at"] <= doors.clock.now_ms
    assert (await operator.post(path, json={})).json()["code"] == "activity_over"
    doors.clock.advance(days=40)
    async with transaction(doors.pool) as connection:
        found = await programmes.activity(connection, doors.town, "walk")
    assert found is not None
    assert found.ends_at < doors.clock.now - timedelta(days=39)
