"""Lists as files: what a spreadsheet makes of every kind of cell."""

import csv
import io
from collections.abc import Iterable, Sequence

import pytest

from gateway.http.tables import LINES_MAX, PAGE_LINES, table, whole
from gateway.refused import Refused


def read(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    answer = table("things.csv", ("one", "two"), rows)
    return list(csv.reader(io.StringIO(bytes(answer.body).decode("utf-8-sig"), newline="")))


def test_a_table_is_csv_in_utf_8_with_its_mark() -> None:
    """Lines end as RFC 4180 says, and the browser keeps it as a file."""
    answer = table("things.csv", ("one", "two"), [("店", 1)])
    assert bytes(answer.body) == "\ufeffone,two\r\n店,1\r\n".encode()
    assert answer.headers["content-disposition"] == 'attachment; filename="things.csv"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "text", ["店, 駅前", 'a "word"', "two\nlines", "", "-", "0012", "1,000", " =1", "花子"]
)
def test_a_text_comes_out_as_it_went_in(text: str) -> None:
    """Unless it would be a formula."""
    expected = f"'{text}" if text.startswith("-") else text
    assert read([(text, 1)])[1] == [expected, "1"]


@pytest.mark.parametrize("sign", [*"=+-@＝＋－＠−", "\t", "\r", "\n"])
def test_no_text_is_a_formula(sign: str) -> None:
    """A shop or a reason may be called anything; a spreadsheet runs none of it."""
    assert read([(f"{sign}HYPERLINK(1)", 1)])[1][0].startswith("'")


def test_numbers_stay_numbers_and_nothing_is_nothing() -> None:
    """Also what is below zero."""
    assert read([(-5, None)])[1] == ["-5", ""]


@pytest.mark.parametrize("count", [0, 1, PAGE_LINES, PAGE_LINES + 1, LINES_MAX])
async def test_a_file_is_read_page_by_page(count: int) -> None:
    """Every line once, in its order, however many pages it takes."""
    lines = list(range(count, 0, -1))

    async def page(before: int | None, limit: int) -> list[int]:
        return [line for line in lines if before is None or line < before][:limit]

    assert await whole(page, lambda line: line) == lines


async def test_what_would_be_cut_off_is_refused() -> None:
    """A file is whole, or there is none; nobody reads on for ever to find out."""
    pages = 0

    async def page(before: int | None, limit: int) -> list[int]:
        nonlocal pages
        pages += 1
        return [0] * limit

    with pytest.raises(Refused) as refused:
        await whole(page, lambda line: line)
    assert refused.value.body.code == "too_many_lines"
    assert pages == LINES_MAX // PAGE_LINES + 1


def test_a_table_in_shift_jis_is_what_windows_reads() -> None:
    """The same characters of JIS, whichever code a keyboard gave them; one that it has not is
    named, with its line, and nothing is dropped.
    """
    rows = [("〜−", 1), ("髙﨑 ㈱", 2)]
    answer = table("things.csv", ("店", "two"), rows, "shift_jis")
    assert bytes(answer.body).decode("cp932") == "店,two\r\n～－,1\r\n髙﨑 ㈱,2\r\n"
    assert answer.headers["content-type"] == "text/csv; charset=shift_jis"
    with pytest.raises(Refused) as caught:
        table("things.csv", ("店", "two"), [("a", 1), ("𠮷野家", 2)], "shift_jis")
    assert (caught.value.body.code, caught.value.body.field) == ("invalid", "encoding")
    assert "Line 3 has '𠮷' (U+20BB7)" in (caught.value.body.message or "")
