"""The lines of a list as they were checked, and what became of each (tables: `ledger.grants`)."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from ledger.database import Connection, Executor, fetch_rows, load_queries, translated

SQL = load_queries("grant_lines")

EACH = 5  # So many of the largest lines, and of those drawn, are shown before approving.


class CheckedLine(Struct, frozen=True):
    """A line of a list: what it would grant under the request's ``id``, or the ``problem``.

    ``field``: in which column; ``found``: what stands there; ``other``: the line or run or yen that
    it does not go with. ``tail``: the end of what names the person. ``notes``: what was read
    otherwise than it was written.
    """

    line: int
    id: UUID | None
    wallet: int | None
    amount: int | None
    tail: str
    problem: str | None = None
    field: str | None = None
    found: str | None = None
    other: int | None = None
    notes: tuple[str, ...] = ()


class SampleLine(Struct, frozen=True):
    """A line to look at. ``why``: first, last, largest, drawn."""

    why: str
    line: int
    wallet: int
    amount: int
    tail: str


class RefusedLine(Struct, frozen=True):
    """A line that cannot be granted."""

    line: int
    tail: str
    problem: str
    field: str | None
    found: str | None
    other: int | None


class NotedLine(Struct, frozen=True):
    """A line in which something was read otherwise than it was written."""

    line: int
    notes: list[str]


class LineNow(Struct, frozen=True):
    """A line and what became of it. ``state``: waiting, done, refused; None where it was never
    approved. ``outcome``: of its request, None while nothing is decided; ``taken``: yen.
    """

    line: int
    tail: str
    wallet: int | None
    amount: int | None
    problem: str | None
    field: str | None
    found: str | None
    other: int | None
    state: str | None
    outcome: str | None
    entry: int | None
    taken: int | None


async def keep(connection: Connection, town: int, run: int, lines: Sequence[CheckedLine]) -> None:
    """Keeps some of a run's lines, in the caller's transaction."""
    with translated():
        await connection.copy_records_to_table(
            "grant_line",
            schema_name="koban",
            columns=["town", "run", *CheckedLine.__struct_fields__],
            records=[(town, run, *astuple(line)) for line in lines],
        )


async def sample(pool: Executor, town: int, run: int) -> list[SampleLine]:
    """First, last, the largest and some that are drawn, of the lines that can be granted."""
    return [SampleLine(*row) for row in await fetch_rows(pool, SQL["sample"], town, run, EACH)]


async def refused_lines(pool: Executor, town: int, run: int, limit: int) -> list[RefusedLine]:
    """The first lines that cannot be granted, each with its reason."""
    rows = await fetch_rows(pool, SQL["refused_lines"], town, run, limit)
    return [RefusedLine(*row) for row in rows]


async def noted_lines(pool: Executor, town: int, run: int, limit: int) -> list[NotedLine]:
    """The first lines that were read otherwise than they were written."""
    rows = await fetch_rows(pool, SQL["noted_lines"], town, run, limit)
    return [NotedLine(*row) for row in rows]


async def lines(pool: Executor, town: int, run: int, after: int, limit: int) -> list[LineNow]:
    """So many lines behind the line ``after``, with what became of each."""
    rows = await fetch_rows(pool, SQL["lines"], town, run, after, limit)
    return [LineNow(*row) for row in rows]
