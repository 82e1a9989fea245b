"""Runs one gateway: ``python -m gateway``, set up by ``KOBAN_*``.

SIGTERM or SIGINT drains and stops; a second one stops at once. Ends with 0 after a drain, 1 when it
could not start (one sentence says why), 2 when the settings make no sense.
"""

import asyncio
import errno
import gc
import random
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
import uvloop

from config.logs import configure
from config.profile import ProfileError
from config.settings import Settings, SettingsError, load
from gateway.app import Gateway
from gateway.drain import drain
from gateway.wire import WireProtocol
from ledger.errors import LedgerError, LedgerUnavailable

# Kernel buffers per socket. The default grows to megabytes, in which a screen that does not read
# would go unnoticed for minutes.
SEND_BUFFER_BYTES = 131_072
# A peer that takes nothing for so long, though its line answers, is given up by the kernel.
USER_TIMEOUT_MS = 30_000
BACKLOG = 4_096  # Every screen of a town may come back in the same second.
# Twice the protocol's own bound: within it the session answers with its close code.
FRAME_BYTES_MAX = 65_536

# Objects made and not freed before the collector looks: some megabytes.
COLLECT_AT = 20_000

log = structlog.get_logger("gateway")


class Server(uvicorn.Server):
    """Uvicorn, without its own idea of signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals to `run`."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """The listening socket; what is set here holds for every connection accepted from it.

    Raises:
        OSError: the address is taken, or not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


def calm_collector() -> None:
    """Lets the garbage collector look seldom, and not at what is there for good.

    Nothing on the way of a payment makes cycles, so counting references frees nearly everything;
    the usual thresholds cost a fifth of the process at full load, looking at sessions that stay.
    So does a closed websocket (`gateway.wire`); what else there is, HTTP leaves behind.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AT, 10, 3)


def server(gateway: Gateway) -> Server:
    """Uvicorn as we use it."""
    return Server(
        uvicorn.Config(
            gateway,
            ws=WireProtocol,
            http="h11",
            ws_per_message_deflate=False,
            ws_max_size=FRAME_BYTES_MAX,
            ws_ping_interval=None,  # The protocol has heartbeats of its own, seen by the screens.
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=2,
        )
    )


async def run(settings: Settings) -> None:
    """Runs a gateway until it is told to stop.

    Raises:
        LedgerError, ProfileError, SettingsError, OSError: it could not start.
    """
    listener = listen(settings.host, settings.port)
    gateway = Gateway(settings)
    try:
        await gateway.start()
    except BaseException:
        listener.close()
        raise
    web = server(gateway)
    calm_collector()
    loop = asyncio.get_running_loop()
    told: list[asyncio.Task[None]] = []

    async def see_off() -> None:
        for accepting in web.servers:
            accepting.close()
        await drain(gateway, random.Random())  # noqa: S311 - spreads load, guards nothing.
        web.should_exit = True

    def stop() -> None:
        if told:
            log.warning("stopping_at_once")
            told[0].cancel()
            web.force_exit = web.should_exit = True
        else:
            told.append(loop.create_task(see_off()))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    log.info("listening", host=settings.host, port=settings.port, gateway=gateway.name)
    try:
        await web.serve(sockets=[listener])
    finally:
        await gateway.stop()


def main() -> int:
    """The command; its exit status."""
    try:
        settings = load()
    except SettingsError as error:
        print(f"koban: {error}", file=sys.stderr)
        return 2
    configure(settings.log_level)
    try:
        uvloop.run(run(settings))
    except OSError as error:
        what = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error}"
        print(f"koban: {settings.host}:{settings.port} {what}", file=sys.stderr)
        return 1
    except LedgerUnavailable as error:
        print(f"koban: cannot start: Postgres (KOBAN_POSTGRES_DSN): {error}", file=sys.stderr)
        return 1
    except (LedgerError, ProfileError, SettingsError) as error:
        print(f"koban: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
