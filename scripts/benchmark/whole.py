"""(d), (e) and (f): the whole house, over real websockets.

The sessions of (f) stay connected while some of them pay: a town's gateway is never alone.
"""

import asyncio

from msgspec import Struct
from msgspec.structs import replace

from loadtest.bench.figures import Figures, median, merged
from loadtest.bench.generator import Pay
from scripts.benchmark.bench import Bench
from scripts.benchmark.processes import Gateway, Generator, Usage
from scripts.benchmark.sizes import IN_FLIGHT, PIN
from scripts.benchmark.town import register, seats, sign_in

# Frames are encoded ahead for so many payments a second; beyond, as they are needed.
EXPECTED_TPS = 8_000
# Every wallet pays once at this pace (payments a second) before anything is measured.
WARM_UP_RATE = 800
HALF = "half load"
HOT = "one hot shop"
# The gateway makes its pools and caches for the first sessions; memory is counted behind these.
FIRST_SESSIONS = 100
# Idle means idle: first loads and their garbage are over.
IDLE_S = 1.5


class Load(Struct, frozen=True):
    """One kind of load: what was asked for, what came of it, and who was busy."""

    name: str
    in_flight: int
    rate: float
    figures: Figures
    usage: Usage

    @property
    def payments(self) -> int:
        """All that were sent, however they ended."""
        return max(1, sum(self.figures.outcomes.values()))


class House:
    """A gateway with its screens connected, ready to be measured round after round."""

    def __init__(self, bench: Bench, gateway: Gateway, generator: Generator) -> None:
        sizes, town = bench.sizes, bench.town
        self._bench = bench
        self._gateway = gateway
        self._generator = generator
        self._order = Pay(
            shops=town.shops,
            pin=PIN,
            windows=sizes.windows,
            window_s=sizes.window_s,
            expected_tps=EXPECTED_TPS,
        )

    async def _measure(self, name: str, order: Pay) -> Load:
        self._bench.progress(f"(d), (e): {name}")
        before = self._gateway.usage()
        figures = await self._generator.pay(order)
        usage = self._gateway.usage().since(before)
        return Load(name, order.in_flight, order.rate, figures, usage)

    async def enter(self) -> float:
        """Connects everybody; the KiB of the gateway's memory per idle session."""
        bench = self._bench
        wallets = bench.town.wallets[: bench.sizes.sessions]
        await register(bench.pool, bench.town, wallets, bench.secret)
        people = await seats(bench.pool, bench.town, await sign_in(bench.pool, bench.town, wallets))
        tablets = await seats(bench.pool, bench.town, bench.town.tablets)
        bench.progress(f"(f) connecting {len(people)} sessions")
        await self._generator.connect(self._gateway, [*tablets, *people[:FIRST_SESSIONS]])
        await asyncio.sleep(IDLE_S)
        before_kib = self._gateway.resident_kib()
        await self._generator.connect(self._gateway, people[FIRST_SESSIONS:])
        await asyncio.sleep(IDLE_S)
        grown_kib = self._gateway.resident_kib() - before_kib
        return grown_kib / (len(people) - FIRST_SESSIONS)

    async def warm_up(self) -> Load:
        """Lets every wallet pay once.

        A session's first PIN is checked the slow way; that is over before anything counts.
        """
        windows = self._bench.sizes.sessions // WARM_UP_RATE + 1
        order = replace(self._order, windows=windows, window_s=1.0, rate=WARM_UP_RATE)
        return await self._measure("warm-up, not counted", order)

    async def half_load(self) -> float:
        """Half of the payments a second that the gateway takes at most, by the closed loops."""
        found = []
        for in_flight in IN_FLIGHT:
            order = replace(self._order, in_flight=in_flight)
            found.append(await self._measure(f"{in_flight} in flight", order))
        return max(load.figures.tps for load in found) / 2

    async def steadily(self, rate: float, seconds: int) -> Figures:
        """So many payments a second for so long."""
        order = replace(self._order, rate=rate, windows=seconds, window_s=1.0)
        return (await self._measure(f"{rate:.0f} payments/s", order)).figures

    async def round(self) -> list[Load]:
        """(d) closed loops and half load, then (e) one hot shop."""
        results = []
        for in_flight in IN_FLIGHT:
            order = replace(self._order, in_flight=in_flight)
            results.append(await self._measure(f"{in_flight} in flight", order))
        rate = max(load.figures.tps for load in results) / 2
        results.append(await self._measure(HALF, replace(self._order, rate=rate)))
        hot = replace(self._order, shops=self._order.shops[:1], in_flight=IN_FLIGHT[-1])
        results.append(await self._measure(HOT, hot))
        return results


def merged_loads(rounds: list[list[Load]]) -> list[Load]:
    """The same loads of several rounds, each as one."""
    loads = []
    for same in zip(*rounds, strict=True):
        usage = Usage(
            sum(load.usage.gateway_s for load in same),
            sum(load.usage.postgres_s for load in same),
            sum(load.usage.valkey_s for load in same),
        )
        first, rate = same[0], median([load.rate for load in same])
        figures = merged([load.figures for load in same])
        loads.append(Load(first.name, first.in_flight, rate, figures, usage))
    return loads
