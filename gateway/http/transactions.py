"""Lists of the journal's entries, by pages and as files: the town's, or those of some shops."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from starlette.responses import Response

from gateway.http.call import Call
from gateway.http.days import days, local_time
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
    wanted, shops = await wanted_of(call, query, shops)
    return await journal.entries(call.context.pool, call.town.number, wanted, before, limit, shops)


async def wanted_of(
    call: Call, query: TransactionsFileQuery, shops: Sequence[int] | None
) -> tuple[Filter, Sequence[int] | None]:
    """Which entries a query wants, and of which shops (None: the town's).

    Raises:
        Refused: ``invalid``, ``not_found``.
    """
    pool, town = call.context.pool, call.town.number
    if query.shop is not None:
        if shops is not None and query.shop not in shops:
            raise Refused("not_found", "You stand over no shop with this number.", field="shop")
        shops = [query.shop]
    entry: int | None = None
    if query.search is not None and (id := _id(query.search)) is not None:  # noqa: A001
        found = await journal.entry_by_id(pool, town, id)
        entry = found.entry if found else 0  # No entry has this number.
    elif query.search is not None:
        called = await journal.shops_called(pool, town, query.search)
        shops = [shop for shop in called if shops is None or shop in shops]
    since, until = days(query.since, query.until, call.town.zone)
    wanted = Filter(
        kind=query.kind,
        since=since,
        until=until,
        amount_min=query.amount_min,
        amount_max=query.amount_max,
        wallet=query.wallet,
        entry=entry,
    )
    return wanted, shops


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
