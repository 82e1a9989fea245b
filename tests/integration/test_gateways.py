"""Several gateways on one Postgres and one Redis: together, apart, and one after the other."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from config.limits import CounterLimits, Limits
from gateway.protocol.closing import CloseCode
from gateway.protocol.ids import new_id
from gateway.protocol.messages import (
    Alert,
    Event,
    Figures,
    Notice,
    Pay,
    Result,
    Retry,
    Shown,
    Stage,
    State,
    TownEvent,
    TownEvents,
)
from gateway.protocol.session import Phase
from ledger.requests import Kind, Request
from notifier.locks import Hold, Locks, lock_key
from scripts.embedded.valkey import ValkeyServer
from terminal.client import receipt_of
from terminal.faults import FaultyClient
from tests.support.gateways import StartGateway
from tests.support.house import House, OpenHouse
from tests.support.people import PIN, TOWN, People


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[ValkeyServer]:
    """A Redis of the test's own, to be stopped and started."""
    folder = tmp_path / "valkey"
    folder.mkdir()
    server = ValkeyServer(folder)
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)
    shutil.rmtree(server.socket.parent, ignore_errors=True)


async def heard(*houses: House) -> None:
    """Waits until each gateway has heard of the others, or at least of itself."""
    async with asyncio.timeout(20):
        while not all(
            house.gateway.live.health().redis
            and house.gateway._broker.peers(house.gateway.hubs[TOWN].town) == len(houses) - 1
            for house in houses
        ):
            await asyncio.sleep(0.02)


async def deaf(*houses: House) -> None:
    """Waits until each gateway knows that Redis is gone."""
    async with asyncio.timeout(20):
        while any(house.gateway.live.health().redis for house in houses):
            await asyncio.sleep(0.02)


async def payment_of(client: FaultyClient, timeout_s: float = 10) -> UUID:
    """The payment that the next event tells about."""
    event = await client.next_push(Event, timeout_s)
    receipt = receipt_of(Result(new_id(), event.body))
    assert receipt is not None
    return receipt.id


# -- together --------------------------------------------------------------------------------------


async def test_gateways_deliver_each_others_payments(open_house: OpenHouse, people: People) -> None:
    """Payer here, shop there: the event, and what each has shown, arrive at once."""
    here, there = await open_house(), await open_house()
    await heard(here, there)
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(here) as wallet, shop.client(there) as tablet:
        for amount in (500, 600, 700):
            payment = new_id()
            reply = await wallet.command(Pay(payment, shop.account, amount, PIN))
            assert isinstance(reply, Result), reply
            taken = await tablet.next_push(Event)
            assert taken.seq == amount // 100 - 4
            await tablet.ack(taken.seq, Stage.SHOWN)
            assert (await wallet.next_push(Shown)).payments == [payment]
            paid = await wallet.next_push(Event)
            await wallet.ack(paid.seq, Stage.SHOWN)
            assert (await tablet.next_push(Shown)).payments == [payment]


async def test_a_hot_shop_on_both_gateways_sees_one_order(
    open_house: OpenHouse, people: People
) -> None:
    """Its tablets on two gateways get the same events in the same order, none twice."""
    here, there = await open_house(), await open_house()
    await heard(here, there)
    shop = await people.tablet()
    other = await people.tablet(shop.account)
    payers = [await people.wallet() for _ in range(10)]
    wallets = [payer.client((here, there)[n % 2]) for n, payer in enumerate(payers)]
    async with shop.client(here) as first, other.client(there) as second:
        for wallet in wallets:
            await wallet.open()

        async def spend(wallet: FaultyClient) -> None:
            for amount in range(100, 115):
                reply = await wallet.settle(Pay(new_id(), shop.account, amount, PIN))
                assert isinstance(reply, Result), reply

        await asyncio.gather(*(spend(wallet) for wallet in wallets))
        seen = [[await payment_of(tablet) for _ in range(150)] for tablet in (first, second)]
        assert seen[0] == seen[1]
        assert len(set(seen[0])) == 150
        assert (first.repeats, second.repeats, first.gaps, second.gaps) == (0, 0, 0, 0)
    for wallet in wallets:
        await wallet.close()


