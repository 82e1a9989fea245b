"""Grants that a department's own system asks for: which of its ids is which request of ours."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.database import Executor, fetch_row, load_queries
from ledger.outcomes import Outcome
from ledger.requests import Request, request_digest

SQL = load_queries("system_grants")


class SystemGrant(Struct, frozen=True):
    """Where a system's grant stands. ``amount``: as it was asked for, None where the activity's;
    ``granted``: as it was given. ``outcome``: None while nothing is decided.
    """

    id: UUID
    activity: str
    wallet: int
    amount: int | None
    request_digest: bytes
    outcome: Outcome | None
    at: datetime | None
    granted: int | None
    entry: int | None


async def see(
    pool: Executor, town: int, system: int, reference: str, request: Request, now: datetime
) -> bool:
    """Keeps that a grant was asked for, before it is decided; False where its id was named before
    (then nothing is kept: look at its standing).
    """
    row = await fetch_row(
        pool,
        SQL["see_grant"],
        town,
        system,
        reference,
        request.id,
        request.way,
        request.wallet,
        request.amount,
        request_digest(request),
        now,
    )
    return row is not None


async def standing(pool: Executor, town: int, system: int, reference: str) -> SystemGrant | None:
    """Where a grant stands; None where its id was never named."""
    row = await fetch_row(pool, SQL["grant_standing"], town, system, reference)
    if row is None:
        return None
    fields = dict(row)
    fields["outcome"] = None if row["outcome"] is None else Outcome(row["outcome"])
    return SystemGrant(**fields)


async def taken_back(pool: Executor, town: int, granted: UUID) -> int:
    """How much of a grant went back to its fund since, in yen."""
    row = await fetch_row(pool, SQL["grant_taken_back"], town, granted)
    assert row is not None
    return int(row["amount"])
