"""The table's rows for reports: the town's at the console, a shop's own on its tablet and its site.

They are a part of `gateway.routes.ENDPOINTS`. A report comes as tables in JSON, as one table in
CSV, and as a workbook with all of them.
"""

from gateway.http import reports
from gateway.http.call import Endpoint
from gateway.http.tables import MEDIA as CSV
from gateway.protocol import api_reports as api
from gateway.protocol.messages import Role
from gateway.reports.workbook import MEDIA as WORKBOOK

CONSOLE = (Role.CONSOLE,)
STAFF = (Role.STAFF,)
TERMINAL = (Role.TERMINAL,)
ERRORS = ("busy",)

REPORTS: tuple[Endpoint, ...] = (
    # -- the console -------------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/console/reports",
        summary="Which reports there are.",
        handler=reports.listed,
        roles=CONSOLE,
        answer=api.Reports,
    ),
    Endpoint(
        method="GET",
        path="/console/reports/{report}",
        summary="A report about the town, a campaign or a shop.",
        handler=reports.report,
        roles=CONSOLE,
        path_parts=api.ReportPath,
        query=api.ReportQuery,
        answer=api.Report,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/console/reports/{report}/csv",
        summary="One table of a report as a file.",
        handler=reports.report_csv,
        roles=CONSOLE,
        path_parts=api.ReportPath,
        query=api.ReportFileQuery,
        answer=None,
        media=CSV,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/console/reports/{report}/xlsx",
        summary="A whole report as a workbook.",
        handler=reports.report_workbook,
        roles=CONSOLE,
        path_parts=api.ReportPath,
        query=api.WorkbookQuery,
        answer=None,
        media=WORKBOOK,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/console/export/transactions.csv",
        summary="Transactions as a file of any length.",
        handler=reports.export_csv,
        roles=CONSOLE,
        query=api.TransactionsExportQuery,
        answer=None,
        media=CSV,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/console/export/transactions.xlsx",
        summary="The same as a workbook, up to what a sheet holds.",
        handler=reports.export_workbook,
        roles=CONSOLE,
        query=api.TransactionsExportQuery,
        answer=None,
        media=WORKBOOK,
        errors=(*ERRORS, "too_many_lines"),
    ),
    # -- shops -------------------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/terminal/report",
        summary="The shop's results and its place among its kind.",
        handler=reports.own,
        roles=TERMINAL,
        query=api.OwnReportQuery,
        answer=api.Report,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/terminal/report/csv",
        summary="One table of them as a file.",
        handler=reports.own_csv,
        roles=TERMINAL,
        query=api.OwnReportFileQuery,
        answer=None,
        media=CSV,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/terminal/report/xlsx",
        summary="All of them as a workbook.",
        handler=reports.own_workbook,
        roles=TERMINAL,
        query=api.OwnWorkbookQuery,
        answer=None,
        media=WORKBOOK,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/staff/report",
        summary="The results of a shop one stands over, and its place among its kind.",
        handler=reports.of_staff,
        roles=STAFF,
        query=api.StaffReportQuery,
        answer=api.Report,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/staff/report/csv",
        summary="One table of them as a file.",
        handler=reports.of_staff_csv,
        roles=STAFF,
        query=api.StaffReportFileQuery,
        answer=None,
        media=CSV,
        errors=ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/staff/report/xlsx",
        summary="All of them as a workbook.",
        handler=reports.of_staff_workbook,
        roles=STAFF,
        query=api.StaffWorkbookQuery,
        answer=None,
        media=WORKBOOK,
        errors=ERRORS,
    ),
)
