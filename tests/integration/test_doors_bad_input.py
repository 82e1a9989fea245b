"""Bad input as a table: what is sent, and the exact answer. Nothing of it may be a fault."""

from typing import Any
from uuid import uuid4

import pytest
from msgspec import Struct

from gateway.http.bodies import BODY_BYTES_MAX
from gateway.rates import ACCOUNT, DOOR
from tests.support.doors import PASSWORD, Doors, Visitor

API = "/api/nagaoka"
JSON = {"Content-Type": "application/json"}
REGISTER = {
    "challenge": "x" * 43,
    "code": "123456",
    "password": PASSWORD,
    "pin": "4321",
    "name": "花子",
}
SHOP = {"name": "店", "kind": "cafe", "area": "町", "manager_pin": "1111"}


class Case(Struct):
    """``who`` asks ``method path`` with ``body``; the answer's status, code and field."""

    name: str
    who: str
    method: str
    path: str
    body: Any
    status: int
    code: str
    field: str | None = None


def wallet(name: str, path: str, status: int, code: str, field: str | None) -> Case:
    return Case(name, "wallet", "GET", f"/wallet/{path}", None, status, code, field)


def register(name: str, field: str, value: object) -> Case:
    body = {**REGISTER, field: value}
    return Case(name, "nobody", "POST", "/wallet/register/finish", body, 422, "invalid", field)


def shop(name: str, field: str, value: object) -> Case:
    body = {**SHOP, field: value}
    return Case(name, "operator", "POST", "/console/shops", body, 422, "invalid", field)


def start(name: str, body: object, status: int, code: str, field: str | None = None) -> Case:
    return Case(name, "nobody", "POST", "/wallet/register", body, status, code, field)


