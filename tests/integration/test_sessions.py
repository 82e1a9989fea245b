"""Websockets on a real gateway: who gets in, what is answered, and how a session ends."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from msgspec import Raw
from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.typing import Origin, Subprotocol

from config.limits import Limits, SessionLimits, SocketLimits
from gateway.auth import Auth
from gateway.protocol.closing import CloseCode
from gateway.protocol.ids import new_id
from gateway.protocol.messages import (
    Charge,
    CodeRead,
    Error,
    Event,
    Pay,
    Purpose,
    ReadCode,
    Result,
    Retry,
    Reverse,
    ShowCode,
    ShownCode,
    Stage,
    State,
    TopUp,
)
from ledger import accounts
from ledger.outbox import position
from terminal.client import receipt_of
from terminal.errors import ConnectionLost
from terminal.faults import FaultyClient
from tests.support.house import House, OpenHouse
from tests.support.people import MANAGER_PIN, PIN, TOWN, People, Screen

QUICK = Limits(
    session=SessionLimits(auth_s=0.5, ping_interval_s=0.5, silence_max_s=2.0, linger_s=0.5)
)


async def ticket(house: House, screen: Screen) -> str:
    """A ticket for this screen."""
    async with httpx.AsyncClient(base_url=house.url) as http:
        answer = await http.post(
            f"/api/{TOWN}/ticket",
            json={"role": screen.role},
            headers={"Authorization": f"Bearer {screen.token}"},
        )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket"])


def plain(house: House, **changes: Any) -> connect:
    """A websocket as a browser on our own pages would open it."""
    told: dict[str, Any] = {
        "origin": Origin(house.url),
        "subprotocols": [Subprotocol("koban.v1")],
        "compression": None,
    } | changes
    town = told.pop("town", TOWN)
    return connect(f"{house.url.replace('http', 'ws', 1)}/ws/{town}", **told)


async def ended(connection: ClientConnection) -> int:
    """The code the websocket is closed with, whatever comes before."""
    with suppress(ConnectionClosedError):
        async with asyncio.timeout(10):
            async for _ in connection:
                pass
    assert connection.close_code is not None
    return connection.close_code


# -- the door --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"origin": Origin("https://evil.example")}, 403),
        ({"origin": Origin("null")}, 403),
        ({"town": "atlantis"}, 404),
    ],
    ids=["a foreign page", "a page without an origin of its own", "a town that is not here"],
)
async def test_who_may_not_knock(house: House, changes: dict[str, Any], status: int) -> None:
    """Foreign origins and unknown towns are refused before there is a websocket."""
    with pytest.raises(InvalidStatus) as refused:
        async with plain(house, **changes):
            pass
    assert refused.value.response.status_code == status


async def test_a_program_has_no_origin(house: House, people: People) -> None:
    """It is let in by its ticket alone."""
    wallet = await people.wallet(0)
    async with plain(house, origin=None) as connection:
        await connection.recv()
        await connection.send(json.dumps({"type": "auth", "ticket": await ticket(house, wallet)}))
        assert json.loads(await connection.recv())["type"] == "ready"


async def test_the_subprotocol_carries_the_version(house: House) -> None:
    """Who does not speak it is told so."""
    async with plain(house, subprotocols=None) as connection:
        assert await ended(connection) == CloseCode.WRONG_SUBPROTOCOL


async def test_a_ticket_works_once(house: House, people: People) -> None:
    """Used and invented tickets are refused alike."""
    once = await ticket(house, await people.wallet(0))
    async with plain(house) as connection:
        await connection.send(json.dumps({"type": "auth", "ticket": once}))
        await connection.recv()
        assert json.loads(await connection.recv())["type"] == "ready"
    for again in (once, "invented" * 5):
        async with plain(house) as connection:
            await connection.send(json.dumps({"type": "auth", "ticket": again}))
            assert await ended(connection) == CloseCode.TICKET_REFUSED


async def test_a_silent_visitor_is_closed(open_house: OpenHouse) -> None:
    """A websocket without a ticket does not stay."""
    house = await open_house(QUICK)
    async with plain(house) as connection:
        assert await ended(connection) == CloseCode.AUTH_TIMEOUT


async def test_a_screen_that_answers_no_ping_is_closed(
    open_house: OpenHouse, people: People
) -> None:
    """The heartbeat is the protocol's own, so the screen knows it too."""
    house = await open_house(QUICK)
    once = await ticket(house, await people.wallet(0))
    async with plain(house) as connection:
        await connection.send(json.dumps({"type": "auth", "ticket": once}))
        assert await ended(connection) == CloseCode.HEARTBEAT_LOST


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x00\x01", CloseCode.MALFORMED),
        ("{", CloseCode.MALFORMED),
        ('{"type":"ack","seq":99,"stage":"shown"}', CloseCode.VIOLATION),
        ('{"type":"ping"}', CloseCode.MALFORMED),
        (" " * 5_000, CloseCode.TOO_LARGE),
    ],
    ids=["binary", "half", "an ack of nothing", "a frame of the gateway's", "too large"],
)
async def test_bad_frames_end_the_session(
    house: House, people: People, frame: str | bytes, code: CloseCode
) -> None:
    """Each with its own close code."""
    once = await ticket(house, await people.wallet(0))
    async with plain(house) as connection:
        await connection.send(json.dumps({"type": "auth", "ticket": once}))
        await connection.recv()
        await connection.recv()
        await connection.send(frame)
        assert await ended(connection) == code


