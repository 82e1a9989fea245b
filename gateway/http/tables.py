"""Lists as files for spreadsheets: CSV (RFC 4180) in UTF-8, with the mark that Excel asks for."""

import csv
import io
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from starlette.responses import Response

from gateway.refused import Refused

MEDIA = "text/csv"
LINES_MAX = 50_000  # A file is made whole, or not at all.
PAGE_LINES = 1_000

Line = TypeVar("Line")

# A cell that begins so is a formula to a spreadsheet, whoever wrote it.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def table(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The answer that a browser keeps as the file ``name``."""
    return Response(
        b"\xef\xbb\xbf" + csv_lines(headings, *rows),
        media_type=f"{MEDIA}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def csv_lines(*rows: Sequence[object]) -> bytes:
    """Lines of such a file, for one that is sent a part at a time."""
    text = io.StringIO()
    csv.writer(text).writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue().encode()


async def whole(
    page: Callable[[int | None, int], Awaitable[list[Line]]], place: Callable[[Line], int]
) -> list[Line]:
    """All lines, read a page at a time, so that payments go on in between.

    ``page`` reads so many lines before a place, newest first; ``place`` is a line's.

    Raises:
        Refused: ``too_many_lines``: the file would be cut off.
    """
    found: list[Line] = []
    while True:
        lines = await page(place(found[-1]) if found else None, PAGE_LINES)
        found += lines
        if len(found) > LINES_MAX:
            raise Refused("too_many_lines", field="since")
        if len(lines) < PAGE_LINES:
            return found


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value
