"""Grants by list: a run is checked, approved by somebody, given in slices, and can be undone whole.

- **Checked**: each line of the list with what it would grant, or why not (`ledger.grant_lines`).
  Nothing is promised.
- **Approved**: in one transaction the sum is reserved in the activity's budget and each good line
  becomes a row that waits. So a run that was approved never ends for want of budget.
- **Given** in slices of `SLICE_ROWS`, each a transaction that decides its rows (``koban.decide``
  takes each out of the reserve). Ids are made of the run's key and the line, so a slice that is
  decided again, by whoever dies or meets whom, gives nothing again.
- **Undone** in slices too: each grant is reclaimed as far as it was not spent; what was spent is
  told. What still waits is withdrawn.

A run's row is held for the length of a slice: two workers on one run take turns.
"""

from datetime import datetime
from uuid import UUID, uuid4, uuid5

from asyncpg import Record
from msgspec import Struct

from ledger.authorise import decide
from ledger.database import (
    Connection,
    Executor,
    Pool,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
    translated,
)
from ledger.errors import LedgerError
from ledger.requests import Kind, Request

SQL = load_queries("grants")

SLICE_ROWS = 200  # What one call of the ledger takes.


class RunRefused(LedgerError):
    """A run does not do what was asked of it.

    ``code``: run_unknown, run_state (it is in the state ``state``), run_empty (no line can be
    granted), over_budget.
    """

    def __init__(self, code: str, state: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.state = state


class By(Struct, frozen=True):
    """Who acts: an operator's number, None for who stands at the command line; and the name."""

    operator: int | None
    name: str


class NewRun(Struct, frozen=True):
    """A list that was read. ``per_person``: how often its activity grants: once, daily, always."""

    run: int
    key: UUID
    activity: str
    per_person: str
    file_name: str
    file_digest: bytes
    encoding: str
    by: By


class Run(Struct, frozen=True):
    """A run. Of its ``lines``, ``rows`` worth ``total`` yen can be granted.

    Of these ``waiting`` are not decided, ``done`` were granted (``given`` yen) and ``declined``
    were not. ``taken``: yen that undoing took back so far.
    """

    run: int
    activity: str
    programme: str
    fund: int
    file_name: str
    file_digest: bytes
    encoding: str
    lines: int
    rows: int
    refused: int
    noted: int
    total: int
    state: str
    made_by: int | None
    made_name: str
    made_at: datetime
    approved_name: str | None
    approved_at: datetime | None
    ended_at: datetime | None
    undo_name: str | None
    undo_at: datetime | None
    undone_at: datetime | None
    waiting: int
    done: int
    declined: int
    given: int
    taken: int

    @property
    def percent(self) -> int:
        """How much of it is decided; all only when all is."""
        return 0 if not self.rows else (self.done + self.declined) * 100 // self.rows


# -- looking ---------------------------------------------------------------------------------------


async def run(pool: Executor, town: int, number: int) -> Run | None:
    """The run with this number, or None."""
    found = await runs(pool, town, number=number, limit=1)
    return found[0] if found else None


async def runs(
    pool: Executor,
    town: int,
    *,
    number: int | None = None,
    activity: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[Run]:
    """Runs, newest first: of one activity, before one of them."""
    query, values = chosen(
        SQL["runs"], town=town, run=number, activity=activity, before=before, limit=limit
    )
    return [Run(*row) for row in await fetch_rows(pool, query, *values)]


async def under_way(pool: Executor, town: int) -> list[int]:
    """Runs that are approved or being undone and not at their end."""
    return [row["run"] for row in await fetch_rows(pool, SQL["under_way"], town)]


async def applied_before(pool: Executor, town: int, asked: Run) -> int | None:
    """The latest other run of the activity that was approved with the very same file; None: none,
    or all of them were undone.
    """
    row = await fetch_row(
        pool, SQL["applied_before"], town, asked.activity, asked.file_digest, asked.run
    )
    return None if row is None else int(row["run"])


async def could_take(pool: Executor, town: int, number: int) -> int:
    """The yen that undoing a run would take back if it were done now."""
    row = await fetch_row(pool, SQL["could_take"], town, number)
    assert row is not None
    return int(row["amount"])


# -- checked, approved, cancelled ------------------------------------------------------------------


async def new_run(pool: Executor) -> tuple[int, UUID]:
    """A number for a run that is about to be checked, and the key of its requests' ids."""
    row = await fetch_row(pool, SQL["next_run"])
    assert row is not None
    return int(row["nextval"]), uuid4()


def line_id(key: UUID, line: int) -> UUID:
    """The id of the request that grants a line."""
    return uuid5(key, f"grant/{line}")


async def keep_run(connection: Connection, town: int, new: NewRun, now: datetime) -> None:
    """Keeps a run whose lines are kept (`grant_lines.keep`), in the same transaction."""
    with translated():
        if new.per_person != "always":
            await connection.execute(
                SQL["refuse_again"], town, new.run, new.activity, new.per_person, now
            )
        await connection.execute(
            SQL["add_run"],
            town,
            new.run,
            new.key,
            new.activity,
            new.file_name,
            new.file_digest,
            new.encoding,
            new.by.operator,
            new.by.name,
            now,
        )


async def approve(connection: Connection, town: int, number: int, by: By, now: datetime) -> None:
    """Reserves the run's sum and lets its rows wait for `give_slice`, in the caller's transaction.

    Raises:
        RunRefused: run_unknown, run_state, run_empty, over_budget; the transaction is then undone.
    """
    held = await _held(connection, town, number, "checked")
    if not held["rows"]:
        raise RunRefused("run_empty")
    with translated():
        await connection.execute(SQL["add_rows"], town, number)
        await connection.execute(SQL["set_approved"], town, number, by.operator, by.name, now)
    # Last: whoever holds a budget holds up payments that grant out of it.
    reserved = await fetch_row(connection, SQL["reserve"], town, held["fund"], held["total"])
    if reserved is None:
        raise RunRefused("over_budget")


async def cancel(connection: Connection, town: int, number: int, now: datetime) -> None:
    """Lets go of a run that nobody approved.

    Raises:
        RunRefused: run_unknown, run_state (an approved one is undone).
    """
    await _held(connection, town, number, "checked")
    await connection.execute(SQL["set_state"], town, number, "cancelled", now)


# -- given, undone ---------------------------------------------------------------------------------


async def give_slice(pool: Pool, town: int, number: int, now: datetime) -> bool:
    """Decides the next rows of an approved run; whether there are more. One that has nothing to do
    is left as it is.
    """
    async with transaction(pool) as connection:
        held = await _held(connection, town, number)
        if held["state"] not in ("approved", "running"):
            return False
        rows = await connection.fetch(SQL["next_waiting"], town, number, SLICE_ROWS)
        if not rows:
            await connection.execute(SQL["set_state"], town, number, "finished", now)
            return False
        if held["state"] == "approved":
            await connection.execute(SQL["set_state"], town, number, "running", now)
        requests = [
            Request(
                row["id"],
                Kind.GRANT,
                wallet=row["wallet"],
                way=held["activity"],
                amount=row["amount"],
            )
            for row in rows
        ]
        await decide(connection, town, requests, now)  # Last: it holds up other payments.
    # What could not even be looked at (its activity is over, its id was taken) still waits.
    ids = [row["id"] for row in rows]
    await fetch_row(pool, SQL["withdraw"], town, number, held["fund"], ids)
    return True


async def undo(connection: Connection, town: int, number: int, by: By, now: datetime) -> None:
    """Withdraws what waits of a run, and lets `undo_slice` take back what was given; in the
    caller's transaction.

    Raises:
        RunRefused: run_unknown, run_state.
    """
    held = await _held(connection, town, number, "approved", "running", "finished")
    with translated():
        await connection.execute(SQL["withdraw"], town, number, held["fund"], None)
        await connection.execute(SQL["set_undoing"], town, number, by.operator, by.name, now)


async def undo_slice(pool: Pool, town: int, number: int, now: datetime) -> bool:
    """Takes back the next grants of a run that is being undone; whether there are more."""
    async with transaction(pool) as connection:
        held = await _held(connection, town, number)
        if held["state"] != "undoing":
            return False
        rows = await connection.fetch(SQL["next_given"], town, number, SLICE_ROWS)
        if not rows:
            await connection.execute(SQL["set_state"], town, number, "undone", now)
            return False
        ids = [row["id"] for row in rows]
        undone = [uuid5(held["key"], f"undo/{row['line']}") for row in rows]
        requests = [
            Request(undo_id, Kind.RECLAIM, refers=row["id"], shop=held["fund"])
            for undo_id, row in zip(undone, rows, strict=True)
        ]
        await decide(connection, town, requests, now)
    # Whoever dies before this asks again under the same ids, and is told the same.
    await fetch_rows(pool, SQL["keep_taken"], town, number, ids, undone)
    return True


async def go_on(pool: Pool, town: int, number: int, now: datetime) -> bool:
    """A slice of whatever a run has to do; whether there is more."""
    return await give_slice(pool, town, number, now) or await undo_slice(pool, town, number, now)


async def _held(connection: Connection, town: int, number: int, *states: str) -> Record:
    """A run that nobody else changes until the transaction ends, in one of these states."""
    held = await fetch_row(connection, SQL["hold_run"], town, number)
    if held is None:
        raise RunRefused("run_unknown")
    if states and held["state"] not in states:
        raise RunRefused("run_state", held["state"])
    return held
