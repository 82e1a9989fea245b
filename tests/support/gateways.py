"""Real gateway processes on free ports, started by a test and gone with it."""

import asyncio
import contextlib
import itertools
import os
import random
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from tests.support.forks import Fork

ROOT = Path(__file__).resolve().parent.parent.parent
START_MAX_S = 60
STOP_MAX_S = 30
SECRET = "a secret that is known to the tests alone, and long enough"


# Below the ports that the kernel gives to outgoing connections, and apart for each process that
# tests beside this one: a port that is free when it is chosen is free when it is used.
PORTS_EACH = 2_000
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_ports = itertools.count(20_000 + _worker * PORTS_EACH + random.SystemRandom().randrange(1_000))


def free_port() -> int:
    """A port of this machine that nobody listens on, another one at each call."""
    for port in _ports:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("counting does not end")


class GatewayProcess:
    """One gateway as its own process; `stop` asks it to drain, `kill` does not ask.

    ``module``: what is run; a lane of sales is told and ended like a gateway.
    """

    def __init__(
        self, port: int, environ: dict[str, str], log: Path, module: str = "gateway"
    ) -> None:
        self.port = port
        self._module = module
        self.url = f"http://127.0.0.1:{port}"
        self.websocket_url = f"ws://127.0.0.1:{port}"
        self.log = log
        self._environ = environ
        self._process: Fork | None = None

    @property
    def pid(self) -> int:
        """The process number while it runs."""
        assert self._process is not None
        return self._process.pid

    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Starts the process and returns when it says that it is ready."""
        self._process = Fork(self._module, self._environ, self.log)
        until = time.monotonic() + START_MAX_S
        # No TLS here, and reading whom it would trust takes long on a busy machine.
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            while time.monotonic() < until:
                if self._process.returncode is not None:
                    raise AssertionError(f"the gateway ended while starting:\n{self.tail()}")
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise AssertionError(f"the gateway was not ready in {START_MAX_S} s:\n{self.tail()}")

    async def stop(self) -> int:
        """Asks the process to drain and end, and returns its exit status."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> int:
        """Ends the process at once, without a chance to say anything."""
        return await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> int:
        process = self._process
        assert process is not None
        if process.returncode is None:
            process.send_signal(how)
        try:
            async with asyncio.timeout(STOP_MAX_S):
                return await process.wait()
        except TimeoutError:
            process.send_signal(signal.SIGKILL)
            await process.wait()
            raise AssertionError(
                f"the gateway did not end in {STOP_MAX_S} s:\n{self.tail()}"
            ) from None

    def tail(self, lines: int = 40) -> str:
        """The end of what the process logged."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class StartGateway(Protocol):
    """Starts one more gateway on the test's database and Redis; settings without ``KOBAN_``."""

    async def __call__(
        self, *, port: int | None = None, module: str = "gateway", **settings: str
    ) -> GatewayProcess: ...


@pytest.fixture
async def start_gateway(dsn: str, redis_url: str, tmp_path: Path) -> AsyncIterator[StartGateway]:
    """Starts gateways, as many as the test wants; those still running at its end are stopped.

    Every gateway is a demo one unless told ``DEMO="0"``.
    """
    started: list[GatewayProcess] = []

    async def start(
        *, port: int | None = None, module: str = "gateway", **settings: str
    ) -> GatewayProcess:
        number = free_port() if port is None else port
        environ = {name: text for name, text in os.environ.items() if not name.startswith("KOBAN_")}
        told = {
            "POSTGRES_DSN": dsn,
            "REDIS_URL": redis_url,
            "SECRET": SECRET,
            "PORT": str(number),
            "DEMO": "1",
        } | settings
        environ |= {f"KOBAN_{name}": text for name, text in told.items()}
        environ["PYTHONPATH"] = str(ROOT)
        log = tmp_path / f"gateway-{len(started)}.log"
        process = GatewayProcess(number, environ, log, module)
        started.append(process)
        await process.start()
        return process

    yield start
    for process in started:
        if process.running():
            await process.stop()


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> GatewayProcess:
    """One gateway, ready."""
    return await start_gateway()
