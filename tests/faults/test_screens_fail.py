"""Screens that misbehave under load: all gone at once, hung, or two that say the same thing."""

import asyncio

import pytest

from gateway.protocol.closing import CloseCode
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Pay, Result
from terminal.client import Reply
from terminal.faults import FaultyClient
from tests.support.gateways import GatewayProcess, StartGateway
from tests.support.load import Asked, Load
from tests.support.people import PIN, People

pytestmark = pytest.mark.faults

STORMS = 3
# Enough to fill what the network holds for a screen that does not read.
HUNG_PER_S = 250.0
TWINS = 8


async def test_every_session_dropped_at_once(gateway: GatewayProcess, people: People) -> None:
    """All lines tear in the same instant, again and again; everybody is back and misses nothing."""
    async with Load(people, [gateway], wallets=40) as load:
        for storm in range(1, STORMS + 1):
            await load.paid(40)
            for watcher in load.watchers:
                watcher.client.drop_socket()
            async with asyncio.timeout(30):
                while any(watcher.client.connections <= storm for watcher in load.watchers):
                    await asyncio.sleep(0.01)
        await load.paid(40)
        await load.reckon()
        assert {watcher.client.connections for watcher in load.watchers} == {STORMS + 1}


async def test_a_tablet_that_stops_reading(start_gateway: StartGateway, people: People) -> None:
    """It is closed as slow, nobody waits for it, and when it reads again it shows everything once."""
    gateway = await start_gateway()
    async with Load(people, [gateway], wallets=40, shops=2) as load:
        hung, well = load.tablets
        await load.paid(40)
        with hung.client.stop_reading():
            load.hasten(HUNG_PER_S)
            await load.paid(500)
            load.hasten(20)
            async with asyncio.timeout(30):
                while not await closed_as_slow(gateway):
                    await load.paid(1)
        await load.paid(20)
        await load.reckon()
        assert hung.client.close_codes == [CloseCode.SLOW_READER]
        assert well.client.close_codes == []


async def closed_as_slow(gateway: GatewayProcess) -> bool:
    """Whether the gateway has closed a screen for reading too slowly."""
    return "slow_reader" in gateway.log.read_text()


async def test_the_same_payment_through_two_gateways_at_once(
    start_gateway: StartGateway, people: People
) -> None:
    """Two screens of one wallet, each at another gateway, send one payment in the same instant, in
    the midst of other people's: both get the one answer, and it is paid once.
    """
    gateways = [await start_gateway(), await start_gateway()]
    async with Load(people, gateways, wallets=20) as load:
        payers = [await people.wallet() for _ in range(TWINS)]
        twins = [[payer.client(gateway) for gateway in gateways] for payer in payers]
        for pair in twins:
            for client in pair:
                await client.open()
        for round_ in range(10):
            tablet = load.tablets[round_ % len(load.tablets)]
            pays = [Pay(new_id(), tablet.screen.account, 9_001 + n, PIN) for n in range(TWINS)]
            replies = await asyncio.gather(*map(_both, twins, pays))
            for payer, pair, pay, (near, far) in zip(payers, twins, pays, replies, strict=True):
                assert isinstance(near, Result), near
                assert near == far
                load.asked[pay.id] = Asked(pair[0], pay, payer.account, tablet.screen.account, near)
            load.check_alive()
        await load.reckon()
        for pair in twins:
            for client in pair:
                assert client.seq == 1 + 10  # The top-up before it came, and ten payments.
                assert client.repeats == client.gaps == 0
                await client.close()


async def _both(pair: list[FaultyClient], pay: Pay) -> tuple[Reply, Reply]:
    near, far = await asyncio.gather(*(client.settle(pay) for client in pair))
    return near, far
