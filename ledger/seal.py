"""The hash chain: just behind the payments, entries are sealed so that none can be changed unseen.

A seal covers some hundred entries and the seal before it. Sealing reads only what is committed and
holds no lock that a payment wants; several gateways may call it, one of them does the work.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from ledger.database import Executor, fetch_row, load_queries
from ledger.errors import LedgerError

SQL = load_queries("seal")

# One seal's work stays below some 20 ms, so that it never holds a connection for long.
SEAL_ENTRIES_MAX = 1_000
# With these rests a town can be sealed at some 15,000 entries/s, and is behind by a second at most.
REST_S = 0.05
IDLE_S = 1.0

log = structlog.get_logger(__name__)


async def seal_next(pool: Executor, town: int, now: datetime) -> int:
    """Seals the next entries of a town and returns how many; 0 where nothing was left to do."""
    row = await fetch_row(pool, SQL["seal_next"], town, now, SEAL_ENTRIES_MAX)
    return int(row["sealed"]) if row else 0


async def seal_forever(pool: Executor, town: int, now: Callable[[], datetime]) -> None:
    """Keeps a town's entries sealed; run as a task on every gateway, cancelled at the end."""
    while True:
        sealed = 0
        try:
            sealed = await seal_next(pool, town, now())
        except LedgerError as error:
            log.warning("not_sealed", town=town, error=str(error))
        # Behind by a whole seal: a short rest only, in which payments have the database.
        await asyncio.sleep(REST_S if sealed == SEAL_ENTRIES_MAX else IDLE_S)
