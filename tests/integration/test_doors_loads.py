"""The doors of load orders: bad input as a table, and nothing of it moves an order or money."""

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from config.limits import Limits
from config.profile import read_profile
from config.settings import Settings
from gateway.providers.signatures import sign
from ledger.codes import issue_code
from ledger.ids import uuid7
from ledger.towns import load_town
from tests.support.clock import Clock
from tests.support.gateways import SECRET
from tests.support.house import House
from tests.support.machine import Machine
from tests.support.people import People, Screen
from tests.support.providers import KEYS, MACHINE_KEYS, settings

TOWN = "higashimurayama"
API = f"/api/{TOWN}"
ORDER = {"id": str(uuid4()), "way": "seven_bank", "amount": 10_000}
ANSWER = {"order": str(uuid4()), "reference": "x-1", "state": "paid", "amount": 10_000}
FILE = "reference,order,amount,state,time"


class Street(Struct):
    """A gateway that knows providers of which none is there."""

    house: House
    people: People
    wallet: Screen
    console: Screen

    async def asks(
        self, who: Screen | None, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """One request, as somebody or nobody."""
        told = {**headers}
        if who is not None:
            told["Authorization"] = f"Bearer {who.token}"
        async with httpx.AsyncClient(base_url=self.house.url, trust_env=False) as client:
            return await client.request(method, f"{API}{path}", json=body, headers=told)

    async def calls_back(self, provider: str, body: Any, **changes: Any) -> httpx.Response:
        """A provider's callback, signed by it unless changed."""
        path = f"{API}/providers/{provider}/callback"
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        key = str(changes.get("key", "theirs-1"))
        headers = sign(
            key,
            str(changes.get("secret", KEYS.get(key, "-"))),
            time.time() + float(changes.get("late_s", 0)),
            "POST",
            str(changes.get("target", path)),
            content,
        )
        headers["Content-Type"] = "application/json"
        async with httpx.AsyncClient(base_url=self.house.url, trust_env=False) as client:
            return await client.post(path, content=changes.get("instead", content), headers=headers)


@pytest.fixture
async def street(
    dsn: str, redis_url: str, pool: asyncpg.Pool, clock: Clock
) -> AsyncIterator[Street]:
    """Higashimurayama, with a wallet and an operator; its providers are all away."""
    profile = read_profile(TOWN)
    await load_town(pool, profile, clock.now)
    providers = settings("http://127.0.0.1:9", timeout_s=0.2)
    del providers["seven_bank"], providers["convenience"]
    providers["seven_bank"] = replace(providers["card"], url="http://127.0.0.1:9/seven_bank")
    house = House(
        Settings(
            postgres_dsn=dsn, redis_url=redis_url, secret=SECRET.encode(), providers=providers
        ),
        Limits(),
    )
    people = People(pool, profile.town.number)
    try:
        await house.open()
        yield Street(house, people, await people.wallet(0), await people.console())
    finally:
        await house.close()
        people.hashing.close()


def order(**changes: Any) -> dict[str, Any]:
    return {**ORDER, **changes}


WALLET_TABLE: list[tuple[str, dict[str, Any], int, str, str | None]] = [
    ("no way", {"id": ORDER["id"], "amount": 1_000}, 422, "invalid", "way"),
    ("no id", {"way": "seven_bank", "amount": 1_000}, 422, "invalid", "id"),
    ("an id that is none", order(id="42"), 422, "invalid", "id"),
    ("a field too many", order(wallet=1), 422, "invalid", "wallet"),
    ("an unknown way", order(way="gold"), 404, "way_unknown", None),
    ("a way in capitals", order(way="CARD"), 422, "invalid", "way"),
    ("a shop's way", order(way="cash"), 404, "way_unknown", None),
    ("a machine's way", order(way="machine"), 404, "way_unknown", None),
    ("nothing", order(amount=0), 422, "invalid", "amount"),
    ("less than nothing", order(amount=-1_000), 422, "invalid", "amount"),
    ("a fraction", order(amount=1_000.5), 422, "invalid", "amount"),
    ("a text", order(amount="1000"), 422, "invalid", "amount"),
    ("under the least", order(amount=999), 422, "invalid", "amount"),
    ("off the step", order(amount=1_500), 422, "invalid", "amount"),
    ("over the most", order(amount=51_000), 422, "invalid", "amount"),
    ("beyond all bounds", order(amount=10**12), 422, "invalid", "amount"),
]


async def test_a_wallet_is_told_what_is_wrong_with_an_order(street: Street) -> None:
    """Each with its code and its field; no order is opened."""
    for name, body, status, code, field in WALLET_TABLE:
        answer = await street.asks(street.wallet, "POST", "/wallet/loads", body)
        told = answer.json()
        assert (answer.status_code, told["code"], told.get("field")) == (status, code, field), name
    assert await street.people.pool.fetchval("SELECT count(*) FROM koban.load_order") == 0


async def test_an_order_with_a_provider_that_is_away_fails_and_says_so(street: Street) -> None:
    """Nobody was reached, so nothing can have been paid; the same id is the same order."""
    opened = await street.asks(street.wallet, "POST", "/wallet/loads", ORDER)
    assert (opened.status_code, opened.json()["state"]) == (200, "failed")
    again = await street.asks(street.wallet, "POST", "/wallet/loads", ORDER)
    assert again.json() == opened.json()
    other = await street.asks(street.wallet, "POST", "/wallet/loads", order(amount=2_000))
    assert (other.status_code, other.json()["code"]) == (409, "id_reused")
    stranger = await street.people.wallet(0)
    answer = await street.asks(stranger, "POST", "/wallet/loads", ORDER)
    assert (answer.status_code, answer.json()["code"]) == (409, "id_reused")
    for path in (f"/wallet/loads/{ORDER['id']}", f"/wallet/loads?before={ORDER['id']}"):
        answer = await street.asks(stranger, "GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    listed = await street.asks(street.wallet, "GET", "/wallet/loads")
    assert [each["id"] for each in listed.json()["loads"]] == [ORDER["id"]]


async def test_a_way_without_its_provider_is_closed(street: Street) -> None:
    """The profile has the way, the settings do not know its provider."""
    desk = street.house.gateway._desks[street.people.town]
    del desk.providers["seven_bank"]  # type: ignore[attr-defined]
    answer = await street.asks(street.wallet, "POST", "/wallet/loads", ORDER)
    assert (answer.status_code, answer.json()["code"]) == (503, "way_closed")


async def test_the_ways_are_told_with_whether_they_work_here(street: Street) -> None:
    """Anybody may ask, before signing in."""
    told = (await street.asks(None, "GET", "/ways")).json()["ways"]
    assert [(way["code"], way["open"], way["at_machine"]) for way in told] == [
        ("seven_bank", True, False),
        ("machine", True, True),
        ("seven_bank_voucher", True, False),
    ]


async def test_a_wallet_opens_no_more_orders_than_a_person_does(street: Street) -> None:
    """Ten at once; then each needs its time. What is open is still told."""
    ids = [str(uuid4()) for _ in range(10)]
    for each in ids:
        opened = await street.asks(street.wallet, "POST", "/wallet/loads", order(id=each))
        assert opened.status_code == 200
    refused = await street.asks(street.wallet, "POST", "/wallet/loads", ORDER)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_fast")
    again = order(id=ids[-1])
    assert (await street.asks(street.wallet, "POST", "/wallet/loads", again)).status_code == 200


async def test_a_callback_is_from_whom_it_says_or_is_not_heard(street: Street) -> None:
    """Every way in which it is not, and the order stays as it was."""
    await street.asks(street.wallet, "POST", "/wallet/loads", ORDER)
    body = {**ANSWER, "order": ORDER["id"]}
    forgeries: list[tuple[dict[str, Any], int, str]] = [
        ({"secret": "another key, of thirty-two characters"}, 401, "signature_wrong"),
        ({"key": "M-01"}, 401, "signature_wrong"),
        ({"late_s": -400}, 401, "signature_wrong"),
        ({"late_s": 400}, 401, "signature_wrong"),
        ({"target": f"{API}/providers/card/callback"}, 401, "signature_wrong"),
        ({"instead": msgspec.json.encode({**body, "amount": 1})}, 401, "signature_wrong"),
    ]
    for changes, status, code in forgeries:
        answer = await street.calls_back("seven_bank", body, **changes)
        assert (answer.status_code, answer.json()["code"]) == (status, code), changes
    unsigned = await street.asks(None, "POST", "/providers/seven_bank/callback", body)
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "signature_wrong")
    for provider, changes, status, code in (
        ("gold", {}, 404, "not_found"),
        ("GOLD", {}, 422, "invalid"),
        ("card", {}, 404, "not_found"),  # Another provider's order.
        ("seven_bank", {"order": str(uuid4())}, 404, "not_found"),
        ("seven_bank", {"order": "x"}, 422, "invalid"),
        ("seven_bank", {"state": "perhaps"}, 422, "invalid"),
        ("seven_bank", {"amount": -1}, 422, "invalid"),
        ("seven_bank", {"reference": ""}, 422, "invalid"),
        ("seven_bank", {"paid_at": 2**70}, 422, "invalid"),
        ("seven_bank", {"paid_at": 2**53 - 1}, 422, "invalid"),
        ("seven_bank", {"reason": "\x00"}, 422, "invalid"),
        ("seven_bank", {"reason": "x" * 301}, 422, "invalid"),
    ):
        answer = await street.calls_back(provider, {**body, **changes})
        assert (answer.status_code, answer.json()["code"]) == (status, code), (provider, changes)
    half = await street.calls_back("seven_bank", b'{"order":')
    assert (half.status_code, half.json()["code"]) == (400, "malformed")
    found = await street.asks(street.wallet, "GET", f"/wallet/loads/{ORDER['id']}")
    assert found.json()["state"] == "failed"
    assert await street.people.pool.fetchval("SELECT count(*) FROM koban.entry") == 0


async def test_a_true_callback_is_heard_however_late(street: Street) -> None:
    """Failed here, and paid there after all: the value arrives, once."""
    await street.asks(street.wallet, "POST", "/wallet/loads", ORDER)
    body = {**ANSWER, "order": ORDER["id"], "paid_at": 1_790_000_000_000}
    for _ in range(3):
        answer = await street.calls_back("seven_bank", body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] in {"paid", "arrived"}
    desk = street.house.gateway._desks[street.people.town]
    await desk.idle()
    balance = await street.asks(street.wallet, "GET", "/wallet/balance")
    assert balance.json()["total"] == 10_100
    assert await street.people.pool.fetchval("SELECT count(*) FROM koban.entry") == 1


async def code(street: Street, purpose: str = "top_up", amount: int | None = 5_000) -> str:
    """A one-time code of the wallet."""
    people = street.people
    now = await people.pool.fetchval("SELECT now()")
    made = await issue_code(
        people.pool, people.town, street.wallet.account, purpose, amount, now, "8205"
    )
    return made.code


async def test_a_machine_is_told_what_is_wrong(street: Street) -> None:
    """Codes that are none, or for something else; amounts; deposits that are not its own."""
    machine = Machine(street.house.url, TOWN)
    shown = {
        "no code": ("0" * 20, 402, "code_unknown"),
        "a mistyped code": ("8205" + "1" * 16, 402, "code_unknown"),
        "a code for paying": (await code(street, "pay"), 402, "code_wrong_purpose"),
        "a code without an amount": (await code(street, "top_up", None), 402, "amount_required"),
        "an amount that machines do not take": (await code(street, amount=1_500), 422, "invalid"),
        "too few digits": ("123", 422, "invalid"),
    }
    for name, (digits, status, word) in shown.items():
        body = {"id": str(uuid4()), "code": digits}
        assert await machine.tries("deposits", body) == (status, word), name
    deposit = await machine.announces(await code(street))
    path = f"deposits/{deposit['id']}/confirm"
    amounts: list[dict[str, Any]] = [
        *({"amount": 0}, {"amount": -5}, {"amount": "5000"}, {}, {"amount": 1, "x": 2}),
    ]
    for wrong in amounts:
        assert await machine.tries(path, wrong) == (422, "invalid"), wrong
    assert await machine.tries("deposits/42", None) == (422, "invalid")
    assert await machine.tries(f"deposits/{uuid4()}", None) == (404, "not_found")
    assert await machine.tries(f"deposits/{uuid4()}/cancel", {}) == (404, "not_found")
    unsigned = await street.asks(None, "GET", f"/machines/machine/deposits/{deposit['id']}")
    assert unsigned.json()["code"] == "signature_wrong"
    # A machine speaks of its own deposits alone, and so by no callback.
    paid = {**ANSWER, "order": deposit["id"], "amount": 5_000}
    for name, secret in MACHINE_KEYS.items():
        answer = await street.calls_back("machine", paid, key=name, secret=secret)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), name
    # A provider that is called is no machine, though it signs rightly.
    path = f"{API}/machines/seven_bank/deposits"
    content = msgspec.json.encode({"id": str(uuid4()), "code": await code(street)})
    headers = sign("theirs-1", KEYS["theirs-1"], time.time(), "POST", path, content)
    async with httpx.AsyncClient(base_url=street.house.url, trust_env=False) as client:
        headers["Content-Type"] = "application/json"
        answer = await client.post(path, content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await machine.asks(deposit["id"]))["state"] == "accepted"
    assert (await machine.cancels(deposit["id"]))["state"] == "failed"
    assert await street.people.pool.fetchval("SELECT count(*) FROM koban.entry") == 0


