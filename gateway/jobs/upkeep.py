"""Upkeep: of the queue itself, and of the books, which are verified every night."""

from datetime import datetime, time, timedelta

from gateway.jobs.context import JobContext
from gateway.jobs.job import Retry, job
from gateway.jobs.schedule import Daily
from ledger import jobs, upkeep
from ledger.verify import verify_one


@job("jobs.sweep", schedule=lambda _profile: Daily(time(4, 30)))
async def sweep(context: JobContext, town: int, *, due: datetime, now: datetime) -> None:  # noqa: ARG001
    """Forgets why jobs failed that are there no more: they succeeded later."""
    await jobs.sweep_faults(context.pool, town)


# The one job whose slice is long: the books are read from one snapshot or not at all. It changes
# nothing, so one that dies with its worker is simply done again.
@job(
    "upkeep.verify",
    retry=Retry(attempts_max=3, first_s=60.0),
    schedule=lambda _profile: Daily(time(3, 30)),
)
async def verify_books(context: JobContext, town: int, *, due: datetime, now: datetime) -> None:
    """Proves that the books add up, and keeps what was found; the watchmen tell of what was not.

    A night that was missed is let go: the next one reads the same books.
    """
    if now - due >= timedelta(days=1):
        return
    entries, problems = await verify_one(context.settings.postgres_dsn, town)
    await upkeep.note_verification(context.pool, town, now, context.clock(), entries, problems)
