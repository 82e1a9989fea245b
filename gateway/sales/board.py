"""What a lane process knows of the sales: read from Postgres again and again, and kept in memory.

Places sold are gapless numbers that never change, so what was sold since the last look is what lies
behind the last number. Everything that can be answered from here costs neither Postgres nor Redis.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from config.limits import SaleLimits
from ledger import sales
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.sales import Sale

# Whoever comes back some days later still hears what became of the sale.
KEPT = timedelta(days=7)
# The pace is that of the last so many seconds in which places were sold.
PACE_S = 10.0

log = structlog.get_logger("gateway.sales.board")


class Posted:
    """One sale as it was at the last look. ``places``: the place of every wallet that has one."""

    def __init__(self, sale: Sale) -> None:
        self.sale = sale
        self.places: dict[int, int] = {}
        self._counts: deque[tuple[float, int]] = deque()  # (moment, sold by then), seconds.

    def note(self, sale: Sale, moment_s: float, now: datetime) -> None:
        """Takes note of what Postgres says at this moment.

        Time in which nothing is to be sold, before the opening and while the sale is held, is no
        part of the pace.
        """
        if now < sale.opens_at or (sale.held_until is not None and now < sale.held_until):
            self._counts.clear()
        if sale.awarded > self.sale.awarded or not self._counts:
            self._counts.append((moment_s, sale.awarded))
            while moment_s - self._counts[0][0] > PACE_S and len(self._counts) > 2:
                self._counts.popleft()
        self.sale = sale

    @property
    def pace_per_s(self) -> float | None:
        """How many places are sold in a second; None before that could be measured."""
        if len(self._counts) < 2:
            return None
        (first_s, first), (last_s, last) = self._counts[0], self._counts[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s else None


class Board:
    """All sales of all towns, by town and offer."""

    def __init__(
        self,
        pool: Pool,
        limits: SaleLimits,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._pool = pool
        self._limits = limits
        self._now = now
        self._monotonic = monotonic
        self.posted: dict[tuple[int, int], Posted] = {}
        self.healthy = True

    async def look(self) -> None:
        """Reads what has changed.

        Raises:
            LedgerError: it could not be read.
        """
        found = await sales.sales(self._pool, self._now(), KEPT)
        posted: dict[tuple[int, int], Posted] = {}
        for sale in found:
            key = (sale.town, sale.offer)
            one = posted[key] = self.posted.get(key) or Posted(sale)
            while len(one.places) < sale.awarded:
                more = await sales.sold(self._pool, sale.town, sale.offer, len(one.places))
                if not more:
                    break
                one.places.update((wallet, place) for place, wallet in more)
            one.note(sale, self._monotonic(), self._now())
        self.posted = posted

    async def look_again(self) -> None:
        """Looks, and says so where it could not; the next look reads what this one did not."""
        try:
            await self.look()
            self.healthy = True
        except LedgerError as error:
            if self.healthy:
                log.warning("sales_not_looked_up", error=str(error))
            self.healthy = False
        except Exception:
            log.exception("board_fault")
