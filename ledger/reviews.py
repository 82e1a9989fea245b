"""Wallets that may be one person's, and what an operator finds about them (N13).

``same_person`` freezes the newer wallet: its holder sees what is in it and can pay no more. A
decision can be taken back; a wallet that it froze is then opened again, one that was frozen before
stays so.
"""

from datetime import datetime

import asyncpg
from msgspec import Struct

from ledger.database import Connection, Executor, chosen, fetch_rows, load_queries
from ledger.likeness import Likeness

SQL = load_queries("reviews")


class Review(Struct, frozen=True):
    """Two wallets, ``wallet`` the newer, and what was decided; None while nothing was."""

    review: int
    wallet: int
    other: int
    likeness: Likeness
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    same_person: bool | None
    froze: bool


def _review(row: asyncpg.Record) -> Review:
    review, wallet, other, likeness, *rest = row
    return Review(review, wallet, other, Likeness(likeness), *rest)


async def open_review(
    connection: Connection, town: int, wallet: int, other: int, likeness: Likeness, now: datetime
) -> None:
    """Puts a pair down to be looked at, within the caller's transaction."""
    await connection.execute(SQL["open_review"], town, wallet, other, likeness.value, now)


async def reviews(
    pool: Executor, town: int, *, decided: bool, before: int | None, limit: int
) -> list[Review]:
    """What waits for a decision, newest first; with ``decided`` everything."""
    query, arguments = chosen(
        SQL["reviews"], town=town, waiting=not decided, before=before, limit=limit
    )
    rows = await fetch_rows(pool, query, *arguments)
    return [_review(row) for row in rows]


async def lock_review(connection: Connection, town: int, review: int) -> Review | None:
    """One pair, which nobody else decides until the transaction ends; None where there is none."""
    row = await connection.fetchrow(SQL["lock_review"], town, review)
    return _review(row) if row else None


async def decide(
    connection: Connection, town: int, review: Review, *, same_person: bool, by: str, now: datetime
) -> bool:
    """Keeps what an operator found, within the transaction that locked the review.

    Returns whether the newer wallet was frozen or opened by it.
    """
    froze, changed = review.froze, None
    if same_person and not review.same_person:
        changed = await connection.fetchval(SQL["freeze_wallet"], town, review.wallet)
        froze = changed is not None
    elif not same_person and review.froze:
        changed = await connection.fetchval(SQL["thaw_wallet"], town, review.wallet, review.review)
        froze = False
    await connection.execute(SQL["decide_review"], town, review.review, now, by, same_person, froze)
    return changed is not None
