"""Whom a wallet can send to, and what it hears of a payment before it: asked at the doors."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from config.profile import Way
from gateway.http.sending import masked
from gateway.rates import RECIPIENT, Rates
from gateway.receiving import TTL_S, ReceiveCodes
from ledger.authorise import decide
from ledger.codes import issue_code
from ledger.ids import uuid7
from ledger.requests import Kind, Request
from ledger.towns import load_town, provider_account
from tests.support.doors import Doors, Visitor
from tests.support.ledger import problems

API = "/api/nagaoka"
OTHER_PHONE = "08022223333"


async def find(visitor: Visitor, **body: Any) -> httpx.Response:
    """Asks who can be sent to."""
    return await visitor.post(f"{API}/wallet/recipients", json=body)


async def code_of(visitor: Visitor) -> dict[str, Any]:
    """What a wallet shows to be sent to."""
    shown = await visitor.post(f"{API}/wallet/receive", json={})
    assert shown.status_code == 200, shown.text
    told: dict[str, Any] = shown.json()
    return told


async def decide_one(doors: Doors, kind: Kind, **fields: Any) -> None:
    """A request that the ledger says yes to."""
    request = Request(uuid7(doors.clock.now_ms), kind, **fields)
    batch = await decide(doors.pool, doors.town, [request], doors.clock.now)
    assert batch.decisions[0].outcome == "done", batch.decisions[0].receipt


async def fill(doors: Doors, wallet: int, amount: int) -> int:
    """Cash into a wallet, at a shop whose account comes back."""
    shop = await doors.shop()
    now = doors.clock.now
    issued = await issue_code(doors.pool, doors.town, wallet, "top_up", amount, now, "8201")
    await decide_one(doors, Kind.TOP_UP, shop=shop.account, code=issued.code, amount=amount)
    return shop.account


# -- whom to send to -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("長岡 花子", "長○ 花○"),
        ("山田太郎", "山○"),
        ("Taro Yamada", "T○ Y○"),
        ("林", "○"),
        ("林　太郎左衛門", "○ 太○"),
    ],
)
def test_a_name_is_shown_masked(name: str, shown: str) -> None:
    """Enough to know a friend again, too little to learn a name."""
    assert masked(name) == shown


async def test_a_friend_is_found_by_phone_number(doors: Doors) -> None:
    """The account that a `send` names, and no more of the person than a masked name."""
    hanako = await doors.holder()
    taro = await doors.holder(OTHER_PHONE, "山田 太郎")
    found = await find(hanako, phone=OTHER_PHONE)
    assert found.status_code == 200, found.text
    assert found.json() == {"recipient": taro.account, "name": "山○ 太○"}


async def test_a_friend_is_found_by_the_code_they_show(doors: Doors) -> None:
    """As the QR reads and as the code alone, for ten minutes."""
    hanako = await doors.holder()
    taro = await doors.holder(OTHER_PHONE, "山田 太郎")
    code = await code_of(taro)
    assert code["text"].startswith("https://koban.example/nagaoka/wallet#to=")
    for text in (code["text"], code["text"].partition("#to=")[2]):
        found = await find(hanako, text=text)
        assert found.json() == {"recipient": taro.account, "name": "山○ 太○"}
    doors.clock.advance(seconds=TTL_S)
    late = await find(hanako, text=code["text"])
    assert (late.status_code, late.json()["code"]) == (404, "recipient_unknown")


async def test_nobody_makes_a_code_for_another(doors: Doors) -> None:
    """Altered anywhere, of another town, or made with another secret, it names nobody."""
    hanako = await doors.holder()
    taro = await doors.holder(OTHER_PHONE, "山田 太郎")
    code = (await code_of(taro))["text"].partition("#to=")[2]
    forged = [
        code[:place] + ("A" if code[place] != "A" else "B") + code[place + 1 :]
        for place in range(len(code) - 1)  # The last letter has two bits that say nothing.
    ]
    codes, now = ReceiveCodes(doors.context.settings.secret), doors.clock.now
    assert codes.read(doors.town, code, now) == taro.account
    assert [one for one in forged if codes.read(doors.town, one, now) is not None] == []
    assert codes.read(doors.town + 1, code, now) is None
    foreign, _ = ReceiveCodes(b"another secret" * 3).write(doors.town, taro.account, now)
    assert (await find(hanako, text=foreign)).status_code == 404


BAD: list[tuple[str, dict[str, Any], int, str]] = [
    ("nothing", {}, 422, "invalid"),
    ("both", {"phone": OTHER_PHONE, "text": "x"}, 422, "invalid"),
    ("a phone that is none", {"phone": "0901"}, 422, "invalid"),
    ("a phone with hyphens", {"phone": "080-2222-3333"}, 422, "invalid"),
    ("a phone in numbers", {"phone": 8022223333}, 422, "invalid"),
    ("a field more", {"phone": OTHER_PHONE, "name": "山田"}, 422, "invalid"),
    ("an empty text", {"text": ""}, 422, "invalid"),
    ("a text past all bounds", {"text": "x" * 401}, 422, "invalid"),
    ("a text that is no code", {"text": "https://example.com/"}, 404, "recipient_unknown"),
    ("a code of nothing", {"text": "#to="}, 404, "recipient_unknown"),
    ("a code in kanji", {"text": "送る"}, 404, "recipient_unknown"),
    ("nobody's number", {"phone": "08099998888"}, 404, "recipient_unknown"),
    ("one's own number", {"phone": "09012345678"}, 404, "recipient_unknown"),
]


@pytest.mark.parametrize(
    ("body", "status", "code"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
async def test_bad_questions_are_told_so(
    doors: Doors, body: dict[str, Any], status: int, code: str
) -> None:
    """What, where, and what to do; one's own code is as unknown as anybody's."""
    hanako = await doors.holder()
    answer = await find(hanako, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    own = await find(hanako, text=(await code_of(hanako))["text"])
    assert own.json()["code"] == "recipient_unknown"


async def test_a_town_cannot_be_listed_by_numbers(doors: Doors) -> None:
    """Ten numbers that nobody has, and the wallet waits, though the next be a friend's."""
    hanako = await doors.holder()
    await doors.holder(OTHER_PHONE, "山田 太郎")
    for number in range(10):
        assert (await find(hanako, phone=f"0909999000{number}")).status_code == 404
    # Another gateway, or this one after a restart, counts on.
    doors.context.limits.recipient = Rates(RECIPIENT)
    locked = await find(hanako, phone=OTHER_PHONE)
    assert (locked.status_code, locked.json()["code"]) == (429, "too_fast")
    assert 3_590_000 < locked.json()["retry_after_ms"] <= 3_600_000
    assert (await find(hanako, phone=OTHER_PHONE)).status_code == 429
    doors.clock.advance(minutes=60, seconds=1)
    assert (await find(hanako, phone=OTHER_PHONE)).status_code == 200


