"""Lists as offices make them: every way of being wrong is told by line, column and reason."""

import codecs
from uuid import UUID

import pytest

from gateway.lists.amounts import AmountWrong, read_amount, shown
from gateway.lists.problems import NOTES, WORDS, Finding, ListRefused, Problem, told
from gateway.lists.reader import BYTES_MAX, LINES_MAX, Cells, read_list
from ledger.grants import line_id
from ledger.recipients import NamedBy, RecipientWrong, read_recipient

HEADER = "宛先,金額・ポイント,氏名\r\n"
GOOD = HEADER + "090-1234-5678,100,長岡 花子\r\n1001,200,\r\n"
CELLS = [Cells(2, "090-1234-5678", "100", "長岡 花子"), Cells(3, "1001", "200", "")]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (GOOD.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + GOOD.encode(), "UTF-8"),
        (GOOD.encode("cp932"), "Shift_JIS"),
        (GOOD.replace("\r\n", "\n").encode(), "UTF-8"),
        (GOOD.replace("\r\n", "\r").encode(), "UTF-8"),
        (GOOD.rstrip("\r\n").encode(), "UTF-8"),
        ((GOOD + "\r\n,,\r\n\r\n").encode(), "UTF-8"),
        (GOOD.replace("宛先,金額・ポイント,氏名", "Recipient,AMOUNT,name").encode(), "UTF-8"),
        (GOOD.replace("1001", '"1001"').encode(), "UTF-8"),
    ],
)
def test_a_list_is_read_as_offices_save_it(data: bytes, encoding: str) -> None:
    """With or without the mark, in UTF-8 or Shift_JIS, whatever ends its lines."""
    read = read_list(data, amount_needed=True)
    assert (read.encoding, list(read.lines())) == (encoding, CELLS)


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        (b"", Finding(Problem.EMPTY)),
        (codecs.BOM_UTF8, Finding(Problem.EMPTY)),
        (b"\r\n \r\n", Finding(Problem.EMPTY)),
        (HEADER.encode(), Finding(Problem.EMPTY)),
        (codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"), Finding(Problem.UTF16)),
        (GOOD.encode("utf-16"), Finding(Problem.UTF16)),
        ("recipient,amount\n1,2\n".encode("utf-16-be"), Finding(Problem.UTF16)),
        (b"PK\x03\x04" + b"\x00" * 200, Finding(Problem.WORKBOOK)),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 200, Finding(Problem.WORKBOOK)),
        (b"recipient,amount\n10\x0001,5\n", Finding(Problem.BINARY, 2)),
        (GOOD.encode("euc_jp"), Finding(Problem.ENCODING_OTHER, found="EUC-JP")),
        (
            GOOD.encode("iso2022_jp"),
            Finding(Problem.ENCODING_OTHER, found="ISO-2022-JP (JIS)"),
        ),
        (
            (GOOD + "1002,5,").encode() + b"\xff\xff",
            Finding(Problem.ENCODING_UNKNOWN, 4, found="0xFF"),
        ),
        ("電話,金額\n1,2\n".encode(), Finding(Problem.HEADER_UNKNOWN, 1, found="電話")),
        ("宛先\t金額\n1\t2\n".encode(), Finding(Problem.HEADER_UNKNOWN, 1, found="宛先\t金額")),
        ("宛先,recipient\n1,2\n".encode(), Finding(Problem.HEADER_TWICE, 1, found="recipient")),
        ("金額\n2\n".encode(), Finding(Problem.HEADER_MISSING, 1, found="宛先")),
        ("\n宛先\n2\n".encode(), Finding(Problem.HEADER_MISSING, 2, found="金額・ポイント")),
        ('"宛先,金額\n1,2\n'.encode(), Finding(Problem.QUOTES_BROKEN, 1)),
        (b"x" * (BYTES_MAX + 1), Finding(Problem.TOO_LARGE, other=BYTES_MAX)),
    ],
)
def test_a_file_that_is_none_is_refused_whole(data: bytes, finding: Finding) -> None:
    """With what is wrong and where."""
    with pytest.raises(ListRefused) as refused:
        list(read_list(data, amount_needed=True).lines())
    assert refused.value.finding == finding