TABLE = [
    # -- not JSON, or not an object
    start("no body", b"", 400, "malformed"),
    start("half an object", b'{"phone": ', 400, "malformed"),
    start("not UTF-8", b'{"phone": "\xff\xfe"}', 400, "malformed"),
    start("a list", [], 422, "invalid"),
    start("null", b"null", 422, "invalid"),
    start("nested too deeply", b"[" * 8_000, 422, "invalid"),
    start("a deep unknown field", b'{"a":' + b"[" * 8_000, 422, "invalid", "a"),
    start("two objects", b'{"phone":"09012345678"}{}', 400, "malformed"),
    start("too large", {"phone": "0" * BODY_BYTES_MAX}, 413, "too_large"),
    # -- fields
    start("nothing in it", {}, 422, "invalid", "phone"),
    start("one too many", {"phone": "09012345678", "admin": True}, 422, "invalid", "admin"),
    start("a number for a text", {"phone": 9012345678}, 422, "invalid", "phone"),
    start("null for a text", {"phone": None}, 422, "invalid", "phone"),
    start("letters in a phone number", {"phone": "090abcdefgh"}, 422, "invalid", "phone"),
    start("hyphens in a phone number", {"phone": "090-1234-5678"}, 422, "invalid", "phone"),
    start("a foreign phone number", {"phone": "+14155550100"}, 422, "invalid", "phone"),
    start("a line end behind a number", {"phone": "09012345678\n"}, 422, "invalid", "phone"),
    start("full-width digits", {"phone": "０９０１２３４５６７８"}, 422, "invalid", "phone"),
    register("a short password", "password", "1234567"),
    register("a long password", "password", "x" * 129),
    register("a PIN of three", "pin", "123"),
    register("a PIN of letters", "pin", "abcd"),
    register("a PIN as a number", "pin", 1234),
    register("an empty name", "name", ""),
    register("a long name", "name", "名" * 61),
    register("a zero byte in a name", "name", "花\x00子"),
    register("a turned name", "name", "花\u202e子"),
    register("a short code", "code", "12345"),
    register("a code with a sign", "code", "+12345"),
    register("a short challenge", "challenge", "x"),
    shop("a PIN of five", "manager_pin", "12345"),
    shop("a control character", "area", "町\x1b[31m"),
    shop("a list for a text", "kind", ["cafe"]),
    Case("an unknown role", "nobody", "POST", "/ticket", {"role": "king"}, 422, "invalid", "role"),
    Case(
        "a body where none goes",
        "wallet",
        "POST",
        "/wallet/sign-out",
        {"a": 1},
        422,
        "invalid",
        "a",
    ),
    # -- addresses and queries
    Case("another town", "nobody", "GET", "/../atlantis/town", None, 404, "not_found"),
    Case("no such address", "nobody", "GET", "/nothing", None, 404, "not_found"),
    Case("the wrong method", "nobody", "DELETE", "/shops", None, 405, "method_not_allowed"),
    Case("a short shop code", "nobody", "GET", "/shops/12345", None, 422, "invalid", "code"),
    Case("an unknown shop", "nobody", "GET", "/shops/1234567", None, 404, "not_found", "code"),
    wallet("no UUID", "payments/42", 422, "invalid", "id"),
    wallet("a limit of zero", "history?limit=0", 422, "invalid", "limit"),
    wallet("a huge limit", "history?limit=201", 422, "invalid", "limit"),
    wallet("a limit in words", "history?limit=many", 422, "invalid", "limit"),
    wallet("a negative page", "history?before=-1", 422, "invalid", "before"),
    wallet("a number beyond 64 bits", f"history?before={2**70}", 422, "invalid", "before"),
    wallet("a parameter too many", "history?offset=3", 422, "invalid", "offset"),
    wallet("a parameter twice", "history?limit=1&limit=2", 422, "invalid", "limit"),
    Case("no date", "terminal", "GET", "/terminal/day?date=today", None, 422, "invalid", "date"),
    Case(
        "the 30th of February",
        *("terminal", "GET", "/terminal/day?date=2026-02-30", None, 422, "invalid", "date"),
    ),
    Case("no number", "operator", "GET", "/console/terminals?shop=a", None, 422, "invalid", "shop"),
    Case(
        "a zero byte in a filter",
        *("operator", "GET", "/console/events?kind=%00", None, 422, "invalid", "kind"),
    ),
    Case(
        "an unknown shop's terminal",
        *("operator", "POST", "/console/shops/999999/terminals", {"label": "レジ"}),
        *(404, "not_found", "shop"),
    ),
    Case(
        "an unknown terminal's enrolment",
        *("operator", "POST", "/console/terminals/999999/enrolment", {}),
        *(404, "not_found", "terminal"),
    ),
    Case(
        "an unknown terminal's end",
        *("operator", "POST", "/console/terminals/999999/revoke", {}, 404, "not_found", "terminal"),
    ),
    # -- secrets that open nothing
    Case(
        "an invented enrolment code",
        *(
            "nobody",
            "POST",
            "/terminal/enrol",
            {"code": "x" * 43},
            410,
            "enrolment_refused",
            "code",
        ),
    ),
    Case(
        "an invented challenge",
        *("nobody", "POST", "/wallet/register/finish", REGISTER),
        *(410, "challenge_over", "challenge"),
    ),
    # -- the wrong role
    Case("a wallet at the console", "wallet", "GET", "/console/me", None, 401, "signed_out"),
    Case("a tablet at a wallet", "terminal", "GET", "/wallet", None, 401, "signed_out"),
    Case("an operator at a tablet", "operator", "GET", "/terminal", None, 401, "signed_out"),
]


async def visitors(doors: Doors) -> dict[str, Visitor]:
    operator = await doors.operator()
    return {
        "nobody": doors.visitor(),
        "wallet": await doors.holder(),
        "operator": operator,
        "terminal": await doors.tablet(operator, await doors.shop()),
    }


