"""Offers: those whose places are worth nothing any more are ended, and their budget is free."""

from datetime import datetime

from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.schedule import EveryMinute
from ledger import offers


@job("offers.end", schedule=lambda _profile: EveryMinute())
async def end(context: JobContext, town: int, *, due: datetime, now: datetime) -> bool:  # noqa: ARG001
    """Ends some offers that are over; whether there may be more."""
    return bool(await offers.end_some(context.pool, town, now))
