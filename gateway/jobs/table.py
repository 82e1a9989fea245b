"""The table of all jobs: what is not here, no worker runs."""

from gateway.jobs import (
    challenges,
    civic,
    draws,
    expiry,
    grants,
    notices,
    offers,
    shop_applications,
    upkeep,
)
from gateway.jobs.job import Job

JOBS: tuple[Job, ...] = (
    challenges.look,
    civic.deliver,
    civic.look,
    civic.sweep,
    draws.look,
    expiry.run_expiry,
    expiry.warn_of_expiry,
    grants.run_grants,
    notices.look,
    notices.publish,
    notices.push_answers,
    notices.sweep,
    offers.end,
    shop_applications.tell_applicant,
    upkeep.sweep,
    upkeep.verify_books,
)
