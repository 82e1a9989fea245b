"""What a gateway answers to bad input over a real websocket: one table, and the money afterwards.

Each row is one visit: a websocket of its own, opened in the way the row says, which sends the row's
frames and gets exactly the row's answer. What only a row of time can show (a lockout, a revocation
in mid-session, a flood) stands below the table.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from gateway.protocol.closing import CloseCode
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Charge, Error, Pay, Purpose, Result, Retry, ShowCode
from ledger.authorise import decide
from ledger.codes import issue_code
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request
from terminal.errors import ConnectionLost, TicketRefused
from tests.support.house import House
from tests.support.ledger import problems
from tests.support.people import PIN, TOWN, People, Screen, now

WRONG_PIN = "0000"


class World(Struct):
    """Who and what the rows speak of."""

    house: House
    people: People
    payer: Screen
    stranger: Screen
    shop: Screen
    other_shop: Screen
    console: Screen
    payment: UUID  # The payer's, at the shop.
    used: str  # Codes of the payer's.
    expired: str
    for_500: str
    to_top_up: str


class Closed(Struct, frozen=True):
    """The websocket ends with this code."""

    code: int


class Refused(Struct, frozen=True):
    """There is no websocket at all: HTTP says why."""

    status: int


class Answered(Struct, frozen=True):
    """An error with this code, which may be retried in this way; the session goes on."""

    code: str
    retry: str


class Told(Struct, frozen=True):
    """A result in which these fields are as given."""

    fields: dict[str, object]


Answer = Closed | Refused | Answered | Told
Frame = str | bytes | Callable[[World], dict[str, Any]]


class Visit(Struct, frozen=True):
    """One row: who comes, what they send, and what they get for it."""

    name: str
    who: str
    frames: list[Frame]
    answer: Answer
    ticket: str = "fresh"  # Or "none" (no auth is sent), "used", "invented", "old".
    origin: str | None = ""  # "": our own page.
    subprotocol: str | None = "koban.v1"


def pay(**changes: Any) -> Frame:
    """A payment of the payer's at the shop, with some of its fields changed."""
    return lambda world: _made("pay", changes, shop=world.shop.account, amount=500, pin=PIN)


def send(**changes: Any) -> Frame:
    """Value of the payer's sent to the stranger."""
    return lambda world: _made(
        "send", changes, recipient=world.stranger.account, amount=500, pin=PIN
    )


def give(**changes: Any) -> Frame:
    """A gift of the payer's to a group that is not there."""
    return lambda _: _made("give", changes, group=999_999, amount=500, pin=PIN)


def charge(code: Callable[[World], str], **changes: Any) -> Frame:
    """A payment taken from a code."""
    return lambda world: _made("charge", changes, code=code(world))


def top_up(code: Callable[[World], str], **changes: Any) -> Frame:
    """A top-up in cash."""
    return lambda world: _made("top_up", changes, code=code(world), amount=5_000)


def issue(code: Callable[[World], str], **changes: Any) -> Frame:
    """Points that the shop gives for a purchase."""
    return lambda world: _made("issue", changes, code=code(world), purchase=1_000)


def grant(code: Callable[[World], str], **changes: Any) -> Frame:
    """What the tablet's activity is worth."""
    return lambda world: _made("grant", changes, code=code(world))


def reverse(**changes: Any) -> Frame:
    """A cancellation of the payment."""
    return lambda world: _made("reverse", changes, payment=str(world.payment), reason="間違い")


def show_code(**changes: Any) -> Frame:
    """A code to be shown."""
    return lambda _: _made("show_code", changes, purpose="pay", amount=500, pin=PIN)


def status(**changes: Any) -> Frame:
    """A question after the payment."""
    return lambda world: _made("status", changes, payment=str(world.payment))


def confirm(**changes: Any) -> Frame:
    """An answer to a question that nobody asked."""
    return lambda world: _made("confirm", changes, refused=str(world.payment), pin=PIN)


