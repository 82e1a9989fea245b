"""Lists as files for spreadsheets: CSV (RFC 4180) in UTF-8, with the mark that Excel asks for."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from gateway.refused import Refused

MEDIA = "text/csv"
LINES_MAX = 50_000  # A file is made whole, or not at all.

# A cell that begins so is a formula to a spreadsheet, whoever wrote it.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def table(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The answer that a browser keeps as the file ``name``."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return Response(
        b"\xef\xbb\xbf" + text.getvalue().encode(),
        media_type=f"{MEDIA}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def bounded(lines: Sequence[object]) -> None:
    """Refuses what would be cut off.

    Raises:
        Refused: ``too_many_lines``.
    """
    if len(lines) > LINES_MAX:
        raise Refused("too_many_lines", field="since")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value
