"""Notices (お知らせ, N8): what waits at a wallet or a shop until somebody has read it.

A notice tells by its kind and the facts in its body; screens have the words. About one subject an
account gets one notice of a kind, so whoever makes them may do so again after a fault. Circulars,
which operators write to many (`ledger.voices.circulars`), are read among an account's own notices.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("notices")


class NewNotice(Struct, frozen=True):
    """``subject``: what it is about, in a form of its kind's own. ``body``: facts, as JSON."""

    account: int
    subject: str
    body: str


class Added(Struct, frozen=True):
    """A notice that was not there before, by its number."""

    account: int
    notice: int
    subject: str


class Notice(Struct, frozen=True):
    """``body``: its facts and its kind, as JSON. ``read_at`` None: nobody has read it yet."""

    notice: int
    kind: str
    body: str
    created_at: datetime
    read_at: datetime | None


async def add(
    connection: Executor, town: int, kind: str, new: Sequence[NewNotice], now: datetime
) -> list[Added]:
    """Adds notices of one kind; those that are new. What an account was told already is left out.

    Part of the caller's transaction where there is one.
    """
    rows = await fetch_rows(
        connection,
        SQL["add"],
        town,
        kind,
        [each.account for each in new],
        [each.subject for each in new],
        [each.body for each in new],
        now,
    )
    return [Added(*row) for row in rows]


async def newest(
    pool: Executor, town: int, account: int, before: int | None, limit: int, now: datetime
) -> list[Notice]:
    """What an account is shown before the number ``before`` (None: from the newest on)."""
    rows = await fetch_rows(pool, SQL["newest"], town, account, before, limit, now)
    return [Notice(*row) for row in rows]


async def unread(pool: Executor, town: int, account: int, now: datetime) -> int:
    """How many of the notices that an account is shown nobody there has read."""
    row = await fetch_row(pool, SQL["unread"], town, account, now)
    assert row is not None
    return int(row["unread"])


async def mark_read(pool: Executor, town: int, account: int, up_to: int, now: datetime) -> None:
    """The account's notices up to the number ``up_to`` are read."""
    await fetch_row(pool, SQL["mark_read"], town, account, up_to, now)