def test_200_000_lines_are_read_and_one_more_is_too_many() -> None:
    """The last line that is too many is named; none is kept to read the next."""
    text = "recipient,amount\n" + "1001,100\n" * LINES_MAX
    lines = read_list(text.encode(), amount_needed=True).lines()
    assert sum(isinstance(line, Cells) for line in lines) == LINES_MAX
    more = read_list((text + "1001,100\n").encode(), amount_needed=True)
    with pytest.raises(ListRefused) as refused:
        for _ in more.lines():
            pass
    assert refused.value.finding == Finding(Problem.TOO_MANY_LINES, LINES_MAX + 2, other=LINES_MAX)


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ('"1001,100', Finding(Problem.QUOTES_BROKEN, 2)),
        ('"10"01,100', Finding(Problem.QUOTES_BROKEN, 2)),
        ("1001", Finding(Problem.CELLS_MISSING, 2, other=2)),
        ("1001,1,000", Finding(Problem.CELLS_TOO_MANY, 2, other=2)),
    ],
)
def test_a_broken_line_spoils_no_other(line: str, finding: Finding) -> None:
    """Quotation marks that are not closed end with their line."""
    read = read_list(f"recipient,amount\n{line}\n1002,100\n".encode(), amount_needed=True)
    assert list(read.lines()) == [finding, Cells(3, "1002", "100", "")]


@pytest.mark.parametrize(
    ("cell", "amount", "notes"),
    [
        ("100", 100, []),
        (" 100 ", 100, []),
        ("", None, []),
        ("１００", 100, [Problem.FULL_WIDTH]),
        ("1,000", 1_000, [Problem.THOUSANDS]),
        ("1,234,567", 1_234_567, [Problem.THOUSANDS]),
        ("１，０００", 1_000, [Problem.FULL_WIDTH, Problem.THOUSANDS]),
    ],
)
def test_amounts_that_can_mean_one_thing(cell: str, amount: int, notes: list[Problem]) -> None:
    """Full-width digits and thousands are read, and told."""
    assert read_amount(cell) == (amount, notes)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("0", Problem.AMOUNT_ZERO),
        ("０", Problem.AMOUNT_ZERO),
        ("-1", Problem.AMOUNT_NEGATIVE),
        ("－１００", Problem.AMOUNT_NEGATIVE),
        ("−5", Problem.AMOUNT_NEGATIVE),
        ("△500", Problem.AMOUNT_NEGATIVE),
        ("▲1,000", Problem.AMOUNT_NEGATIVE),
        ("(300)", Problem.AMOUNT_NEGATIVE),
        ("300-", Problem.AMOUNT_NEGATIVE),
        ("1.5", Problem.AMOUNT_FRACTIONAL),
        ("100.0", Problem.AMOUNT_FRACTIONAL),
        ("１．５", Problem.AMOUNT_FRACTIONAL),
        (".5", Problem.AMOUNT_FRACTIONAL),
        ("1/2", Problem.AMOUNT_FRACTIONAL),
        ("+100", Problem.AMOUNT_UNCLEAR),
        ("007", Problem.AMOUNT_UNCLEAR),
        ("00", Problem.AMOUNT_UNCLEAR),
        ("1,00", Problem.AMOUNT_UNCLEAR),
        ("10,00", Problem.AMOUNT_UNCLEAR),
        ("1 000", Problem.AMOUNT_UNCLEAR),
        ("100円", Problem.AMOUNT_UNCLEAR),
        ("①", Problem.AMOUNT_UNCLEAR),
        ("10²", Problem.AMOUNT_UNCLEAR),
        ("百", Problem.AMOUNT_UNCLEAR),
        ("٣", Problem.AMOUNT_UNCLEAR),
        ("1e3", Problem.AMOUNT_UNCLEAR),
        ("=1+1", Problem.AMOUNT_UNCLEAR),
        ("NaN", Problem.AMOUNT_UNCLEAR),
        ("1" * 16, Problem.AMOUNT_TOO_LARGE),
    ],
)
def test_amounts_that_are_none(cell: str, problem: Problem) -> None:
    """Each is refused with its own reason, and never guessed at."""
    with pytest.raises(AmountWrong) as wrong:
        read_amount(cell)
    assert wrong.value.problem is problem


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("-200", "-200"),
        ("１．５", "１．５"),
        ("△1,000", "△1,000"),
        ("1,000,000", "1,000,000"),
        ("長岡 花子", "…"),
        ("09012345678", "…"),
        ("090-1234-5678", "…"),
        ("100円", "…"),
        ("", "…"),
    ],
)
def test_what_may_be_told_of_a_wrong_cell(cell: str, told: str) -> None:
    """A number; never a name or a phone number that has come into the wrong column."""
    assert shown(cell) == told


