"""The table of all jobs: what is not here, no worker runs."""

from gateway.jobs import challenges, grants, upkeep
from gateway.jobs.job import Job

JOBS: tuple[Job, ...] = (challenges.look, grants.run_grants, upkeep.sweep)