async def test_an_operator_is_told_what_is_wrong(street: Street) -> None:
    """Queries, unknown orders, files that are none; and each act leaves its line."""
    await street.asks(street.wallet, "POST", "/wallet/loads", ORDER)
    table: list[tuple[str, str, Any, int, str, str | None]] = [
        ("GET", "/console/loads?state=maybe", None, 422, "invalid", "state"),
        ("GET", "/console/loads?state=paid,", None, 422, "invalid", "state"),
        ("GET", "/console/loads?attention=2", None, 422, "invalid", "attention"),
        ("GET", f"/console/loads?before={uuid4()}", None, 404, "not_found", "id"),
        ("GET", f"/console/loads/{uuid4()}", None, 404, "not_found", "id"),
        ("GET", "/console/loads/1", None, 422, "invalid", "id"),
        ("POST", f"/console/loads/{uuid4()}/ask", None, 404, "not_found", "id"),
        ("POST", f"/console/loads/{uuid4()}/looked-at", None, 404, "not_found", "id"),
        (
            *("POST", "/console/providers/gold/reconciliation", {"date": "2026-04-01"}),
            *(404, "not_found", "provider"),
        ),
        (
            *("POST", "/console/providers/card/reconciliation", {"date": "2026-02-30"}),
            *(422, "invalid", "date"),
        ),
        (
            *("POST", "/console/providers/card/reconciliation", {"date": "9999-12-31"}),
            *(422, "invalid", "date"),
        ),
        (
            *("POST", "/console/providers/card/reconciliation", {"date": "2026-04-01"}),
            *(502, "file_absent", None),
        ),
        (
            *("POST", "/console/providers/machine/reconciliation", {"date": "2026-04-01"}),
            *(502, "file_absent", None),
        ),
        (
            *("POST", "/console/providers/machine/reconciliation"),
            {"date": "2026-04-01", "lines": ["a,b"]},
            *(422, "invalid", "lines"),
        ),
    ]
    for method, path, body, status, word, field in table:
        answer = await street.asks(street.console, method, path, body)
        told = answer.json()
        assert (answer.status_code, told["code"], told.get("field")) == (status, word, field), path
        refused = await street.asks(street.wallet, method, path, body)
        assert refused.json()["code"] == "signed_out", path
    brought = {"date": "2026-04-01", "lines": [FILE]}
    path = "/console/providers/machine/reconciliation"
    answer = await street.asks(street.console, "POST", path, brought)
    assert (answer.status_code, answer.json()["lines"]) == (200, 0)
    for act in ("ask", "looked-at"):
        answer = await street.asks(street.console, "POST", f"/console/loads/{ORDER['id']}/{act}")
        assert answer.status_code == 200, answer.text
    acts = await street.people.pool.fetch("SELECT act FROM people.audit ORDER BY number")
    assert [row["act"] for row in acts] == [
        "provider.reconciled",
        "load.asked",
        "load.looked_at",
    ]


async def test_cards_are_made_within_their_ways_bounds(street: Street) -> None:
    """Higashimurayama has no way by serial card at all."""
    body = {"way": "seven_bank", "amount": 1_000, "count": 1, "expires_on": "2099-01-01"}
    answer = await street.asks(street.console, "POST", "/console/serial-cards", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "way_unknown")
    for field, value in (
        ("count", 0),
        ("count", 10_001),
        ("amount", 0),
        ("expires_on", "someday"),
        ("expires_on", "9999-12-31"),
        ("way", ""),
    ):
        changed = {**body, field: value}
        answer = await street.asks(street.console, "POST", "/console/serial-cards", changed)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    redeem = {"id": str(uuid7()), "digits": "1234"}
    answer = await street.asks(street.wallet, "POST", "/wallet/cards/redeem", redeem)
    assert (answer.status_code, answer.json()["field"]) == (422, "digits")
