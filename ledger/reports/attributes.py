"""The one thing about people that reports keep in plain: the year of birth.

It is written where somebody registers (`ledger.persons`). Who registered before there was such a
thing is filled in by a command, in steps, each a transaction: the only time that reports decrypt.
"""

import datetime as dt
from collections.abc import AsyncIterator

from ledger.database import Pool, fetch_row, load_queries, transaction
from ledger.vault import Vault, owner

SQL = load_queries("reports")

STEP = 500
# Past this age a year of birth would name somebody: they are counted as being of it.
AGE_MAX = 90


def told_year(born: dt.date, registered: dt.date) -> int:
    """The year of birth as it is kept."""
    return max(born.year, registered.year - AGE_MAX)


async def missing_years(pool: Pool, town: int) -> int:
    """How many people's year is missing."""
    row = await fetch_row(pool, SQL["count_without_year"], town)
    assert row is not None
    return int(row["count"])


async def fill_years(pool: Pool, vault: Vault, town: int) -> AsyncIterator[int]:
    """Fills in the years that are missing; after each step: how many are done.

    Raises:
        Unreadable: a birth date is under a key that the settings have not.
    """
    done = 0
    while True:
        async with transaction(pool) as connection:
            rows = await connection.fetch(SQL["people_without_year"], town, STEP)
            years = []
            for row in rows:
                text = vault.decrypt(
                    row["key_id"],
                    row["birth_date_encrypted"],
                    town,
                    owner(row["wallet"]),
                    "birth_date",
                )
                year = told_year(dt.date.fromisoformat(text), row["registered_at"].date())
                years.append((town, row["wallet"], year))
            await connection.executemany(SQL["fill_year"], years)
        if not rows:
            return
        done += len(rows)
        yield done