async def test_the_same_payment_through_two_gateways_at_once(
    open_house: OpenHouse, people: People
) -> None:
    """Two sockets of one wallet send the same command in the same instant: one payment."""
    here, there = await open_house(), await open_house()
    await heard(here, there)
    payer, shop = await people.wallet(), await people.tablet()
    async with (
        payer.client(here) as near,
        payer.client(there) as far,
        shop.client(here) as tablet,
    ):
        for amount in range(100, 120):
            pay = Pay(new_id(), shop.account, amount, PIN)
            replies = await asyncio.gather(near.settle(pay), far.settle(pay))
            assert isinstance(replies[0], Result), replies
            assert replies[0] == replies[1]
            assert await payment_of(tablet) == pay.id
        assert tablet.waiting(Event) == 0


async def test_a_lost_hint_costs_a_tenth_of_a_second(open_house: OpenHouse, people: People) -> None:
    """Without any word from the other gateway, the poll finds its events."""
    here = await open_house()
    there = await open_house(redis_url="redis://127.0.0.1:1/0")
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(here) as wallet, shop.client(there) as tablet:
        await wallet.settle(Pay(new_id(), shop.account, 500, PIN))  # Past the first PIN.
        await tablet.next_push(Event)
        for amount in (600, 700, 800):
            payment = new_id()
            await wallet.command(Pay(payment, shop.account, amount, PIN))
            assert await payment_of(tablet, timeout_s=1.0) == payment


async def test_a_console_sees_the_whole_town(open_house: OpenHouse, people: People) -> None:
    """Events of both gateways in the order of their numbers, without a gap."""
    here, there = await open_house(), await open_house()
    await heard(here, there)
    payers, shop = [await people.wallet() for _ in range(2)], await people.tablet()
    console = await people.console()
    async with (
        payers[0].client(here) as one,
        payers[1].client(there) as two,
        console.client(here) as watch,
    ):
        assert watch.ready is not None
        for amount in range(100, 110):
            await asyncio.gather(
                one.settle(Pay(new_id(), shop.account, amount, PIN)),
                two.settle(Pay(new_id(), shop.account, amount, PIN)),
            )
        # The payers' top-ups, made beside the gateways, may come first: a poll brings those.
        events: list[TownEvent] = []
        while sum(event.kind == "payment" for event in events) < 40:
            told = await watch.next_push(TownEvents)
            assert told.skipped == 0
            events += told.events
        begin = watch.ready.seq + 1
        assert [event.number for event in events] == list(range(begin, begin + len(events)))
        figures = await watch.next_push(Figures)
        assert (figures.wallets, figures.consoles) == (1, 1)
        assert figures.redis_ok
        assert figures.postgres_ok


