"""A midnight carried out in processes that die: ``python -m tests.support.night …``.

Prints how many lives it took (`tests.support.lives`).
"""

import asyncio
import sys
from datetime import datetime
from functools import partial
from typing import Any

from ledger import expiry
from ledger.authorise import decide
from ledger.database import open_pool
from ledger.errors import LedgerConflict
from tests.support.lives import die, lived

LIFE_MAX_S = 0.2
STEPS = ("listed", "decided", "committed")
AGAIN_S = 0.05


async def live(dsn: str, town: int, boundary: datetime, now: datetime, step: str) -> None:
    """Goes on with the run; dies at this step of the first slice: before its rows are decided, when
    they are and it is not written how far that is, or behind that.
    """

    async def decide_and_die(*arguments: Any) -> Any:
        if step == "listed":
            die()
        batch = await decide(*arguments)
        if step == "decided":
            die()
        return batch

    vars(expiry)["decide"] = decide_and_die
    pool = await open_pool(dsn, 1)
    while True:
        try:
            if not await expiry.run_slice(pool, town, boundary, lambda: now):
                break
        except LedgerConflict:  # Two decided the same at one moment; a job is tried again, too.
            await asyncio.sleep(AGAIN_S)
            continue
        if step == "committed":
            die()
    await pool.close()


def main(words: list[str]) -> None:
    """Lives until the run is at its end."""
    dsn, town, boundary, now, how, seed = words
    instants = datetime.fromisoformat(boundary), datetime.fromisoformat(now)
    work = partial(live, dsn, int(town), *instants)
    print(lived(work, STEPS, how, int(seed), LIFE_MAX_S))


if __name__ == "__main__":
    main(sys.argv[1:])
