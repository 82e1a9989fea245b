"""Whole files: a header, lines, a trailer with their sums, and an end.

What is written is read again as the same; what is read has sums that add up. Nothing but
`BankingRefused` comes out of reading, whatever the bytes are.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from msgspec import Struct, structs

from gateway.banking.columns import RECORD_BYTES, Column, read_record, write_record
from gateway.banking.faults import BankingRefused, Fault, Problem
from gateway.banking.records import (
    COLLECTION,
    COLLECTION_LINE,
    COLLECTION_TRAILER,
    END,
    HEADER,
    TRANSFER,
    TRANSFER_LINE,
    TRANSFER_TRAILER,
    Collection,
    CollectionTrailer,
    End,
    Header,
    Transfer,
    TransferTrailer,
)

END_MARK = b"\x1a"
LINES_MAX = 999_999  # What the trailer's six digits can count.
BYTES_MAX = 4 * 1024 * 1024  # Some 34,000 shops.
JIS = "JIS X 0201 (Shift_JIS)"
_KINDS = {"1": "header", "2": "line", "8": "trailer", "9": "end"}
_BREAK = re.compile(rb"\r\n|\n")


class TransferFile(Struct, frozen=True):
    """総合振込: what to pay, all on one day."""

    header: Header
    lines: tuple[Transfer, ...]


class CollectionFile(Struct, frozen=True):
    """預金口座振替: what to collect; ``returned``: with the results, as it came back."""

    header: Header
    lines: tuple[Collection, ...]
    returned: bool = False


BankFile: TypeAlias = TransferFile | CollectionFile


def write(file: BankFile) -> bytes:
    """The file's bytes, each record ended by CR LF.

    Raises:
        BankingRefused: it has no lines, or something in it has no room in its columns.
    """
    if not 0 < len(file.lines) <= LINES_MAX:
        raise BankingRefused(Fault(Problem.EMPTY))
    lines, trailer = _layouts(file.header)
    records: list[tuple[Sequence[Column], Struct]] = [
        (HEADER, file.header),
        *((lines, each) for each in file.lines),
        (trailer, _sums(file)),
        (END, End()),
    ]
    written = (write_record(layout, at, each) for at, (layout, each) in enumerate(records, 1))
    return b"".join(each + b"\r\n" for each in written)


def read(data: bytes) -> BankFile:
    """The file in these bytes.

    Raises:
        BankingRefused: it is no whole file of one of the two kinds, or its sums do not add up.
    """
    texts = [_text(at, each) for at, each in enumerate(_split(data), 1)]
    header = Header(**_read_as("1", HEADER, texts, 0))
    lines, trailer = _layouts(header)
    count = next((at for at, text in enumerate(texts[1:]) if text[:1] != "2"), len(texts) - 1)
    found = [read_record(lines, at + 2, texts[at + 1]) for at in range(count)]
    if not found:
        raise _wrong_kind(texts, 1, "2")
    sums = _read_as("8", trailer, texts, count + 1)
    _read_as("9", END, texts, count + 2)
    if len(texts) > count + 3:
        raise _wrong_kind(texts, count + 3, "")
    if header.kind == TRANSFER:
        transfers = TransferFile(header, tuple(Transfer(**each) for each in found))
        _check_sums(TRANSFER_TRAILER, count + 2, TransferTrailer(**sums), _sums(transfers))
        return transfers
    stated = CollectionTrailer(**sums)
    file = CollectionFile(header, tuple(Collection(**each) for each in found))
    # A request has nothing collected and nothing failed, though each of its lines says 0.
    returned = any((stated.collected_count, stated.collected_total)) or any(
        (stated.failed_count, stated.failed_total)
    )
    file = structs.replace(file, returned=returned)
    _check_sums(COLLECTION_TRAILER, count + 2, stated, _sums(file))
    return file


def records_of(data: bytes) -> bytes:
    """The records alone, without what stands between and behind them: the same for a file that
    was saved with other ends of lines.
    """
    return b"".join(_split(data))


def _layouts(header: Header) -> tuple[Sequence[Column], Sequence[Column]]:
    if header.kind == COLLECTION:
        return COLLECTION_LINE, COLLECTION_TRAILER
    return TRANSFER_LINE, TRANSFER_TRAILER


def _sums(file: BankFile) -> TransferTrailer | CollectionTrailer:
    count, total = len(file.lines), sum(each.amount for each in file.lines)
    if isinstance(file, TransferFile):
        return TransferTrailer(count, total)
    if not file.returned:
        return CollectionTrailer(count, total, 0, 0, 0, 0)
    collected = [each.amount for each in file.lines if each.result == "0"]
    done, sum_done = len(collected), sum(collected)
    return CollectionTrailer(count, total, done, sum_done, count - done, total - sum_done)


def _check_sums(columns: Sequence[Column], record: int, stated: Struct, true: Struct) -> None:
    for column in columns:
        if column.name and getattr(stated, column.name) != getattr(true, column.name):
            found, allowed = getattr(stated, column.name), getattr(true, column.name)
            raise column.fault(Problem.SUM, record, found, allowed)


def _split(data: bytes) -> list[bytes]:
    """The records, however they are parted."""
    _check_encoding(data)
    data = data.rstrip(END_MARK + b"\r\n")
    if not data.strip():
        raise BankingRefused(Fault(Problem.EMPTY))
    if b"\n" in data:
        records = _BREAK.split(data)
    else:
        records = [data[at : at + RECORD_BYTES] for at in range(0, len(data), RECORD_BYTES)]
    for at, each in enumerate(records, 1):
        if len(each) != RECORD_BYTES:
            fault = Fault(Problem.LENGTH, at, found=str(len(each)), allowed=str(RECORD_BYTES))
            raise BankingRefused(fault)
    return records


def _check_encoding(data: bytes) -> None:
    """Names an encoding that is not the banks' by what can only be it."""
    found = ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        found = "UTF-16"
    elif data.startswith(b"\xef\xbb\xbf"):
        found = "UTF-8"
    elif data.startswith(b"\xf1"):  # The digit 1 there, with which every file begins.
        found = "EBCDIC"
    elif max(data, default=0) >= 0xE0:  # Above all of JIS X 0201; kana in UTF-8 begin with it.
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return
        found = "UTF-8"
    if found:
        raise BankingRefused(Fault(Problem.ENCODING, found=found, allowed=JIS))


def _text(record: int, line: bytes) -> str:
    """A record as text; each byte is a letter, also one that nobody may use."""
    text = "".join(chr(0xFF61 + byte - 0xA1) if byte > 0xA0 else chr(byte) for byte in line)
    for at, byte in enumerate(line, 1):
        if not (0x20 <= byte < 0x7F or 0xA1 <= byte <= 0xDF):
            allowed = "JIS X 0201"
            raise BankingRefused(
                Fault(Problem.COLUMN, record, "文字", at, at, f"0x{byte:02X}", allowed)
            )
    return text


def _read_as(kind: str, columns: Sequence[Column], texts: Sequence[str], at: int) -> dict[str, Any]:
    if at >= len(texts) or texts[at][:1] != kind:
        raise _wrong_kind(texts, at, kind)
    return read_record(columns, at + 1, texts[at])


def _wrong_kind(texts: Sequence[str], at: int, kind: str) -> BankingRefused:
    found = texts[at][:1] if at < len(texts) else ""
    allowed = f"{kind} ({_KINDS[kind]})" if kind else "nothing"
    return BankingRefused(Fault(Problem.RECORD, at + 1, found=found, allowed=allowed))
