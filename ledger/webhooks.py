"""Webhooks (通知先への連絡, A2): what clients are told, waiting until it is delivered or given up.

Each is kept in the transaction of what it tells: a grant and what was taken back of one by a
trigger on the journal, the end of a link by the query that ends it. Here they are taken up for an
attempt, with growing pauses, and become dead letters after the last; by hand those wait again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from ledger.database import Executor, chosen, fetch_row, fetch_rows, load_queries

SQL = load_queries("webhooks")

# Seconds until the next attempt, after the first, the second, and so on: nearly a day in all, which
# is long enough for an outside platform's worst night.
PAUSES_S = (60, 120, 300, 600, 1_200, 2_400, 4_800, 9_600, 14_400, 14_400, 14_400, 14_400)
ATTEMPTS_MAX = len(PAUSES_S)
KEPT_FOR = timedelta(days=90)
PROBLEM_CHARACTERS_MAX = 200

State = Literal["waiting", "delivered", "dead"]


class Webhook(Struct, frozen=True):
    """One telling to a client, at its so many-th attempt.

    ``reference``, ``activity`` and ``amount`` are a grant's: the client's own key for it, and yen;
    ``reason``: who ended a link.
    """

    webhook: UUID
    kind: str
    subject: UUID
    reference: str | None
    activity: str | None
    amount: int | None
    reason: str | None
    at: datetime
    attempts: int


class WebhookLine(Struct, frozen=True):
    """A telling as the office sees it. ``next_at``: when it is tried next, where it waits."""

    webhook: UUID
    client: str
    kind: str
    subject: UUID
    reference: str | None
    at: datetime
    state: State
    attempts: int
    next_at: datetime
    problem: str | None
    ended_at: datetime | None


async def clients_waiting(pool: Executor, town: int, now: datetime) -> list[int]:
    """The clients for whom something is due."""
    rows = await fetch_rows(pool, SQL["clients_waiting"], town, now)
    return [row["client"] for row in rows]


async def take(pool: Executor, town: int, client: int, limit: int, now: datetime) -> list[Webhook]:
    """The next that are due to a client. Each counts as attempted and is not taken again before its
    pause is over, whatever becomes of whoever takes it.
    """
    pauses = [float(pause) for pause in PAUSES_S]
    rows = await fetch_rows(pool, SQL["take_webhooks"], town, client, now, limit, pauses)
    return sorted((Webhook(*row) for row in rows), key=lambda one: (one.at, one.webhook))


async def delivered(pool: Executor, town: int, webhook: UUID, now: datetime) -> None:
    """The client has taken it."""
    await fetch_row(pool, SQL["keep_delivery"], town, webhook, "delivered", None, now)


async def not_delivered(
    pool: Executor, town: int, one: Webhook, problem: str, now: datetime
) -> bool:
    """Keeps why an attempt was in vain; False where it was the last, and the letter is dead."""
    again = one.attempts < ATTEMPTS_MAX
    state = "waiting" if again else "dead"
    told = problem[:PROBLEM_CHARACTERS_MAX]
    await fetch_row(pool, SQL["keep_delivery"], town, one.webhook, state, told, now)
    return again


async def give_up(pool: Executor, town: int, client: int, problem: str, now: datetime) -> None:
    """Everything that waits for a client is a dead letter, because it cannot be sent."""
    await fetch_row(pool, SQL["give_up"], town, client, problem, now)


async def lines(pool: Executor, town: int, state: State | None, limit: int) -> list[WebhookLine]:
    """A town's webhooks, or those in this state, newest first."""
    query, arguments = chosen(SQL["webhooks"], town=town, state=state, limit=limit)
    return [WebhookLine(*row) for row in await fetch_rows(pool, query, *arguments)]


async def retry(pool: Executor, town: int, webhook: UUID, now: datetime) -> str | None:
    """Lets a dead letter be sent again, as often as at first; its kind, None where it is none."""
    row = await fetch_row(pool, SQL["retry_webhook"], town, webhook, now)
    return row["kind"] if row else None


async def dead(pool: Executor, town: int) -> Sequence[UUID]:
    """The letters that nobody sends any more, oldest first."""
    return [row["webhook"] for row in await fetch_rows(pool, SQL["dead_webhooks"], town)]


async def sweep(pool: Executor, town: int, now: datetime) -> None:
    """Forgets what was delivered, or given up, long ago."""
    await fetch_row(pool, SQL["sweep_webhooks"], town, now - KEPT_FOR)
