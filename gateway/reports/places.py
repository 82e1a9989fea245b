"""Every shop's sums, kept for some minutes.

Any shop may look at its place at any time, and each look would read the whole town's month. So what
was found is kept: for ten minutes while the period goes on, for hours when it is over.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from ledger.reports.periods import Period
from ledger.reports.shops import Standing, standings
from ledger.reports.snapshot import ReportRoom

FRESH = timedelta(minutes=10)
SETTLED = timedelta(hours=6)
KEPT_MAX = 100


class Kept(Struct, frozen=True):
    """What was found, and when."""

    at: datetime
    found: list[Standing]


class Places:
    """Standings by town and period; the oldest goes when there are too many."""

    def __init__(self, room: ReportRoom) -> None:
        self._room = room
        self._kept: dict[tuple[int, Period], Kept] = {}

    async def standings(self, town: int, period: Period, now: datetime) -> list[Standing]:
        """Every shop's sums in the period, perhaps of some minutes ago.

        Raises:
            ReportBusy, ReportTooLarge, LedgerUnavailable.
        """
        key = (town, period)
        kept = self._kept.get(key)
        # What was found before the period's end knows only a part of it.
        over = kept is not None and kept.at >= period.until
        if kept is not None and now - kept.at < (SETTLED if over else FRESH):
            return kept.found
        async with self._room.snapshot() as connection:
            found = await standings(connection, town, period)
        self._kept.pop(key, None)
        self._kept[key] = Kept(now, found)
        while len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        return found
