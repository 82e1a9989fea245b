"""What a gateway sees of the queue: figures for Prometheus, and an alert where jobs have failed."""

from collections.abc import Mapping

import structlog

from gateway.hub import Hub
from gateway.looking import look_again
from gateway.metrics import Metrics
from ledger import jobs
from ledger.database import Pool
from ledger.jobs import JobCounts

LOOK_S = 5.0
SILENT_S = 30.0
ALONE_LOOKS_MAX = 3  # A worker that is started anew is away for a moment; nobody need know.
FAILED = "Jobs have failed and are not tried again by themselves: see the list of jobs"
ALONE = "No worker runs: nothing is done at its time, and jobs wait"

log = structlog.get_logger("gateway.jobs")


class JobWatch:
    """Looks again and again how many jobs of each town are not done. ``hubs`` are by number."""

    def __init__(self, pool: Pool, hubs: Mapping[int, Hub], metrics: Metrics) -> None:
        self._pool = pool
        self._hubs = hubs
        self._metrics = metrics
        self._counts: dict[int, JobCounts] = {}
        self._measured: set[int] = set()
        self._workers = 0
        self._alone = 0  # Looks in a row that found none.
        metrics.gauge("koban_workers", "Workers heard of lately.", lambda: self._workers)

    async def look(self) -> None:
        """Looks once.

        Raises:
            LedgerError: the figures stay as they were.
        """
        self._counts = await jobs.counts(self._pool)
        self._workers, known = await jobs.workers(self._pool, SILENT_S)
        waiting = any(count.waiting for count in self._counts.values())
        self._alone = 0 if self._workers or not (known or waiting) else self._alone + 1
        for town, hub in list(self._hubs.items()):
            if town not in self._measured:
                self._measure(hub)
            hub.alerts.set("jobs_failed", FAILED, active=self._of(town).failed > 0)
            hub.alerts.set("no_worker", ALONE, active=self._alone >= ALONE_LOOKS_MAX)

    async def look_forever(self) -> None:
        """Looks every `LOOK_S` seconds, until cancelled."""
        await look_again(self.look, LOOK_S, log, fault="watch_fault", away="jobs_not_counted")

    def _of(self, town: int) -> JobCounts:
        return self._counts.get(town, JobCounts())

    def _measure(self, hub: Hub) -> None:
        town = hub.town
        self._measured.add(town)
        for state in JobCounts.__struct_fields__:

            def ask(state: str = state) -> float:
                count: int = getattr(self._of(town), state)
                return count

            self._metrics.gauge(
                "koban_jobs", "Jobs that are not done.", ask, town=hub.code, state=state
            )
