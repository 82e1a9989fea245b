"""The acquirers' doors: who is not let in, and bad input as a table. Nothing of it moves money."""

import base64
import re
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import Struct

from gateway.acquirers.keys import Keys
from gateway.http.bodies import BODY_BYTES_MAX
from gateway.protocol.messages import State
from gateway.protocol.signing import sign
from gateway.rates import Rate, Rates
from gateway.routes.table import ENDPOINTS
from ledger import acquirers
from ledger.vault import Vault
from terminal.acquirer import AcquirerClient
from terminal.signed import SignedRefused
from tests.support.acquirers import MERCHANT, Behind, open_acquirer, refusal
from tests.support.doors import ORIGIN, SETTINGS, Doors
from tests.support.ledger import Bench

BASE = "/api/nagaoka/acquirer"
PAY = "/payments"
ONE = "/payments/order-1"
CODE = "8201" + "0" * 16


@pytest.fixture
async def ring(doors: Doors, bench: Bench) -> Behind:
    """An acquirer that brings payments to the bench's shop."""
    return await open_acquirer(doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, bench.shop)


def body(**changes: Any) -> dict[str, Any]:
    """An authorisation; a field that is changed to None is left out."""
    whole = {"payment_id": "order-1", "merchant_id": MERCHANT, "code": CODE, "amount": 480}
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


class Case(Struct):
    """What is sent, well signed, and the answer's status, code and field."""

    name: str
    method: str
    path: str
    sent: Any
    status: int
    code: str
    field: str | None = None


def pay(name: str, sent: Any, status: int = 422, code: str = "invalid", field: str = "") -> Case:
    return Case(name, "POST", PAY, sent, status, code, field or None)


def field(name: str, where: str, value: Any) -> Case:
    return pay(name, {**body(), where: value}, field=where)


def get(name: str, path: str, status: int, code: str, where: str | None = None) -> Case:
    return Case(name, "GET", path, b"", status, code, where)


def refund(name: str, where: str, value: Any) -> Case:
    sent = {"refund_id": "refund-1", where: value}
    return Case(name, "POST", f"{ONE}/refunds", sent, 422, "invalid", where)


TABLE = [
    # -- authorise
    pay("no body", b"", 400, "malformed"),
    pay("half an object", b'{"payment_id": ', 400, "malformed"),
    pay("not UTF-8", b'{"payment_id": "\xff"}', 400, "malformed"),
    pay("a list", []),
    pay("too large", {**body(), "payment_id": "x" * BODY_BYTES_MAX}, 413, "too_large"),
    pay("nothing in it", {}, field="payment_id"),
    pay("no merchant", body(merchant_id=None), field="merchant_id"),
    pay("no code", body(code=None), field="code"),
    pay("no amount", body(amount=None), field="amount"),
    field("one too many", "shop", 1001),
    field("an empty id", "payment_id", ""),
    field("a long id", "payment_id", "x" * 65),
    field("a slash in an id", "payment_id", "order/1"),
    field("a space in an id", "payment_id", "order 1"),
    field("Japanese in an id", "payment_id", "注文"),
    field("a line feed behind an id", "payment_id", "order-1\n"),
    field("a number for an id", "payment_id", 1),
    field("a long merchant", "merchant_id", "x" * 65),
    field("a null merchant", "merchant_id", None),
    field("letters in a code", "code", "82010000000000000x"),
    field("a short code", "code", "0" * 15),
    field("a long code", "code", "0" * 21),
    field("full-width digits", "code", "８" * 20),
    field("no yen", "amount", 0),
    field("less than no yen", "amount", -1),
    field("half a yen", "amount", 0.5),
    field("yen as a text", "amount", "480"),
    field("too many yen", "amount", 10_000_001),
    pay("true yen", {**body(), "amount": True}, field="amount"),
    pay("an unknown merchant", body(merchant_id="m-0"), 404, "merchant_unknown", "merchant_id"),
    # -- ask
    get("an id with a dot", "/payments/order.1", 422, "invalid", "payment_id"),
    get("a long id to ask for", f"/payments/{'x' * 65}", 422, "invalid", "payment_id"),
    get("a refund's id with a dot", "/refunds/refund.1", 422, "invalid", "refund_id"),
    get("no such door", "/payment", 404, "not_found"),
    Case("another method", "PUT", ONE, {}, 405, "method_not_allowed"),
    # -- cancel
    Case("a cancel with words", "POST", f"{ONE}/cancel", {"why": "x"}, 422, "invalid", "why"),
    Case("a cancel without a body", "POST", f"{ONE}/cancel", b"", 400, "malformed"),
    Case("a cancel of no id", "POST", "/payments/a.b/cancel", {}, 422, "invalid", "payment_id"),
    # -- refund
    refund("an empty refund id", "refund_id", ""),
    refund("a refund of no yen", "amount", 0),
    refund("a refund in words", "amount", "all"),
    refund("no reason", "reason", ""),
    refund("a long reason", "reason", "返" * 201),
    refund("a hidden reason", "reason", "返金\u202e"),
    refund("a refund's field too many", "shop", 1),
    Case("an empty refund", "POST", f"{ONE}/refunds", {}, 422, "invalid", "refund_id"),
    Case(
        "a refund of nothing",
        *("POST", f"{ONE}/refunds", {"refund_id": "refund-1"}, 409, "not_paid", "payment_id"),
    ),
    # -- reconciliation
    get("no date", "/reconciliation/today", 422, "invalid", "date"),
    get("the 30th of February", "/reconciliation/2026-02-30", 422, "invalid", "date"),
    get("the last day there is", "/reconciliation/9999-12-31", 422, "invalid", "date"),
    get("a date with a time", "/reconciliation/2026-04-01T00:00:00", 422, "invalid", "date"),
    get("a file of no date", "/reconciliation/1/file", 422, "invalid", "date"),
]


