"""Lists as files for spreadsheets: CSV (RFC 4180) in UTF-8, with the mark that Excel asks for, or
in Shift_JIS as Windows has it.
"""

import csv
import io
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Literal, TypeVar

from starlette.responses import Response

from gateway.refused import Refused

MEDIA = "text/csv"
MARK = b"\xef\xbb\xbf"  # Tells Excel that this is UTF-8.
LINES_MAX = 50_000  # A file is made whole, or not at all.
PAGE_LINES = 1_000

Line = TypeVar("Line")
Encoding = Literal["utf-8", "shift_jis"]

# The same characters of JIS under the codes that Windows gives them.
WINDOWS = str.maketrans("〜−—‖", "～－―∥")

# A cell that begins so is a formula to a spreadsheet, whoever wrote it. Japanese Excel takes the
# full-width signs for the others, and U+2212 becomes one of them in Shift_JIS.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", *"＝＋－＠−")


def table(
    name: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    encoding: Encoding = "utf-8",
) -> Response:
    """The answer that a browser keeps as the file ``name``.

    Raises:
        Refused: ``invalid``: a character is not in that encoding.
    """
    data = csv_lines(headings, *rows)
    data = MARK + data if encoding == "utf-8" else in_shift_jis(data.decode())
    return kept(name, data, f"{MEDIA}; charset={encoding}")


def kept(name: str, data: bytes, media: str) -> Response:
    """The answer that a browser keeps as the file ``name``, whatever it is."""
    return Response(
        data,
        media_type=media,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def in_shift_jis(text: str) -> bytes:
    """Text in Windows' Shift_JIS.

    Raises:
        Refused: ``invalid``: the first character that it has not; none is dropped or changed.
    """
    try:
        return text.translate(WINDOWS).encode("cp932")
    except UnicodeEncodeError as error:
        found = error.object[error.start]
        line = error.object.count("\n", 0, error.start) + 1
        said = (
            f"Line {line} has {found!r} (U+{ord(found):04X}), which Shift_JIS has not; use UTF-8."
        )
        raise Refused("invalid", said, field="encoding") from error


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