async def test_friends_are_not_looked_up_by_the_hundred(doors: Doors) -> None:
    """Numbers that somebody has are slow too: ten, then one in a minute."""
    hanako = await doors.holder()
    await doors.holder(OTHER_PHONE, "山田 太郎")
    statuses = [(await find(hanako, phone=OTHER_PHONE)).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


async def test_only_wallets_ask_and_only_where_people_send(doors: Doors) -> None:
    """Nobody signed in: 401. A town without sending says so, before it looks at anything."""
    nobody = await find(doors.visitor(), phone=OTHER_PHONE)
    assert nobody.status_code == 401
    hanako = await doors.holder()
    profile = doors.context.towns["nagaoka"].profile
    doors.context.take(replace(profile, sending=None))
    assert (await find(hanako, phone=OTHER_PHONE)).json()["code"] == "not_sendable"
    shown = await hanako.post(f"{API}/wallet/receive", json={})
    assert (shown.status_code, shown.json()["code"]) == (409, "not_sendable")


# -- what cannot be spent yet ----------------------------------------------------------------------


async def test_the_balance_tells_what_is_held(doors: Doors) -> None:
    """How much of a kind of value is too fresh, and from when on it can be spent."""
    hanako = await doors.holder()
    shop = await fill(doors, hanako.account, 1_000)
    profile = doors.context.towns["nagaoka"].profile
    card = Way(
        code="card", kind="provider", provider="card", name={"ja": "カード", "en": "Card"},
        instrument="coin", min=500, max=50_000, step=500, hold_s=3_600,
    )  # fmt: skip
    doors.clock.advance(minutes=1)
    await load_town(doors.pool, replace(profile, ways=[*profile.ways, card]), doors.clock.now)
    provider = await provider_account(doors.pool, doors.town, "card")
    await decide_one(
        doors, Kind.LOAD, wallet=hanako.account, shop=provider, way="card", amount=5_000
    )

    async def coins() -> dict[str, Any]:
        answer = await hanako.get(f"{API}/wallet/balance")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = next(
            part for part in answer.json()["parts"] if part["instrument"] == "coin"
        )
        return found

    free_at = doors.clock.now_ms + 3_600_000
    told = await coins()
    assert (told["amount"], told["held"], told["held_until"]) == (6_000, 5_000, free_at)
    looked = await hanako.get(f"{API}/wallet/preview", params={"shop": shop, "amount": 2_000})
    assert looked.json()["outcome"] == "value_held"
    doors.clock.advance(minutes=60)
    told = await coins()
    assert (told["amount"], told["held"], told["held_until"]) == (6_000, 0, None)


# -- a payment before it is made -------------------------------------------------------------------


async def test_a_payment_is_looked_at_first(doors: Doors) -> None:
    """Lot by lot, with expiry and funder, and what it would bring; nothing is written."""
    hanako = await doors.holder()
    shop = await fill(doors, hanako.account, 10_000)  # And 100 points.
    before = await doors.pool.fetchval("SELECT count(*) FROM koban.decision")
    answer = await hanako.get(f"{API}/wallet/preview", params={"shop": shop, "amount": 2_100})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["outcome"], told["asks"], told["available"]) == ("done", False, None)
    assert [(lot["instrument"], lot["amount"], lot["funder"]) for lot in told["lots"]] == [
        ("point", 100, "city"), ("coin", 2_000, "user"),
    ]  # fmt: skip
    assert all(lot["expires_at"] > doors.clock.now_ms for lot in told["lots"])
    assert [(grant["instrument"], grant["amount"]) for grant in told["granted"]] == [("point", 10)]
    assert told["balance"] == {"point": 10, "coin": 8_000, "street_point": 0}
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.decision") == before
    assert await problems(doors.pool) == []


