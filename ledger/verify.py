"""Proves that every balance follows from the journal: ``python -m ledger.verify``.

Reads one consistent snapshot, changes nothing, and may run beside payments. Each check states what
must hold and lists what does not; the chain of seals is computed afresh. Exit code 0: all of it
holds; 1: something does not; 2: the database could not be read.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable

import asyncpg

from ledger.database import Connection, load_queries, translated
from ledger.errors import LedgerError

SQL = load_queries("verify")

# What is said of one check is cut here: a thousand lines say no more than twenty.
PROBLEMS_SHOWN_MAX = 20
SLICE_ENTRIES = 50_000

WHOLE_CHECKS = {
    "entries are numbered without gaps": "entries_without_gaps",
    "every posting belongs to an entry": "postings_have_entries",
    "every lot follows from its postings": "lots_follow",
    "no lot was ever negative": "lots_never_negative",
    "every funder's money is accounted for": "colours_kept",
    "fresh value is held": "holds_follow",
    "no debt was ever overpaid": "debts_never_negative",
    "every budget follows from its fund": "budgets_follow",
    "rounds keep what they promised": "rounds_follow",
    "lists say what was granted": "lists_follow",
    "campaigns gave what they promised": "campaigns_follow",
    "coupons passed through": "coupons_follow",
    "coupons were used as allowed": "coupons_within",
    "rights were not exceeded": "rights_within",
    "places were awarded once": "places_awarded",
    "every entry has its decision and receipt": "decisions_match",
    "no reversal exceeds its original": "reversals_within",
    "feeds are complete": "events_without_gaps",
    "used codes lead to decisions": "codes_used_once",
    "used cards lead to top-ups": "cards_used_once",
    "orders with providers say what moved": "load_orders_follow",
    "the audit is numbered without gaps": "audit_without_gaps",
    "entries are settled once": "settled_once",
    "settlements follow from the journal": "settlement_parts_follow",
    "fees follow from their rates": "settlement_fees_follow",
    "lines follow from their parts": "settlement_lines_follow",
    "what did not move is carried once": "settlement_carried_once",
    "bank files say what moves": "bank_files_follow",
}
SLICED_CHECKS = {
    "every entry's postings move its amount": "entries_balance",
    "every entry is between the right parties": "parties_fit",
    "no ticket is torn": "tickets_whole",
    "every entry was told to both parties": "entries_told",
}

# check, done, total, problems so far
Report = Callable[[str, int, int, list[str]], None]


async def _slices(
    connection: Connection, name: str, town: int, last_entry: int
) -> AsyncIterator[tuple[int, list[str]]]:
    for first in range(1, last_entry + 1, SLICE_ENTRIES):
        last = min(first + SLICE_ENTRIES - 1, last_entry)
        rows = await connection.fetch(SQL[name], town, first, last)
        yield last, [row["problem"] for row in rows]


async def _chain(connection: Connection, town: int) -> AsyncIterator[tuple[int, list[str]]]:
    for row in await connection.fetch(SQL["seals"], town):
        problems = []
        if row["first_entry"] != row["previous_entry"] + 1:
            problems.append(f"seal {row['seal']} does not begin where the one before it ended")
        digest = await connection.fetchval(
            SQL["seal_digest"], town, row["first_entry"], row["last_entry"], row["previous"]
        )
        if digest != row["digest"]:
            problems.append(
                f"seal {row['seal']} is broken: entries {row['first_entry']} to "
                f"{row['last_entry']} are not what was sealed"
            )
        yield row["last_entry"], problems


async def verify_town(
    connection: Connection, town: int, last_entry: int, report: Report
) -> list[str]:
    """Runs every check on one town and returns all that does not hold."""
    found: list[str] = []
    for title, name in WHOLE_CHECKS.items():
        report(title, 0, 1, [])
        problems = [row["problem"] for row in await connection.fetch(SQL[name], town)]
        report(title, 1, 1, problems)
        found += problems
    sliced = {
        title: _slices(connection, name, town, last_entry) for title, name in SLICED_CHECKS.items()
    } | {"the chain of seals holds": _chain(connection, town)}
    for title, slices in sliced.items():
        of_check: list[str] = []
        done = 0
        report(title, 0, last_entry, [])
        async for done, problems in slices:
            of_check += problems
            report(title, min(done, max(last_entry - 1, 0)), last_entry, of_check)
        report(title, last_entry, last_entry, of_check)
        found += of_check
    return found


async def verify(dsn: str, report: Report) -> list[str]:
    """Verifies every town of the database at ``dsn``.

    Raises:
        LedgerUnavailable: the database cannot be reached.
    """
    with translated():
        connection = await asyncpg.connect(dsn, server_settings={"timezone": "UTC", "jit": "off"})
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                found = []
                for row in await connection.fetch(SQL["towns"]):
                    heading = f"{row['code']}: {row['last_entry']:,} entries"
                    report(heading, 1, 1, [])
                    found += await verify_town(connection, row["town"], row["last_entry"], report)
                return found
        finally:
            await connection.close()


async def verify_one(dsn: str, town: int) -> tuple[int, list[str]]:
    """Verifies one town of the database at ``dsn``: how many entries were read, what does not hold.

    Raises:
        LedgerUnavailable: the database cannot be reached.
    """
    with translated():
        connection = await asyncpg.connect(dsn, server_settings={"timezone": "UTC", "jit": "off"})
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                rows = await connection.fetch(SQL["towns"])
                last = next((int(row["last_entry"]) for row in rows if row["town"] == town), 0)
                return last, await verify_town(connection, town, last, lambda *_: None)
        finally:
            await connection.close()


def print_progress(title: str, done: int, total: int, problems: list[str]) -> None:
    """One line a check; on a terminal the line fills up while the check runs."""
    finished = done >= total
    if not sys.stdout.isatty() and not finished:
        return
    share = done / total if total else 1.0
    bar = "█" * round(share * 20)
    mark = ("✗" if problems else "✓") if finished else " "
    end = "\n" if finished else "\r"
    print(f" {mark} {title:<44} {bar:<20} {share:4.0%}", end=end, flush=True)
    if finished:
        for problem in problems[:PROBLEMS_SHOWN_MAX]:
            print(f"     {problem}")
        if len(problems) > PROBLEMS_SHOWN_MAX:
            print(f"     … and {len(problems) - PROBLEMS_SHOWN_MAX:,} more")


def run(dsn: str) -> int:
    """Verifies the database at ``dsn``, prints what was found, and returns the exit code."""
    try:
        problems = asyncio.run(verify(dsn, print_progress))
    except (LedgerError, asyncpg.PostgresError) as error:
        print(f"The database could not be read: {error}", file=sys.stderr)
        return 2
    if problems:
        print(f"\n{len(problems):,} things do not hold. Stop payments and find out why.")
        return 1
    print("\nEverything holds.")
    return 0


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("KOBAN_POSTGRES_DSN", "")
    if not address:
        sys.exit("Which database? Give its address, or set KOBAN_POSTGRES_DSN.")
    sys.exit(run(address))
