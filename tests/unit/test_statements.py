"""Statements: their sums, their words, and their pages as a PDF reader sees them."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from msgspec import convert
from msgspec.structs import astuple, replace

from config.profile import InvoiceSection, read_profile
from gateway.http.tables import csv_lines
from gateway.statements import lines, pages, words
from gateway.statements.figures import (
    FeeLine,
    ValueLine,
    day_lines,
    fee_lines,
    tax,
    value_lines,
)
from ledger.settlement.lines import Line, Part
from ledger.settlement.settlements import Settlement
from ledger.statements import Destination, Statement

JAPAN = ZoneInfo("Asia/Tokyo")
PROFILE = read_profile("nagaoka")
FIRST = date(2026, 4, 1)


def part(
    day: date,
    kind: Literal["payment", "top_up"],
    instrument: int,
    amount: int,
    *,
    rate: tuple[int, int] = (0, 0),
) -> Part:
    """Two entries of the user's money; ``rate``: its number, which is its percent, and yen."""
    number, yen = rate
    return Part(
        shop=1,
        day=day,
        kind=kind,
        reversal=amount < 0,
        instrument=instrument,
        funder=1,
        funder_code="user",
        rate=number,
        basis_points=number * 100,
        yen=yen,
        entries=0 if amount < 0 else 2,
        amount=amount,
        fee=amount * number // 100 + 2 * yen,
    )


def statement(parts: list[Part], **changes: Any) -> Statement:
    """April's of a shop."""

    def total(kind: str) -> int:
        return sum(each.amount for each in parts if each.kind == kind)

    fees = sum(each.fee for each in parts) + 110
    accepted, topped_up = total("payment"), total("top_up")
    line = {
        "settlement": 7, "shop": 1, "shop_code": "1234567", "shop_name": "八百屋 まるや",
        "groups": [], "entries": 9, "accepted": accepted, "topped_up": topped_up, "issued": 0,
        "fees": fees, "transfer_fee": 110, "carried_in": -300,
        "net": accepted - topped_up - fees - 300, "carries": False, "state": "released",
        "bank_version": 1, "moved_at": None, "reason": None, "carried_to": None,
    }  # fmt: skip
    start, end = (datetime(2026, month, 1, tzinfo=JAPAN) for month in (4, 5))
    settled = dict.fromkeys(Settlement.__struct_fields__, 0) | {
        "settlement": 7, "from_at": start, "until_at": end, "scope": "all", "shop_group": None,
        "shops": None, "fee_rounding": "down", "remark": "", "state": "released",
        "made_name": "小林", "made_at": end, "released_name": "渡辺",
        "released_at": end + timedelta(hours=9), "discarded_name": None, "discarded_at": None,
    }  # fmt: skip
    return Statement(
        convert(settled, Settlement),
        convert(line | changes, Line),
        parts,
        Destination("0140", "020", 1, "567"),
        date(2026, 5, 8),
    )


def month(days: int) -> list[Part]:
    """A part of the month: coins and points each day, a fee that rises in the middle."""
    return [
        part(FIRST + timedelta(days=day), "payment", instrument, 1_000, rate=rate)
        for day in range(days)
        for instrument in (1, 2)
        for rate in ((1, 0) if day < 15 else (2, 0),)
    ]


