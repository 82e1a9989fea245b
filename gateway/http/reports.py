"""Reports at the console, at the shop site and on a shop's tablet."""

import asyncio
import datetime as dt
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.responses import Response

from gateway.http import staff
from gateway.http.call import Call
from gateway.http.days import check_day, days
from gateway.http.tables import Encoding, kept, table
from gateway.http.transactions import wanted_of
from gateway.protocol import api_reports as api
from gateway.refused import Refused
from gateway.reports import transactions, workbook
from gateway.reports.making import CONTENTS, NEEDS, Maker, infos
from gateway.reports.tables import cells, headings
from gateway.reports.transactions import Export
from ledger import accounts
from ledger.reports import periods
from ledger.reports.campaign_effect import CampaignUnknown, TooEarly
from ledger.reports.periods import DAYS_MAX, Period
from ledger.reports.snapshot import TIME_MAX_S, ReportBusy, ReportTooLarge

# -- the console -----------------------------------------------------------------------------------


async def listed(_call: Call) -> api.Reports:
    """Every report there is."""
    return api.Reports(infos())


async def report(call: Call) -> api.Report:
    """A report as tables."""
    return await made(call, call.path_as(api.ReportPath).report, call.query_as(api.ReportQuery))


async def report_csv(call: Call) -> Response:
    """One of its tables as CSV."""
    query = call.query_as(api.ReportFileQuery)
    name = call.path_as(api.ReportPath).report
    chosen_table(name, query.table)
    return csv_of(call, await made(call, name, query), query.table, query.encoding, query.language)


async def report_workbook(call: Call) -> Response:
    """All of its tables as a workbook."""
    query = call.query_as(api.WorkbookQuery)
    found = await made(call, call.path_as(api.ReportPath).report, query)
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


async def made(call: Call, name: api.ReportName, query: api.ReportQuery) -> api.Report:
    """A report with what the query says.

    Raises:
        Refused: ``invalid``, ``not_found``; ``busy`` where another report is under way,
            ``unavailable`` where it took too long.
    """
    for field in ("campaign", "shop"):
        given = getattr(query, field) is not None
        if given is not (field in NEEDS.get(name, ())):
            text = f"The report {name} {'takes no' if given else 'needs a'} {field}."
            raise Refused("invalid", text, field=field)
    town = call.town
    today = call.now.astimezone(town.zone).date()
    about = period(query, periods.month_before(today, town.zone))
    maker = _maker(call)
    async with told():
        if name == "campaign":
            if query.month or query.since or query.until:
                text = "A campaign has its own time; leave month, since and until out."
                raise Refused("invalid", text, field="month" if query.month else "since")
            assert query.campaign is not None
            return await maker.campaign(query.campaign, about)
        if name == "shop":
            assert query.shop is not None
            if await accounts.shop(call.context.pool, town.number, query.shop) is None:
                raise Refused("not_found", "There is no shop with this number.", field="shop")
            return await maker.shop(query.shop, about)
        make: dict[str, Callable[[Period], Awaitable[api.Report]]] = {
            "issue": maker.issue,
            "users": maker.users,
            "flows": maker.flows,
            "shops": maker.shops,
        }
        return await make[name](about)


def _maker(call: Call) -> Maker:
    context = call.context
    return Maker(context.reports, context.places, call.town.number, call.now)


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Tells why a report was not made.

    Raises:
        Refused.
    """
    try:
        yield
    except ReportBusy:
        raise Refused(
            "busy", "Another report is being made; ask again in a moment.", retry_after_ms=5_000
        ) from None
    except ReportTooLarge:
        raise Refused(
            "unavailable",
            f"The report took longer than {TIME_MAX_S} s and was given up. Ask for fewer days, or "
            "at a quieter hour.",
        ) from None
    except CampaignUnknown:
        raise Refused(
            "not_found", "The town has no campaign with this code.", field="campaign"
        ) from None
    except TooEarly:
        text = "None of the campaign's days is over; ask tomorrow."
        raise Refused("invalid", text, field="campaign") from None


def period(query: api.PeriodQuery, otherwise: Period) -> Period:
    """The days that a query names.

    Raises:
        Refused: ``invalid``, with the field.
    """
    zone = otherwise.zone
    if query.month is not None:
        if query.since is not None or query.until is not None:
            raise Refused("invalid", "Give a month, or days; not both.", field="month")
        first = dt.date.fromisoformat(f"{query.month}-01")
        check_day(first, "month")
        return periods.month_of(first, zone)
    if query.since is None and query.until is None:
        return otherwise
    if query.since is None or query.until is None:
        missing = "since" if query.since is None else "until"
        raise Refused("invalid", "Give the first day and the last.", field=missing)
    days(query.since, query.until, zone)
    found = Period(query.since, query.until, zone)
    if found.days > DAYS_MAX:
        text = f"A report is of {DAYS_MAX} days at most; found {found.days}."
        raise Refused("invalid", text, field="until")
    return found


def chosen_table(name: api.ReportName, wanted: str | None) -> None:
    """Refuses a table that the report has not, before it is made.

    Raises:
        Refused: ``invalid``.
    """
    tables = CONTENTS[name]
    if wanted not in tables and (wanted is not None or len(tables) > 1):
        text = f"A CSV file is one table; allowed is {', '.join(tables)}."
        raise Refused("invalid", text, field="table")


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
    rows = cells(one, _names(call, language), language)
    return table(name, headings(one, language), rows, encoding)


async def workbook_of(call: Call, found: api.Report, language: api.Language) -> Response:
    """All tables of a report as a workbook."""

    def write() -> bytes:
        with tempfile.TemporaryDirectory(prefix="koban-report-") as folder:
            path = Path(folder) / "report.xlsx"
            workbook.write(path, found, _names(call, language), language)
            return path.read_bytes()

    data = await asyncio.to_thread(write)
    return kept(_file_name(call, found, ".xlsx"), data, workbook.MEDIA)


def _names(call: Call, language: api.Language) -> dict[str, str]:
    """What the kinds of value are called."""
    instruments = call.town.profile.instruments
    return {each.code: each.name.get(language, each.name["ja"]) for each in instruments}


def _file_name(call: Call, found: api.Report, end: str) -> str:
    return f"{call.town.code}-{found.report}-{found.since}-{found.until}{end}"
