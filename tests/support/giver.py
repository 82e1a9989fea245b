"""A grant by list, gone on with in processes that die: ``python -m tests.support.giver …``.

Prints how many lives it took (`tests.support.lives`).
"""

import sys
from datetime import datetime
from functools import partial
from typing import Any

from ledger import grants
from ledger.authorise import decide
from ledger.database import open_pool
from tests.support.lives import die, lived

LIFE_MAX_S = 0.6
STEPS = ("before", "decided", "committed")


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


def main(words: list[str]) -> None:
    """Lives until the run is at its end."""
    dsn, town, run, now, how, seed = words
    work = partial(live, dsn, int(town), int(run), datetime.fromisoformat(now))
    print(lived(work, STEPS, how, int(seed), LIFE_MAX_S))


if __name__ == "__main__":
    main(sys.argv[1:])