async def test_unshown_payments_are_an_alert(
    open_house: OpenHouse, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paid and not seen: the console is told, and told again when it was."""
    monkeypatch.setattr("notifier.confirmations.UNSHOWN_AFTER_S", 0.5)
    monkeypatch.setattr("notifier.confirmations.LOOK_S", 0.2)
    house = await open_house()
    payer, shop, console = await people.wallet(), await people.tablet(), await people.console()
    async with (
        payer.client(house) as wallet,
        shop.client(house) as tablet,
        console.client(house) as watch,
    ):
        payment = new_id()
        await wallet.settle(Pay(payment, shop.account, 500, PIN))
        missing: set[int | None] = set()
        while missing != {payer.account, shop.account}:
            alert = await watch.next_push(Alert)
            if alert.payment == payment:
                assert (alert.kind, alert.active) == ("unshown", True)
                missing.add(alert.account)
        await tablet.ack((await tablet.next_push(Event)).seq, Stage.SHOWN)
        await wallet.ack((await wallet.next_push(Event)).seq, Stage.SHOWN)
        while missing:
            alert = await watch.next_push(Alert)
            if alert.payment == payment and not alert.active:
                missing.discard(alert.account)


# -- locks -----------------------------------------------------------------------------------------


async def test_locks_are_held_by_one_and_given_back(redis_url: str) -> None:
    """What another holds is named; only the holder gives it back, and it fades by itself."""
    here, there = Locks(redis_url, "here", 30_000), Locks(redis_url, "there", 30_000)
    fading = Locks(redis_url, "fading", 1_000)
    for locks in (here, there, fading):
        await locks.start()
    held = await here.take(1, ["a", "b"])
    assert held is not None
    assert (held.keys, held.held_elsewhere) == (["a", "b"], frozenset())
    other = await there.take(1, ["b", "c"])
    assert other is not None
    assert (other.keys, other.held_elsewhere) == (["c"], frozenset({"b"}))
    assert held.holder != other.holder
    await there.give_back(1, held, b"")  # By name it may: the holder's name is the key.
    again = await fading.take(1, ["a", "b"])
    assert again is not None
    assert again.held_elsewhere == frozenset()
    await here.give_back(1, held, b"")  # Its locks are another's now: nothing is given back.
    refused = await here.take(1, ["a"])
    assert refused is not None
    assert refused.held_elsewhere == {"a"}
    faded: Hold | None = refused
    async with asyncio.timeout(10):
        while faded is not None and faded.held_elsewhere:
            await asyncio.sleep(0.05)
            faded = await here.take(1, ["a"])
    assert faded is not None
    assert faded.held_elsewhere == frozenset()
    swapped = await here.take(1, ["a", "d"], [faded])
    assert swapped is not None
    assert (swapped.keys, swapped.held_elsewhere) == (["a", "d"], frozenset())
    lost = await there.take(1, ["e"], [faded])  # Given back before: it has nothing any more.
    assert lost is not None
    assert (await there.take(1, ["a"])).held_elsewhere == {"a"}  # type: ignore[union-attr]
    fences = [int(one.holder.split(":")[1]) for one in (held, other, again, refused, faded)]
    assert fences == sorted(set(fences))
    for locks in (here, there, fading):
        await locks.stop()


async def test_batches_that_ask_for_locks_while_redis_hangs_go_on(valkey: ValkeyServer) -> None:
    """Several wait for one connection longer than until it is made anew; none meets a fault."""
    locks = Locks(valkey.url(), "here", 30_000)
    await locks.start()
    assert valkey._process is not None
    valkey._process.send_signal(signal.SIGSTOP)
    try:
        waiting = [locks.take(1, [name]) for name in "abcdef"]
        assert await asyncio.gather(*waiting) == [None] * 6
    finally:
        valkey._process.send_signal(signal.SIGCONT)
    async with asyncio.timeout(20):
        while (hold := await locks.take(1, ["g"])) is None:
            await asyncio.sleep(0.05)
    assert hold.keys == ["g"]
    await locks.stop()


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        (Request(new_id(), Kind.PAY, wallet=7, shop=9), "koban:{1}:wallet:7"),
        (Request(UUID(int=1), Kind.CHARGE, shop=9, code="123"), "koban:{1}:code:123"),
        (
            Request(UUID(int=1), Kind.REVERSE, shop=9, refers=UUID(int=2)),
            f"koban:{{1}}:payment:{UUID(int=2)}",
        ),
    ],
)
def test_what_a_request_contends_for(request_: Request, key: str) -> None:
    """Its wallet, or what stands for it until the ledger has looked."""
    assert lock_key(1, request_) == key


async def test_a_wallet_held_elsewhere_waits_a_bounded_while(
    open_house: OpenHouse, people: People, redis_url: str
) -> None:
    """Its payment comes a little later, also when the holder never gives it back."""
    house = await open_house(Limits(counter=CounterLimits(lock_wait_s=0.5)))
    await heard(house, await open_house())
    payer, shop = await people.wallet(), await people.tablet()
    elsewhere = Locks(redis_url, "elsewhere", 60_000)
    await elsewhere.start()
    async with payer.client(house) as wallet:
        await wallet.settle(Pay(new_id(), shop.account, 500, PIN))  # Past the first PIN.
        request = Request(new_id(), Kind.PAY, wallet=payer.account)
        hold = await elsewhere.take(people.town, [lock_key(people.town, request)])
        assert hold is not None
        began = asyncio.get_running_loop().time()
        reply = await wallet.command(Pay(new_id(), shop.account, 600, PIN))
        assert isinstance(reply, Result), reply
        assert asyncio.get_running_loop().time() - began >= 0.5
    await elsewhere.stop()


# -- Redis gone ------------------------------------------------------------------------------------


async def test_payments_go_on_without_redis(
    open_house: OpenHouse, people: People, valkey: ValkeyServer
) -> None:
    """Stopped under load and started again: every payment is paid once and told on both gateways;
    health says what is missing, and that it is back.
    """
    here = await open_house(redis_url=valkey.url())
    there = await open_house(redis_url=valkey.url())
    await heard(here, there)
    payers = [await people.wallet() for _ in range(4)]
    shop = await people.tablet()
    wallets = [payer.client((here, there)[n % 2]) for n, payer in enumerate(payers)]
    for wallet in wallets:
        await wallet.open()
    paid: list[UUID] = []
    running = True

    async def spend(wallet: FaultyClient) -> None:
        amount = 100
        while running and amount < 330:
            payment = new_id()
            reply = await wallet.settle(Pay(payment, shop.account, amount, PIN))
            assert isinstance(reply, Result), reply
            paid.append(payment)
            amount += 1
            await asyncio.sleep(0.02)

    async with shop.client(here) as tablet:
        load = asyncio.gather(*(spend(wallet) for wallet in wallets))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(valkey.stop)
        await deaf(here, there)
        before = len(paid)
        async with asyncio.timeout(10):
            while len(paid) < before + 20:
                await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=here.url) as http:
            told = await http.get("/readyz")
        assert told.status_code == 200
        assert told.json()["status"] == "degraded"
        await asyncio.to_thread(valkey.start)
        await heard(here, there)
        await asyncio.sleep(0.3)
        running = False
        await load
        seen = [await payment_of(tablet) for _ in paid]
        assert sorted(seen) == sorted(paid)
        assert tablet.repeats == tablet.gaps == 0
    for wallet in wallets:
        await wallet.close()


async def test_a_redis_that_hangs_slows_one_batch(
    open_house: OpenHouse, people: People, valkey: ValkeyServer
) -> None:
    """It takes connections and answers nothing: payments go on, and it is noticed."""
    house = await open_house(redis_url=valkey.url())
    await heard(house)
    payer, shop = await people.wallet(), await people.tablet()
    assert valkey._process is not None
    async with payer.client(house) as wallet:
        await wallet.settle(Pay(new_id(), shop.account, 100, PIN))
        valkey._process.send_signal(signal.SIGSTOP)
        try:
            began = asyncio.get_running_loop().time()
            for amount in range(101, 111):
                reply = await wallet.settle(Pay(new_id(), shop.account, amount, PIN))
                assert isinstance(reply, Result), reply
            assert asyncio.get_running_loop().time() - began < 5
            await deaf(house)
        finally:
            valkey._process.send_signal(signal.SIGCONT)
        await heard(house)


# -- gateways that go ------------------------------------------------------------------------------


async def test_a_drain_sees_everybody_off(start_gateway: StartGateway, people: People) -> None:
    """SIGTERM: a notice, every answer, 1012, and an exit status of 0; the money is all there."""
    gateway = await start_gateway()
    payer, shop = await people.wallet(), await people.tablet()
    wallet = payer.client(gateway)
    await wallet.open()
    tablet = shop.client(gateway)
    await tablet.open()
    asked = [Pay(new_id(), shop.account, amount, PIN) for amount in range(100, 110)]
    await wallet.settle(Pay(new_id(), shop.account, 99, PIN))
    for one in (wallet, tablet):
        one.comes_back = False
    replies = [asyncio.create_task(wallet.command(pay)) for pay in asked]
    await asyncio.sleep(0)
    stopping = asyncio.create_task(gateway.stop())
    notice = await wallet.next_push(Notice)
    assert notice.kind == "draining"
    assert notice.retry_after_ms is not None
    assert 0 <= notice.retry_after_ms < 4_000
    for reply in await asyncio.gather(*replies):
        assert isinstance(reply, Result) or reply.retry is Retry.SAME_ID, reply
    assert await stopping == 0
    async with asyncio.timeout(5):
        while not (wallet.close_codes and tablet.close_codes):
            await asyncio.sleep(0.01)
    assert wallet.close_codes == tablet.close_codes == [CloseCode.DRAINING]
    decided = await people.pool.fetchval(
        "SELECT count(*) FROM koban.decision WHERE id = ANY ($1)", [pay.id for pay in asked]
    )
    assert decided == sum(1 for reply in replies if isinstance(reply.result(), Result))


async def test_a_second_signal_stops_at_once(start_gateway: StartGateway, people: People) -> None:
    """An impatient operator is obeyed."""
    gateway = await start_gateway()
    wallet = (await people.wallet(0)).client(gateway, comes_back=False)
    await wallet.open()
    began = asyncio.get_running_loop().time()
    first, second = asyncio.create_task(gateway.stop()), asyncio.create_task(gateway.stop())
    await asyncio.gather(first, second)
    assert asyncio.get_running_loop().time() - began < 5


async def test_a_killed_gateway_loses_and_doubles_nothing(
    start_gateway: StartGateway, people: People
) -> None:
    """-9 in the middle of payments: by its id each is found on the next gateway, paid once."""
    first = await start_gateway()
    payers = [await people.wallet() for _ in range(5)]
    shop = await people.tablet()
    wallets = [payer.client(first) for payer in payers]
    for wallet in wallets:
        await wallet.open()
        await wallet.settle(Pay(new_id(), shop.account, 99, PIN))
    asked: dict[UUID, tuple[FaultyClient, Pay]] = {}
    answered: dict[UUID, Result] = {}

    async def spend(wallet: FaultyClient) -> None:
        for amount in range(100, 400):
            pay = Pay(new_id(), shop.account, amount, PIN)
            asked[pay.id] = (wallet, pay)
            reply = await wallet.settle(pay, timeout_s=60)
            assert isinstance(reply, Result), reply
            answered[pay.id] = reply
            if len(answered) > 60 and first_is_dead.is_set():
                return

    first_is_dead = asyncio.Event()
    load = asyncio.gather(*(spend(wallet) for wallet in wallets))
    while len(answered) < 20:
        await asyncio.sleep(0.01)
    await first.kill()
    second = await start_gateway(port=first.port)
    first_is_dead.set()
    await load
    for payment, (wallet, _) in asked.items():
        told = await wallet.status(payment)
        assert told.state is State.PROCESSED
        assert told.receipt is not None
        assert bytes(told.receipt) == bytes(answered[payment].result)
    entries = await people.pool.fetchval("SELECT count(*) FROM koban.entry WHERE kind = 'payment'")
    assert entries == len(asked) + len(wallets)
    for wallet in wallets:
        await wallet.close()
    assert second.running()


async def test_every_session_dropped_at_once(house: House, people: People) -> None:
    """All lines tear in the same moment; everybody is back, and no event is lost or repeated."""
    shop = await people.tablet()
    tablet = shop.client(house)
    payers = [await people.wallet() for _ in range(10)]
    wallets = [payer.client(house) for payer in payers]
    for client in (tablet, *wallets):
        await client.open()
    paid: list[UUID] = []

    async def spend(wallet: FaultyClient) -> None:
        for amount in range(100, 110):
            payment = new_id()
            reply = await wallet.settle(Pay(payment, shop.account, amount, PIN))
            assert isinstance(reply, Result), reply
            paid.append(payment)

    load = asyncio.gather(*(spend(wallet) for wallet in wallets))
    for _ in range(3):
        await asyncio.sleep(0.15)
        for client in (tablet, *wallets):
            client.drop_socket()
    await load
    seen = [await payment_of(tablet) for _ in paid]
    assert sorted(seen) == sorted(paid)
    assert (tablet.repeats, tablet.gaps, tablet.resyncs) == (0, 0, 0)
    for client in (tablet, *wallets):
        await client.close()
    async with asyncio.timeout(5):
        hub = house.gateway.hubs[TOWN]
        while any(one.session.phase is not Phase.CLOSED for one in hub.connections):
            await asyncio.sleep(0.02)
    assert not hub.connections
