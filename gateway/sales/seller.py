"""Sells the places of every open sale: the first of each queue, a slice at a time, with pauses.

Every lane process has a seller, and Postgres lets one of them at a time have a sale's turn, for one
slice; when a process dies, its turn ends with its connection. A slice is committed before anybody
leaves the queue: a seller that is killed in between leaves wallets there that have their places
already, and whoever sells next is told just that and goes on.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from config.limits import SaleLimits
from gateway.sales.answers import room_opens_at
from gateway.sales.board import Board
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.sales import Sale, note_told, sell
from notifier.waiting_room import Head, WaitingRooms

log = structlog.get_logger("gateway.sales.seller")


class Seller:
    """This process's seller. ``told_until``: the latest instant at which it told anybody to ask."""

    def __init__(
        self,
        pool: Pool,
        rooms: WaitingRooms,
        board: Board,
        limits: SaleLimits,
        *,
        now: Callable[[], datetime],
        told_until: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._rooms = rooms
        self._board = board
        self._limits = limits
        self._now = now
        self._told_until = told_until
        self._rooms_known: dict[tuple[int, int], int] = {}
        self._noted: dict[tuple[int, int], object] = {}  # What was last noted of each sale's room.

    async def sell_all(self) -> None:
        """Sells a slice of every sale; what goes wrong with one is tried again the next time."""
        for posted in list(self._board.posted.values()):
            try:
                await self.sell_slice(posted.sale)
            except LedgerError as error:
                log.warning("not_sold", offer=posted.sale.offer, error=str(error))
            except Exception:
                log.exception("seller_fault")

    async def sell_slice(self, sale: Sale) -> int:
        """Serves the first of a queue; how many of them have a place now.

        From when the waiting room opens it takes note of the room, so that one which is lost is
        noticed; it sells while the sale is open.
        """
        now, limits = self._now(), self._limits
        if now < room_opens_at(sale, limits.early_s) or sale.closed_at(now) or sale.sold_out:
            return 0
        count = limits.slice if sale.selling_at(now) else 0
        head = await self._rooms.head(sale.town, sale.offer, count)
        told_until = self._told_until()
        if head is None:
            await self._note_told(sale, told_until)
            return 0
        if self._rooms_known.get((sale.town, sale.offer)) != head.room:
            # Who stands in a room that is new stands behind those who were served before it.
            await self._rooms.leave(sale.town, sale.offer, (), sale.awarded)
            self._rooms_known[sale.town, sale.offer] = head.room
        told_until = max(told_until, datetime.fromtimestamp(head.told_ms / 1000, UTC))
        return await self._serve(sale, head, told_until, now)

    async def _serve(self, sale: Sale, head: Head, told_until: datetime, now: datetime) -> int:
        key, noted = (sale.town, sale.offer), (head.room, told_until)
        if not head.wallets and self._noted.get(key) == noted:
            return 0
        awards = await sell(
            self._pool,
            sale,
            head.wallets,
            now,
            room=head.room,
            told_until=told_until,
            held_max=timedelta(seconds=self._limits.held_max_s),
        )
        if awards is None:
            return 0
        self._noted[key] = noted
        if not head.wallets:
            return 0
        # Who got none is not open, or there is no place left: neither changes by waiting.
        places_sold = max((award.place for award in awards), default=0)
        await self._rooms.leave(sale.town, sale.offer, head.wallets, places_sold)
        log.info("sold", town=sale.town, offer=sale.offer, places=len(awards))
        return len(awards)

    async def _note_told(self, sale: Sale, told_until: datetime) -> None:
        key = (sale.town, sale.offer)
        if self._noted.get(key) != told_until:
            await note_told(self._pool, sale, told_until)
            self._noted[key] = told_until