@pytest.mark.parametrize(
    ("text", "by", "number", "widened"),
    [
        ("09012345678", NamedBy.PHONE, "09012345678", False),
        ("090-1234-5678", NamedBy.PHONE, "09012345678", False),
        ("+81 90-1234-5678", NamedBy.PHONE, "09012345678", False),
        ("０９０－１２３４－５６７８", NamedBy.PHONE, "09012345678", True),
        ("(072) 000-0003", NamedBy.PHONE, "0720000003", False),
        ("1001", NamedBy.WALLET, "1001", False),
        ("１００１", NamedBy.WALLET, "1001", True),
        ("10-01", NamedBy.WALLET, "1001", False),
        ("0112233445566778", NamedBy.CARD, "0112233445566778", False),
        ("01:12:23:34:45:56:67:78", NamedBy.CARD, "0112233445566778", False),
        ("0112aabbccddeeff", NamedBy.CARD, "0112AABBCCDDEEFF", False),
    ],
)
def test_whom_a_number_names(text: str, by: NamedBy, number: str, widened: bool) -> None:
    """A phone, a wallet or a card, in its normal form."""
    named = read_recipient(text)
    assert (named.by, named.number, named.widened) == (by, number, widened)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "recipient_missing"),
        (" - ", "recipient_missing"),
        ("9.01E+09", "number_shortened"),
        ("1E10", "number_shortened"),
        ("長岡 花子", "recipient_unclear"),
        ("0901234567890", "recipient_unclear"),
        ("0", "recipient_unclear"),
        ("1001.5", "recipient_unclear"),
        ("02FE000000000000", "recipient_unclear"),
        ("GGGGGGGGGGGGGGGG", "recipient_unclear"),
        ("1" * 15 + "x", "recipient_unclear"),
    ],
)
def test_what_names_nobody(text: str, code: str) -> None:
    """It is refused, and says when a spreadsheet is to blame."""
    with pytest.raises(RecipientWrong) as wrong:
        read_recipient(text)
    assert wrong.value.code == code


def test_every_problem_has_its_words_in_both_languages() -> None:
    """With the place in front; what can be told of a line names the line."""
    assert set(WORDS) == set(Problem)
    for problem in Problem:
        ja, en = told(Finding(problem, 7, "金額", "x", 5), "宛先")
        assert ja.startswith("7 行目「金額」: "), problem
        assert en.startswith("Line 7, column '金額': "), problem
    assert {Problem.FULL_WIDTH, Problem.THOUSANDS} == NOTES


def test_a_lines_id_is_its_runs_and_nobody_elses() -> None:
    """The same for ever, another for another line or run."""
    key, other = UUID(int=1), UUID(int=2)
    assert line_id(key, 2) == line_id(key, 2)
    assert len({line_id(key, 2), line_id(key, 3), line_id(other, 2)}) == 3
