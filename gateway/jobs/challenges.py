"""Challenges: counted each minute also where nobody looks, and their bonuses granted."""

from datetime import datetime

from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.schedule import EveryMinute
from ledger import challenges


@job("challenges.look", schedule=lambda _profile: EveryMinute())
async def look(context: JobContext, town: int, *, due: datetime, now: datetime) -> bool:  # noqa: ARG001
    """Counts a slice of each open challenge and grants a slice of the bonuses of one that was
    reached; whether there is more of either.
    """
    counting = await challenges.look(context.pool, town, now)
    granting = await challenges.grant(context.pool, town, now)
    return counting or granting
