"""Grants by list: an approved run is given, one that is undone is taken back."""

from datetime import datetime

from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from ledger import grants


@job("grants.run", subject="run")
async def run_grants(context: JobContext, town: int, *, run: int, now: datetime) -> bool:
    """Goes on with a run by one slice; whether there is more. Each row has an id of its own, so a
    slice that is done again gives nothing again.
    """
    return await grants.go_on(context.pool, town, run, now)