async def test_each_bad_input_has_its_answer(doors: Doors) -> None:
    """The whole table, at one town; a wrong line does not hide the others."""
    people, wrong = await visitors(doors), []
    for case in TABLE:
        raw = isinstance(case.body, bytes)
        answer = await people[case.who].request(
            case.method,
            f"{API}{case.path}",
            content=case.body if raw else None,
            json=None if raw else case.body,
            headers=JSON if raw else None,
        )
        told = answer.json()
        got = (answer.status_code, told.get("code"), told.get("field"))
        if got != (case.status, case.code, case.field):
            wrong.append(f"{case.name}: {got} {told.get('message')}")
        if not told.get("message"):
            wrong.append(f"{case.name}: says nothing")
    assert not wrong, "\n".join(wrong)
    assert len(TABLE) > 55


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_forms_of_other_sites_are_not_read(doors: Doors, media: str) -> None:
    """Only JSON is a body: what a plain form could send is refused for its type."""
    answer = await doors.visitor().post(
        f"{API}/wallet/register",
        content=b'{"phone":"09012345678"}',
        headers={"Content-Type": media},
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type")


async def test_a_body_without_a_length_is_bounded_too(doors: Doors) -> None:
    """What comes in pieces is counted as it comes."""

    async def pieces() -> Any:
        for _ in range(BODY_BYTES_MAX // 1_000 + 1):
            yield b" " * 1_000

    answer = await doors.visitor().post(f"{API}/wallet/register", content=pieces(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


FOREIGN = [
    "https://evil.example",
    "https://koban.example.evil.example",
    "http://koban.example",
    "https://koban.example:8443",
    "https://sub.koban.example",
    "https://KOBAN.example",
    "null",
    "",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_origin_changes_nothing(doors: Doors, origin: str) -> None:
    """The origin is compared exactly, before anything else is looked at."""
    holder = await doors.holder()
    messages = len(doors.phones.messages)
    for path, body in (
        ("/wallet/sign-out", {}),
        ("/ticket", {"role": "wallet"}),
        ("/wallet/register", {"phone": "09099998888"}),
    ):
        answer = await holder.post(f"{API}{path}", json=body, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")
    assert len(doors.phones.messages) == messages
    assert (await holder.get(f"{API}/wallet")).status_code == 200


async def test_cookies_without_an_origin_change_nothing(doors: Doors) -> None:
    """Every browser names the origin of a change; who sends cookies and no origin is none."""
    holder = await doors.holder()
    del holder.headers["Origin"]
    answer = await holder.post(f"{API}/wallet/sign-out", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")
    assert (await holder.get(f"{API}/wallet")).status_code == 200


async def test_an_address_that_knocks_too_often_waits(doors: Doors) -> None:
    """Others are not held up by it, and readers behind the same address go on reading."""
    visitor = doors.visitor("192.0.2.50")
    body = {"code": "x" * 43}
    statuses = [
        (await visitor.post(f"{API}/terminal/enrol", json=body)).status_code
        for _ in range(int(DOOR.burst) + 5)
    ]
    assert statuses.count(410) >= DOOR.burst
    assert statuses[-1] == 429
    answer = await visitor.post(f"{API}/terminal/enrol", json=body)
    assert answer.json()["code"] == "too_fast"
    assert 0 < answer.json()["retry_after_ms"] <= 1_000
    assert (await visitor.get(f"{API}/shops")).status_code == 200
    other = await doors.visitor("192.0.2.51").post(f"{API}/terminal/enrol", json=body)
    assert other.status_code == 410


async def test_a_session_that_asks_too_often_waits(doors: Doors) -> None:
    """Its own limit, wherever it asks from; another session behind the same address goes on."""
    holder, other = await doors.holder(), await doors.holder("09099998888", "他人")
    statuses = [
        (await holder.get(f"{API}/wallet")).status_code for _ in range(int(ACCOUNT.burst) * 3)
    ]
    assert statuses.count(200) >= ACCOUNT.burst
    assert 429 in statuses
    assert (await other.get(f"{API}/wallet")).status_code == 200


async def test_the_database_away_is_told_as_such(doors: Doors) -> None:
    """503, retryable, with nothing of the database's own words."""
    holder = await doors.holder()
    await doors.pool.close()
    for path in ("/wallet/balance", f"/wallet/payments/{uuid4()}"):
        answer = await holder.get(f"{API}{path}")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.json()["retry_after_ms"] == 1_000
    page = await holder.get("/nagaoka/s/1234567")
    assert page.status_code == 503
    assert "つながりにくく" in page.text


async def test_a_fault_of_ours_says_nothing_of_itself(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opaque outside, with its kind in the log."""
    holder = await doors.holder()

    async def fail(*_: object) -> None:
        raise ValueError("the phone 09012345678 is in these words")

    monkeypatch.setattr(doors.auth.sessions, "issue_ticket", fail)
    answer = await holder.post(f"{API}/ticket", json={"role": "wallet"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "0901" not in answer.text
