"""What was kept long enough goes: in slices, so that nothing else waits for it.

The days are the town's (`config.profile`, ``[keeping]``).
"""

from datetime import datetime, timedelta

from ledger import applications
from ledger.database import Pool, fetch_row, load_queries, transaction

NOTICES = load_queries("notices")
CIRCULARS = load_queries("circulars")
PROPOSALS = load_queries("proposals")
REQUESTS = load_queries("shop_requests")

SLICE_ROWS = 5_000  # Some 50 ms.
UNUSED_PICTURE = timedelta(days=1)  # So long after it was sent a picture may wait for its circular.


async def sweep_notices(pool: Pool, town: int, days: int, now: datetime) -> bool:
    """Deletes notices that were read, and circulars that were over, so many days ago; whether there
    is more to do.
    """
    before = now - timedelta(days=days)
    read = await _count(pool, NOTICES["sweep_notices"], town, before, SLICE_ROWS)
    await _count(pool, CIRCULARS["sweep_circulars"], town, before)
    await _count(pool, CIRCULARS["sweep_pictures"], town, now - UNUSED_PICTURE, now)
    return read == SLICE_ROWS


async def sweep_voices(pool: Pool, town: int, days: int, now: datetime) -> None:
    """Deletes what people sent and the operator has seen to so many days ago."""
    before = now - timedelta(days=days)
    await _count(pool, PROPOSALS["sweep_proposals"], town, before)
    async with transaction(pool) as connection:
        await connection.execute(REQUESTS["sweep_askers"], town, before)
        await connection.execute(REQUESTS["sweep_requests"], town, before)


async def sweep_applicants(pool: Pool, town: int, days: int, now: datetime) -> bool:
    """Forgets who applied for what was over so many days ago; whether there is more to do."""
    before = now - timedelta(days=days)
    return await applications.sweep_applicants(pool, town, before, SLICE_ROWS) == SLICE_ROWS


async def _count(pool: Pool, sql: str, *arguments: object) -> int:
    row = await fetch_row(pool, sql, *arguments)
    assert row is not None
    return int(row["count"])
