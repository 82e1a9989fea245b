"""One process's part in all sales: its connections, what it knows, its doors and its seller.

Start: Postgres (the lane's own connections) → Redis → the first look → the doors → looking and
selling. Stop, in reverse.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from config.limits import SaleLimits
from config.settings import Settings
from gateway.http.context import Town
from gateway.sales.board import Board
from gateway.sales.hall import Hall
from gateway.sales.lane import Lane
from gateway.sales.pauses import Pauses
from gateway.sales.seller import Seller
from gateway.sales.visitors import Visitors
from ledger.database import Pool
from ledger.sales import open_lane_pool
from ledger.vault import Vault
from notifier.waiting_room import WaitingRooms

POOL_CLOSE_S = 5.0


class SalesOffice:
    """Opened once a process. ``towns``, by code, may grow meanwhile."""

    def __init__(
        self,
        settings: Settings,
        limits: SaleLimits,
        towns: Mapping[str, Town],
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._limits = limits
        self._towns = towns
        self._now = now
        self._monotonic = monotonic
        self._work: list[Pauses] = []
        self._pool: Pool | None = None
        self._rooms: WaitingRooms | None = None
        self._board: Board | None = None
        self.lane: Lane

    async def open(self) -> None:
        """Opens the doors.

        Raises:
            LedgerError: Postgres cannot be reached, or its schema is not there.
        """
        settings, limits, now = self._settings, self._limits, self._now
        self._pool = pool = await open_lane_pool(settings.postgres_dsn)
        self._rooms = rooms = WaitingRooms(settings.redis_url)
        self._board = board = Board(pool, limits, now=now, monotonic=self._monotonic)
        await board.look()
        visitors = Visitors(pool, Vault.of(settings), limits, now=now, monotonic=self._monotonic)
        hall = Hall(rooms, limits, settings.secret, now)
        self.lane = Lane(
            settings,
            limits,
            self._towns,
            board=board,
            hall=hall,
            visitors=visitors,
            now=now,
        )
        seller = Seller(pool, rooms, board, limits, now=now, told_until=lambda: hall.told_until)
        self._work = [
            Pauses(board.look_again, limits.look_s, "sales board"),
            Pauses(seller.sell_all, limits.pause_s, "sales seller"),
        ]

    @property
    def postgres(self) -> bool:
        """Whether the sales could be looked up lately."""
        return self._board is not None and self._board.healthy

    @property
    def redis(self) -> bool:
        """Whether the queues can be asked."""
        return self._rooms is not None and self._rooms.healthy

    async def close(self) -> None:
        """Stops selling and leaves; a slice under way is finished."""
        await asyncio.gather(*(work.end() for work in self._work))
        if self._rooms is not None:
            await self._rooms.close()
        if self._pool is not None:
            try:
                async with asyncio.timeout(POOL_CLOSE_S):
                    await self._pool.close()
            except TimeoutError:
                self._pool.terminate()