async def test_each_bad_input_has_its_answer(doors: Doors, ring: Behind) -> None:
    """The whole table; a wrong line does not hide the others, and nothing of it was kept."""
    wrong = []
    async with ring.client(doors) as client:
        for case in TABLE:
            sent = case.sent if isinstance(case.sent, bytes) else msgspec.json.encode(case.sent)
            try:
                answer = await client.send(case.method, case.path, sent)
                wrong.append(f"{case.name}: {answer.text}")
            except SignedRefused as refused:
                got = (refused.status, refused.error.code, refused.error.field)
                if got != (case.status, case.code, case.field) or not refused.error.message:
                    wrong.append(f"{case.name}: {got} {refused.error.message}")
    assert not wrong, "\n".join(wrong)
    for table in ("acquirer_payment", "acquirer_refund", "decision"):
        assert await doors.pool.fetchval(f"SELECT count(*) FROM koban.{table}") == 0


async def test_only_json_is_a_body(doors: Doors, ring: Behind) -> None:
    """Well signed or not."""
    async with ring.client(doors) as client:
        sent = client.send("POST", PAY, b"{}", {"Content-Type": "text/plain"})
        assert (await refusal(sent))[:2] == (415, "media_type")


# -- who is not let in -----------------------------------------------------------------------------


class Knock(Struct, frozen=True):
    """One request as it goes over the wire, and how it is signed."""

    method: str = "POST"
    path: str = f"{BASE}{PAY}"
    query: str = ""
    body: bytes = b"{}"
    key_id: str = ""
    secret: str = ""
    seconds: int = 0  # How far the signer's clock is ahead.
    nonce: str = "0123456789abcdef"


async def knock(doors: Doors, signed: Knock, **sent: Any) -> tuple[int, str]:
    """Signs one thing and sends it, changed in what ``sent`` says; status and code."""
    headers = sign(
        *(signed.method, signed.path, signed.query, signed.body),
        key_id=signed.key_id,
        secret=signed.secret,
        created=int(doors.clock.now.timestamp()) + signed.seconds,
        nonce=signed.nonce,
    )
    came = msgspec.structs.replace(signed, **{k: v for k, v in sent.items() if k != "headers"})
    async with doors.visitor(origin=None) as program:
        answer = await program.request(
            came.method,
            came.path + (f"?{came.query}" if came.query else ""),
            content=came.body,
            headers={"Content-Type": "application/json", **headers, **sent.get("headers", {})},
        )
    return answer.status_code, answer.json().get("code", "")


