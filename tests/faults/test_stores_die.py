"""Redis and Postgres end under load and come back: money waits or goes on, and is all there."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from scripts.embedded import Servers
from scripts.embedded.postgres import PostgresServer
from tests.support.gateways import GatewayProcess, StartGateway
from tests.support.load import Load
from tests.support.people import People

pytestmark = pytest.mark.faults


async def health(gateway: GatewayProcess) -> dict[str, object]:
    """What the gateway says of itself."""
    async with httpx.AsyncClient(base_url=gateway.url, verify=False, trust_env=False) as http:
        told: dict[str, object] = (await http.get("/healthz")).json()
    return told


async def until(gateways: Sequence[GatewayProcess], store: str, *, healthy: bool) -> None:
    """Waits until all gateways know that a store is there, or gone."""
    async with asyncio.timeout(30):
        while any([(await health(gateway))[store] is not healthy for gateway in gateways]):
            await asyncio.sleep(0.05)


@pytest.fixture
async def mended(servers: Servers) -> AsyncIterator[Servers]:
    """The servers, which run again after the test whatever happened in it."""
    yield servers
    for server in (servers.postgres, servers.valkey):
        if not server.running():
            await asyncio.to_thread(server.start)


async def test_redis_stopped_and_started(
    start_gateway: StartGateway, people: People, mended: Servers
) -> None:
    """Payments go on without it, from one gateway's screens to the other's."""
    gateways = await asyncio.gather(start_gateway(), start_gateway())
    async with Load(people, gateways) as load:
        await load.paid(60)
        await asyncio.to_thread(mended.valkey.stop)
        await until(gateways, "redis", healthy=False)
        await load.paid(90)
        await asyncio.to_thread(mended.valkey.start)
        await until(gateways, "redis", healthy=True)
        await load.paid(60)
        await load.reckon()
        assert all(watcher.client.connections == 1 for watcher in load.watchers)


@pytest.mark.parametrize("end", [PostgresServer.stop, PostgresServer.kill], ids=["stop", "kill"])
async def test_postgres_ends_and_comes_back(
    start_gateway: StartGateway, people: People, mended: Servers, end: object
) -> None:
    """Stopped in order, or ended as by a crash: commands wait under their ids, and go on."""
    gateways = await asyncio.gather(start_gateway(), start_gateway())
    async with Load(people, gateways) as load:
        await load.paid(60)
        assert callable(end)
        await asyncio.to_thread(end, mended.postgres)
        await until(gateways, "postgres", healthy=False)
        await asyncio.to_thread(mended.postgres.start)
        await until(gateways, "postgres", healthy=True)
        await load.paid(60)
        await load.reckon()
