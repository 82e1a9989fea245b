"""A gateway inside the test's own process, with limits and parts that a test may look at."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Protocol

import pytest
from msgspec.structs import replace

from config.limits import Limits
from config.settings import Settings
from gateway.__main__ import Server, listen, server
from gateway.app import Gateway, wall_clock
from tests.support.gateways import SECRET


class House:
    """One gateway listening on a free port."""

    def __init__(
        self, settings: Settings, limits: Limits, now: Callable[[], datetime] = wall_clock
    ) -> None:
        self._listener = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.settings = replace(settings, public_url=self.url)
        self.gateway = Gateway(self.settings, limits, now=now)
        self.web: Server = server(self.gateway)
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Starts it and returns when it listens."""
        await self.gateway.start()
        self._task = asyncio.create_task(self.web.serve(sockets=[self._listener]))
        while not self.web.started:
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Stops it, whoever is connected."""
        self.web.should_exit = True
        if self._task is not None:
            await self._task
        await self.gateway.stop()


class OpenHouse(Protocol):
    """Opens one more gateway on the test's database and Redis."""

    async def __call__(self, limits: Limits | None = None, redis_url: str = "") -> House: ...


@pytest.fixture
async def open_house(dsn: str, redis_url: str) -> AsyncIterator[OpenHouse]:
    """Opens gateways in this process; they are closed at the test's end."""
    opened: list[House] = []
    own_redis = redis_url

    async def make(limits: Limits | None = None, redis_url: str = "") -> House:
        settings = Settings(
            postgres_dsn=dsn, redis_url=redis_url or own_redis, secret=SECRET.encode()
        )
        house = House(settings, limits or Limits())
        opened.append(house)
        await house.open()
        return house

    yield make
    for house in opened:
        await house.close()


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    """One gateway in this process, with the usual limits."""
    return await open_house()