async def test_a_frame_may_come_in_pieces(house: House, people: People) -> None:
    """Fragments are one frame, and what is no text ends the websocket."""
    once = await ticket(house, await people.wallet(0))
    async with plain(house) as connection:
        await connection.recv()
        await connection.send(['{"type":"auth",', '"ticket":"', once, '"}'])
        assert json.loads(await connection.recv())["type"] == "ready"
        await connection.send(['{"type":', '"pong"}'])
        await connection.send(b'{"type":"pong","x":"\xff"}', text=True)
        assert await ended(connection) == 1007


# -- one screen, several sockets -------------------------------------------------------------------


async def test_the_oldest_socket_makes_room(open_house: OpenHouse, people: People) -> None:
    """A wallet has so many sockets; one more closes the first, which does not come back."""
    house = await open_house(Limits(sockets=SocketLimits(per_wallet=2)))
    screen = await people.wallet(0)
    clients = [screen.client(house) for _ in range(3)]
    for client in clients:
        await client.open()
    async with asyncio.timeout(5):
        while not clients[0].close_codes:
            await asyncio.sleep(0.01)
    assert clients[0].close_codes == [CloseCode.REPLACED]
    assert clients[1].close_codes == clients[2].close_codes == []
    for client in clients:
        await client.close()


async def test_a_full_shop_asks_to_come_back(open_house: OpenHouse, people: People) -> None:
    """A tablet too many is not let in now, and nobody else is put out."""
    house = await open_house(Limits(sockets=SocketLimits(per_shop=1)))
    first = await people.tablet()
    second = await people.tablet(first.account)
    async with first.client(house) as seated:
        with pytest.raises(ConnectionLost) as lost:
            await second.client(house, comes_back=False).open()
        assert lost.value.code == CloseCode.TOO_MANY_SOCKETS
        assert seated.close_codes == []


# -- signing out -----------------------------------------------------------------------------------


async def test_signing_out_closes_every_socket(open_house: OpenHouse, people: People) -> None:
    """On the gateway that was told and on the other."""
    here, there = await open_house(), await open_house()
    await heard(here, there)
    screen = await people.wallet(0)
    async with screen.client(here) as near, screen.client(there) as far:
        async with httpx.AsyncClient(base_url=here.url) as http:
            answer = await http.post(
                f"/api/{TOWN}/wallet/sign-out",
                headers={"Authorization": f"Bearer {screen.token}", "Origin": here.url},
            )
        assert answer.status_code == 200, answer.text
        async with asyncio.timeout(5):
            while not (near.close_codes and far.close_codes):
                await asyncio.sleep(0.01)
        assert near.close_codes == far.close_codes == [CloseCode.SIGNED_OUT]


async def test_a_revoked_tablet_is_found_without_redis(
    open_house: OpenHouse, people: People
) -> None:
    """The periodic look closes it, whoever was to tell and could not."""
    house = await open_house()
    screen = await people.tablet()
    async with screen.client(house) as tablet:
        assert screen.terminal is not None
        auth = Auth(house.settings, people.pool, on_ended=_nobody, sms=None)
        await auth.sessions.revoke_terminal(people.town, screen.terminal, datetime.now(UTC))
        auth.close()
        await house.gateway.hubs[TOWN].look_up_ended()
        async with asyncio.timeout(5):
            while not tablet.close_codes:
                await asyncio.sleep(0.01)
        assert tablet.close_codes == [CloseCode.REVOKED]


async def _nobody(_ended: object) -> None:
    """Redis is away: nobody is told."""


async def heard(*houses: House) -> None:
    """Waits until each gateway has heard of the others."""
    async with asyncio.timeout(10):
        while any(
            house.gateway._broker.peers(house.gateway.hubs[TOWN].town) < len(houses) - 1
            for house in houses
        ):
            await asyncio.sleep(0.02)


