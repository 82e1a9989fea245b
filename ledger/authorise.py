"""Authorisation: a batch of requests goes in, one decision each comes out, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.database import Executor, load_queries, translated
from ledger.outcomes import Outcome
from ledger.requests import Request, code_digest, request_digest

SQL = load_queries("authorise")
OUTCOMES = {outcome.value: outcome for outcome in Outcome}


class Decision(Struct, frozen=True):
    """What was decided. ``receipt`` is frozen JSON (`Receipt` in the protocol).

    ``repeated``: it had been decided before; this is the first answer, word for word.
    """

    id: UUID
    outcome: Outcome
    receipt: str
    repeated: bool


class FeedEvent(Struct, frozen=True):
    """An event in an account's feed. ``number`` has no gaps within the town, ``seq`` none within
    the feed. ``subject`` is the id of the command that it tells about, ``other`` the account of the
    other party that is told.
    """

    number: int
    account: int
    other: int | None
    seq: int
    kind: str
    subject: UUID
    body: str


class Batch(Struct, frozen=True):
    """The decisions, in the order of the requests, and the events that follow from them."""

    decisions: list[Decision]
    events: list[FeedEvent]


def listed(coupons: tuple[int, ...]) -> str | None:
    """A list within a list, as Postgres reads an array."""
    return "{" + ",".join(map(str, coupons)) + "}" if coupons else None


async def decide(pool: Executor, town: int, requests: Sequence[Request], now: datetime) -> Batch:
    """Decides all requests at the instant ``now``. Either all of it is committed, or nothing.

    Raises:
        LedgerUnavailable: the database is away; ask again with the same ids.
        LedgerConflict: two batches met on one id; ask again.
    """
    if not requests:
        return Batch([], [])
    with translated():
        row = await pool.fetchrow(
            SQL["decide"],
            town,
            now,
            [request.id for request in requests],
            [request_digest(request) for request in requests],
            [request.kind.value for request in requests],
            [request.wallet for request in requests],
            [request.shop for request in requests],
            [request.terminal for request in requests],
            [code_digest(request.code) if request.code else None for request in requests],
            [request.way for request in requests],
            [request.amount for request in requests],
            [request.refers for request in requests],
            [request.reason for request in requests],
            [request.rank.value for request in requests],
            [listed(request.coupons) for request in requests],
        )
    assert row is not None
    decisions = [
        Decision(request.id, OUTCOMES[outcome], receipt, repeated)
        for request, outcome, receipt, repeated in zip(
            requests, row["outcomes"], row["receipts"], row["repeated"], strict=True
        )
    ]
    if row["event_numbers"] is None:
        return Batch(decisions, [])
    events = [
        FeedEvent(*fields)
        for fields in zip(
            row["event_numbers"],
            row["event_accounts"],
            row["event_others"],
            row["event_seqs"],
            row["event_kinds"],
            row["event_subjects"],
            row["event_bodies"],
            strict=True,
        )
    ]
    return Batch(decisions, events)
