"""Gateways that end under load: killed, drained, restarted, and what their screens find then."""

import asyncio

import pytest

from gateway.protocol.closing import CloseCode
from gateway.protocol.messages import Notice
from tests.support.gateways import StartGateway
from tests.support.load import Load
from tests.support.people import People

pytestmark = pytest.mark.faults


async def test_a_killed_gateways_screens_go_to_another(
    start_gateway: StartGateway, people: People
) -> None:
    """-9 in the middle of payments: half of the town comes back elsewhere, and goes on."""
    first, second = await asyncio.gather(start_gateway(), start_gateway())
    async with Load(people, [first, second]) as load:
        await load.paid(60)
        await first.kill()
        load.move(second)
        await load.paid(60)
        await load.reckon()
        assert sum(watcher.client.connections == 2 for watcher in load.watchers) >= 15


async def test_a_killed_gateway_that_comes_back(
    start_gateway: StartGateway, people: People
) -> None:
    """-9 with nobody else there: the screens wait, and the same address answers again."""
    gateway = await start_gateway()
    async with Load(people, [gateway]) as load:
        await load.paid(60)
        await gateway.kill()
        await gateway.start()
        await load.paid(60)
        await load.reckon()
        assert all(watcher.client.connections == 2 for watcher in load.watchers)


async def test_a_drain_under_load(start_gateway: StartGateway, people: People) -> None:
    """SIGTERM: everybody is told, and goes to the other gateway without losing an answer."""
    first, second = await asyncio.gather(start_gateway(), start_gateway())
    async with Load(people, [first, second]) as load:
        here = [watcher for watcher in load.watchers if watcher.client.is_at(first.url)]
        await load.paid(60)
        load.move(second)
        stopping = asyncio.create_task(first.stop())
        for watcher in here:
            notice = await watcher.client.next_push(Notice)
            assert notice.kind == "draining"
        assert await stopping == 0
        await load.paid(60)
        await load.reckon()
        assert {code for one in here for code in one.client.close_codes} == {CloseCode.DRAINING}
        stayed = [watcher for watcher in load.watchers if watcher not in here]
        assert all(watcher.client.connections == 1 for watcher in stayed)
