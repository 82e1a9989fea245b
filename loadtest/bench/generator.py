"""``python -m loadtest.bench.generator``: reads orders from standard input, one JSON object a line.

Each order is answered with one line: its figures, ``{}``, or ``{"fault": ...}`` and the end.
"""

import asyncio
import gc
import resource
import sys
from collections.abc import Iterator
from typing import Annotated

import msgspec
import uvloop
from msgspec import Meta, Struct

from loadtest.bench.figures import Figures
from loadtest.bench.loops import Run, payments
from loadtest.bench.screens import Fleet, Payment, Seat

Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class Connect(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="connect"):
    """Connect these screens, ``at_once`` at a time."""

    url: str
    origin: str
    seats: list[Seat]
    at_once: Count = 50


class Pay(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="pay"):
    """Pay: with ``in_flight`` a closed loop, with ``rate`` (a second) arrivals."""

    shops: list[int]
    pin: str
    windows: Count
    window_s: float
    expected_tps: float  # Frames for so many a second are encoded ahead.
    in_flight: int = 0
    rate: float = 0.0


class Leave(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="leave"):
    """Close all connections and end."""


Order = Connect | Pay | Leave

_decode = msgspec.json.Decoder(Order).decode


class Generator:
    """Carries out orders on one fleet of screens."""

    def __init__(self) -> None:
        self._fleet = Fleet()
        self._sources: dict[tuple[int, ...], Iterator[Payment]] = {}

    async def carry_out(self, order: Order) -> Figures | dict[str, int]:
        match order:
            case Connect():
                await self._fleet.connect(order.url, order.origin, order.seats, order.at_once)
                return {"wallets": len(self._fleet.wallets), "tablets": len(self._fleet.tablets)}
            case Pay():
                return await self._pay(order)
            case Leave():
                await self._fleet.leave()
                return {}

    async def _pay(self, order: Pay) -> Figures:
        source = self._sources.setdefault(
            tuple(order.shops), payments(self._fleet, order.shops, order.pin)
        )
        seconds = order.windows * order.window_s + 1
        run = Run(self._fleet, source, int((order.rate or order.expected_tps) * seconds) + 1)
        gc.collect()
        gc.disable()  # A collection would pause every screen at once.
        try:
            if order.in_flight:
                return await run.closed(order.in_flight, order.windows, order.window_s)
            return await run.arrivals(order.rate, order.windows, order.window_s)
        finally:
            gc.enable()


async def main() -> None:
    """Reads orders until ``leave`` or the end of the input."""
    generator = Generator()
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        order = _decode(line)
        try:
            answer: object = await generator.carry_out(order)
        except Exception as fault:  # noqa: BLE001 - Told to whoever gave the order.
            answer = {"fault": repr(fault)}
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
        if isinstance(order, Leave):
            return


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(main())
