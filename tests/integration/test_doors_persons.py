"""One account a person at the doors: what is asked and refused, who decides, who is forgotten."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from msgspec import Struct
from msgspec.structs import replace

from config.profile import PeopleSection
from ledger import audit
from tests.support.doors import PASSWORD, PIN, Doors, Visitor
from tests.support.ledger import problems

API = "/api/nagaoka"
HANAKO = {"name": "髙橋 花子", "kana": "タカハシ ハナコ", "birth_date": "1980-02-01"}

Register = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def register(doors: Doors) -> Register:
    """Somebody registers with a phone number and what they say of themselves."""

    async def act(phone: str, **said: Any) -> httpx.Response:
        visitor = doors.visitor()
        started = await visitor.post(f"{API}/wallet/register", json={"phone": phone})
        assert started.status_code == 200, started.text
        body = {
            "challenge": started.json()["challenge"],
            "code": doors.phones.code(phone),
            "password": PASSWORD,
            "pin": PIN,
            **said,
        }
        return await visitor.post(f"{API}/wallet/register/finish", json=body)

    return act


def ask_everything(doors: Doors) -> None:
    """The town asks for name, reading and birth date from now on."""
    profile = doors.context.towns["nagaoka"].profile
    doors.context.take(replace(profile, people=PeopleSection("name_and_birth_date")))


async def test_a_second_account_is_refused(doors: Doors, register: Register) -> None:
    """With another phone, and the name typed in another way; the reason is plain."""
    first = await register("09012345678", **HANAKO)
    assert first.status_code == 200, first.text
    again = await register(
        "08012345678", **{**HANAKO, "name": "高橋花子", "kana": "たかはしはなこ"}
    )
    assert again.status_code == 409
    assert again.json()["code"] == "identity_taken"
    same_phone = await doors.visitor().post(f"{API}/wallet/register", json={"phone": "09012345678"})
    assert same_phone.status_code == 200, "nobody hears whether a number is registered"
    count = await doors.pool.fetchval("SELECT count(*) FROM koban.account WHERE kind = 'wallet'")
    assert count == 1


class Case(Struct):
    """What is said beside a good name, and the field that is refused."""

    name: str
    said: dict[str, Any]
    field: str


TABLE = [
    Case("no reading", {"birth_date": "1980-02-01"}, "kana"),
    Case("no birth date", {"kana": "タカハシ ハナコ"}, "birth_date"),
    Case("a reading in kanji", {"kana": "高橋 花子", "birth_date": "1980-02-01"}, "kana"),
    Case("a reading in letters", {"kana": "Hanako", "birth_date": "1980-02-01"}, "kana"),
    Case("an empty reading", {"kana": "", "birth_date": "1980-02-01"}, "kana"),
    Case("a reading of spaces", {"kana": "　 ", "birth_date": "1980-02-01"}, "kana"),
    Case("a long reading", {"kana": "ア" * 61, "birth_date": "1980-02-01"}, "kana"),
    Case("a reading turned round", {"kana": "ハナ\u202eコ", "birth_date": "1980-02-01"}, "kana"),
    Case("a day that is not", {"kana": "ハナコ", "birth_date": "1981-02-29"}, "birth_date"),
    Case("a date in Japanese", {"kana": "ハナコ", "birth_date": "昭和55年2月1日"}, "birth_date"),
    Case("tomorrow", {"kana": "ハナコ", "birth_date": "2026-04-02"}, "birth_date"),
    Case("too long ago", {"kana": "ハナコ", "birth_date": "1895-12-31"}, "birth_date"),
    Case("a number for a date", {"kana": "ハナコ", "birth_date": 19800201}, "birth_date"),
    Case("half a card", {"card": "short"}, "card"),
]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
async def test_what_is_wrong_is_named_and_the_code_stays(doors: Doors, case: Case) -> None:
    """The field is told; the code by SMS was not used up, so the form can be sent again."""
    visitor, phone = doors.visitor(), "09012345678"
    started = await visitor.post(f"{API}/wallet/register", json={"phone": phone})
    good = {
        "challenge": started.json()["challenge"],
        "code": doors.phones.code(phone),
        "password": PASSWORD,
        "pin": PIN,
        "name": "髙橋 花子",
    }
    wrong = await visitor.post(f"{API}/wallet/register/finish", json={**good, **case.said})
    assert wrong.status_code == 422, wrong.text
    assert (wrong.json()["code"], wrong.json()["field"]) == ("invalid", case.field)
    right = await visitor.post(f"{API}/wallet/register/finish", json={**good, **HANAKO})
    assert right.status_code == 200, right.text


async def test_a_town_that_asks_gets_an_answer(doors: Doors, register: Register) -> None:
    """Where the profile says so, a phone alone is not enough; and the screens are told."""
    assert (await doors.visitor().get(f"{API}/town")).json()["identity"] == "phone"
    ask_everything(doors)
    assert (await doors.visitor().get(f"{API}/town")).json()["identity"] == "name_and_birth_date"
    refused = await register("09012345678", name="高橋 花子")
    assert refused.status_code == 422
    assert refused.json()["field"] == "kana"
    assert (await register("08012345678", **HANAKO)).status_code == 200


async def pair(doors: Doors, register: Register) -> tuple[int, int]:
    """Two who may be one: the older and the newer wallet."""
    older = await register("09012345678", **HANAKO)
    newer = await register("08012345678", **{**HANAKO, "name": "高橋 華子"})
    assert newer.status_code == 200, newer.text
    return older.json()["account"], newer.json()["account"]


async def test_an_operator_decides_about_a_near_one(doors: Doors, register: Register) -> None:
    """Sees both, finds them to be one, and takes it back; each decision is in the audit."""
    older, newer = await pair(doors, register)
    operator = await doors.operator()
    listed = (await operator.get(f"{API}/console/reviews")).json()
    (review,) = listed["reviews"]
    assert (review["wallet"], review["other"]) == (newer, older)
    assert review["likeness"] == "born_the_same_day"
    assert review["person"] == {
        "wallet": newer,
        "name": "高橋 華子",
        "kana": "タカハシ ハナコ",
        "birth_date": "1980-02-01",
        "phone_tail": "5678",
    }
    assert review["other_person"]["name"] == "髙橋 花子"
    path = f"{API}/console/reviews/{review['review']}/decide"

    async def state() -> str:
        return str(
            await doors.pool.fetchval("SELECT state FROM koban.account WHERE account = $1", newer)
        )

    decided = await operator.post(path, json={"same_person": True})
    assert decided.status_code == 200, decided.text
    assert (decided.json()["same_person"], decided.json()["decided_by"]) == (True, "係")
    assert await state() == "frozen"
    assert (await operator.post(path, json={"same_person": True})).json() == decided.json()
    assert (await operator.get(f"{API}/console/reviews")).json()["reviews"] == []
    every = (await operator.get(f"{API}/console/reviews?decided=true")).json()["reviews"]
    assert [one["same_person"] for one in every] == [True]
    await operator.post(path, json={"same_person": False})
    assert await state() == "open"
    lines = await audit.lines(
        doors.pool, doors.town, audit.Filter(act="review.decided"), before=None, limit=10
    )
    assert len(lines) == 2
    assert {line.subject for line in lines} == {f"wallet:{newer}"}
    assert not any("高橋" in f"{line.before}{line.after}" for line in lines)


async def test_a_person_is_forgotten_and_the_money_is_not(doors: Doors, register: Register) -> None:
    """The wallet stays as it was; whoever held it cannot sign in, and may register anew."""
    phone = "09012345678"
    holder = await doors.holder(phone)
    await holder.put(
        f"{API}/wallet/push",
        json={
            "endpoint": "https://push.example.com/send/x",
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZG"
            "H6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    )
    await holder.post(f"{API}/ticket", json={"role": "wallet"})
    wrong = {"phone": phone, "password": "a wrong password"}
    await doors.visitor().post(f"{API}/wallet/sign-in", json=wrong)
    wallet = holder.account
    account = await doors.pool.fetchrow("SELECT * FROM koban.account WHERE account = $1", wallet)
    operator = await doors.operator()
    path = f"{API}/console/wallets/{wallet}/erase"
    erased = await operator.post(path, json={"wallet": wallet, "reason": "本人の申し出"})
    assert erased.status_code == 200, erased.text
    assert erased.json() == {"wallet": wallet, "sessions": 1}
    for table in ("person", "push", "challenge", "ticket", "guard"):
        assert await doors.pool.fetchval(f"SELECT count(*) FROM people.{table}") == 0, table
    assert account == await doors.pool.fetchrow(
        "SELECT * FROM koban.account WHERE account = $1", wallet
    )
    assert [ended.reason for ended in doors.sockets.ended] == ["revoked"]
    assert (await holder.get(f"{API}/wallet")).status_code == 401
    sign_in = await doors.visitor().post(
        f"{API}/wallet/sign-in", json={"phone": phone, "password": PASSWORD}
    )
    assert sign_in.json()["code"] == "sign_in_wrong"
    assert (await operator.post(path, json={"wallet": wallet, "reason": "x"})).status_code == 404
    assert (await register(phone, **HANAKO)).json()["account"] != wallet
    (line,) = await audit.lines(
        doors.pool, doors.town, audit.Filter(act="person.erased"), before=None, limit=10
    )
    assert (line.name, line.subject) == ("係", f"wallet:{wallet}")
    assert await problems(doors.pool) == []


class OperatorCase(Struct):
    """``who`` asks; the answer's status, code and field."""

    name: str
    who: str
    path: str
    body: Any
    status: int
    code: str
    field: str | None = None


