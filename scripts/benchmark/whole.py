"""(d), (e) and (f): the whole house, over real websockets."""

import asyncio

from msgspec import Struct
from msgspec.structs import replace

from loadtest.bench.figures import Figures
from loadtest.bench.generator import Pay
from scripts.benchmark.bench import Bench
from scripts.benchmark.processes import Gateway, Generator, Usage
from scripts.benchmark.sizes import IN_FLIGHT, PIN
from scripts.benchmark.town import register, seats, sign_in

# Frames are encoded ahead for so many payments a second; beyond, as they are needed.
EXPECTED_TPS = 8_000
# Every wallet pays once at this pace (payments a second) before anything is measured.
WARM_UP_RATE = 800
# The gateway makes its pools and caches for the first sessions; memory is counted behind these.
FIRST_SESSIONS = 100
# Idle means idle: first loads and their garbage are over.
IDLE_S = 2.0


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


async def _measure(gateway: Gateway, generator: Generator, name: str, order: Pay) -> Load:
    before = gateway.usage()
    figures = await generator.pay(order)
    usage = gateway.usage().since(before)
    return Load(name, order.in_flight, order.rate, figures, usage)


async def loads(bench: Bench) -> list[Load]:
    """(d) closed loops and half load, then (e) one hot shop."""
    sizes, town = bench.sizes, bench.town
    wallets = town.wallets[: sizes.connected_wallets]
    tablets = town.tablets[: sizes.connected_shops]
    await register(bench.pool, town, wallets, bench.secret)
    people = await sign_in(bench.pool, town, wallets)
    screens = await seats(bench.pool, town, [*tablets, *people])
    order = Pay(
        shops=[tablet.account for tablet in tablets],
        pin=PIN,
        windows=sizes.windows,
        window_s=sizes.window_s,
        expected_tps=EXPECTED_TPS,
    )
    results = []
    with Gateway(bench) as gateway:
        async with Generator() as generator:

            async def measure(name: str, order: Pay) -> Load:
                bench.progress(name)
                load = await _measure(gateway, generator, name, order)
                results.append(load)
                return load

            bench.progress(f"connecting {len(screens)} screens")
            await generator.connect(gateway, screens)
            # Every wallet's first PIN is checked the slow way; that happens before anything counts.
            windows = len(wallets) // WARM_UP_RATE + 1
            warm_up = replace(order, windows=windows, window_s=1.0, rate=WARM_UP_RATE)
            await measure("warm-up, not counted", warm_up)
            best = 0.0
            for in_flight in IN_FLIGHT:
                load = await measure(f"{in_flight} in flight", replace(order, in_flight=in_flight))
                best = max(best, load.figures.tps)
            await measure("half load", replace(order, rate=best / 2))
            hot = replace(order, shops=order.shops[:1], in_flight=IN_FLIGHT[-1])
            await measure("one hot shop", hot)
    return results


async def idle(bench: Bench) -> float:
    """(f) KiB of the gateway's memory per idle session."""
    wallets = bench.town.wallets[-bench.sizes.idle_sessions - FIRST_SESSIONS :]
    screens = await seats(bench.pool, bench.town, await sign_in(bench.pool, bench.town, wallets))
    with Gateway(bench) as gateway:
        async with Generator() as generator:
            bench.progress(f"connecting {bench.sizes.idle_sessions} idle sessions")
            await generator.connect(gateway, screens[:FIRST_SESSIONS])
            await asyncio.sleep(IDLE_S)
            before_kib = gateway.resident_kib()
            await generator.connect(gateway, screens[FIRST_SESSIONS:])
            await asyncio.sleep(IDLE_S)
            return (gateway.resident_kib() - before_kib) / bench.sizes.idle_sessions
