"""Runs one worker: ``python -m gateway.jobs [QUEUE...]``, set up by ``KOBAN_*`` like a gateway.

It works for every town of the database and, where queues are named, on those alone. SIGTERM or
SIGINT lets it finish the slices at hand and stop; a second one ends it at once, and its jobs are
taken up by another. Ends with 0, 1 when it could not start (one sentence says why), 2 when the
settings make no sense.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

import structlog
import uvloop

from config.logs import configure
from config.settings import Settings, SettingsError, load
from gateway.app import wall_clock
from gateway.jobs.job import Job
from gateway.jobs.table import JOBS
from gateway.jobs.worker import Worker, WorkerLimits
from gateway.senders import is_here
from ledger.errors import LedgerError, LedgerUnavailable

log = structlog.get_logger("gateway.jobs")


async def run(
    settings: Settings,
    queues: Sequence[str] = (),
    table: Sequence[Job] = JOBS,
    limits: WorkerLimits | None = None,
) -> None:
    """Works until it is told to stop.

    Raises:
        LedgerError, SettingsError: it could not start.
    """
    async with Worker(settings, table, now=wall_clock, queues=queues, limits=limits) as worker:
        told = False

        def stop() -> None:
            nonlocal told
            if told:
                log.warning("stopping_at_once")
                os._exit(1)
            told = True
            log.info("stopping")
            worker.stop()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        log.info("started", jobs=[job.name for job in table])
        if is_here(settings) and not settings.demo:
            # Then webhooks may go to this machine's own addresses, which no platform should name.
            log.warning("public_url_is_of_this_machine", public_url=settings.public_url)
        await worker.work()
    log.info("stopped")


def main(queues: Sequence[str]) -> int:
    """The command; its exit status."""
    known = sorted({job.queue for job in JOBS})
    if unknown := sorted(set(queues) - set(known)):
        print(f"koban: found {unknown[0]!r}; queues are {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        settings = load()
    except SettingsError as error:
        print(f"koban: {error}", file=sys.stderr)
        return 2
    configure(settings.log_level)
    try:
        uvloop.run(run(settings, queues))
    except LedgerUnavailable as error:
        print(f"koban: cannot start: Postgres (KOBAN_POSTGRES_DSN): {error}", file=sys.stderr)
        return 1
    except (LedgerError, SettingsError) as error:
        print(f"koban: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
