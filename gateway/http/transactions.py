"""Lists of the journal's entries, by pages and as files: the town's, or those of some shops."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from gateway.http.call import Call
from gateway.http.queries import TransactionsFileQuery, TransactionsQuery
from gateway.http.tables import table, whole
from gateway.protocol.api_staff import TransactionLine, Transactions
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import journal
from ledger.journal import Entry, Filter

HEADINGS = (
    *("entry", "id", "kind", "at", "wallet", "shop", "shop_name", "terminal", "amount"),
    *("reversed", "refers", "reason"),
)

YEARS = range(2000, 2200)


async def listed(call: Call, shops: Sequence[int] | None = None) -> Transactions:
    """A page of entries, newest first; ``shops``: whose; None: the town's."""
    query = call.query_as(TransactionsQuery)
    found = await _entries(call, query, shops, query.limit, query.before)
    return Transactions(
        lines=[
            TransactionLine(
                entry=each.entry,
                id=each.id,
                kind=each.kind,
                at=milliseconds(each.at),
                wallet=each.wallet,
                shop=each.shop,
                shop_name=each.shop_name,
                terminal=each.terminal,
                amount=each.amount,
                reversed=each.reversed,
                refers=each.refers,
                reason=each.reason,
            )
            for each in found
        ],
        next=found[-1].entry if len(found) == query.limit else None,
    )


async def file(call: Call, shops: Sequence[int] | None = None) -> Response:
    """All that the filters let through, as CSV, with the town's own times.

    Raises:
        Refused: ``too_many_lines``.
    """
    query = call.query_as(TransactionsFileQuery)

    async def page(before: int | None, limit: int) -> list[Entry]:
        return await _entries(call, query, shops, limit, before)

    found = await whole(page, lambda each: each.entry)
    # Lazy: a thread makes the lines, beside the event loop.
    rows = (
        (
            *(each.entry, each.id, each.kind, local_time(each.at, call.town.zone), each.wallet),
            *(each.shop, each.shop_name, each.terminal, each.amount, each.reversed),
            *(each.refers, each.reason),
        )
        for each in found
    )
    name = f"{call.town.code}-transactions.csv"
    return await asyncio.to_thread(table, name, HEADINGS, rows)


async def _entries(
    call: Call,
    query: TransactionsFileQuery,
    shops: Sequence[int] | None,
    limit: int,
    before: int | None = None,
) -> list[Entry]:
    if query.shop is not None:
        if shops is not None and query.shop not in shops:
            raise Refused("not_found", "You stand over no shop with this number.", field="shop")
        shops = [query.shop]
    since, until = days(query.since, query.until, call.town.zone)
    wanted = Filter(
        kind=query.kind,
        since=since,
        until=until,
        amount_min=query.amount_min,
        amount_max=query.amount_max,
        wallet=query.wallet,
    )
    return await journal.entries(call.context.pool, call.town.number, wanted, before, limit, shops)


def days(
    since: dt.date | None, until: dt.date | None, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """From the first day's midnight to that after the last, on the town's clocks.

    Raises:
        Refused: ``invalid``, where the last day is before the first, or one is of another age.
    """
    for field, day in (("since", since), ("until", until)):
        if day is not None and day.year not in YEARS:
            text = f"The day has to be from {YEARS.start} to {YEARS.stop - 1}."
            raise Refused("invalid", text, field=field)
    if since is not None and until is not None and until < since:
        raise Refused("invalid", "The last day is before the first.", field="until")
    after = None if until is None else until + dt.timedelta(days=1)
    return _midnight(since, zone), _midnight(after, zone)


def _midnight(day: dt.date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, dt.time(), zone)


def local_time(at: datetime, zone: ZoneInfo) -> str:
    """An instant as the town's clocks show it, to the second."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
