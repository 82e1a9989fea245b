"""The HTTP API's bodies about reports: tables that every screen can draw and every file can
hold.
"""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.http.queries import Day, Number, TransactionsFileQuery
from gateway.protocol.api_campaigns import CampaignCode, Month

ReportName = Literal["issue", "users", "flows", "campaign", "shops", "shop"]
Unit = Literal["text", "number", "people", "yen", "mean", "share"]
Encoding = Annotated[
    Literal["utf-8", "shift_jis"],
    Meta(description="Shift_JIS is for older spreadsheets; it refuses what it cannot write."),
]
Language = Literal["ja", "en"]


class ReportPath(Struct, frozen=True):
    report: ReportName


class PeriodQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``month``, or ``since`` and ``until``: the first day and the last, at most 366. Without them
    the month before this one.
    """

    month: Month | None = None
    since: Day | None = None
    until: Day | None = None


class ReportQuery(PeriodQuery, frozen=True, forbid_unknown_fields=True):
    """``shop``: for the report of one. ``campaign``: for the report of one, which has its own
    time.
    """

    shop: Number | None = None
    campaign: CampaignCode | None = None


class ReportFileQuery(ReportQuery, frozen=True, forbid_unknown_fields=True):
    """``table``: which one, where the report has several."""

    table: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")] | None = None
    encoding: Encoding = "utf-8"
    language: Language = "ja"


class WorkbookQuery(ReportQuery, frozen=True, forbid_unknown_fields=True):
    """All tables of a report, each on a sheet of its own."""

    language: Language = "ja"


class OwnReportQuery(PeriodQuery, frozen=True, forbid_unknown_fields=True):
    """Without anything the month that is under way."""


class OwnReportFileQuery(OwnReportQuery, frozen=True, forbid_unknown_fields=True):
    """``table``: which one of the report."""

    table: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")] | None = None
    encoding: Encoding = "utf-8"
    language: Language = "ja"


class OwnWorkbookQuery(OwnReportQuery, frozen=True, forbid_unknown_fields=True):
    """All tables of the report, each on a sheet of its own."""

    language: Language = "ja"


class StaffReportQuery(OwnReportQuery, frozen=True, forbid_unknown_fields=True):
    """``shop``: one that the asker stands over; not needed where there is only one."""

    shop: Number | None = None


class StaffReportFileQuery(OwnReportFileQuery, frozen=True, forbid_unknown_fields=True):
    """``shop``: one that the asker stands over; not needed where there is only one."""

    shop: Number | None = None


class StaffWorkbookQuery(OwnWorkbookQuery, frozen=True, forbid_unknown_fields=True):
    """``shop``: one that the asker stands over; not needed where there is only one."""

    shop: Number | None = None


class TransactionsExportQuery(TransactionsFileQuery, frozen=True, forbid_unknown_fields=True):
    """Entries of the journal. ``encoding`` is of the CSV file alone."""

    encoding: Encoding = "utf-8"


class ReportInfo(Struct, frozen=True):
    """A report that can be asked for; ``tables``: their names. ``needs``: what it cannot do
    without.
    """

    report: str
    ja: str
    en: str
    tables: list[str]
    needs: list[str]


class Reports(Struct, frozen=True):
    """Every report there is."""

    reports: list[ReportInfo]


class ReportColumn(Struct, frozen=True):
    """A column: ``unit`` says what its numbers are; ``mean`` and ``share`` have fractions, and a
    share of 0.1 is a tenth.
    """

    key: str
    ja: str
    en: str
    unit: Unit


class ReportTable(Struct, frozen=True):
    """Rows under columns. ``hides``: a null among its numbers is a cell of too few people to be
    told; elsewhere null is what there is none of.
    """

    table: str
    ja: str
    en: str
    columns: list[ReportColumn]
    rows: list[list[str | int | float | None]]
    hides: bool


class Report(Struct, frozen=True):
    """A report from one instant, ``made_at`` (ms since 1970), about the days from ``since`` to
    ``until``, both counted in, on the town's clocks. ``people_min``: cells of fewer are not told.
    """

    report: str
    ja: str
    en: str
    since: dt.date
    until: dt.date
    made_at: int
    people_min: int
    tables: list[ReportTable]
