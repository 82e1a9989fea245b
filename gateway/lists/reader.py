"""Reading a list: its header and its lines, in one pass over the text and in bounded memory.

A list is CSV (RFC 4180) with a header. Lines end with CRLF, LF or CR; no cell holds a line's end,
so a quotation mark that is not closed spoils its own line and not the rest of the file.
"""

import csv
import re
from collections.abc import Iterator

from msgspec import Struct

from gateway.lists.encoding import SHIFT_JIS, is_euc_jp, text_of
from gateway.lists.problems import Finding, ListRefused, Problem

BYTES_MAX = 16 * 1024 * 1024
LINES_MAX = 200_000  # Every holder of a card in a large town, at once.

# What a column may be called. The first of each is what is asked for.
RECIPIENT = ("宛先", "recipient")
AMOUNT = ("金額・ポイント", "金額", "ポイント", "amount", "points")
NAME = ("氏名", "name")
REMARK = ("備考", "remarks")  # Not read; it may stand there.
ALLOWED = " / ".join(
    f"{names[0]}({', '.join(names[1:])})" for names in (RECIPIENT, AMOUNT, NAME, REMARK)
)

_HEADINGS = {
    name: kind
    for kind, names in (
        ("recipient", RECIPIENT),
        ("amount", AMOUNT),
        ("name", NAME),
        ("remark", REMARK),
    )
    for name in names
}
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\n|\r|$)")


class Columns(Struct, frozen=True):
    """The places of the columns, and the headings as they are written."""

    recipient: int
    amount: int | None
    name: int | None
    headings: list[str]

    def heading(self, kind: str) -> str:
        """What the column of this kind is called here, or should be called if it is missing."""
        place: int | None = getattr(self, kind)
        wanted = {"recipient": RECIPIENT, "amount": AMOUNT, "name": NAME}
        return wanted[kind][0] if place is None else self.headings[place]


class Cells(Struct, frozen=True):
    """What is written in a line; "" where there is no such column."""

    line: int
    recipient: str
    amount: str
    name: str


class List(Struct, frozen=True):
    """A file whose header is right. ``encoding``: as it is called (UTF-8 or Shift_JIS)."""

    encoding: str
    columns: Columns
    text: str
    begin: int
    header_line: int

    def lines(self) -> Iterator[Cells | Finding]:
        """Every line that is not empty: its cells, or what is wrong with it.

        Raises:
            ListRefused: there are too many lines, or none.
        """
        count = 0
        for number, text in _lines(self.text, self.begin, self.header_line + 1):
            cells = _cells(text)
            if cells is not None and not any(cell.strip() for cell in cells):
                continue  # A spreadsheet writes the commas of empty lines, too.
            count += 1
            if count > LINES_MAX:
                raise ListRefused(Finding(Problem.TOO_MANY_LINES, number, other=LINES_MAX))
            yield self._read(number, cells)
        if not count:
            raise ListRefused(Finding(Problem.EMPTY))

    def _read(self, line: int, cells: list[str] | None) -> Cells | Finding:
        columns = self.columns
        if cells is None:
            return Finding(Problem.QUOTES_BROKEN, line)
        width = len(columns.headings)
        if len(cells) != width:
            fewer = len(cells) < width
            problem = Problem.CELLS_MISSING if fewer else Problem.CELLS_TOO_MANY
            return Finding(problem, line, other=width)
        return Cells(
            line,
            cells[columns.recipient],
            "" if columns.amount is None else cells[columns.amount],
            "" if columns.name is None else cells[columns.name].strip(),
        )


def read_list(data: bytes, *, amount_needed: bool) -> List:
    """A file's text and header; its lines are read by `List.lines`.

    Raises:
        ListRefused: the file, its encoding or its header is not as it has to be.
    """
    if len(data) > BYTES_MAX:
        raise ListRefused(Finding(Problem.TOO_LARGE, other=BYTES_MAX))
    text, encoding = text_of(data)
    begin, line = 0, 1
    for found in _LINE.finditer(text):
        begin = found.end()
        if found[1].strip():
            break
        line += 1
    cells = _cells(found[1])
    if cells is None:
        raise ListRefused(Finding(Problem.QUOTES_BROKEN, line))
    try:
        columns = _columns([cell.strip() for cell in cells], line, amount_needed=amount_needed)
    except ListRefused:
        if encoding == SHIFT_JIS and is_euc_jp(data, frozenset(_HEADINGS)):
            raise ListRefused(Finding(Problem.ENCODING_OTHER, found="EUC-JP")) from None
        raise
    return List(encoding, columns, text, begin, line)


def _columns(headings: list[str], line: int, *, amount_needed: bool) -> Columns:
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        kind = _HEADINGS.get(heading.casefold())
        if kind is None:
            raise ListRefused(Finding(Problem.HEADER_UNKNOWN, line, found=heading[:40]))
        if kind in places:
            raise ListRefused(Finding(Problem.HEADER_TWICE, line, found=heading))
        places[kind] = place
    for kind, wanted in (("recipient", RECIPIENT), ("amount", AMOUNT)):
        if kind not in places and (kind == "recipient" or amount_needed):
            raise ListRefused(Finding(Problem.HEADER_MISSING, line, found=wanted[0]))
    return Columns(places["recipient"], places.get("amount"), places.get("name"), headings)


def _lines(text: str, begin: int, line: int) -> Iterator[tuple[int, str]]:
    """The lines from a place on, with their numbers, one at a time."""
    for number, found in enumerate(_LINE.finditer(text, begin), line):
        if found.end() == len(text) and not found[1]:
            return
        yield number, found[1]


def _cells(line: str) -> list[str] | None:
    """A line's cells; None where its quotation marks are broken."""
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None
