"""Jobs at the console: what waits and what failed, and trying again."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.queries import Number, Page
from gateway.protocol import api, api_jobs
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import jobs


class JobsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``failed``: 1, only those that failed. ``before``: only those before this one."""

    failed: Annotated[int, Meta(ge=0, le=1)] = 0
    before: Number | None = None
    limit: Page = 50


class JobPath(Struct, frozen=True):
    job: Number


async def list_jobs(call: Call) -> api_jobs.Jobs:
    """A page of the town's jobs that are not done, newest first."""
    query, pool, town = call.query_as(JobsQuery), call.context.pool, call.town.number
    found = await jobs.lines(
        pool, town, failed=bool(query.failed), before=query.before, limit=query.limit
    )
    counts = (await jobs.counts(pool)).get(town, jobs.JobCounts())
    return api_jobs.Jobs(
        [
            api_jobs.JobLine(
                line.job,
                line.name,
                line.state,
                line.attempts,
                line.arguments,
                _ms(line.not_before),
                _ms(line.fault_at),
                line.fault,
            )
            for line in found
        ],
        next=found[-1].job if len(found) == query.limit else None,
        waiting=counts.waiting,
        running=counts.running,
        failed=counts.failed,
    )


async def retry_job(call: Call) -> api.Done:
    """Lets a failed job be tried again, as often as at first."""
    number = call.path_as(JobPath).job
    async with acting(call) as act:
        name = await jobs.retry(act.connection, call.town.number, number)
        if name is None:
            raise Refused("not_found", "No job with this number has failed.", field="job")
        await act.record("job.retried", f"job:{number}", after={"job": name})
    return api.Done()


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