# -- coming back -----------------------------------------------------------------------------------


async def test_a_screen_that_comes_back_gets_what_it_missed(house: House, people: People) -> None:
    """Every event once and in order, over a torn connection."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        tablet.drop_socket()
        paid = []
        for amount in range(101, 111):
            paid.append(new_id())
            reply = await wallet.settle(Pay(paid[-1], shop.account, amount, PIN))
            assert isinstance(reply, Result), reply
        events = [await tablet.next_push(Event) for _ in paid]
        assert [receipt_of(Result(paid[0], event.body)).id for event in events] == paid  # type: ignore[union-attr]
        assert [event.seq for event in events] == list(range(1, 11))
        assert (tablet.connections, tablet.resyncs, tablet.repeats) == (2, 0, 0)


async def test_too_much_missed_is_a_resync(open_house: OpenHouse, people: People) -> None:
    """The screen forgets and loads afresh; what comes then is not repeated."""
    house = await open_house(Limits(session=SessionLimits(resume_events_max=3)))
    payer, shop = await people.wallet(), await people.tablet()
    tablet = shop.client(house, comes_back=False)
    await tablet.open()
    first = tablet.ready
    assert first is not None
    await tablet.close()
    async with payer.client(house) as wallet:
        for amount in range(101, 105):
            await wallet.settle(Pay(new_id(), shop.account, amount, PIN))
        await tablet.open()
        assert tablet.ready is not None
        assert (tablet.ready.resync, tablet.ready.seq) == (True, 4)
        await wallet.settle(Pay(new_id(), shop.account, 105, PIN))
        assert (await tablet.next_push(Event)).seq == 5
        await tablet.close()


async def test_what_was_shown_is_kept(house: House, people: People) -> None:
    """The position is written within a moment, and never goes back."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        await wallet.settle(Pay(new_id(), shop.account, 500, PIN))
        event = await tablet.next_push(Event)
        await tablet.ack(event.seq, Stage.SHOWN)
        shown = "SELECT seq FROM koban.shown WHERE account = $1"
        async with asyncio.timeout(5):
            while await people.pool.fetchval(shown, shop.account) != event.seq:
                await asyncio.sleep(0.05)


# -- commands --------------------------------------------------------------------------------------


async def test_a_code_is_shown_read_and_charged_once(house: House, people: People) -> None:
    """The shop scans what the wallet shows; the second time it is used."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        made = await wallet.command(ShowCode(new_id(), Purpose.PAY, 700, PIN))
        assert isinstance(made, Result), made
        shown = json.loads(bytes(made.result))
        assert set(shown) == set(ShownCode.__struct_fields__)
        read = await tablet.command(ReadCode(new_id(), shown["code"]))
        assert isinstance(read, Result)
        assert json.loads(bytes(read.result)) == {
            "purpose": "pay",
            "amount": 700,
            "expires_at": shown["expires_at"],
        }
        assert set(CodeRead.__struct_fields__) == set(json.loads(bytes(read.result)))
        charge = Charge(new_id(), shown["code"])
        first = await tablet.command(charge)
        assert isinstance(first, Result), first
        assert b'"balance"' not in bytes(first.result)
        assert await tablet.command(charge) == first
        used = await tablet.command(ReadCode(new_id(), shown["code"]))
        assert isinstance(used, Error)
        assert used.code == "code_used"
        again = await tablet.command(Charge(new_id(), shown["code"]))
        assert isinstance(again, Error)
        assert (again.code, again.retry) == ("code_used", Retry.NEVER)


async def test_a_top_up_and_its_reversal_by_the_manager(house: House, people: People) -> None:
    """Above the clerk's limit the manager's PIN is asked, and a wrong one is counted."""
    payer, shop = await people.wallet(0), await people.tablet()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        made = await wallet.command(ShowCode(new_id(), Purpose.TOP_UP, 20_000))
        assert isinstance(made, Result)
        top_up = TopUp(new_id(), json.loads(bytes(made.result))["code"], 20_000)
        assert isinstance(await tablet.command(top_up), Result)
        reverse = Reverse(new_id(), top_up.id, "預かり間違い")
        refused = await tablet.command(reverse)
        assert isinstance(refused, Error)
        assert refused.code == "over_clerk_limit"
        reverse = replace(reverse, id=new_id(), manager_pin="0000")
        wrong = await tablet.command(reverse)
        assert isinstance(wrong, Error)
        assert (wrong.code, wrong.retry, wrong.attempts_left) == ("pin_wrong", Retry.NEW_ID, 4)
        done = await tablet.command(replace(reverse, id=new_id(), manager_pin=MANAGER_PIN))
        assert isinstance(done, Result), done


async def test_a_wrong_pin_counts_to_the_lock(house: House, people: People) -> None:
    """Five wrong ones lock the wallet's PIN; the right one is then refused too."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet:
        told = []
        for _ in range(6):
            reply = await wallet.command(Pay(new_id(), shop.account, 100, "0000"))
            assert isinstance(reply, Error)
            told.append((reply.code, reply.attempts_left))
        assert told[:4] == [("pin_wrong", left) for left in (4, 3, 2, 1)]
        assert told[4:] == [("pin_locked", None)] * 2
        right = await wallet.command(Pay(new_id(), shop.account, 100, PIN))
        assert isinstance(right, Error)
        assert right.code == "pin_locked"
        assert right.retry_after_ms
        assert right.retry_after_ms > 800_000


