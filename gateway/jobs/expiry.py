"""Expiry at each town's midnight, in slices between which payments are decided alone."""

import asyncio
from datetime import datetime, time

from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.schedule import Daily
from ledger import expiry

PAUSE_S = 0.1  # Behind a slice of about as long: at most half of one connection's time.
SLICES = 8


@job("expiry.run", schedule=lambda profile: Daily(time(0), grace_s=profile.expiry.grace_s))
async def run_expiry(
    context: JobContext,
    town: int,
    *,
    due: datetime,
    now: datetime,  # noqa: ARG001
) -> bool:
    """Carries away what ended by a midnight, some slices at a time; whether there is more."""
    for _ in range(SLICES):
        if not await expiry.run_slice(context.pool, town, due, context.clock):
            return False
        await asyncio.sleep(PAUSE_S)
    return True