def read(data: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(data)
    return [document[place].get_textpage().get_text_range() for place in range(len(document))]


PARTS = [
    part(FIRST, "payment", 1, 10_000, rate=(1, 0)),
    part(FIRST, "payment", 2, 500, rate=(1, 0)),
    part(FIRST, "payment", 1, 3_000, rate=(2, 5)),
    part(FIRST, "payment", 1, -1_200, rate=(1, 0)),
    part(FIRST + timedelta(days=1), "top_up", 1, 5_000),
]


def test_parts_are_added_up_by_day_by_value_and_by_rate() -> None:
    """A fee that changed in mid-period shows twice; what was given back shows apart."""
    whole = statement(PARTS)
    assert [astuple(each) for each in day_lines(PARTS)] == [
        (FIRST, "payment", False, 1, 4, 13_000, 170),
        (FIRST, "payment", False, 2, 2, 500, 5),
        (FIRST, "payment", True, 1, 0, -1_200, -12),
        (FIRST + timedelta(days=1), "top_up", False, 1, 2, 5_000, 0),
    ]
    assert value_lines(PARTS) == [ValueLine(1, 4, 13_000, 1_200), ValueLine(2, 2, 500, 0)]
    assert value_lines(PARTS)[0].accepted == 11_800
    assert fee_lines(whole) == [
        FeeLine("payment", 100, 0, 4, 9_300, 93),
        FeeLine("payment", 200, 5, 2, 3_000, 70),
        FeeLine("transfer", 0, 110, 1, 0, 110),
    ]
    assert sum(each.fee for each in fee_lines(whole)) == whole.line.fees
    assert sum(each.accepted for each in value_lines(PARTS)) == whole.line.accepted


def test_the_tax_is_within_the_fees_and_rounded_once() -> None:
    """A fraction of a yen is dropped, also of fees that were given back."""
    invoice = InvoiceSection("T1000000000000")
    found = {fees: tax(fees, invoice).tax for fees in (0, 10, 11, 109, 110, 5_075, -110, -10)}
    assert found == {0: 0, 10: 0, 11: 1, 109: 9, 110: 10, 5_075: 461, -110: -10, -10: 0}
    assert tax(108, InvoiceSection("T1000000000000", 800)).tax == 8


def test_what_it_comes_to_in_words() -> None:
    """Paid, collected, carried on, failed: each has its own."""
    line = statement(PARTS).line
    table = {
        "お振込み金額": {"net": 9},
        "お引落し金額": {"net": -9},
        "次回への繰越額": {"net": 9, "carries": True},
    }
    for said, changes in table.items():
        assert words.headline(replace(line, **changes)) == (said, 9)
    assert words.headline(replace(line, net=-9, state="failed")) == ("次回への繰越額", -9)
    assert "（口座なし）" in words.state(replace(line, state="failed", reason="口座なし"))
    assert (words.yen(-1_234), words.yen(0)) == ("−1,234円", "0円")
    assert words.short_day(FIRST) == "4/1（水）"
    assert words.rate(FeeLine("payment", 150, 10, 1, 1, 1)) == "1.5% + 10円/件"
    assert words.rate(FeeLine("payment", 0, 0, 1, 1, 0)) == "0%"
    assert words.instrument(PROFILE, 99) == "種別 99"


def test_a_period_is_days_where_it_is_whole_days() -> None:
    """And minutes where somebody settled in the middle of a day."""
    start, end = (datetime(2026, 4, day, tzinfo=JAPAN) for day in (1, 11))
    said = words.period(start, end, JAPAN)
    assert said == "2026年4月1日 から 2026年4月10日 まで"
    said = words.period(start, end + timedelta(hours=13), JAPAN)
    assert said == "2026年4月1日 00:00 から 2026年4月11日 13:00 まで"


def test_the_pages_say_all_of_it() -> None:
    """Who, to whom, how much, by what fee and tax, and where it goes; on one page, then on three,
    each with the table's head and its number. Names that no font has all of are marked, not cut.
    """
    [page] = read(pages.pdf(PROFILE, statement(PARTS)))
    for said in (
        *("精算書", "八百屋 まるや　御中", "加盟店番号 123 4567", "登録番号 T1000000000000"),
        *("2026年4月1日 から 2026年4月30日 まで", "2026年5月8日", "••••567", "6,727円", "1 / 1"),
        *(
            "−5,000円",
            "−273円",
            "−300円",
            "10%対象（税込）　273円　うち消費税　24円",
            "2% + 5円/件",
        ),
    ):
        assert said in page, (said, page)
    long = "株式会社とても長い名前の髙﨑商店🍣葛\U000e0100飾本店と𠮷野支店の合同店舗大手通り店"
    printed = read(pages.pdf(PROFILE, statement(month(30), shop_name=long)))
    assert [f"{place} / 3" in page for place, page in enumerate(printed, 1)] == [True] * 3
    assert all("手数料" in page and "件数" in page for page in printed)
    assert "髙﨑商店〓葛飾本店と𠮷野" in printed[0]
    days = [line for page in printed for line in re.findall(r"4/\d+（.）", page)]
    assert len(set(days)) == 30
    assert len(days) == 30 + 1, "the day that goes on over the page is said again there"


def test_the_same_statement_has_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever and wherever it is drawn; and it carries the font that it is read with."""
    whole = statement(PARTS)
    data = pages.pdf(PROFILE, whole)
    monkeypatch.setenv("TZ", "America/New_York")
    assert pages.pdf(PROFILE, whole) == data
    assert b"/FontFile3" in data
    assert b"20260501000000Z" in data.replace(b"+00'00'", b"Z")
    assert len(data) < 100_000


def test_a_draft_says_that_it_is_one() -> None:
    """Operators look at it before it is released."""
    [page] = read(pages.pdf(PROFILE, statement(PARTS, state="made")))
    assert "未確定（確認中）" in page


def test_without_a_registration_number_it_is_no_invoice() -> None:
    """The fees are told all the same."""
    town = replace(PROFILE, invoice=None, law=None)
    [page] = read(pages.pdf(town, statement(PARTS)))
    assert "登録番号" not in page
    assert "手数料の合計　273円" in page
    assert "tax_in_fees" not in {row[5] for row in lines.rows(town, statement(PARTS))}


def test_the_lines_for_spreadsheets_add_up() -> None:
    """A line a part, then the sum: what has a minus is taken off."""
    text = csv_lines(lines.HEADINGS, *lines.rows(PROFILE, statement(PARTS))).decode()
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == lines.HEADINGS
    assert {len(row) for row in rows} == {len(header)}
    sums = {row[5]: row[12] for row in rows[len(PARTS) :]}
    assert sums.pop("tax_in_fees") == "24"
    net = int(sums.pop("net"))
    assert net == sum(int(amount.lstrip("'")) for amount in sums.values()) == 6_727
    assert rows[3][5:9] == ["payment", "2026-04-01", "yes", "コイン"]
