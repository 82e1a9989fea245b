"""What a town reported of a reference date (基準日), kept word for word.

A report is made once. The journal tells the same figures later (`ledger.reference_dates`), so that
what was reported can be held against it at any time.
"""

from datetime import date, datetime

from msgspec import Struct

from ledger.database import Connection, Executor, fetch_row, load_queries
from ledger.grants import By

SQL = load_queries("law_reports")


class LawReport(Struct, frozen=True):
    """A report. ``figures``: what was said, as JSON."""

    reference_date: date
    figures: str
    made_name: str
    made_at: datetime


async def keep(
    connection: Connection, town: int, reference_date: date, figures: str, by: By, now: datetime
) -> bool:
    """Keeps a report; False where there is one of this date already, which stays as it is."""
    row = await fetch_row(
        connection, SQL["keep"], town, reference_date, figures, by.operator, by.name, now
    )
    return row is not None


async def report(pool: Executor, town: int, reference_date: date) -> LawReport | None:
    """What was reported of a date, or None."""
    row = await fetch_row(pool, SQL["report"], town, reference_date)
    return LawReport(*row) if row else None
