"""Work that is done again and again, with pauses, until it is told to end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

# A round takes milliseconds; one that hangs for so long is given up.
END_S = 5.0


class Pauses:
    """Runs ``work`` as a task; between two rounds it rests for ``pause_s``.

    What is under way when it is told to end is finished: a statement that is cut off in the middle
    costs its connection. ``work`` must not raise.
    """

    def __init__(self, work: Callable[[], Awaitable[None]], pause_s: float, name: str) -> None:
        self._work = work
        self._pause_s = pause_s
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=name)

    async def _run(self) -> None:
        while not self._ending.is_set():
            await self._work()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), self._pause_s)

    async def end(self) -> None:
        """Returns when the work has ended."""
        self._ending.set()
        await asyncio.wait([self._task], timeout=END_S)
        self._task.cancel()
