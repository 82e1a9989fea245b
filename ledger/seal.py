"""The hash chain: just behind the payments, entries are sealed so that none can be changed unseen.

A seal covers some hundred entries and the seal before it. Sealing reads only what is committed and
holds no lock that a payment wants; several gateways may call it, one of them does the work.
"""

from datetime import datetime

from ledger.database import Executor, fetch_row, load_queries

SQL = load_queries("seal")

# One seal's work stays below some 20 ms, so that it never holds a connection for long.
SEAL_ENTRIES_MAX = 1_000


async def seal_next(pool: Executor, town: int, now: datetime) -> int:
    """Seals the next entries of a town and returns how many; 0 where nothing was left to do."""
    row = await fetch_row(pool, SQL["seal_next"], town, now, SEAL_ENTRIES_MAX)
    return int(row["sealed"]) if row else 0
