"""Screens that misbehave under load: all gone at once, hung, or two that say the same thing."""

import asyncio

import pytest

from gateway.protocol.closing import CloseCode
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Pay, Result
from terminal.client import Reply
from tests.support.gateways import GatewayProcess, StartGateway
from tests.support.load import Asked, Load, Watcher
from tests.support.people import PIN, People

pytestmark = pytest.mark.faults

STORMS = 3
# Enough events, quickly enough, to fill what the network holds for a screen that does not read;
# with what comes until it is closed still fewer than a resume brings (1,000).
FILLING = 760
HUNG_PER_S = 250.0
UNTIL_CLOSED_PER_S = 15.0
TWINS = 8
ROUNDS = 25


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
    """It is closed as slow, nobody waits for it, and reading again it shows everything once."""
    gateway = await start_gateway()
    async with Load(people, [gateway], wallets=40, shops=1, charges=False) as load:
        (hung,) = load.tablets
        await load.paid(40)
        with hung.client.stop_reading():
            load.hasten(HUNG_PER_S)
            await load.paid(FILLING)
            load.hasten(UNTIL_CLOSED_PER_S)
            async with asyncio.timeout(40):
                while not await closed_as_slow(gateway):
                    await load.paid(1)
        await load.paid(20)
        await load.reckon()
        # It hears why only if it reads within the few seconds that a close frame may take.
        assert hung.client.close_codes in ([CloseCode.SLOW_READER], [1006])


async def closed_as_slow(gateway: GatewayProcess) -> bool:
    """Whether the gateway has closed a screen for reading too slowly."""
    return "slow_reader" in gateway.log.read_text()


async def test_the_same_payment_through_two_gateways_at_once(
    start_gateway: StartGateway, people: People
) -> None:
    """Two screens of one wallet, each at another gateway, send one payment in the same instant, in
    the midst of other people's: both get the one answer, and it is paid once.
    """
    gateways = await asyncio.gather(start_gateway(), start_gateway())
    async with Load(people, gateways, wallets=20) as load:
        payers = [await people.wallet() for _ in range(TWINS)]
        twins = [
            [Watcher(payer, payer.client(gateway)) for gateway in gateways] for payer in payers
        ]
        for watcher in (one for pair in twins for one in pair):
            await watcher.open()
        for round_ in range(ROUNDS):
            tablet = load.tablets[round_ % len(load.tablets)]
            pays = [Pay(new_id(), tablet.screen.account, 2_000 + round_, PIN) for _ in twins]
            replies = await asyncio.gather(*map(_both, twins, pays))
            for pair, pay, (near, far) in zip(twins, pays, replies, strict=True):
                assert isinstance(near, Result), near
                assert near == far
                payer = pair[0].screen.account
                load.asked[pay.id] = Asked(pair[0].client, pay, payer, tablet.screen.account, near)
            load.check_alive()
        await load.reckon()
        for near_screen, far_screen in twins:
            assert len(near_screen.shown) == ROUNDS
            assert near_screen.shown == far_screen.shown
            for screen in (near_screen, far_screen):
                assert screen.client.repeats == screen.client.gaps == 0
                await screen.close()


async def _both(pair: list[Watcher], pay: Pay) -> tuple[Reply, Reply]:
    near, far = await asyncio.gather(*(watcher.client.settle(pay) for watcher in pair))
    return near, far
