"""The faceless screen keeps its promises: same ids, every event once, and unknown is not failed."""

import asyncio

import pytest

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Event, Pay, Receipt, Result, Role, State
from terminal.client import Client, receipt_of
from terminal.errors import ConnectionLost, TicketRefused, Unanswered
from terminal.faults import FaultyClient
from tests.support.house import House
from tests.support.people import PIN, TOWN, People, Screen


def pay(shop: Screen, amount: int) -> Pay:
    """A payment to a shop."""
    return Pay(id=new_id(), shop=shop.account, amount=amount, pin=PIN)


async def paid(wallet: FaultyClient, payment: Pay) -> Receipt:
    """Pays, and returns the receipt."""
    reply = await wallet.command(payment)
    assert isinstance(reply, Result), reply
    receipt = receipt_of(reply)
    assert receipt is not None
    return receipt


async def test_a_torn_tablet_comes_back_and_misses_nothing(house: House, people: People) -> None:
    """What happened while it was away comes first, in order, each once."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        payments = [pay(shop, 100 + n) for n in range(6)]
        for n, payment in enumerate(payments):
            if n in {2, 4}:
                tablet.drop_socket()
            await paid(wallet, payment)
        events = [await tablet.next_push(Event) for _ in payments]
        assert [event.seq for event in events] == list(range(events[0].seq, events[0].seq + 6))
        assert tablet.waiting(Event) == tablet.gaps == tablet.resyncs == 0
        assert tablet.connections >= 2


async def test_a_command_lost_on_the_way_goes_again_under_its_id(
    house: House, people: People
) -> None:
    """The answer that comes after the reconnect is the one payment's."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet:
        payment = pay(shop, 700)
        with wallet.drop_frames_sent():
            answer = asyncio.create_task(wallet.command(payment))
            async with asyncio.timeout(5):
                while not wallet.frames_dropped:
                    await asyncio.sleep(0.01)
            assert wallet.frames_dropped == 1
            wallet.drop_socket()
        reply = await answer
        assert isinstance(reply, Result)
        assert (await wallet.status(payment.id)).state is State.PROCESSED
        assert wallet.connections == 2


async def test_no_answer_in_time_is_unknown_until_asked(house: House, people: People) -> None:
    """A timeout says nothing about the payment; `status` does."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet:
        payment = pay(shop, 700)
        with wallet.drop_frames_sent(), pytest.raises(Unanswered):
            await wallet.command(payment, timeout_s=0.2)
        assert (await wallet.status(payment.id)).state is State.NOT_FOUND
        receipt = await paid(wallet, payment)
        assert (await wallet.status(payment.id)).state is State.PROCESSED
        assert receipt.id == payment.id


async def test_frames_that_arrive_twice_pay_once(house: House, people: People) -> None:
    """The network may repeat; the ledger does not."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        with wallet.duplicate_frames_sent(3):
            await paid(wallet, pay(shop, 700))
        last = await paid(wallet, pay(shop, 800))
        events = [await tablet.next_push(Event), await tablet.next_push(Event)]
        assert tablet.waiting(Event) == 0
        assert str(last.id).encode() in bytes(events[1].body)


async def test_a_client_that_stays_away_says_why(house: House, people: People) -> None:
    """Told not to come back, it fails its commands with the close code."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house, comes_back=False) as wallet:
        with wallet.drop_frames_sent():
            answer = asyncio.create_task(wallet.command(pay(shop, 700)))
            await asyncio.sleep(0.1)
            wallet.drop_socket()
            with pytest.raises(ConnectionLost) as lost:
                await answer
        assert lost.value.code == 1006
        with pytest.raises(ConnectionLost):
            await wallet.command(pay(shop, 700))


async def test_nobody_gets_no_ticket(house: House) -> None:
    """A token that opens nothing is told so at once."""
    with pytest.raises(TicketRefused):
        await Client(house.url, TOWN, Role.WALLET, "x" * 43).open()
