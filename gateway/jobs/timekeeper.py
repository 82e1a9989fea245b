"""Enqueues scheduled jobs as they become due, each occasion once, whoever looks and however many.

How far each town's schedule was enqueued is a row that is locked, read again and moved on in the
transaction that enqueues (`ledger.jobs`). So two who look at once enqueue once, and what became due
while nobody looked is found by whoever looks next.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from config.profile import Profile
from gateway.jobs.job import Job
from gateway.jobs.schedule import EveryMinute, Schedule, occasions
from ledger import jobs
from ledger.database import Pool, transaction

log = structlog.get_logger("gateway.jobs")


async def enqueue_due(
    pool: Pool, table: Sequence[Job], profiles: Mapping[int, Profile], now: datetime
) -> int:
    """Enqueues what is due at ``now`` in every town; how many jobs. ``profiles`` by town's number.

    A schedule that is seen for the first time begins ``now``; one that its town has no more ends.

    Raises:
        LedgerError: not all was enqueued; what was not is found by the next look.
    """
    known = await jobs.schedules(pool)
    count = 0
    for town, profile in list(profiles.items()):
        zone = ZoneInfo(profile.town.time_zone)
        for job in table:
            schedule = job.schedule(profile) if job.schedule else None
            reached = known.get((town, job.name))
            if schedule is None:
                if reached is not None:
                    await jobs.end_schedule(pool, town, job.name)
            elif reached is None:
                await jobs.begin_schedule(pool, town, job.name, now)
            elif occasions(schedule, zone, reached, now):
                count += await _enqueue(pool, job, town, schedule, zone, now)
    return count


async def _enqueue(
    pool: Pool, job: Job, town: int, schedule: Schedule, zone: ZoneInfo, now: datetime
) -> int:
    async with transaction(pool) as connection:
        reached = await jobs.lock_schedule(connection, town, job.name)
        # Somebody else may have been here, or have ended it.
        due = occasions(schedule, zone, reached, now) if reached else []
        if not due:
            return 0
        await jobs.reach(connection, town, job.name, due[-1])
        if isinstance(schedule, EveryMinute) and await jobs.waits(
            connection, job.name, job.lock(town, {})
        ):
            return 0  # The last minute's has not begun: it will do this one's work.
        for instant in due:
            await job.defer(connection, town, due=instant)
    log.info("jobs_due", job=job.name, town=town, count=len(due), due=due[-1].isoformat())
    return len(due)
