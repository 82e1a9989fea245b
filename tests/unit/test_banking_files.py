"""The banks' files: byte for byte as 全銀協 lays them out, and nothing else is read."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from gateway.banking import records
from gateway.banking.columns import Column
from gateway.banking.faults import BankingRefused, Problem
from gateway.banking.files import BankFile, CollectionFile, TransferFile, read, records_of, write
from gateway.banking.records import COLLECTION, TRANSFER, Collection, Header, Transfer
from gateway.banking.results import RESULTS, results

# Written out by hand, column by column; nothing here is made by the code that it tests.
TRANSFERS = [
    "12100000012345ﾅｶﾞｵｶｼ ﾁｲｷﾂｳｶ                           04300140ﾀﾞｲｼﾎｸｴﾂ       020ﾅｶﾞｵｶﾎﾝﾃﾝ      11234567                 ",  # noqa: E501
    "20001ﾐｽﾞﾎ           001ﾄｳｷﾖｳ          000010000123ｶ)ｱｵｷ                         00000100001000000001700000000037        ",  # noqa: E501
    "29900ﾕｳﾁﾖ           018ｾﾞﾛｲﾁﾊﾁ        000027654321ｶﾞｸﾌﾞﾁ ｼﾞﾛｳ                   12345678900000000002100000000037        ",  # noqa: E501
    "8000002001234577890                                                                                                     ",  # noqa: E501
    "9                                                                                                                       ",  # noqa: E501
]
REQUEST = [
    "19100000012345ﾅｶﾞｵｶｼ ﾁｲｷﾂｳｶ                           04300140ﾀﾞｲｼﾎｸｴﾂ       020ﾅｶﾞｵｶﾎﾝﾃﾝ      11234567                 ",  # noqa: E501
    "20001ﾐｽﾞﾎ           001ﾄｳｷﾖｳ              10000123ｷﾔﾉﾝ(ｶ                        00000100001000000000000000000170        ",  # noqa: E501
    "20140ﾀﾞｲｼﾎｸｴﾂ       021ﾅｶﾞｵｶｷﾀ            27654321ﾖ-ｺ                           00000025000000000000000000000210        ",  # noqa: E501
    "8000002000000012500000000000000000000000000000000000000                                                                 ",  # noqa: E501
    "9                                                                                                                       ",  # noqa: E501
]
RETURNED = [
    *REQUEST[:2],
    "20140ﾀﾞｲｼﾎｸｴﾂ       021ﾅｶﾞｵｶｷﾀ            27654321ﾖ-ｺ                           00000025000000000000000000000211        ",  # noqa: E501
    "8000002000000012500000001000000010000000001000000002500                                                                 ",  # noqa: E501
    REQUEST[4],
]

HEADER = Header(
    kind=TRANSFER,
    client_code="0000012345",
    client_name="ﾅｶﾞｵｶｼ ﾁｲｷﾂｳｶ",
    day="0430",
    bank="0140",
    bank_name="ﾀﾞｲｼﾎｸｴﾂ",
    branch="020",
    branch_name="ﾅｶﾞｵｶﾎﾝﾃﾝ",
    account_type="1",
    account="1234567",
)
MIZUHO = ("0001", "ﾐｽﾞﾎ", "001", "ﾄｳｷﾖｳ", "1", "0000123")
YUCHO = ("9900", "ﾕｳﾁﾖ", "018", "ｾﾞﾛｲﾁﾊﾁ", "2", "7654321")
KITA = ("0140", "ﾀﾞｲｼﾎｸｴﾂ", "021", "ﾅｶﾞｵｶｷﾀ", "2", "7654321")
PAID = TransferFile(
    HEADER,
    (
        Transfer(*MIZUHO, "ｶ)ｱｵｷ", 10_000, "1", "0000000017", "0000000003", "7"),
        Transfer(*YUCHO, "ｶﾞｸﾌﾞﾁ ｼﾞﾛｳ", 1_234_567_890, "0", "0000000021", "0000000003", "7"),
    ),
)
ASKED = CollectionFile(
    structs.replace(HEADER, kind=COLLECTION),
    (
        Collection(*MIZUHO, "ｷﾔﾉﾝ(ｶ", 10_000, "1", "17".zfill(20), "0"),
        Collection(*KITA, "ﾖ-ｺ", 2_500, "0", "21".zfill(20), "0"),
    ),
)
ANSWERED = CollectionFile(
    ASKED.header, (ASKED.lines[0], structs.replace(ASKED.lines[1], result="1")), returned=True
)


def on_disk(lines: list[str], end: str = "\r\n") -> bytes:
    """The bytes of these records."""
    return "".join(line + end for line in lines).encode("cp932")


def changed(lines: list[str], record: int, first: int, text: str) -> bytes:
    """The file with a text at a place, both counted from 1."""
    line = lines[record - 1]
    altered = line[: first - 1] + text + line[first - 1 + len(text) :]
    return on_disk([*lines[: record - 1], altered, *lines[record:]])


def test_files_are_written_byte_for_byte() -> None:
    """Each of the three files is the one written out by hand, and is read as what it is."""
    for file, lines in ((PAID, TRANSFERS), (ASKED, REQUEST), (ANSWERED, RETURNED)):
        assert all(len(line) == 120 for line in lines)
        assert write(file) == on_disk(lines)
        assert read(on_disk(lines)) == file


def test_columns_cover_each_record_once() -> None:
    """From 1 to 120, without a gap and without an overlap."""
    layouts = [each for each in vars(records).values() if isinstance(each, tuple) and len(each) > 1]
    layouts = [each for each in layouts if isinstance(each[0], Column) and len(each) != 3]
    assert len(layouts) == 6
    for layout in layouts:
        ends = [0, *(each.last for each in layout)]
        assert [each.first - 1 for each in layout] == ends[:-1]
        assert ends[-1] == 120


def test_files_are_read_however_their_lines_end() -> None:
    """CR LF, LF or nothing, with the old end mark or without; the records are the same."""
    once = records_of(on_disk(RETURNED))
    for data in (
        *(on_disk(RETURNED, end) for end in ("", "\n", "\r\n")),
        on_disk(RETURNED) + b"\x1a",
        on_disk(RETURNED, "") + b"\x1a",
        on_disk(RETURNED)[:-2],
        on_disk(RETURNED) + b"\r\n",
    ):
        assert read(data) == ANSWERED
        assert records_of(data) == once


WRONG_FILES: list[tuple[bytes, Problem, int, int, str]] = [
    (b"", Problem.EMPTY, 0, 0, ""),
    (b"\r\n\x1a", Problem.EMPTY, 0, 0, ""),
    (b" " * 120, Problem.EMPTY, 0, 0, ""),
    ("".join(RETURNED).encode("utf-8"), Problem.ENCODING, 0, 0, "UTF-8"),
    (b"\xef\xbb\xbf" + on_disk(RETURNED), Problem.ENCODING, 0, 0, "UTF-8"),
    ("".join(RETURNED).encode("utf-16"), Problem.ENCODING, 0, 0, "UTF-16"),
    ("".join(RETURNED).encode("cp500", "replace"), Problem.ENCODING, 0, 0, "EBCDIC"),
    (("1" + "あ" * 59 + " ").encode("cp932"), Problem.COLUMN, 1, 2, "0x82"),
    (b"shop,amount\r\n1,100\r\n", Problem.LENGTH, 1, 0, "11"),
    (on_disk(RETURNED)[:-130], Problem.LENGTH, 4, 0, "114"),
    (on_disk(RETURNED, "")[:-7], Problem.LENGTH, 5, 0, "113"),
    (on_disk(RETURNED[:4]), Problem.RECORD, 5, 0, ""),
    (on_disk([*RETURNED[:3], RETURNED[4]]), Problem.RECORD, 4, 0, "9"),
    (on_disk(RETURNED[1:]), Problem.RECORD, 1, 0, "2"),
    (on_disk([RETURNED[0], *RETURNED[3:]]), Problem.RECORD, 2, 0, "8"),
    (on_disk(RETURNED * 2), Problem.RECORD, 6, 0, "1"),
    (changed(RETURNED, 1, 2, "11"), Problem.COLUMN, 1, 2, "11"),
    (changed(RETURNED, 1, 4, "1"), Problem.COLUMN, 1, 4, "1"),
    (changed(RETURNED, 1, 5, "12345     "), Problem.COLUMN, 1, 5, "12345"),
    (changed(RETURNED, 1, 15, " " * 40), Problem.COLUMN, 1, 15, ""),
    (changed(RETURNED, 2, 43, "4"), Problem.COLUMN, 2, 43, "4"),
    (changed(TRANSFERS, 2, 43, "3"), Problem.COLUMN, 2, 43, "3"),
    (changed(RETURNED, 2, 51, "ｷｬﾉﾝ"), Problem.COLUMN, 2, 51, "ｷｬﾉﾝ(ｶ"),
    (changed(RETURNED, 2, 51, "ﾖｰｺ"), Problem.COLUMN, 2, 51, "ﾖｰｺﾝ(ｶ"),
    (changed(RETURNED, 2, 51, "ｦﾄ"), Problem.COLUMN, 2, 51, "ｦﾄﾉﾝ(ｶ"),
    (changed(RETURNED, 2, 51, "A,B"), Problem.COLUMN, 2, 51, "A,Bﾝ(ｶ"),
    (changed(RETURNED, 2, 51, "aoki"), Problem.COLUMN, 2, 51, "aoki(ｶ"),
    (changed(RETURNED, 2, 6, "ﾐ.ﾎ"), Problem.COLUMN, 2, 6, "ﾐ.ﾎﾎ"),
    (changed(RETURNED, 2, 81, "     10000"), Problem.COLUMN, 2, 81, "10000"),
    (changed(RETURNED, 2, 81, "0000000000"), Problem.COLUMN, 2, 81, "0000000000"),
    (changed(RETURNED, 3, 112, "5"), Problem.COLUMN, 3, 112, "5"),
    (changed(RETURNED, 3, 112, " "), Problem.COLUMN, 3, 112, ""),
    (changed(TRANSFERS, 2, 113, "Y"), Problem.COLUMN, 2, 113, "Y"),
    (changed(RETURNED, 2, 39, "0000"), Problem.COLUMN, 2, 39, "0000"),
    (changed(RETURNED, 2, 51, "\t"), Problem.COLUMN, 2, 51, "0x09"),
    (changed(RETURNED, 4, 2, "000003"), Problem.SUM, 4, 2, "3"),
    (changed(RETURNED, 4, 8, "000000012501"), Problem.SUM, 4, 8, "12501"),
    (changed(RETURNED, 4, 20, "000002"), Problem.SUM, 4, 20, "2"),
    (changed(RETURNED, 4, 26, "000000010001"), Problem.SUM, 4, 26, "10001"),
    (changed(RETURNED, 4, 38, "000000"), Problem.SUM, 4, 38, "0"),
    (changed(RETURNED, 4, 44, "000000002499"), Problem.SUM, 4, 44, "2499"),
    (changed(RETURNED, 2, 81, "0000010001"), Problem.SUM, 4, 8, "12500"),
    (changed(RETURNED, 3, 112, "0"), Problem.SUM, 4, 20, "1"),
    (changed(TRANSFERS, 4, 8, "001234577891"), Problem.SUM, 4, 8, "1234577891"),
    (changed(RETURNED, 5, 60, "X"), Problem.COLUMN, 5, 2, "X"),
]


def test_wrong_files_are_refused_by_record_and_column() -> None:
    """Broken, cut off, in another encoding, of another form, or with sums that do not add up."""
    for at, (data, problem, record, first, found) in enumerate(WRONG_FILES):
        with pytest.raises(BankingRefused) as refused:
            read(data)
        fault = refused.value.fault
        assert (fault.problem, fault.record, fault.first, fault.found) == (
            *(problem, record, first, found),
        ), at
        assert fault.en == str(refused.value)
        assert not record or str(record) in fault.ja


def answer(*lines: Collection, **header: Any) -> CollectionFile:
    """The answer with other lines, or another header."""
    return CollectionFile(structs.replace(ASKED.header, **header), lines, returned=True)


FIRST, SECOND = ANSWERED.lines
WRONG_ANSWERS: list[tuple[BankFile, Problem, int, str]] = [
    (ASKED, Problem.FED_BACK, 0, ""),
    (PAID, Problem.FOREIGN, 1, "種別コード"),
    (answer(FIRST, SECOND, client_code="0000054321"), Problem.FOREIGN, 1, "委託者コード"),
    (answer(FIRST, SECOND, client_name="ﾋﾗｶﾀｼ"), Problem.FOREIGN, 1, "委託者名"),
    (answer(FIRST, SECOND, day="0531"), Problem.FOREIGN, 1, "取組日"),
    (answer(FIRST, SECOND, account="7654321"), Problem.FOREIGN, 1, "口座番号"),
    (answer(FIRST), Problem.ALTERED, 0, "明細"),
    (answer(FIRST, SECOND, SECOND), Problem.ALTERED, 0, "明細"),
    (answer(SECOND, FIRST), Problem.ALTERED, 2, "引落銀行番号"),
    (answer(structs.replace(FIRST, amount=9_999), SECOND), Problem.ALTERED, 2, "引落金額"),
    (answer(FIRST, structs.replace(SECOND, account="1")), Problem.ALTERED, 3, "口座番号"),
    (answer(FIRST, structs.replace(SECOND, name="ｱｵｷ")), Problem.ALTERED, 3, "預金者名"),
    (answer(FIRST, structs.replace(SECOND, customer="1")), Problem.ALTERED, 3, "顧客番号"),
]


def test_an_answer_is_held_against_its_request() -> None:
    """A request fed back, and a result of another client, day or file, or one that was altered."""
    assert results(ASKED, ANSWERED) == ["0", "1"]
    renamed = answer(structs.replace(FIRST, bank_name="ﾐｽﾞﾎｷﾞﾝｺｳ", new="0"), SECOND)
    assert results(ASKED, renamed) == ["0", "1"]
    for found, problem, record, column in WRONG_ANSWERS:
        with pytest.raises(BankingRefused) as refused:
            results(ASKED, found)
        fault = refused.value.fault
        assert (fault.problem, fault.record, fault.column) == (problem, record, column)
    assert set(RESULTS) == set("0123489")


def test_what_has_no_room_is_not_written() -> None:
    """Too large a sum, an account of eight digits, a name that was not made kana: no file."""
    wrong: list[Callable[[], BankFile]] = [
        lambda: structs.replace(PAID, lines=()),
        lambda: with_line(amount=10_000_000_000),
        lambda: with_line(amount=0),
        lambda: with_line(amount=-1),
        lambda: with_line(account="12345678"),
        lambda: with_line(account="12-4567"),
        lambda: with_line(name="青木"),
        lambda: with_line(name=""),
        lambda: with_line(handling="8"),
        lambda: with_line(account_type="3"),
    ]
    for make in wrong:
        with pytest.raises(BankingRefused):
            write(make())
    long = with_line(name="ﾅｶﾞｵｶ" * 5 + "ﾊﾊﾊﾊﾊﾊ")
    found = read(write(long)).lines[0]
    assert found.name == "ﾅｶﾞｵｶ" * 5 + "ﾊﾊﾊﾊﾊ"
    parted = with_line(name="ﾅｶｵｶ" * 7 + "ﾊﾊﾞ")
    assert read(write(parted)).lines[0].name == "ﾅｶｵｶ" * 7 + "ﾊ"


def with_line(**values: Any) -> TransferFile:
    """A file of one payment, with these values."""
    return structs.replace(PAID, lines=(structs.replace(PAID.lines[0], **values),))


def digits(width: int) -> st.SearchStrategy[str]:
    """Exactly so many."""
    return st.text("0123456789", min_size=width, max_size=width)


def names(width: int, letters: str, least: int = 0) -> st.SearchStrategy[str]:
    """A name that fits."""
    text = st.text("ｱｶﾞﾊﾟﾝAZ09 -" + letters, min_size=least, max_size=width)
    return text.map(str.strip).filter(lambda name: len(name) >= least)


banks = {
    "bank": digits(4),
    "bank_name": names(15, ""),
    "branch": digits(3),
    "branch_name": names(15, ""),
    "account": digits(7),
}
lines = {
    **banks,
    "name": names(30, "().", 1),
    "amount": st.integers(1, 9_999_999_999),
    "new": st.sampled_from("012"),
}
headers = {
    **banks,
    "client_code": digits(10),
    "client_name": names(40, "().", 1),
    "day": digits(4),
    "account_type": st.sampled_from("129"),
}
transfers = st.builds(
    TransferFile,
    st.builds(Header, kind=st.just(TRANSFER), **headers),
    st.lists(
        st.builds(
            Transfer,
            **lines,
            account_type=st.sampled_from("1249"),
            customer=digits(10),
            reference=digits(10),
            handling=st.sampled_from("70"),
        ),
        min_size=1,
        max_size=5,
    ).map(tuple),
)
collections = st.builds(
    CollectionFile,
    st.builds(Header, kind=st.just(COLLECTION), **headers),
    st.lists(
        st.builds(
            Collection,
            **lines,
            account_type=st.sampled_from("1239"),
            customer=digits(20),
            result=st.sampled_from("0123489"),
        ),
        min_size=1,
        max_size=5,
    ).map(tuple),
    returned=st.sampled_from([True]),
)


@settings(deadline=None)
@given(st.one_of(transfers, collections))
def test_what_was_written_is_read_as_the_same(file: BankFile) -> None:
    """Any file of either kind; a request comes back as a request."""
    assert read(write(file)) == file
    if isinstance(file, CollectionFile):
        asked = tuple(structs.replace(line, result="0") for line in file.lines)
        request = CollectionFile(file.header, asked)
        assert read(write(request)) == request
        assert results(request, file) == [line.result for line in file.lines]


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(max_size=700),
        st.lists(st.tuples(st.integers(0, 609), st.integers(0, 255)), max_size=4),
    )
)
@example(b"1" * 120)
@example(on_disk(["191" + "0" * 117, REQUEST[4]]))
def test_no_bytes_bring_it_down(found: bytes | list[tuple[int, int]]) -> None:
    """Bytes of any kind, and a right file with a few of them changed: read or refused by name."""
    if isinstance(found, bytes):
        data = found
    else:
        altered = bytearray(on_disk(RETURNED))
        for at, byte in found:
            altered[at] = byte
        data = bytes(altered)
    try:
        file = read(data)
    except BankingRefused:
        return
    assert records_of(write(file)) == records_of(data)
    with suppress(BankingRefused):
        results(ASKED, file)
