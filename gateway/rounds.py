"""What is done every so often: sessions' time, the consoles' news, sign-ins that have ended."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

import structlog

from gateway.figures import Bulletin
from gateway.hub import Hub
from gateway.live import Live
from ledger.errors import LedgerError

TAIL_S = 0.1
FIGURES_S = 1.0
TICK_SHARES = 10  # Sessions are looked at in so many parts, each once a second.
ENDED_LOOK_S = 15.0
ENDED_AGAIN_S = 1.0

log = structlog.get_logger("gateway.rounds")


class Rounds:
    """One gateway's rounds."""

    def __init__(self, hubs: Collection[Hub], live: Live, bulletin: Bulletin) -> None:
        self._hubs = hubs
        self._live = live
        self._bulletin = bulletin
        self._look = asyncio.Event()

    def work(self) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        """Each of them, by name, to be run as a task and cancelled at the end."""
        return [
            ("tick", self._tick()),
            ("tail", self._every(TAIL_S, self._send_tails)),
            ("figures", self._every(FIGURES_S, self._publish)),
            ("ended", self._look_up_ended()),
        ]

    def look_now(self) -> None:
        """Sign-ins may have ended without a word reaching here."""
        self._look.set()

    async def _every(self, seconds: float, act: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                act()
            except Exception:
                log.exception("round_fault")

    async def _tick(self) -> None:
        share = 0

        def tick() -> None:
            nonlocal share
            share = (share + 1) % TICK_SHARES
            for hub in self._hubs:
                hub.tick(share, TICK_SHARES)

        await self._every(1 / TICK_SHARES, tick)

    def _send_tails(self) -> None:
        for hub in self._hubs:
            hub.tail.send()

    def _publish(self) -> None:
        health = self._live.health()
        self._bulletin.look()
        for hub in self._hubs:
            self._bulletin.publish(hub, redis=health.redis, postgres=health.postgres)

    async def _look_up_ended(self) -> None:
        while True:
            try:
                async with asyncio.timeout(ENDED_LOOK_S):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            for hub in list(self._hubs):  # Another town may come while this one is looked up.
                try:
                    await hub.look_up_ended()
                except LedgerError as error:
                    log.warning("ended_not_looked_up", error=str(error))
                    await asyncio.sleep(ENDED_AGAIN_S)
                    self._look.set()
