"""What a gateway sees to be amiss at one look."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog

from gateway.hub import Hub
from gateway.live import Live
from gateway.watching.kinds import KINDS
from ledger import upkeep
from ledger.database import Pool
from ledger.upkeep import Archive, TownState

WHOLE = 0  # In a town's place: the whole service.
# A wallet that was put away shows nothing, and that is usual; so many at a time are a fault.
UNSHOWN_MIN = 10

Found: TypeAlias = set[tuple[int, str]]

log = structlog.get_logger("gateway.watching")


class Senses:
    """One gateway's senses. ``hubs`` are by their towns' numbers."""

    def __init__(
        self, pool: Pool, live: Live, hubs: Mapping[int, Hub], backup_hours_max: int
    ) -> None:
        self._pool = pool
        self._live = live
        self._hubs = hubs
        self._backup_max = timedelta(hours=backup_hours_max)
        self._known: dict[int, int] = {}  # The last event of a town that was known a look ago.
        self._stored: Found = set()  # What the database said when it was asked last.

    def here(self) -> Found:
        """What this process sees by itself."""
        health, found = self._live.health(), set()
        if not health.postgres:
            found.add((WHOLE, "postgres_down"))
        if not health.redis:
            found.add((WHOLE, "redis_down"))
        for town, hub in list(self._hubs.items()):
            if self._known.get(town, 0) > hub.relay.frontier:
                found.add((town, "feed_lag"))
            self._known[town] = hub.relay.wanted
            if len(hub.confirmations.unshown) >= UNSHOWN_MIN:
                found.add((town, "unshown"))
            if hub.alerts.active("jobs_failed"):
                found.add((town, "jobs_failed"))
            if hub.alerts.active("no_worker"):
                found.add((WHOLE, "no_worker"))
        return found

    async def stored(self, now: datetime) -> Found:
        """What the database knows.

        Raises:
            LedgerError: it could not be asked; what it said last stands (`last_stored`).
        """
        found = stored_troubles(
            await upkeep.states(self._pool, now),
            await upkeep.archive(self._pool),
            now,
            self._backup_max,
        )
        self._stored = {each for each in found if each[0] in {WHOLE, *self._hubs}}
        return self._stored

    @property
    def last_stored(self) -> Found:
        """What the database said when it could be asked last."""
        return self._stored

    def tells(self, kind: str) -> bool:
        """Words about everything are up to a gateway, but not about what it does not know."""
        return kind in KINDS

    def show(self, found: Found) -> None:
        """Shows the consoles of each town what is amiss with it, as far as nobody else does."""
        for town, hub in list(self._hubs.items()):
            for kind in (
                "feed_lag",
                "loads_hang",
                "webhooks_dead",
                "verify_failed",
                "backup_old",
                "archive_stopped",
            ):
                active = (town, kind) in found or (WHOLE, kind) in found
                hub.alerts.set(kind, KINDS[kind].en, active=active)


def stored_troubles(
    states: list[TownState], archive: Archive, now: datetime, backup_max: timedelta
) -> Found:
    """What is amiss by the database's word; ``backup_max`` zero: no backups are expected."""
    found: Found = set()
    for state in states:
        if state.problems:
            found.add((state.town, "verify_failed"))
        if state.hanging:
            found.add((state.town, "loads_hang"))
        if state.undelivered:
            found.add((state.town, "webhooks_dead"))
        newest = state.backed_up_at
        if backup_max and (newest is None or now - newest > backup_max):
            found.add((WHOLE, "backup_old"))
    if archive.kept and archive.stopped:
        found.add((WHOLE, "archive_stopped"))
    return found
