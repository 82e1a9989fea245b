"""The queue of jobs as the ledger's transactions see it: to enqueue, to look, to try again.

Its tables are the queue library's own, in the schema ``jobs`` (`ledger.job_queue`). Workers take
jobs from it by that library; all else goes through here. A job belongs to a town.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from ledger.database import (
    Connection,
    Executor,
    Pool,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
)

SQL = load_queries("jobs")
FAULT_CHARACTERS_MAX = 500


class JobLine(Struct, frozen=True):
    """A job that is not done. ``state``: waiting, running or failed. ``attempts`` were in vain.

    ``not_before``: when it is tried next, where it failed. ``fault``: what it raised last.
    """

    job: int
    town: int
    name: str
    state: str
    attempts: int
    arguments: str
    not_before: datetime | None
    fault_at: datetime | None
    fault: str | None


class JobCounts(Struct, frozen=True):
    """How many jobs of a town are not done."""

    waiting: int = 0
    running: int = 0
    failed: int = 0


class Stalled(Struct, frozen=True):
    """A job whose worker fell silent: it waits again, or has failed for good."""

    job: int
    town: int
    name: str
    failed: bool


async def defer(
    executor: Executor,
    queue: str,
    name: str,
    lock: str,
    town: int,
    arguments: Mapping[str, Any],
    *,
    unless_waiting: bool = False,
) -> int:
    """Enqueues a job; on a connection in the transaction that is open there. Its number.

    ``unless_waiting``: 0, and nothing is done, where the very same waits already.

    Raises:
        LedgerError: it was not enqueued.
    """
    text = msgspec.json.encode({"town": town, **arguments}).decode()
    query = SQL["defer_unless_waiting" if unless_waiting else "defer"]
    row = await fetch_row(executor, query, queue, name, lock, text)
    return int(row["job"]) if row else 0


async def schedules(pool: Executor) -> dict[tuple[int, str], datetime]:
    """How far every schedule was enqueued, by town and job."""
    rows = await fetch_rows(pool, SQL["schedules"])
    return {(row["town"], row["job"]): row["reached"] for row in rows}


async def begin_schedule(pool: Executor, town: int, job: str, now: datetime) -> None:
    """From now on the occasions of a schedule are enqueued; it changes nothing where they are."""
    await fetch_rows(pool, SQL["begin_schedule"], town, job, now)


async def end_schedule(pool: Executor, town: int, job: str) -> None:
    """A town has a schedule no more; should it come again, it begins anew."""
    await fetch_rows(pool, SQL["end_schedule"], town, job)


async def lock_schedule(connection: Connection, town: int, job: str) -> datetime | None:
    """How far a schedule was enqueued; nobody else goes on with it until the transaction ends.

    None where it has ended.
    """
    row = await fetch_row(connection, SQL["lock_schedule"], town, job)
    return row["reached"] if row else None


async def reach(connection: Connection, town: int, job: str, reached: datetime) -> None:
    """Notes that a schedule was enqueued so far, in the transaction that enqueues."""
    await fetch_rows(connection, SQL["reach"], town, job, reached)


async def waits(connection: Executor, name: str, lock: str) -> bool:
    """Whether a job of this name, under this lock, waits and has not begun."""
    row = await fetch_row(connection, SQL["waits"], name, lock)
    assert row is not None
    return bool(row["waits"])


async def take_up_stalled(
    pool: Pool, silent_s: float, attempts_max: int, now: datetime
) -> list[Stalled]:
    """Puts the jobs of workers that were silent for so long back into the queue.

    One that so many workers ended with has failed, with that as its reason.
    """
    async with transaction(pool) as connection:
        rows = await fetch_rows(connection, SQL["take_up_stalled"], silent_s, attempts_max)
        found = [Stalled(*row) for row in rows]
        for one in found:
            if one.failed:
                text = f"{attempts_max} workers ended with it"
                await note_fault(connection, one.town, one.job, text, now)
    return found


async def take_up_unknown(pool: Executor, names: Sequence[str]) -> list[int]:
    """Puts jobs of these names back that a worker of an older version took up and did not know."""
    return [row["job"] for row in await fetch_rows(pool, SQL["take_up_unknown"], names)]


async def note_fault(pool: Executor, town: int, job: int, text: str, now: datetime) -> None:
    """Keeps what a job raised, instead of what it raised before."""
    await fetch_rows(pool, SQL["note_fault"], town, job, now, text[:FAULT_CHARACTERS_MAX])


async def sweep_faults(pool: Executor, town: int) -> None:
    """Forgets why jobs failed that are there no more."""
    await fetch_rows(pool, SQL["sweep_faults"], town)


async def lines(
    pool: Executor, town: int | None, *, failed: bool, before: int | None, limit: int
) -> list[JobLine]:
    """Jobs that are not done (``failed``: and failed), of a town or all, newest first."""
    query, arguments = chosen(SQL["jobs"], town=town, failed=failed, before=before, limit=limit)
    return [JobLine(*row) for row in await fetch_rows(pool, query, *arguments)]


async def counts(pool: Executor) -> dict[int, JobCounts]:
    """How many jobs of each town are not done; towns without any are not among them."""
    rows = await fetch_rows(pool, SQL["counts"])
    return {row["town"]: JobCounts(row["waiting"], row["running"], row["failed"]) for row in rows}


async def workers(pool: Executor, silent_s: float) -> tuple[int, bool]:
    """How many workers were heard of within so many seconds; whether there ever was one."""
    row = await fetch_row(pool, SQL["workers"], silent_s)
    assert row is not None
    return int(row["alive"]), bool(row["known"])


async def town_of(pool: Executor, job: int) -> int | None:
    """Whose job it is; None where there is no such."""
    row = await fetch_row(pool, SQL["town_of"], job)
    return int(row["town"]) if row else None


async def retry(connection: Executor, town: int, job: int) -> str | None:
    """Lets a town's failed job be tried again, as often as at first; its name.

    None where there is no such job, or it has not failed.
    """
    row = await fetch_row(connection, SQL["retry"], town, job)
    name: str | None = row["name"] if row else None
    return name