async def test_status_tells_the_parties_and_nobody_else(house: House, people: People) -> None:
    """Processed with the receipt for payer and shop; not found for everybody else."""
    payer, shop, other = await people.wallet(), await people.tablet(), await people.wallet(0)
    payment = new_id()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        assert (await wallet.status(payment)).state is State.NOT_FOUND
        done = await wallet.command(Pay(payment, shop.account, 500, PIN))
        assert isinstance(done, Result)
        told = await wallet.status(payment)
        assert told.state is State.PROCESSED
        assert told.receipt is not None
        assert bytes(told.receipt) == bytes(done.result)
        seen = await tablet.status(payment)
        assert seen.state is State.PROCESSED
        assert seen.receipt is not None
        assert b'"balance"' not in bytes(seen.receipt)
        async with other.client(house) as stranger:
            assert (await stranger.status(payment)).state is State.NOT_FOUND


async def test_someone_elses_id_is_its_own_error(house: House, people: People) -> None:
    """An id that paid once pays for nobody else, and tells them nothing."""
    payer, thief, shop = await people.wallet(), await people.wallet(), await people.tablet()
    payment = new_id()
    async with payer.client(house) as wallet, thief.client(house) as other:
        assert isinstance(await wallet.command(Pay(payment, shop.account, 500, PIN)), Result)
        reply = await other.command(Pay(payment, shop.account, 500, PIN))
        assert isinstance(reply, Error)
        assert (reply.code, reply.retry) == ("id_reused", Retry.NEVER)
        assert isinstance(reply.detail, Raw)
        assert str(payer.account) not in bytes(reply.detail).decode()


async def test_a_revoked_terminal_takes_no_money(house: House, people: People) -> None:
    """Should a socket outlive its revocation, the ledger still refuses."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        made = await wallet.command(ShowCode(new_id(), Purpose.PAY, 700, PIN))
        assert isinstance(made, Result)
        assert shop.terminal is not None
        await accounts.revoke_terminal(people.pool, people.town, shop.terminal, datetime.now(UTC))
        reply = await tablet.command(Charge(new_id(), json.loads(bytes(made.result))["code"]))
        assert isinstance(reply, Error)
        assert reply.code == "terminal_revoked"


# -- slow readers ----------------------------------------------------------------------------------


async def test_a_tablet_that_stops_reading_is_closed_and_resumes(
    open_house: OpenHouse, people: People
) -> None:
    """Its queue is bounded; payments go on; when it reads again it gets everything once."""
    limits = SessionLimits(queue_frames_max=50, linger_s=30, commands_per_s=1_000)
    house = await open_house(Limits(session=limits))
    shop = await people.tablet()
    payers = [await people.wallet(100_000) for _ in range(8)]
    tablet = shop.client(house)
    await tablet.open()
    wallets = [payer.client(house) for payer in payers]
    for wallet in wallets:
        await wallet.open()
    paid = 0

    async def spend(wallet: FaultyClient, amounts: range) -> None:
        for amount in amounts:
            reply = await wallet.settle(Pay(new_id(), shop.account, amount, PIN))
            assert isinstance(reply, Result), reply

    hub = house.gateway.hubs[TOWN]
    with tablet.stop_reading():
        async with asyncio.timeout(60):
            while not any(alert.kind == "slow_reader" for alert in hub.alerts.lines()):
                amounts = range(100 + paid // 8, 110 + paid // 8)
                await asyncio.gather(*(spend(wallet, amounts) for wallet in wallets))
                paid += 10 * len(wallets)
    last = await position(people.pool, people.town, shop.account)
    assert last is not None
    assert last.seq == paid
    seqs = [(await tablet.next_push(Event)).seq for _ in range(paid)]
    assert seqs == list(range(1, paid + 1))
    assert CloseCode.SLOW_READER in tablet.close_codes
    for client in (tablet, *wallets):
        await client.close()