async def test_why_a_payment_would_be_refused(doors: Doors) -> None:
    """The ledger's own outcome, with the figure that explains it."""
    hanako = await doors.holder()
    shop = await fill(doors, hanako.account, 1_000)

    async def look(**query: int) -> dict[str, Any]:
        answer = await hanako.get(f"{API}/wallet/preview", params=query)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    told = await look(shop=shop, amount=5_000)
    assert (told["outcome"], told["available"], told["lots"]) == ("insufficient_funds", 1_010, [])
    told = await look(shop=shop, amount=100_001)
    assert (told["outcome"], told["limit"]) == ("over_limit", 100_000)
    assert (await look(shop=999_999, amount=1))["outcome"] == "shop_unknown"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"shop": 1},
        {"amount": 1},
        {"shop": 0, "amount": 1},
        {"shop": 1, "amount": 0},
        {"shop": 1, "amount": -5},
        {"shop": 1, "amount": 10_000_001},
        {"shop": 1, "amount": "1.5"},
        {"shop": "まるや", "amount": 1},
        {"shop": 1, "amount": 1, "wallet": 2},
    ],
)
async def test_a_bad_look_is_told_so(doors: Doors, query: dict[str, Any]) -> None:
    """The query's fields are named; nobody looks at another's wallet."""
    hanako = await doors.holder()
    answer = await hanako.get(f"{API}/wallet/preview", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
