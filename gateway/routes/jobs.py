"""Rows of the table of routes: jobs, as the console sees them."""

from gateway.http import jobs
from gateway.http.call import Endpoint
from gateway.protocol import api, api_jobs
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)

JOB_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/console/jobs",
        summary="Jobs that wait, run or have failed, and why they failed.",
        handler=jobs.list_jobs,
        roles=CONSOLE,
        query=jobs.JobsQuery,
        answer=api_jobs.Jobs,
    ),
    Endpoint(
        method="POST",
        path="/console/jobs/{job}/retry",
        summary="Try a failed job again.",
        handler=jobs.retry_job,
        roles=CONSOLE,
        operator=True,
        path_parts=jobs.JobPath,
        answer=api.Done,
    ),
)
