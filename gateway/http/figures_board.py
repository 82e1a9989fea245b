"""What a process last knew of towns' public figures: one looks for all who look at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

FRESH = timedelta(seconds=60)  # How old what the public is told may be.


class FiguresBoard:
    """The figures of each town as they are answered, made at most once in `FRESH`."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[datetime, bytes]] = {}
        self._looking: dict[int, asyncio.Lock] = {}

    async def look(self, town: int, now: datetime, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The figures; whoever comes while they are made waits for them."""
        async with self._looking.setdefault(town, asyncio.Lock()):
            known = self._known.get(town)
            if known is None or not known[0] <= now < known[0] + FRESH:
                known = self._known[town] = (now, await make())
        return known[1]