WRONG = (401, "signature_wrong")
STRANGERS: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[int, str]]] = {
    "another secret": ({"secret": "x"}, {}, WRONG),
    "no such key": ({"key_id": "0000000000000000"}, {}, WRONG),
    "another path": ({}, {"path": f"{BASE}{ONE}/cancel"}, WRONG),
    "another method": ({"path": f"{BASE}{ONE}", "body": b""}, {"method": "GET"}, WRONG),
    "a query": ({}, {"query": "a=1"}, WRONG),
    "another body": ({}, {"body": b'{"amount":1}'}, WRONG),
    "another body with its own digest": (
        {},
        {"headers": {"Content-Digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"}},
        WRONG,
    ),
    "no digest": ({}, {"headers": {"Content-Digest": ""}}, WRONG),
    "a clock behind": ({"seconds": -301}, {}, (401, "signature_expired")),
    "a clock ahead": ({"seconds": 301}, {}, (401, "signature_expired")),
    "no signature": ({}, {"headers": {"Signature": ""}}, (401, "signature_invalid")),
    "no input": ({}, {"headers": {"Signature-Input": ""}}, (401, "signature_invalid")),
    "a broken input": ({}, {"headers": {"Signature-Input": "sig=?"}}, (401, "signature_invalid")),
    "zeros": (
        {},
        {"headers": {"Signature": f"sig=:{base64.b64encode(bytes(32)).decode()}:"}},
        WRONG,
    ),
    "another town": ({}, {"path": "/api/atlantis/acquirer/payments"}, (404, "not_found")),
    "a foreign origin": (
        {},
        {"headers": {"Origin": "https://evil.example"}},
        (403, "origin_refused"),
    ),
}


@pytest.mark.parametrize("name", STRANGERS)
async def test_a_stranger_is_not_let_in(doors: Doors, ring: Behind, name: str) -> None:
    """Whatever was altered, forged or late; the same request untouched is."""
    signed, sent, answer = STRANGERS[name]
    well = Knock(key_id=ring.key.key_id, secret=ring.key.secret)
    assert await knock(doors, msgspec.structs.replace(well, **signed), **sent) == answer
    assert await knock(doors, well) == (422, "invalid"), "let in, and its body is looked at"


async def test_a_request_is_played_once(doors: Doors, ring: Behind, bench: Bench) -> None:
    """The same bytes again are refused, on every gateway, until their time is over."""
    async with ring.client(doors) as client:
        signature = client.signature("GET", ONE)
        async with doors.visitor(origin=None) as program:
            first = await program.get(f"{BASE}{ONE}", headers=signature)
            assert (first.status_code, first.json()["state"]) == (200, "not_found")
            for seconds, code in ((0, "nonce_used"), (299, "nonce_used"), (2, "signature_expired")):
                doors.clock.advance(seconds=seconds)
                again = await program.get(f"{BASE}{ONE}", headers=signature)
                assert (again.status_code, again.json()["code"]) == (401, code)


async def test_nonces_are_forgotten_when_their_time_is_over(doors: Doors, ring: Behind) -> None:
    """What comes later sweeps what is over."""
    async with ring.client(doors) as client:
        for _ in range(8):
            await client.payment("order-1")
        doors.clock.advance(seconds=301)
        for _ in range(3):
            await client.payment("order-1")
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.acquirer_nonce") == 3


async def test_keys_change_without_a_pause(doors: Doors, ring: Behind) -> None:
    """Two live keys, no third; the old one ends at once when it is revoked."""
    keys = Keys(Vault.of(SETTINGS), doors.pool)
    number, now = ring.acquirer.acquirer, doors.clock.now
    second = await keys.make(doors.town, number, now)
    assert second is not None
    assert await keys.make(doors.town, number, now) is None
    async with ring.client(doors) as old, ring.client(doors, second) as new:
        for client in (old, new):
            assert (await client.payment("order-1")).state is State.NOT_FOUND
        assert await acquirers.revoke_key(doors.pool, doors.town, ring.key.key_id, now)
        assert not await acquirers.revoke_key(doors.pool, doors.town, ring.key.key_id, now)
        assert (await refusal(old.payment("order-1")))[:2] == WRONG
        assert (await new.payment("order-1")).state is State.NOT_FOUND
    assert await keys.make(doors.town, number, now) is not None


async def test_a_key_is_sealed_for_its_own_place(doors: Doors, ring: Behind) -> None:
    """Moved to another key's row it opens nothing; with the vault's key gone it is not read."""
    other = await open_acquirer(
        *(doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, None, "other-pay")
    )
    await doors.pool.execute(
        "UPDATE koban.acquirer_key SET secret = "
        "(SELECT secret FROM koban.acquirer_key WHERE key_id = $1) WHERE key_id = $2",
        *(ring.key.key_id, other.key.key_id),
    )
    async with other.client(doors) as client:
        assert (await refusal(client.payment("order-1")))[:2] == (503, "unavailable")


