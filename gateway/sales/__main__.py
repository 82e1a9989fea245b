"""Runs one lane process: ``python -m gateway.sales``, set up by ``KOBAN_*`` like a gateway.

It listens on ``KOBAN_HOST`` and ``KOBAN_PORT``, answers the sales' addresses and ``/healthz``,
``/readyz``, and gives way to whatever else the machine does. The balancer sends the sales here; the
gateways are told by ``KOBAN_SALES_URL`` that they need not. SIGTERM or SIGINT ends it after the
requests under way. The exit status is a gateway's: 1 when it could not start, 2 for bad settings.
"""

import asyncio
import contextlib
import errno
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from config.limits import Limits
from config.logs import configure
from config.profile import Profile, ProfileError
from config.settings import Settings, SettingsError, load
from gateway.__main__ import BACKLOG, Server, calm_collector, listen
from gateway.app import wall_clock
from gateway.health import Health, health_routes, judge
from gateway.http.context import Town
from gateway.http.pages import exception_handlers
from gateway.metrics import Metrics
from gateway.rulebook import Rulebook
from gateway.sales.lane import Lane
from gateway.sales.office import SalesOffice
from ledger.database import open_pool
from ledger.errors import LedgerError, LedgerUnavailable

# A payment's process goes first whenever both could run, and is not interrupted for this one.
NICENESS = 19
# Longer than a balancer keeps a connection that nobody uses (nginx: 60 s): it is the one to close.
KEEP_ALIVE_S = 75

log = structlog.get_logger("gateway.sales")


class LaneProcess:
    """A lane and nothing else, as an ASGI application."""

    def __init__(self, settings: Settings, limits: Limits, now: Callable[[], datetime]) -> None:
        self.name = secrets.token_hex(4)
        self._settings = settings
        self._now = now
        self._towns: dict[str, Town] = {}
        self._office = SalesOffice(
            settings, limits.sales, self._towns, now=now, monotonic=time.monotonic
        )
        self._looking: asyncio.Task[None] | None = None
        self._rest: ASGIApp = Starlette(
            routes=health_routes(self.health, Metrics()), exception_handlers=exception_handlers()
        )

    async def start(self) -> None:
        """Opens the doors.

        Raises:
            LedgerError, ProfileError: it cannot start.
        """
        self._pool = await open_pool(self._settings.postgres_dsn, 1, application_name="koban sales")
        rulebook = Rulebook(self._pool, self._settings.towns, self._now, self._take)
        await rulebook.load_named()
        await rulebook.look()
        await self._office.open()
        self._looking = asyncio.create_task(rulebook.look_forever(), name="rulebook")

    async def _take(self, profile: Profile) -> None:
        town = self._towns.get(profile.town.code)
        if town is None:
            self._towns[profile.town.code] = Town(profile)
        else:
            town.take(profile)

    async def stop(self) -> None:
        """Stops what was started."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._office.close()
        await self._pool.close()

    def health(self) -> Health:
        """How this process is."""
        postgres, redis = self._office.postgres, self._office.redis
        return Health(
            status=judge(postgres=postgres, redis=redis, draining=False),
            gateway=self.name,
            postgres=postgres,
            redis=redis,
            sessions=0,
            waiting=0,
        )

    @property
    def towns(self) -> Mapping[str, Town]:
        """The towns whose sales are served here, by code."""
        return self._towns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] == "http" and Lane.takes(scope["path"]):
            await self._office.lane(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


async def run(settings: Settings) -> None:
    """Runs a lane until it is told to stop.

    Raises:
        LedgerError, ProfileError, OSError: it could not start.
    """
    listener = listen(settings.host, settings.port)
    lane = LaneProcess(settings, Limits(), wall_clock)
    try:
        await lane.start()
    except BaseException:
        listener.close()
        raise
    web = Server(
        uvicorn.Config(
            lane,
            http="httptools",  # A third of a request's processor time is reading HTTP.
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=5,
        )
    )
    calm_collector()

    def stop() -> None:
        web.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    log.info("listening", host=settings.host, port=settings.port, towns=list(lane.towns))
    try:
        await web.serve(sockets=[listener])
    finally:
        await lane.stop()


def give_way() -> None:
    """Lets every other process go first, as far as this machine allows it.

    Linux may weigh sessions against each other instead of processes (autogroups, sched(7)); then it
    is the session that has to be modest, if it is this process's own.
    """
    os.nice(NICENESS)
    if sys.platform != "linux":
        return
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICENESS), encoding="ascii")


def main() -> int:
    """The command; its exit status."""
    try:
        settings = load()
    except SettingsError as error:
        print(f"koban: {error}", file=sys.stderr)
        return 2
    configure(settings.log_level)
    give_way()
    try:
        uvloop.run(run(settings))
    except OSError as error:
        what = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error}"
        print(f"koban: {settings.host}:{settings.port} {what}", file=sys.stderr)
        return 1
    except LedgerUnavailable as error:
        print(f"koban: cannot start: Postgres (KOBAN_POSTGRES_DSN): {error}", file=sys.stderr)
        return 1
    except (LedgerError, ProfileError) as error:
        print(f"koban: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
