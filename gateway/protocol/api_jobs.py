"""The bodies of what the console sees of jobs."""

from msgspec import Struct


class JobLine(Struct, frozen=True):
    """A job that is not done. ``state``: waiting, running, failed. Instants in ms since 1970.

    ``attempts`` were in vain; ``not_before``: when it is tried next; ``fault``: what it said when
    it failed last, at ``fault_at``. ``arguments``: what it is about, as JSON.
    """

    job: int
    name: str
    state: str
    attempts: int
    arguments: str
    not_before: int | None
    fault_at: int | None
    fault: str | None


class Jobs(Struct, frozen=True):
    """A page of jobs, newest first; ``next``: the ``before`` of the next page. And how many of the
    town's are in each state.
    """

    jobs: list[JobLine]
    next: int | None
    waiting: int
    running: int
    failed: int