async def test_an_acquirer_that_asks_too_often_waits(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """By its own bound; another acquirer goes on."""
    other = await open_acquirer(
        *(doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, bench.shop, "other-pay")
    )
    doors.context.limits.acquirer = Rates(Rate(burst=3, per_s=0.01))
    async with ring.client(doors) as client, other.client(doors) as another:
        for _ in range(3):
            assert (await client.payment("order-1")).state is State.NOT_FOUND
        with pytest.raises(SignedRefused) as refused:
            await client.authorise("order-1", MERCHANT, CODE, 480)
        assert (refused.value.status, refused.value.error.code) == (429, "too_fast")
        assert 0 < (refused.value.error.retry_after_ms or 0) <= 100_000
        assert (await another.payment("order-1")).state is State.NOT_FOUND
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.acquirer_payment") == 0


async def test_sessions_open_no_acquirers_door(doors: Doors) -> None:
    """A wallet's and an operator's cookies are nothing here, and a signature nothing elsewhere."""
    for visitor in (await doors.holder(), await doors.operator()):
        answer = await visitor.get(f"{BASE}{ONE}")
        assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid")


async def test_the_database_away_leaves_the_outcome_open(doors: Doors, ring: Behind) -> None:
    """503, which a client takes for unknown."""
    async with ring.client(doors) as client:
        await doors.pool.close()
        with pytest.raises(SignedRefused) as refused:
            await client.authorise("order-1", MERCHANT, CODE, 480)
        assert (refused.value.status, refused.value.unknown) == (503, True)


# -- the client ------------------------------------------------------------------------------------


class Lossy(httpx.AsyncBaseTransport):
    """A line that loses the answers to the first requests of each kind."""

    def __init__(self, doors: Doors, lose: dict[str, int]) -> None:
        self._line = httpx.ASGITransport(doors.app)
        self.lose = lose

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._line.handle_async_request(request)
        kind = "ask" if request.method == "GET" else request.url.path.rpartition("/")[2]
        if self.lose.get(kind, 0):
            self.lose[kind] -= 1
            raise httpx.ReadTimeout("lost", request=request)
        return answer


@pytest.mark.parametrize(
    ("lose", "outcome"),
    [
        ({"payments": 1}, "done"),
        ({"payments": 1, "ask": 2}, "done"),
        ({"payments": 1, "ask": 1_000, "cancel": 2}, "cancelled"),
    ],
    ids=["the answer", "and the first questions", "all but a cancel's third"],
)
async def test_a_client_settles_what_it_does_not_know(
    doors: Doors, bench: Bench, ring: Behind, lose: dict[str, int], outcome: str
) -> None:
    """It asks, then cancels, and what it returns is what the ledger says."""
    # Only where nobody ever hears it is its patience to end.
    patience_s = 0.5 if outcome == "cancelled" else 30
    wallet = await bench.wallet(5_000)
    before = await bench.holds(wallet)
    code = await bench.code(wallet, "pay")
    transport = Lossy(doors, lose)
    client = AcquirerClient(
        *(ORIGIN, "nagaoka", ring.key.key_id, ring.key.secret),
        clock=doors.clock.now.timestamp,
        transport=transport,
    )
    async with client:
        told = await client.settle(
            "order-1", MERCHANT, code, 480, patience_s=patience_s, ask_every_s=0.02
        )
        transport.lose.clear()
        assert told.outcome == outcome
        assert await client.payment("order-1") == told
    assert (await bench.holds(wallet) == before) == (outcome == "cancelled")


async def test_a_client_takes_a_refusal_for_final(doors: Doors, bench: Bench, ring: Behind) -> None:
    """It tells the refused payment, and raises only what was wrong with the request itself."""
    code = await bench.code(await bench.wallet(), "pay")
    async with ring.client(doors) as client:
        told = await client.settle("order-1", MERCHANT, code, 480)
        assert told.outcome == "insufficient_funds"
        with pytest.raises(SignedRefused, match="merchant_unknown"):
            await client.settle("order-2", "m-0", code, 480)


async def test_every_signed_row_asks_for_a_signature(doors: Doors) -> None:
    """Before it looks at the address or the body."""
    stranger, tried = doors.visitor(origin=None), 0
    for endpoint in ENDPOINTS:
        if endpoint.signed:
            path = re.sub(r"\{\w+\}", "..x", endpoint.path)
            answer = await stranger.request(endpoint.method, f"/api/nagaoka{path}", content=b"{")
            assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid"), path
            tried += 1
    assert tried >= 7
