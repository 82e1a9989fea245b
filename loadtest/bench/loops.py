"""The two ways of putting load on a gateway: a closed loop, and arrivals that wait for nobody.

A closed loop keeps so many payments in flight and finds the rate; it says little about waiting, as
it slows down with the gateway. Arrivals at a fixed rate find the waiting: latency counts from the
moment a payment was *meant* to be sent, whether or not the generator or the gateway was late.
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from time import perf_counter, process_time, time_ns

from loadtest.bench.figures import Figures, cut, median, percentile
from loadtest.bench.screens import Fleet, Payment

# How long the last payments may take after a run, before they count as unanswered.
SETTLE_S = 10.0
# A run's first moments fill the pipeline; they are not counted.
RAMP_S = 0.3


def payments(fleet: Fleet, shops: Sequence[int], pin: str) -> Iterator[Payment]:
    """Payments without end: wallet by wallet, no two of a wallet with the same amount.

    Ids are UUIDv7 with the millisecond of their making, frames are complete.
    """
    turn = 0
    while True:
        stamp = f"{time_ns() // 1_000_000:012x}"
        noise = secrets.token_hex(9 * 1000)
        for n in range(1000):
            payer = fleet.wallets[turn % len(fleet.wallets)]
            shop = shops[(turn * 7919) % len(shops)]
            turn += 1
            payer.paid += 1
            part = noise[n * 18 : n * 18 + 18]
            payment_id = f"{stamp[:8]}-{stamp[8:]}-7{part[:3]}-8{part[3:6]}-{part[6:18]}"
            amount = 100 + payer.paid
            frame = (
                f'{{"type":"pay","id":"{payment_id}","shop":{shop},'
                f'"amount":{amount},"pin":"{pin}"}}'
            )
            yield Payment(payment_id.encode(), payer, frame.encode())


class Run:
    """One measured stretch: resets the fleet's counts, and sums them up at the end."""

    def __init__(self, fleet: Fleet, source: Iterator[Payment], ahead: int) -> None:
        self._fleet = fleet
        self._source = source
        self._ready = [next(source) for _ in range(ahead)]
        self._ready.reverse()
        fleet.ended.clear()
        for counts in (fleet.outcomes, fleet.closed):
            counts.clear()
        fleet.gaps = fleet.repeats = fleet.acks = 0

    def _next(self) -> Payment:
        return self._ready.pop() if self._ready else next(self._source)

    async def closed(self, in_flight: int, windows: int, window_s: float) -> Figures:
        """Keeps ``in_flight`` payments under way: each end starts the next."""
        fleet = self._fleet
        running = True

        def go_on() -> None:
            if running:
                fleet.send(self._next(), perf_counter())

        fleet.on_end = go_on
        for _ in range(in_flight):
            go_on()
        await asyncio.sleep(RAMP_S)
        begin_s, cpu_s = perf_counter(), process_time()
        await asyncio.sleep(windows * window_s)
        cpu = (process_time() - cpu_s) / (perf_counter() - begin_s)
        running = False
        return await self._sum_up(begin_s, windows, window_s, cpu)

    async def arrivals(self, rate: float, windows: int, window_s: float) -> Figures:
        """Sends ``rate`` payments a second, evenly, however long the earlier ones take."""
        fleet = self._fleet
        fleet.on_end = lambda: None
        start_s, cpu_s = perf_counter(), process_time()
        begin_s = start_s + RAMP_S
        for n in range(int(rate * (RAMP_S + windows * window_s))):
            intended_s = start_s + n / rate
            if (wait_s := intended_s - perf_counter()) > 0:
                await asyncio.sleep(wait_s)
            fleet.send(self._next(), intended_s)
            if n % 64 == 0:
                await asyncio.sleep(0)  # A late generator still reads what comes.
        cpu = (process_time() - cpu_s) / (perf_counter() - start_s)
        return await self._sum_up(begin_s, windows, window_s, cpu)

    async def _sum_up(self, begin_s: float, windows: int, window_s: float, cpu: float) -> Figures:
        fleet = self._fleet
        await fleet.settled(SETTLE_S)
        cuts = cut(fleet.ended, begin_s, window_s, windows)
        return Figures(
            tps=median([window.tps for window in cuts]),
            p50_ms=median([window.p50_ms for window in cuts]),
            p99_ms=median([window.p99_ms for window in cuts]),
            worst_ms=percentile(sorted(latency for _, latency in fleet.ended), 1.0) * 1000,
            windows=cuts,
            outcomes=dict(fleet.outcomes),
            gaps=fleet.gaps,
            repeats=fleet.repeats,
            closed=dict(fleet.closed),
            acks=fleet.acks,
            generator_cpu=cpu,
        )
