"""A planned stop: everybody is told, everybody gets their answer, and nobody comes back at once.

1. Not ready any more, and no new websocket is accepted; every screen is told ``draining`` with its
   own time to come back, spread evenly, so that the other gateways are not overrun.
2. After a moment's notice no new command is taken (``unavailable``, the same id is good elsewhere);
   what is at the counter gets its answer.
3. The queues of frames are flushed, and every socket is closed with 1012.

Uvicorn would close the sockets before the application hears of the stop; so the signal is caught
here, and uvicorn is told to end only when nobody is connected.
"""

import asyncio
import random
from collections.abc import Callable

import structlog

from gateway.app import Gateway
from gateway.connection import Connection
from gateway.protocol.closing import CloseCode

FLUSH_S = 3.0
CLOSED_S = 2.0
LOOK_S = 0.02
WORDS = "this gateway stops for a planned reason; another one is there"

log = structlog.get_logger("gateway.drain")


def _connections(gateway: Gateway) -> list[Connection]:
    return [one for hub in gateway.hubs.values() for one in hub.connections]


async def _until(done: Callable[[], bool], timeout_s: float) -> bool:
    """Waits until it is so; False when that took too long."""
    end = asyncio.get_running_loop().time() + timeout_s
    while not done():
        if asyncio.get_running_loop().time() >= end:
            return False
        await asyncio.sleep(LOOK_S)
    return True


async def drain(gateway: Gateway, dice: random.Random) -> None:
    """Sees everybody off; returns when nobody is connected or the time is up."""
    limits = gateway.limits
    gateway.draining = True
    log.info("draining", sessions=len(_connections(gateway)))
    for hub in gateway.hubs.values():
        hub.announce("draining", WORDS, lambda: dice.randrange(limits.come_back_ms))
    if _connections(gateway):
        await asyncio.sleep(limits.drain_notice_s)
    for hub in gateway.hubs.values():
        hub.draining = True
    await gateway.finish_counters(limits.drain_s)
    flushed = await _until(lambda: all(one.flushed for one in _connections(gateway)), FLUSH_S)
    for connection in _connections(gateway):
        connection.close(CloseCode.DRAINING, "come back")
    closed = await _until(lambda: not _connections(gateway), CLOSED_S)
    for connection in _connections(gateway):
        connection.abort()
    log.info("drained", flushed=flushed, closed=closed)
