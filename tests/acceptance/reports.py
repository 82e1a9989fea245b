"""Reports in a story's words: what somebody reads, and what a spreadsheet makes of the files."""

import csv
import io
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from gateway.protocol.api_reports import Report
from tests.acceptance.nagaoka import Nagaoka

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows(report: Report, name: str) -> list[dict[str, Any]]:
    """The lines of a report's table, by their columns."""
    (found,) = [each for each in report.tables if each.table == name]
    keys = [column.key for column in found.columns]
    return [dict(zip(keys, row, strict=True)) for row in found.rows]


async def reads(town: Nagaoka, path: str) -> Report:
    """The operator asks for a report at the console."""
    return await town.asks("GET", f"/console/reports/{path}", None, Report)


async def keeps(town: Nagaoka, path: str) -> httpx.Response:
    """The operator keeps a file."""
    answer = await town.tries("GET", f"/console/{path}", None)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return answer


def lines(data: bytes, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    """A CSV file, as a spreadsheet opens it."""
    return list(csv.DictReader(io.StringIO(data.decode(encoding), newline="")))


def numbers(data: bytes, sheet: int) -> list[dict[str, float]]:
    """The numbers of a workbook's sheet, line by line, under the letters of their columns."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        root = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    return [
        {
            cell.attrib["r"].rstrip("0123456789"): float(cell.findtext(f"{SHEET}v", "nan"))
            for cell in line
            if "t" not in cell.attrib
        }
        for line in root.iter(f"{SHEET}row")
    ]
