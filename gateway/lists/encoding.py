"""Text of the bytes of a list: UTF-8 with or without its mark, or Shift_JIS as offices save it."""

import codecs
import re

from gateway.lists.problems import Finding, ListRefused, Problem

UTF8 = "UTF-8"
SHIFT_JIS = "Shift_JIS"  # Read as CP932, which is what Windows writes under this name.

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods; .xls.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")


def text_of(data: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding.

    What is valid UTF-8 is that: Japanese in Shift_JIS is valid UTF-8 by chance so seldom that it
    need not be asked. What is valid Shift_JIS can be EUC-JP by chance: then the headings tell
    (`is_euc_jp`).

    Raises:
        ListRefused: it is empty, a workbook, UTF-16, no text, or in another encoding.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ListRefused(Finding(Problem.UTF16))
    if data.startswith(_WORKBOOKS):
        raise ListRefused(Finding(Problem.WORKBOOK))
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise ListRefused(Finding(Problem.EMPTY))
    if _looks_like_utf16(data):
        raise ListRefused(Finding(Problem.UTF16))
    if _ISO_2022_JP.search(data):
        raise ListRefused(Finding(Problem.ENCODING_OTHER, found="ISO-2022-JP (JIS)"))
    if control := _NO_TEXT.search(data):
        raise ListRefused(Finding(Problem.BINARY, line=_line(data, control.start())))
    try:
        return data.decode("utf-8-sig"), UTF8
    except UnicodeDecodeError as error:
        wrong = error
    try:
        return data.decode("cp932"), SHIFT_JIS
    except UnicodeDecodeError:
        raise ListRefused(_unknown(data, wrong.start)) from None


def is_euc_jp(data: bytes, headings: frozenset[str]) -> bool:
    """Whether the first line, read as EUC-JP, has one of these headings."""
    first = data.splitlines()[0]
    try:
        text = first.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    return any(cell.strip(' "') in headings for cell in text.split(","))


def _unknown(data: bytes, place: int) -> Finding:
    """What to say of bytes that are neither; ``place``: where they stop being UTF-8."""
    try:
        data.decode("euc_jp")
    except UnicodeDecodeError:
        found = f"0x{data[place]:02X}"
        return Finding(Problem.ENCODING_UNKNOWN, line=_line(data, place), found=found)
    return Finding(Problem.ENCODING_OTHER, found="EUC-JP")


def _looks_like_utf16(data: bytes) -> bool:
    """Every other byte of its beginning is zero: ASCII in UTF-16 without a mark."""
    head = data[:64]
    return b"\x00" in head and (not any(head[1::2]) or not any(head[0::2]))


def _line(data: bytes, place: int) -> int:
    before = data[:place]
    return 1 + before.count(b"\n") + before.replace(b"\r\n", b"\n").count(b"\r")
