"""The queue's own upkeep."""

from datetime import datetime, time

from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.schedule import Daily
from ledger import jobs


@job("jobs.sweep", schedule=lambda _profile: Daily(time(4, 30)))
async def sweep(context: JobContext, town: int, *, due: datetime, now: datetime) -> None:  # noqa: ARG001
    """Forgets why jobs failed that are there no more: they succeeded later."""
    await jobs.sweep_faults(context.pool, town)