def _made(kind: str, changes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    whole = {"type": kind, "id": str(new_id())} | fields | changes
    return {name: value for name, value in whole.items() if value is not ...}


def _none(_world: World) -> str:
    return "8201" + "0" * 16


INVALID = Answered("invalid", "new_id")
MALFORMED = Closed(CloseCode.MALFORMED)
VIOLATION = Closed(CloseCode.VIOLATION)
TOO_LARGE = Closed(CloseCode.TOO_LARGE)

DOOR = [
    Visit("a foreign page", "payer", [], Refused(403), origin="https://evil.example"),
    Visit("our page with another scheme", "payer", [], Refused(403), origin="https://127.0.0.1"),
    Visit("a page that hides where it is", "payer", [], Refused(403), origin="null"),
    Visit("no subprotocol", "payer", [], Closed(CloseCode.WRONG_SUBPROTOCOL), subprotocol=None),
    Visit(
        "another version", "payer", [], Closed(CloseCode.WRONG_SUBPROTOCOL), subprotocol="koban.v2"
    ),
    Visit("a ticket again", "payer", [], Closed(CloseCode.TICKET_REFUSED), ticket="used"),
    Visit("an invented ticket", "payer", [], Closed(CloseCode.TICKET_REFUSED), ticket="invented"),
    Visit("a command before auth", "payer", [pay()], VIOLATION, ticket="none"),
    Visit("a pong before auth", "payer", ['{"type":"pong"}'], VIOLATION, ticket="none"),
    Visit("binary before auth", "payer", [b"\x00"], MALFORMED, ticket="none"),
    Visit("an auth without a ticket", "payer", ['{"type":"auth"}'], MALFORMED, ticket="none"),
    Visit("auth twice", "payer", ['{"type":"auth","ticket":"' + "t" * 43 + '"}'], VIOLATION),
]
FRAMES = [
    Visit("nothing", "payer", [""], MALFORMED),
    Visit("half a frame", "payer", ['{"type":"pay"'], MALFORMED),
    Visit("two frames in one", "payer", ['{"type":"pong"}{"type":"pong"}'], MALFORMED),
    Visit("a list", "payer", ["[]"], MALFORMED),
    Visit("a number", "payer", ["12"], MALFORMED),
    Visit("nesting without end", "payer", ["[" * 4_000], MALFORMED),
    Visit("binary", "payer", [b'{"type":"pong"}'], MALFORMED),
    Visit("no UTF-8 to speak of", "payer", [b"\xff\xfe\x00"], MALFORMED),
    Visit("an unknown type", "payer", ['{"type":"steal"}'], MALFORMED),
    Visit("a frame of the gateway's", "payer", ['{"type":"ready"}'], MALFORMED),
    Visit("a command without an id", "payer", [pay(id=...)], MALFORMED),
    Visit("an id that is none", "payer", [pay(id="7")], MALFORMED),
    Visit(
        "an ack of what never came", "payer", ['{"type":"ack","seq":99,"stage":"shown"}'], VIOLATION
    ),
    Visit("an ack of a negative", "payer", ['{"type":"ack","seq":-1,"stage":"shown"}'], MALFORMED),
    Visit("a frame past the limit", "payer", ["x" * 4_097], TOO_LARGE),
    Visit("a frame far past it", "payer", ["x" * 60_000], TOO_LARGE),
    Visit("more than is even read", "payer", ["x" * 100_000], Closed(1009)),
    Visit("a reason past the limit", "shop", [reverse(reason="x" * 201)], INVALID),
]
FIELDS = [
    Visit("an amount of zero", "payer", [pay(amount=0)], INVALID),
    Visit("a negative amount", "payer", [pay(amount=-500)], INVALID),
    Visit("an amount beyond all bounds", "payer", [pay(amount=10_000_001)], INVALID),
    Visit("an amount beyond 64 bits", "payer", [pay(amount=2**70)], INVALID),
    Visit("half a yen", "payer", [pay(amount=0.5)], INVALID),
    Visit("an amount in words", "payer", [pay(amount="500")], INVALID),
    Visit("an amount that is true", "payer", [pay(amount=True)], INVALID),
    Visit("no amount", "payer", [pay(amount=...)], INVALID),
    Visit("no amount, in so many words", "payer", [pay(amount=None)], INVALID),
    Visit("shop zero", "payer", [pay(shop=0)], INVALID),
    Visit("a field more", "payer", [pay(tip=1)], INVALID),
    Visit("nothing sent", "payer", [send(amount=0)], INVALID),
    Visit("a debt sent", "payer", [send(amount=-500)], INVALID),
    Visit("sent to wallet zero", "payer", [send(recipient=0)], INVALID),
    Visit("sent to nobody", "payer", [send(recipient=...)], INVALID),
    Visit("sent without a PIN", "payer", [send(pin=...)], INVALID),
    Visit("sent from a wallet that is named", "payer", [send(wallet=7)], INVALID),
    Visit("given to nobody", "payer", [give(group=...)], INVALID),
    Visit("half a gift", "payer", [give(amount=0.5)], INVALID),
    Visit("a PIN of three digits", "payer", [pay(pin="432")], INVALID),
    Visit("a PIN in full-width digits", "payer", [pay(pin="４３２１")], INVALID),
    Visit("a code of letters", "shop", [charge(lambda _: "a" * 20)], INVALID),
    Visit("a code too short", "shop", [charge(lambda _: "1" * 15)], INVALID),
    Visit("a code to pay without a PIN", "payer", [show_code(pin=...)], INVALID),
    Visit(
        "a code to top up without an amount",
        "payer",
        [show_code(purpose="top_up", amount=..., pin=...)],
        INVALID,
    ),
    Visit("coupons to top up", "payer", [show_code(purpose="top_up", coupons=[1])], INVALID),
    Visit("a coupon of no number", "payer", [show_code(coupons=[0])], INVALID),
    Visit("eleven coupons", "payer", [show_code(coupons=list(range(1, 12)))], INVALID),
    Visit("a coupon beyond all numbers", "payer", [show_code(coupons=[2**63])], INVALID),
    Visit("a code for nothing we know", "payer", [show_code(purpose="steal")], INVALID),
    Visit("a negative top-up", "shop", [top_up(lambda w: w.to_top_up, amount=-5_000)], INVALID),
    Visit("points for nothing", "shop", [issue(lambda w: w.for_500, purchase=0)], INVALID),
    Visit("points for a return", "shop", [issue(lambda w: w.for_500, purchase=-100)], INVALID),
    Visit("points for half a yen", "shop", [issue(lambda w: w.for_500, purchase=99.5)], INVALID),
    Visit(
        "points for more than all bounds",
        "shop",
        [issue(lambda w: w.for_500, purchase=10_000_001)],
        INVALID,
    ),
    Visit("points for no purchase", "shop", [issue(lambda w: w.for_500, purchase=...)], INVALID),
    Visit("points that the shop names", "shop", [issue(lambda w: w.for_500, amount=10)], INVALID),
    Visit("points to a code of letters", "shop", [issue(lambda _: "a" * 20)], INVALID),
    Visit("a grant to a code too short", "shop", [grant(lambda _: "1" * 15)], INVALID),
    Visit(
        "a grant of an activity that is named",
        "shop",
        [grant(lambda w: w.for_500, activity="walk")],
        INVALID,
    ),
    Visit("a grant so high", "shop", [grant(lambda w: w.for_500, amount=10_000)], INVALID),
    Visit("a manager's PIN of letters", "shop", [reverse(manager_pin="abcd")], INVALID),
]
ROLES = [
    Visit("a wallet tops itself up", "payer", [top_up(lambda w: w.to_top_up)], VIOLATION),
    Visit("a wallet charges its own code", "payer", [charge(lambda w: w.for_500)], VIOLATION),
    Visit("a wallet cancels", "payer", [reverse()], VIOLATION),
    Visit("a wallet gives itself points", "payer", [issue(lambda w: w.for_500)], VIOLATION),
    Visit("a wallet grants itself", "payer", [grant(lambda w: w.for_500)], VIOLATION),
    Visit("a console gives points", "console", [issue(lambda w: w.for_500)], VIOLATION),
    Visit("a console grants", "console", [grant(lambda w: w.for_500)], VIOLATION),
    Visit("a tablet pays", "shop", [pay()], VIOLATION),
    Visit("a tablet makes a code", "shop", [show_code()], VIOLATION),
    Visit("a tablet sends", "shop", [send()], VIOLATION),
    Visit("a tablet gives", "shop", [give()], VIOLATION),
    Visit("a console sends", "console", [send()], VIOLATION),
    Visit("a console pays", "console", [pay()], VIOLATION),
    Visit("a console cancels", "console", [reverse()], VIOLATION),
    Visit(
        "a wallet names another's",
        "stranger",
        [
            lambda w: {
                **_made("pay", {}, shop=w.shop.account, amount=500, pin=PIN),
                "wallet": w.payer.account,
            }
        ],
        INVALID,
    ),
]
MONEY = [
    Visit("a coupon that is none", "payer", [pay(coupons=[0])], INVALID),
    Visit("a coupon and no list", "payer", [pay(coupons=1)], INVALID),
    Visit(
        "a coupon nobody made",
        "payer",
        [pay(coupons=[999_999])],
        Answered("coupon_unknown", "never"),
    ),
    Visit("a wrong PIN", "stranger", [pay(pin=WRONG_PIN)], Answered("pin_wrong", "new_id")),
    Visit(
        "a shop that is not there", "payer", [pay(shop=999_999)], Answered("shop_unknown", "never")
    ),
    Visit(
        "a shop that is a wallet",
        "payer",
        [lambda w: _made("pay", {}, shop=w.stranger.account, amount=500, pin=PIN)],
        Answered("shop_unknown", "never"),
    ),
    Visit(
        "sent with a wrong PIN", "stranger", [send(pin=WRONG_PIN)], Answered("pin_wrong", "new_id")
    ),
    Visit(
        "sent to nobody there",
        "payer",
        [send(recipient=999_999)],
        Answered("recipient_unknown", "never"),
    ),
    Visit(
        "sent to oneself",
        "payer",
        [lambda w: _made("send", {}, recipient=w.payer.account, amount=500, pin=PIN)],
        Answered("recipient_unknown", "never"),
    ),
    Visit(
        "sent to a shop",
        "payer",
        [lambda w: _made("send", {}, recipient=w.shop.account, amount=500, pin=PIN)],
        Answered("recipient_unknown", "never"),
    ),
    Visit(
        "more sent than the town allows",
        "payer",
        [send(amount=30_001)],
        Answered("over_limit", "never"),
    ),
    Visit("given to nobody there", "payer", [give()], Answered("recipient_unknown", "never")),
    Visit(
        "given to a shop",
        "payer",
        [lambda w: _made("give", {}, group=w.shop.account, amount=500, pin=PIN)],
        Answered("recipient_unknown", "never"),
    ),
    Visit(
        "more than the town allows", "payer", [pay(amount=100_001)], Answered("over_limit", "never")
    ),
    Visit(
        "more than there is", "payer", [pay(amount=60_000)], Answered("insufficient_funds", "never")
    ),
    Visit(
        "another's id",
        "stranger",
        [lambda w: _made("pay", {"id": str(w.payment)}, shop=w.shop.account, amount=700, pin=PIN)],
        Answered("id_reused", "never"),
    ),
    Visit("a used code", "shop", [charge(lambda w: w.used)], Answered("code_used", "never")),
    Visit(
        "a used code elsewhere",
        "other_shop",
        [charge(lambda w: w.used)],
        Answered("code_used", "never"),
    ),
    Visit(
        "an expired code", "shop", [charge(lambda w: w.expired)], Answered("code_expired", "never")
    ),
    Visit("an invented code", "shop", [charge(_none)], Answered("code_unknown", "never")),
    Visit(
        "an invented code, looked at",
        "shop",
        [lambda w: _made("read_code", {}, code=_none(w))],
        Answered("code_unknown", "never"),
    ),
    Visit(
        "a code to top up, charged",
        "shop",
        [charge(lambda w: w.to_top_up)],
        Answered("code_wrong_purpose", "never"),
    ),
    Visit(
        "a code to pay, topped up",
        "shop",
        [top_up(lambda w: w.for_500, amount=500)],
        Answered("code_wrong_purpose", "never"),
    ),
    Visit(
        "another amount than the code's",
        "shop",
        [charge(lambda w: w.for_500, amount=501)],
        Answered("amount_mismatch", "never"),
    ),
    Visit(
        "another amount of cash than the code's",
        "shop",
        [top_up(lambda w: w.to_top_up, amount=5_500)],
        Answered("amount_mismatch", "never"),
    ),
    Visit(
        "another shop's payment", "other_shop", [reverse()], Answered("payment_unknown", "never")
    ),
    Visit(
        "a payment that never was",
        "shop",
        [reverse(payment=str(new_id()))],
        Answered("payment_unknown", "never"),
    ),
    Visit(
        "more back than was paid",
        "shop",
        [reverse(amount=701)],
        Answered("over_reversible", "never"),
    ),
    Visit(
        "points where shops give none",
        "shop",
        [issue(lambda w: w.for_500)],
        Answered("way_unknown", "never"),
    ),
    Visit(
        "points to a used code",
        "shop",
        [issue(lambda w: w.used)],
        Answered("code_used", "never"),
    ),
    Visit(
        "points to an expired code",
        "shop",
        [issue(lambda w: w.expired)],
        Answered("code_expired", "never"),
    ),
    Visit("points to nobody", "shop", [issue(_none)], Answered("code_unknown", "never")),
    Visit(
        "points to a code to top up",
        "shop",
        [issue(lambda w: w.to_top_up)],
        Answered("code_wrong_purpose", "never"),
    ),
    Visit(
        "a grant by a tablet that grants nothing",
        "shop",
        [grant(lambda w: w.for_500)],
        Answered("no_preset", "new_id"),
    ),
    Visit("yes to no question", "payer", [confirm()], Answered("payment_unknown", "never")),
    Visit("another's payment, asked after", "stranger", [status()], Told({"state": "not_found"})),
    Visit("another shop's, asked after", "other_shop", [status()], Told({"state": "not_found"})),
]
TABLE = DOOR + FRAMES + FIELDS + ROLES + MONEY


async def ticket(world: World, screen: Screen) -> str:
    """A ticket for this screen."""
    async with httpx.AsyncClient(base_url=world.house.url, verify=False) as http:
        answer = await http.post(
            f"/api/{TOWN}/ticket",
            json={"role": screen.role},
            headers={"Authorization": f"Bearer {screen.token}"},
        )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket"])


def door(world: World, visit: Visit) -> connect:
    """A websocket as the row opens it."""
    origin = world.house.url if visit.origin == "" else visit.origin
    return connect(
        f"{world.house.url.replace('http', 'ws', 1)}/ws/{TOWN}",
        origin=None if origin is None else Origin(origin),
        subprotocols=None if visit.subprotocol is None else [Subprotocol(visit.subprotocol)],
        compression=None,
    )


async def enter(connection: ClientConnection, world: World, visit: Visit) -> None:
    """Signs in, in the row's way; returns when the session is ready or is about to end."""
    if visit.ticket == "none":
        return
    told = "i" * 43 if visit.ticket == "invented" else await ticket(world, who(world, visit.who))
    if visit.ticket == "used":
        async with door(world, Visit("", visit.who, [], MALFORMED)) as first:
            await first.send(json.dumps({"type": "auth", "ticket": told}))
            await first.recv()
            assert json.loads(await first.recv())["type"] == "ready"
    await connection.send(json.dumps({"type": "auth", "ticket": told}))
    if visit.ticket == "fresh":
        await connection.recv()
        assert json.loads(await connection.recv())["type"] == "ready"


def who(world: World, name: str) -> Screen:
    """The screen that a row speaks of."""
    screen: Screen = getattr(world, name)
    return screen


async def answer_to(world: World, visit: Visit) -> Answer:
    """Makes the visit; what came back, in the table's words."""
    try:
        async with door(world, visit) as connection, asyncio.timeout(10):
            try:
                await enter(connection, world, visit)
                sent = ""
                for frame in visit.frames:
                    made = frame(world) if callable(frame) else frame
                    if isinstance(made, dict):
                        sent, made = str(made.get("id", "")), json.dumps(made)
                    await connection.send(made)
                while True:
                    told = json.loads(await connection.recv())
                    if told["type"] == "error" and told["id"] == sent:
                        return Answered(told["code"], told["retry"])
                    if told["type"] == "result" and told["id"] == sent:
                        expected = visit.answer.fields if isinstance(visit.answer, Told) else {}
                        return Told({name: told["result"].get(name) for name in expected})
            except ConnectionClosed as closed:
                return Closed(closed.rcvd.code if closed.rcvd is not None else 1006)
    except InvalidStatus as refused:
        return Refused(refused.response.status_code)


async def all_of(connection: ClientConnection) -> AsyncIterator[str | bytes]:
    """Every frame until the websocket is closed, in whatever way."""
    with suppress(ConnectionClosed):
        while True:
            yield await connection.recv()


async def money(pool: asyncpg.Pool) -> list[object]:
    """Everything that is somebody's: entries, lots, and which codes are used."""
    return [
        await pool.fetch("SELECT * FROM koban.entry ORDER BY town, entry"),
        await pool.fetch("SELECT * FROM koban.posting ORDER BY town, entry, line"),
        await pool.fetch("SELECT * FROM koban.lot ORDER BY wallet, instrument, expires_at, funder"),
        await pool.fetch("SELECT code_digest, used_by FROM koban.code ORDER BY code_digest"),
    ]


@pytest.fixture
async def world(house: House, people: People) -> World:
    """Two wallets, two shops and a console; one payment of 700 yen by code."""
    payer, stranger = await people.wallet(), await people.wallet()
    shop, other_shop, console = await people.tablet(), await people.tablet(), await people.console()

    async def code(purpose: str, amount: int, ago: timedelta = timedelta()) -> str:
        made = await issue_code(
            people.pool, people.town, payer.account, purpose, amount, now() - ago, "8201"
        )
        return made.code

    used = await code("pay", 700)
    request = Request(
        new_id(), Kind.CHARGE, shop=shop.account, terminal=shop.terminal, code=used, amount=700
    )
    batch = await decide(people.pool, people.town, [request], now())
    assert batch.decisions[0].outcome is Outcome.DONE
    return World(
        house,
        people,
        payer,
        stranger,
        shop,
        other_shop,
        console,
        payment=request.id,
        used=used,
        expired=await code("pay", 500, timedelta(hours=1)),
        for_500=await code("pay", 500),
        to_top_up=await code("top_up", 5_000),
    )


async def test_each_bad_input_has_its_answer(world: World) -> None:
    """The whole table; afterwards nobody has a yen more or less, and the books are right."""
    before = await money(world.people.pool)
    wrong = []
    for visit in TABLE:
        got = await answer_to(world, visit)
        if got != visit.answer:
            wrong.append(f"{visit.name}: {got}, not {visit.answer}")
    assert not wrong, "\n".join(wrong)
    # An answer by id is frozen in the journal of decisions, and moves nothing.
    assert await money(world.people.pool) == before
    assert await problems(world.people.pool) == []


async def test_wrong_pins_lock_whatever_session_they_come_from(world: World) -> None:
    """Five wrong ones, each from a session of its own, lock the wallet; the right PIN is refused
    then, in the sessions that had it right before and in new ones alike.
    """
    before = await money(world.people.pool)
    shop = world.shop.account
    async with world.payer.client(world.house) as known:
        shown = await known.command(ShowCode(new_id(), Purpose.PAY, 500, PIN))
        assert isinstance(shown, Result), shown
        told = []
        for _ in range(5):
            async with world.payer.client(world.house) as guesser:
                reply = await guesser.command(Pay(new_id(), shop, 500, WRONG_PIN))
                assert isinstance(reply, Error), reply
                told.append((reply.code, reply.retry, reply.attempts_left))
        assert told == [
            *(("pin_wrong", Retry.NEW_ID, left) for left in (4, 3, 2, 1)),
            ("pin_locked", Retry.NEW_ID, None),
        ]
        async with world.payer.client(world.house) as fresh:
            for client in (fresh, known):
                reply = await client.command(Pay(new_id(), shop, 500, PIN))
                assert isinstance(reply, Error), reply
                assert (reply.code, reply.retry) == ("pin_locked", Retry.NEW_ID)
                assert reply.retry_after_ms
                assert 890_000 < reply.retry_after_ms <= 900_000
    async with world.stranger.client(world.house) as neighbour:
        reply = await neighbour.command(Pay(new_id(), shop, 800, PIN))
        assert isinstance(reply, Result), "one wallet's lock is nobody else's"
    entries, postings, *_ = await money(world.people.pool)
    assert isinstance(entries, list)
    assert isinstance(before[0], list)
    assert [row["amount"] for row in entries[len(before[0]) :]] == [800]
    assert postings


async def test_a_tablet_revoked_in_mid_session(world: World) -> None:
    """The console revokes it: its socket is closed at once and for good, and so is the door."""
    before = await money(world.people.pool)
    async with world.shop.client(world.house) as tablet:
        async with httpx.AsyncClient(base_url=world.house.url, verify=False) as http:
            answer = await http.post(
                f"/api/{TOWN}/console/terminals/{world.shop.terminal}/revoke",
                headers={
                    "Authorization": f"Bearer {world.console.token}",
                    "Origin": world.house.url,
                },
            )
            assert answer.status_code == 200, answer.text
        with pytest.raises(ConnectionLost) as lost:
            await tablet.command(Charge(new_id(), world.for_500))
        assert lost.value.code == CloseCode.REVOKED
    with pytest.raises(TicketRefused):
        await world.shop.client(world.house).open()
    assert await money(world.people.pool) == before


async def test_too_many_commands_a_second(world: World) -> None:
    """Past the rate each is refused, with how long to wait; far past it the session is closed.
    None of the refused ones pays.
    """
    before = await money(world.people.pool)
    limits = world.house.gateway.limits.session
    burst = limits.commands_per_s * limits.burst_s
    row = Visit("", "payer", [], Closed(CloseCode.TOO_FAST))
    frame = pay(pin=WRONG_PIN[:3])  # Counted as any other, and refused at once.
    assert callable(frame)
    async with door(world, row) as connection:
        await enter(connection, world, row)
        for _ in range(3 * burst):
            await connection.send(json.dumps(frame(world)))
        told = [json.loads(frame) async for frame in all_of(connection)]
    assert connection.close_code == CloseCode.TOO_FAST
    codes = [one["code"] for one in told]
    assert codes == sorted(codes), "first what was within the rate, then what was not"
    assert burst <= codes.count("invalid") < burst + 3 * limits.commands_per_s
    fast = [one for one in told if one["code"] == "too_fast"]
    assert fast
    assert all(one["retry"] == "same_id" and one["retry_after_ms"] > 0 for one in fast)
    assert await money(world.people.pool) == before


def test_the_table_names_every_row_once() -> None:
    """So that a failing row is found."""
    names = [visit.name for visit in TABLE]
    assert len(set(names)) == len(names)
