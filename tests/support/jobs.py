"""Jobs in a test's hands: the context they get, and all that waits done on the test's clock."""

from collections.abc import AsyncIterator, Sequence

import pytest
from msgspec.structs import replace

from gateway.jobs.context import JobContext
from gateway.jobs.job import Job
from gateway.jobs.table import JOBS
from gateway.jobs.worker import Worker, WorkerLimits
from ledger import jobs as queue
from ledger.jobs import JobLine
from tests.support.clock import Clock
from tests.support.doors import SETTINGS

ROUNDS_MAX = 200  # Slices of a test's longest job; more means that it does not end.


class Jobs:
    """A worker that works when it is told to. ``context``: for calling a job as a function."""

    def __init__(self, worker: Worker, clock: Clock) -> None:
        self.worker = worker
        self._clock = clock

    @property
    def context(self) -> JobContext:
        """What jobs are given."""
        return self.worker.context

    async def work(self, *, failing: bool = False) -> list[JobLine]:
        """Does all that is due and waits, slice by slice; what is not done then: it has failed.

        Unless ``failing``, nothing may fail.
        """
        for _ in range(ROUNDS_MAX):
            await self.worker.work_off()
            left = await self.lines()
            if all(line.attempts or line.state == "failed" for line in left):
                assert failing or not left, left
                return left
        raise AssertionError("this does not end")

    async def lines(self) -> list[JobLine]:
        """Every job that is not done."""
        return await queue.lines(
            self.context.pool, None, failed=False, before=None, limit=ROUNDS_MAX
        )


def worker_of(
    dsn: str, clock: Clock, table: Sequence[Job] = JOBS, limits: WorkerLimits | None = None
) -> Worker:
    """A worker on the test's database and clock, as an async context manager."""
    return Worker(replace(SETTINGS, postgres_dsn=dsn), table, now=clock, limits=limits)


@pytest.fixture
async def jobs(dsn: str, town: int, clock: Clock) -> AsyncIterator[Jobs]:
    """All jobs of the table, on the test's database and clock; schedules have begun."""
    async with worker_of(dsn, clock) as worker:
        await worker.enqueue_due()
        yield Jobs(worker, clock)
