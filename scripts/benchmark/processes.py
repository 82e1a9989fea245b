"""The processes of (d), (e) and (f): a gateway, and the generator that puts load on it."""

import asyncio
import contextlib
import socket
import sys
from types import TracebackType
from typing import Self

import msgspec
import psutil
from msgspec import Struct

from loadtest.bench.figures import Figures
from loadtest.bench.generator import Connect, Leave, Order, Pay
from loadtest.bench.screens import Seat
from scripts.benchmark.bench import Bench, BenchFault
from scripts.children import Child, ChildFault

READY_MAX_S = 60
# Lines of the gateway's log that are no complaints, and how many complaints are shown.
CALM = ('"level":"debug"', '"level":"info"')
COMPLAINTS_MAX = 10
# One order of the generator: connecting thousands is the longest.
ORDER_MAX_S = 180


class Usage(Struct, frozen=True):
    """Seconds of processor time used so far, by who used them."""

    gateway_s: float
    postgres_s: float
    valkey_s: float

    def since(self, before: "Usage") -> "Usage":
        """What was used since ``before``."""
        return Usage(
            self.gateway_s - before.gateway_s,
            self.postgres_s - before.postgres_s,
            self.valkey_s - before.valkey_s,
        )


def processor_s(process: psutil.Process) -> float:
    """Seconds of processor time that a process has used; 0 where it is gone."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


class Gateway:
    """``python -m gateway`` on the bench's servers; used with ``with``.

    ``module`` is run instead where it is named, ``sales_url`` is where sales have their own lane.
    """

    def __init__(self, bench: Bench, *, module: str = "gateway", sales_url: str = "") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.town = bench.town.code
        self._child = Child(
            module,
            [module],
            bench.servers.environment()
            | {
                "KOBAN_SECRET": bench.secret,
                "KOBAN_PORT": str(self._port),
                "KOBAN_PUBLIC_URL": self.url,
                "KOBAN_TOWNS": bench.town.code,
                "KOBAN_DEMO": "0",
                "KOBAN_SALES_URL": sales_url,
            },
            bench.folder / f"{module}-{self._port}.log",
        )

    def __enter__(self) -> Self:
        try:
            self._child.wait_until_ready(self._port, "/readyz", READY_MAX_S)
        except ChildFault:
            self._child.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.stop()
        lines = self._child.log.read_text(errors="replace").splitlines()
        complaints = [line for line in lines if not any(level in line for level in CALM)]
        if complaints:
            print(f"{self._child.name} complained {len(complaints)} times:", file=sys.stderr)
            print("\n".join(complaints[:COMPLAINTS_MAX]), file=sys.stderr, flush=True)

    @property
    def pid(self) -> int:
        """The gateway's process."""
        return self._child.pid

    def resident_kib(self) -> float:
        """The gateway's resident memory."""
        return float(psutil.Process(self.pid).memory_info().rss) / 1024

    def usage(self) -> Usage:
        """Processor time so far of the gateway and of the servers behind it."""
        postgres = valkey = 0.0
        for child in psutil.Process().children(recursive=True):
            # A worker of autovacuum may end while it is looked at.
            with contextlib.suppress(psutil.NoSuchProcess):
                name = child.name()
                if name == "postgres":
                    postgres += processor_s(child)
                elif name == "valkey-server":
                    valkey += processor_s(child)
        return Usage(processor_s(psutil.Process(self.pid)), postgres, valkey)


class Generator:
    """The generator's process; orders go in, figures come out."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "loadtest.bench.generator"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        if error is None:
            await self._order(Leave())
        else:
            self._process.terminate()
        await self._process.wait()

    async def _order(self, order: Order) -> bytes:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise BenchFault("the generator was not started")
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        await process.stdin.drain()
        async with asyncio.timeout(ORDER_MAX_S):
            answer = await process.stdout.readline()
        if not answer or answer.startswith(b'{"fault"'):
            raise BenchFault(f"the generator failed: {answer.decode() or 'it ended'}")
        return answer

    async def connect(self, gateway: Gateway, seats: list[Seat]) -> None:
        """Connects screens and returns when all are ready."""
        url = f"{gateway.url.replace('http', 'ws', 1)}/ws/{gateway.town}"
        await self._order(Connect(url=url, origin=gateway.url, seats=seats))

    async def pay(self, order: Pay) -> Figures:
        """Puts load on the gateway and returns what came of it."""
        return msgspec.json.decode(await self._order(order), type=Figures)
