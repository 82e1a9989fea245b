"""Workbooks (XLSX): numbers as numbers, times as times, headings that stay when one scrolls.

Written a line at a time and never kept whole in memory, so a sheet must be filled from its first
line to its last before the next is begun.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook as Book
from xlsxwriter.worksheet import Worksheet

from gateway.protocol.api_reports import Language, Report
from gateway.reports.tables import cells, headings

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES_MAX = 1_048_575  # What a sheet of Excel has, less the headings.

FORMATS = {"yen": "#,##0", "number": "#,##0", "people": "#,##0", "mean": "#,##0.0", "share": "0.0%"}
WIDTH_MIN, WIDTH_MAX = 8, 60
MEASURED_LINES = 1_000  # A sheet's first lines say how wide its columns are.
TIME_WIDTH = 20

NOTES = {
    "ja": """\
x は人数が少ないため表示しないセルです（{people}人未満のセルと、合計から推定できるセル）。
取消は、取り消した日に、取り消した内容の逆として数えます。
年代は期間の最後の年に達する年齢です。地域は、最初に現金チャージかポイント付与を受けた店舗の地域です。""",
    "en": """\
x: a cell of too few people to be told (fewer than {people}, or what would give it away).
A reversal counts on the day it was made, as the reverse of what it reversed.
Age is what is reached in the period's last year. Home is the area of the shop of the first top-up
in cash, or of the first points of a shop.""",
}


class Workbook:
    """A workbook under way: used with ``with``; it is a file when that ends."""

    def __init__(self, path: Path) -> None:
        # What people wrote is text, whatever it looks like: no formula, no link, no number.
        self._book = Book(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": str(path.parent),
            },
        )
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._formats = {
            unit: self._book.add_format({"num_format": code}) for unit, code in FORMATS.items()
        }
        self._sheets: list[Sheet] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sheet in self._sheets:
            sheet.fit()
        self._book.close()

    def sheet(self, name: str, titles: Sequence[str], units: Sequence[str]) -> "Sheet":
        """The next sheet, with its headings; nothing more goes into the one before."""
        begun = Sheet(
            self._book.add_worksheet(name[:31]),
            self._bold,
            self._time,
            [self._formats.get(unit) for unit in units],
            titles,
        )
        self._sheets.append(begun)
        return begun


class Sheet:
    """A sheet that is being filled."""

    def __init__(
        self,
        sheet: Worksheet,
        bold: Format,
        time: Format,
        formats: Sequence[Format | None],
        titles: Sequence[str],
    ) -> None:
        self._sheet, self._time, self._formats = sheet, time, formats
        self._line = 0
        self._widths = [_width(title) for title in titles]
        for place, title in enumerate(titles):
            sheet.write_string(0, place, title, bold)
        if titles:
            sheet.freeze_panes(1, 0)

    def add(self, row: Sequence[object]) -> None:
        """The next line."""
        self._line += 1
        if self._widths and self._line <= MEASURED_LINES:
            self._widths = list(map(max, self._widths, map(_width, row)))
        for place, value in enumerate(row):
            match value:
                case None:
                    continue
                case dt.datetime():
                    self._sheet.write_datetime(
                        self._line, place, value.replace(tzinfo=None), self._time
                    )
                case int() | float():
                    self._sheet.write_number(self._line, place, value, self._formats[place])
                case _:
                    self._sheet.write_string(self._line, place, str(value))

    def fit(self) -> None:
        """Makes each column as wide as what stands in it."""
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, min(max(width + 2, WIDTH_MIN), WIDTH_MAX))


def _width(value: object) -> int:
    """How many letters wide it is shown; a kanji is two, as in Shift_JIS."""
    match value:
        case None:
            return 0
        case dt.datetime():
            return TIME_WIDTH
        case int() | float():
            return len(f"{value:,.1f}")
        case _:
            return len(str(value).encode("cp932", "replace"))


def write(path: Path, report: Report, names: dict[str, str], language: Language) -> None:
    """A report as a workbook: a sheet for each table, and one that explains."""
    with Workbook(path) as book:
        for found in report.tables:
            units = [column.unit for column in found.columns]
            sheet = book.sheet(getattr(found, language), headings(found, language), units)
            for row in cells(found, names, language):
                sheet.add(row)
        notes = book.sheet("説明" if language == "ja" else "About", (), ())
        notes.add([getattr(report, language)])
        notes.add([f"{report.since} – {report.until}"])
        for note in NOTES[language].format(people=report.people_min).splitlines():
            notes.add([note])
