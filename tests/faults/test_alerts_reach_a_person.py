"""Stores end under two gateways: the person in charge is told once, and once that it is over."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from config.limits import Limits
from config.settings import Settings
from scripts.embedded import Servers
from tests.support.clock import Clock
from tests.support.gateways import SECRET
from tests.support.house import House
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.faults

DATABASE = "データベースに接続できません"


@pytest.fixture
async def houses(
    dsn: str, redis_url: str, clock: Clock, mailbox: Mailbox, servers: Servers
) -> AsyncIterator[list[House]]:
    """Two gateways with one person in charge. The servers run again at the end."""
    settings = Settings(
        postgres_dsn=dsn, redis_url=redis_url, secret=SECRET.encode(), alerts=mailbox.settings
    )
    opened = [House(settings, Limits(), clock) for _ in range(2)]
    for house in opened:
        await house.open()
    yield opened
    for server in (servers.postgres, servers.valkey):
        if not server.running():
            await asyncio.to_thread(server.start)
    for house in opened:
        await house.close()


async def until(houses: Sequence[House], store: str, *, healthy: bool) -> None:
    """Waits until both know that a store is there, or gone."""
    async with asyncio.timeout(30):
        while any(getattr(house.gateway.live.health(), store) is not healthy for house in houses):
            await asyncio.sleep(0.02)


async def look(houses: Sequence[House], clock: Clock, seconds: float = 0) -> None:
    """Time passes, in which both look."""
    clock.advance(seconds=seconds)
    await asyncio.gather(*(house.gateway.watchman.look() for house in houses))


async def test_a_lost_database_is_told_once_and_its_return_once(
    houses: list[House], clock: Clock, mailbox: Mailbox, servers: Servers
) -> None:
    """By one of two gateways, which settle it in Redis; then Postgres knows what was told."""
    await asyncio.to_thread(servers.postgres.kill)
    await until(houses, "postgres", healthy=False)
    await look(houses, clock)
    assert mailbox.subjects == []  # What heals by itself at once wakes nobody.
    await look(houses, clock, 10)
    await look(houses, clock, 10)
    assert len(mailbox.subjects) == 1
    assert DATABASE in mailbox.subjects[0]
    assert "発生" in mailbox.subjects[0]
    await asyncio.to_thread(servers.postgres.start)
    await until(houses, "postgres", healthy=True)
    await look(houses, clock, 10)
    assert len(mailbox.subjects) == 1
    await look(houses, clock, 60)
    await look(houses, clock, 60)
    assert len(mailbox.subjects) == 2
    assert "復旧" in mailbox.subjects[1]


async def test_without_any_store_rather_twice_than_never(
    houses: list[House], clock: Clock, mailbox: Mailbox, servers: Servers
) -> None:
    """Neither Postgres nor Redis can say who tells, so both gateways do, once each."""
    await asyncio.to_thread(servers.valkey.stop)
    await asyncio.to_thread(servers.postgres.kill)
    for store in ("postgres", "redis"):
        await until(houses, store, healthy=False)
    await look(houses, clock)
    for _ in range(3):
        await look(houses, clock, 10)
    assert sorted(DATABASE in subject for subject in mailbox.subjects) == [False, False, True, True]
    await asyncio.to_thread(servers.postgres.start)
    await asyncio.to_thread(servers.valkey.start)
    for store in ("postgres", "redis"):
        await until(houses, store, healthy=True)
    await look(houses, clock, 10)
    await look(houses, clock, 60)
    await look(houses, clock, 60)
    assert [subject for subject in mailbox.subjects[4:] if "復旧" not in subject] == []
    assert len(mailbox.subjects) == 6
