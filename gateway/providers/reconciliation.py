"""Reconciling (突合): our orders of a day beside the provider's file of it.

The file is CSV in UTF-8 with a heading: ``reference,order,amount,state,time``, a line for every
order that was paid on that day of the town's time zone, with the state it has now. Where the two
differ the provider is asked about the order, as the desk always does; what that settles is said to
be settled, and what is left is for a person.
"""

import asyncio
import csv
import datetime as dt
import io
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from gateway.providers.desk import Desk
from ledger import loads
from ledger.database import Pool
from ledger.load_states import State
from ledger.loads import LoadOrder

HEADINGS = ["reference", "order", "amount", "state", "time"]
LINES_MAX = 200_000
ASK_AT_ONCE_MAX = 10
# Clocks differ: what was paid so close to midnight may be in the neighbouring day's file.
MIDNIGHT = timedelta(minutes=10)

# What our order may say where the file says this.
AGREES: dict[str, frozenset[State]] = {
    "paid": frozenset({State.PAID, State.ARRIVED, State.DELIVERED, State.REFUNDING}),
    "refunding": frozenset({State.REFUNDING, State.REFUNDED}),
    "refunded": frozenset({State.REFUNDED}),
}


class FileUnreadable(Exception):
    """The file is none; the message names the line and what is wrong there."""


class Kind(StrEnum):
    """How the two differ."""

    THEIRS_NOT_OURS = "theirs_not_ours"
    OURS_NOT_THEIRS = "ours_not_theirs"
    AMOUNT_DIFFERS = "amount_differs"
    STATE_DIFFERS = "state_differs"


class Line(Struct, frozen=True):
    """A line of the provider's file. ``order`` is None where it is no id of ours."""

    reference: str
    order: UUID | None
    amount: int
    state: str
    at: datetime


class Difference(Struct, frozen=True):
    """One order on which the two differ. ``settled``: asking settled it."""

    kind: Kind
    line: Line | None
    order: LoadOrder | None
    settled: bool = False


class Reconciliation(Struct, frozen=True):
    """What was compared, and what differs."""

    provider: str
    date: dt.date
    lines: int
    agreed: int
    differences: list[Difference]


def read_file(text: str) -> list[Line]:
    """The lines of a provider's file.

    Raises:
        FileUnreadable: it is not such a file; nothing of it is used.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: list[Line] = []
    try:
        if next(rows, None) != HEADINGS:
            raise FileUnreadable(f"line 1 must be {','.join(HEADINGS)}")
        for row in rows:
            if row:
                found.append(_line(row, rows.line_num))
            if len(found) > LINES_MAX:
                raise FileUnreadable(f"it has more than {LINES_MAX} lines")
    except csv.Error as error:
        raise FileUnreadable(f"line {rows.line_num}: {error}") from None
    seen: set[UUID] = set()
    for line in found:
        if line.order in seen:
            raise FileUnreadable(f"order {line.order} is in it twice")
        if line.order is not None:
            seen.add(line.order)
    return found


def _line(row: list[str], number: int) -> Line:
    if len(row) != len(HEADINGS):
        raise FileUnreadable(f"line {number} has {len(row)} fields; it must have {len(HEADINGS)}")
    reference, order, amount, state, at = row
    if not (amount.isascii() and amount.isdecimal() and len(amount) <= 10):
        raise FileUnreadable(f"line {number}: amount is {amount[:20]!r}; it must be whole yen")
    if state not in AGREES:
        raise FileUnreadable(f"line {number}: state must be one of {', '.join(AGREES)}")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        raise FileUnreadable(f"line {number}: time is {at[:30]!r}; it must be ISO 8601") from None
    if instant.tzinfo is None:
        raise FileUnreadable(f"line {number}: time needs its offset")
    try:
        id = UUID(order)  # noqa: A001
    except ValueError:
        id = None  # noqa: A001
    return Line(reference, id, int(amount), state, instant)


def compare(lines: list[Line], ours: dict[UUID, LoadOrder]) -> list[Difference]:
    """Where the file's lines and our orders (by id) differ."""
    found: list[Difference] = []
    for line in lines:
        order = ours.get(line.order) if line.order is not None else None
        if order is None:
            found.append(Difference(Kind.THEIRS_NOT_OURS, line, None))
        elif order.state not in AGREES[line.state]:
            found.append(Difference(Kind.STATE_DIFFERS, line, order))
        elif order.their_amount != line.amount and order.state is not State.REFUNDED:
            found.append(Difference(Kind.AMOUNT_DIFFERS, line, order))
    theirs = {line.order for line in lines}
    return found + [
        Difference(Kind.OURS_NOT_THEIRS, None, order)
        for order in ours.values()
        if order.id not in theirs
    ]


async def reconcile(
    pool: Pool, town: int, zone: ZoneInfo, desk: Desk, provider: str, date: dt.date, text: str
) -> Reconciliation:
    """Compares a day, and asks about what differs.

    Raises:
        FileUnreadable: the text is no such file.
        LedgerError: the database is away.
    """
    lines = await asyncio.to_thread(read_file, text)  # So many lines are no work for the loop.
    start = datetime.combine(date, dt.time(), zone)
    end = datetime.combine(date + timedelta(days=1), dt.time(), zone)
    named = [line.order for line in lines if line.order is not None]
    ours = await loads.orders_by_id(pool, town, provider, named)
    for order in await loads.paid_between(pool, town, provider, start, end):
        ours.setdefault(order.id, order)
    gate = asyncio.Semaphore(ASK_AT_ONCE_MAX)

    async def settle(difference: Difference) -> Difference:
        if difference.order is None:
            return difference
        async with gate:
            order = await desk.go_on(difference.order)
        return _settled(replace(difference, order=order), start, end)

    found = compare(lines, ours)
    differences = list(await asyncio.gather(*(settle(each) for each in found)))
    apart = sum(1 for each in found if each.line is not None)
    return Reconciliation(provider, date, len(lines), len(lines) - apart, differences)


def _settled(difference: Difference, start: datetime, end: datetime) -> Difference:
    """The same after asking: settled where the order is now as the file says."""
    line, order = difference.line, difference.order
    assert order is not None
    if line is not None:
        same_amount = order.their_amount == line.amount or order.state is State.REFUNDED
        agrees = order.state in AGREES[line.state] and same_amount
    else:
        # The provider's own word stands where the day itself is in doubt.
        close = order.paid_at is not None and (
            order.paid_at < start + MIDNIGHT or order.paid_at >= end - MIDNIGHT
        )
        agrees = close and not order.attention
    return replace(difference, settled=agrees)
