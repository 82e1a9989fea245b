"""Shops' statements at the doors: a shop's manager fetches their own, operators anybody's."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct
from starlette.responses import Response

from gateway.http.call import Call
from gateway.http.listings import own_shop
from gateway.http.queries import Number, Page, ShopPath
from gateway.http.shops import shop_of
from gateway.http.tables import Encoding, kept, table
from gateway.protocol import api_statements as api
from gateway.refused import Refused
from gateway.statements import lines, pages
from ledger.accounts import Shop
from ledger.requests import Rank
from ledger.settlement.lines import lines_of_shop
from ledger.statements import Statement, statement

PDF = "application/pdf"

# Pages are half a second's work of the processor: one at a time, so that payments have the rest.
_drawing = ThreadPoolExecutor(1, "statements")


class StatementPath(ShopPath, frozen=True):
    settlement: Number


class StatementsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only settlements before this one; without it, the newest."""

    before: Number | None = None
    limit: Page = 50


class FileQuery(Struct, frozen=True, forbid_unknown_fields=True):
    encoding: Encoding = "utf-8"


async def own(call: Call) -> api.StatementLines:
    """A page of a shop's statements, for its manager."""
    return await _listed(call, await own_shop(call, Rank.SHOP))


async def of_shop(call: Call) -> api.StatementLines:
    """The same, for operators."""
    return await _listed(call, await shop_of(call))


async def own_pdf(call: Call) -> Response:
    """A statement's pages, for the shop's manager: of a settlement that was released."""
    return await _pdf(call, await _released(call))


async def own_csv(call: Call) -> Response:
    """The same for spreadsheets."""
    return _csv(call, await _released(call))


async def pdf_of_shop(call: Call) -> Response:
    """A statement's pages, for operators: also before the settlement is released, and says so."""
    return await _pdf(call, await _any(call))


async def csv_of_shop(call: Call) -> Response:
    """The same for spreadsheets."""
    return _csv(call, await _any(call))


async def _listed(call: Call, shop: Shop) -> api.StatementLines:
    query, pool, town = call.query_as(StatementsQuery), call.context.pool, call.town.number
    found = await lines_of_shop(pool, town, shop.account, query.before, query.limit)
    return api.StatementLines(
        [
            api.StatementLine(
                each.settlement,
                each.entries,
                each.accepted,
                each.topped_up,
                each.issued,
                each.fees,
                each.carried_in,
                each.net,
                each.carries,
                each.state,
                each.reason,
            )
            for each in found
        ],
        next=found[-1].settlement if len(found) == query.limit else None,
    )


async def _released(call: Call) -> Statement:
    found = await _of(call, await own_shop(call, Rank.SHOP))
    if found.line.state == "made":
        raise _none()
    return found


async def _any(call: Call) -> Statement:
    return await _of(call, await shop_of(call))


async def _of(call: Call, shop: Shop) -> Statement:
    number = call.path_as(StatementPath).settlement
    found = await statement(call.context.pool, call.town.number, number, shop.account)
    if found is None:
        raise _none()
    return found


def _none() -> Refused:
    text = "There is no settlement with this number in which this shop has a part."
    return Refused("not_found", text, field="settlement")


async def _pdf(call: Call, found: Statement) -> Response:
    loop = asyncio.get_running_loop()
    data = await loop.run_in_executor(_drawing, pages.pdf, call.town.profile, found)
    return kept(f"{_name(call, found)}.pdf", data, PDF)


def _csv(call: Call, found: Statement) -> Response:
    rows = lines.rows(call.town.profile, found)
    encoding = call.query_as(FileQuery).encoding
    return table(f"{_name(call, found)}.csv", lines.HEADINGS, rows, encoding)


def _name(call: Call, found: Statement) -> str:
    return f"{call.town.code}-statement-{found.line.settlement}-{found.line.shop_code}"
