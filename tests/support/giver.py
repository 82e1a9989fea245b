"""A grant by list, gone on with in processes that die: ``python -m tests.support.giver …``.

The process forks one life after another; each goes on with the run from where the last one died,
until one comes to its end. Either each life dies at the next step of the next slice (``steps``), by
its own hand and at once, or two live side by side and are killed after some time (``moments``).
Prints how many lives it took.
"""

import asyncio
import os
import random
import signal
import sys
import time
from datetime import datetime
from typing import Any

from ledger import grants
from ledger.authorise import decide
from ledger.database import open_pool

STEPS = ("before", "decided", "committed")
LIVES_MAX = 2_000
LIFE_MAX_S = 0.6
ENDED = 0


def die() -> None:
    """As when somebody pulls the plug: nothing is closed, nothing is said."""
    os.kill(os.getpid(), signal.SIGKILL)


async def live(dsn: str, town: int, run: int, now: datetime, step: str) -> None:
    """Goes on with the run; dies at this step of the first slice."""

    async def decide_and_die(*arguments: Any) -> Any:
        batch = await decide(*arguments)
        if step == "decided":
            die()
        return batch

    vars(grants)["decide"] = decide_and_die
    pool = await open_pool(dsn, 1)
    if step == "before":
        die()
    while await grants.go_on(pool, town, run, now):
        if step == "committed":
            die()
    await pool.close()


def born(dsn: str, town: int, run: int, now: datetime, step: str) -> int:
    """A life of its own; its process."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(live(dsn, town, run, now, step))
        except BaseException as error:  # noqa: BLE001 - a fork must never return into its parent.
            print(type(error).__name__, error, file=sys.stderr)
            os._exit(1)
        os._exit(ENDED)
    return child


def ended(child: int) -> bool:
    """Waits for a life's end; whether it had come to the run's end too.

    Raises:
        AssertionError: it ended by a fault.
    """
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == ENDED, "a life ended by a fault"
    return True


def main(words: list[str]) -> None:
    """Lives until the run is at its end."""
    dsn, town, run, now, how, seed = words
    given = (dsn, int(town), int(run), datetime.fromisoformat(now))
    draw = random.Random(int(seed))
    for lives in range(LIVES_MAX):
        if how == "steps":
            if ended(born(*given, STEPS[lives % len(STEPS)])):
                break
        else:
            pair = [born(*given, "") for _ in range(2)]
            for child in pair:
                time.sleep(draw.uniform(0, LIFE_MAX_S))
                # One that has ended is not waited for yet, so its number is nobody else's.
                os.kill(child, signal.SIGKILL)
            ends = [ended(child) for child in pair]
            if any(ends):
                break
    print(lives + 1)


if __name__ == "__main__":
    main(sys.argv[1:])
