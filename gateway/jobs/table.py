"""The table of all jobs: what is not here, no worker runs."""

from gateway.jobs import challenges, draws, grants, upkeep
from gateway.jobs.job import Job

JOBS: tuple[Job, ...] = (draws.look, challenges.look, expiry.run_expiry, grants.run_grants, upkeep.sweep)
