"""The table of all jobs: what is not here, no worker runs."""

from gateway.jobs import upkeep
from gateway.jobs.job import Job

JOBS: tuple[Job, ...] = (upkeep.sweep,)
