"""What sessions leave behind: nothing that waits for the garbage collector."""

import asyncio
import gc
import json
from collections import Counter
from contextlib import suppress

from tests.integration.test_sessions import plain, ticket
from tests.support.house import House
from tests.support.people import People

SESSIONS = 20
KINDS = {
    "gateway.connection.Connection",
    "gateway.gathering.GatheringTransport",
    "gateway.protocol.session.Session",
    "gateway.wire.WireProtocol",
    "websockets.server.ServerProtocol",
}


def alive() -> Counter[str]:
    """How many objects of these kinds there are."""
    kinds = (type(one) for one in gc.get_objects())
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
    return Counter(name for name in names if name in KINDS)


async def test_a_closed_session_is_gone(house: House, people: People) -> None:
    """A storm of reconnects must not fill the memory until somebody cleans up."""
    wallet = await people.wallet(0)

    async def come_and_go() -> None:
        once = await ticket(house, wallet)
        async with plain(house) as connection:
            await connection.recv()
            await connection.send(json.dumps({"type": "auth", "ticket": once}))
            await connection.recv()

    await come_and_go()
    gc.collect()
    gc.disable()
    try:
        before = alive()
        for _ in range(SESSIONS):
            await come_and_go()
        async with asyncio.timeout(5):
            while house.gateway.hubs["nagaoka"].connections:
                await asyncio.sleep(0.01)
        with suppress(TimeoutError):  # What still runs to its end lets go of them.
            async with asyncio.timeout(5):
                while alive() - before:
                    await asyncio.sleep(0.05)
        left = alive() - before
    finally:
        gc.enable()
    assert not left