DECIDE, ERASE = "/console/reviews/1/decide", "/console/wallets/1/erase"
OPERATORS = [
    OperatorCase("nobody decides", "nobody", DECIDE, {"same_person": True}, 401, "signed_out"),
    OperatorCase("ops decides", "ops", DECIDE, {"same_person": True}, 403, "not_allowed"),
    OperatorCase(
        "no review", "operator", DECIDE, {"same_person": True}, 404, "not_found", "review"
    ),
    OperatorCase("no decision", "operator", DECIDE, {}, 422, "invalid", "same_person"),
    OperatorCase(
        "perhaps", "operator", DECIDE, {"same_person": "yes"}, 422, "invalid", "same_person"
    ),
    OperatorCase("null", "operator", DECIDE, {"same_person": None}, 422, "invalid", "same_person"),
    OperatorCase(
        "no number", "operator", "/console/reviews/x/decide", {}, 422, "invalid", "review"
    ),
    OperatorCase("nobody erases", "nobody", ERASE, {}, 401, "signed_out"),
    OperatorCase("ops erases", "ops", ERASE, {"wallet": 1, "reason": "x"}, 403, "not_allowed"),
    OperatorCase(
        "another wallet", "operator", ERASE, {"wallet": 2, "reason": "x"}, 422, "invalid", "wallet"
    ),
    OperatorCase(
        "no holder", "operator", ERASE, {"wallet": 1, "reason": "x"}, 404, "not_found", "wallet"
    ),
    OperatorCase("no reason", "operator", ERASE, {"wallet": 1}, 422, "invalid", "reason"),
    OperatorCase(
        "an empty reason", "operator", ERASE, {"wallet": 1, "reason": ""}, 422, "invalid", "reason"
    ),
    OperatorCase("malformed", "operator", ERASE, b"{", 400, "malformed"),
]


@pytest.mark.parametrize("case", OPERATORS, ids=lambda case: case.name)
async def test_operators_doors_refuse_what_is_wrong(doors: Doors, case: OperatorCase) -> None:
    """Each with its code; and nothing is written."""
    visitor: Visitor = doors.visitor()
    if case.who != "nobody":
        visitor = await doors.operator(role=case.who)
    body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
    headers = {"Content-Type": "application/json"}
    answer = await visitor.post(f"{API}{case.path}", content=body, headers=headers)
    assert answer.status_code == case.status, answer.text
    assert answer.json()["code"] == case.code
    assert answer.json().get("field") == case.field
    assert await doors.pool.fetchval("SELECT count(*) FROM people.audit") == 0


async def test_names_are_for_operators_who_may_act(doors: Doors) -> None:
    """Who only watches is shown no pair of persons."""
    watcher = await doors.operator(role="ops")
    assert (await watcher.get(f"{API}/console/reviews")).json()["code"] == "not_allowed"
