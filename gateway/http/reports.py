"""Reports at the console, at the shop site and on a shop's tablet."""

from starlette.responses import Response

from gateway.http import staff
from gateway.http.call import Call
from gateway.http.tables import Encoding, kept, table
from gateway.http.transactions import wanted_of
from gateway.protocol import api_reports as api
from gateway.refused import Refused
from gateway.reports import transactions, workbook
from gateway.reports.asking import chosen_table, made, period, told
from gateway.reports.making import Maker, infos
from gateway.reports.tables import cells, headings, instrument_names
from gateway.reports.transactions import Export
from gateway.reports.writer import Order
from ledger import accounts
from ledger.reports import periods

# -- the console -----------------------------------------------------------------------------------


async def listed(_call: Call) -> api.Reports:
    """Every report there is."""
    return api.Reports(infos())


async def report(call: Call) -> api.Report:
    """A report as tables."""
    return await asked(call, call.path_as(api.ReportPath).report, call.query_as(api.ReportQuery))


async def report_csv(call: Call) -> Response:
    """One of its tables as CSV."""
    query = call.query_as(api.ReportFileQuery)
    name = call.path_as(api.ReportPath).report
    chosen_table(name, query.table)
    return csv_of(call, await asked(call, name, query), query.table, query.encoding, query.language)


async def report_workbook(call: Call) -> Response:
    """All of its tables as a workbook."""
    query = call.query_as(api.WorkbookQuery)
    found = await asked(call, call.path_as(api.ReportPath).report, query)
    return await workbook_of(call, found, query.language)


async def export_csv(call: Call) -> Response:
    """The journal as CSV."""
    query = call.query_as(api.TransactionsExportQuery)
    return await _exported(call, query, f"{call.town.code}-transactions.csv", query.encoding)


async def export_workbook(call: Call) -> Response:
    """The journal as a workbook."""
    query = call.query_as(api.TransactionsExportQuery)
    return await _exported(call, query, f"{call.town.code}-transactions.xlsx", None)


async def _exported(
    call: Call, query: api.TransactionsExportQuery, name: str, encoding: Encoding | None
) -> Response:
    wanted, shops = await wanted_of(call, query, None)
    export = Export(call.context.reports, call.town.number, call.town.zone, wanted, shops)
    async with told():
        return await transactions.sent(export, name, encoding)


# -- shops -----------------------------------------------------------------------------------------


async def own(call: Call) -> api.Report:
    """A tablet's shop's results."""
    return await of_shop(call, call.session.account, call.query_as(api.OwnReportQuery))


async def own_csv(call: Call) -> Response:
    """One table of them as CSV."""
    query = call.query_as(api.OwnReportFileQuery)
    return await _shop_csv(call, call.session.account, query)


async def own_workbook(call: Call) -> Response:
    """All of them as a workbook."""
    query = call.query_as(api.OwnWorkbookQuery)
    found = await of_shop(call, call.session.account, query)
    return await workbook_of(call, found, query.language)


async def of_staff(call: Call) -> api.Report:
    """The results of a shop that one stands over."""
    query = call.query_as(api.StaffReportQuery)
    return await of_shop(call, await staff.shop_under(call, query.shop), query)


async def of_staff_csv(call: Call) -> Response:
    """One table of them as CSV."""
    query = call.query_as(api.StaffReportFileQuery)
    return await _shop_csv(call, await staff.shop_under(call, query.shop), query)


async def of_staff_workbook(call: Call) -> Response:
    """All of them as a workbook."""
    query = call.query_as(api.StaffWorkbookQuery)
    found = await of_shop(call, await staff.shop_under(call, query.shop), query)
    return await workbook_of(call, found, query.language)


async def _shop_csv(call: Call, shop: int, query: api.OwnReportFileQuery) -> Response:
    chosen_table("shop", query.table)
    found = await of_shop(call, shop, query)
    return csv_of(call, found, query.table, query.encoding, query.language)


async def of_shop(call: Call, shop: int, query: api.PeriodQuery) -> api.Report:
    """A shop's results; without a period the month that is under way."""
    today = call.now.astimezone(call.town.zone).date()
    found = period(query, periods.month_of(today, call.town.zone))
    async with told():
        return await _maker(call).shop(shop, found)


# -- what they have in common ----------------------------------------------------------------------


async def asked(call: Call, name: api.ReportName, query: api.ReportQuery) -> api.Report:
    """A report of the town.

    Raises:
        Refused: as `gateway.reports.asking.made`.
    """
    pool, town, shop = call.context.pool, call.town, query.shop
    known = name != "shop" or shop is None or await accounts.shop(pool, town.number, shop)
    if not known:
        raise Refused("not_found", "There is no shop with this number.", field="shop")
    return await made(_maker(call), name, query, call.now, town.zone)


def _maker(call: Call) -> Maker:
    context = call.context
    return Maker(context.reports, context.places, call.town.number, call.now)


def csv_of(
    call: Call,
    found: api.Report,
    wanted: str | None,
    encoding: Encoding,
    language: api.Language,
) -> Response:
    """One table of a report as CSV.

    Raises:
        Refused: ``invalid``: a character that the encoding has not.
    """
    one = next(each for each in found.tables if wanted in (None, each.table))
    name = _file_name(call, found, f"-{one.table}.csv")
    rows = cells(one, instrument_names(call.town.profile, language), language)
    return table(name, headings(one, language), rows, encoding)


async def workbook_of(call: Call, found: api.Report, language: api.Language) -> Response:
    """All tables of a report as a workbook."""
    names = instrument_names(call.town.profile, language)
    data = await call.context.writer.workbook(Order(found, names, language))
    return kept(_file_name(call, found, ".xlsx"), data, workbook.MEDIA)


def _file_name(call: Call, found: api.Report, end: str) -> str:
    return f"{call.town.code}-{found.report}-{found.since}-{found.until}{end}"
