"""Work that is gone on with in processes that die, one life after another, until one comes to its
end: either each dies at the next step of the work (``steps``), by its own hand and at once, or two
live side by side and are killed after some time (``moments``).
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

LIVES_MAX = 2_000
ENDED = 0

# Does the work to its end, or dies at the step that is named; "": at none.
Live: TypeAlias = Callable[[str], Coroutine[Any, Any, None]]


def die() -> None:
    """As when somebody pulls the plug: nothing is closed, nothing is said."""
    os.kill(os.getpid(), signal.SIGKILL)


def lived(live: Live, steps: Sequence[str], how: str, seed: int, life_max_s: float) -> int:
    """Lives until the work is at its end; how many lives it took. ``life_max_s``: how long one
    that is killed from outside lives at most; far less than the work takes.

    Raises:
        AssertionError: a life ended by a fault.
    """
    draw = random.Random(seed)
    for lives in range(LIVES_MAX):
        if how == "steps":
            if _ended(_born(live, steps[lives % len(steps)])):
                return lives + 1
        else:
            pair = [_born(live, "") for _ in range(2)]
            for child in pair:
                time.sleep(draw.uniform(0, life_max_s))
                # One that has ended is not waited for yet, so its number is nobody else's.
                os.kill(child, signal.SIGKILL)
            ends = [_ended(child) for child in pair]
            if any(ends):
                return lives + 1
    raise AssertionError("this does not end")


def _born(live: Live, step: str) -> int:
    """A life of its own; its process."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(live(step))
        except BaseException as error:  # noqa: BLE001 - a fork must never return into its parent.
            print(type(error).__name__, error, file=sys.stderr)
            os._exit(1)
        os._exit(ENDED)
    return child


def _ended(child: int) -> bool:
    """Waits for a life's end; whether it had come to the work's end too."""
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == ENDED, "a life ended by a fault"
    return True
