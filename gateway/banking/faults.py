"""Why a name or a file is refused: what is wrong, where, and what may stand there."""

from enum import StrEnum

from msgspec import Struct


class Problem(StrEnum):
    """What can be wrong with a name or a file."""

    LETTER = "letter"
    NAME_MISSING = "name_missing"
    EMPTY = "empty"
    ENCODING = "encoding"
    LENGTH = "length"
    RECORD = "record"
    COLUMN = "column"
    SUM = "sum"
    FED_BACK = "fed_back"
    FOREIGN = "foreign"
    ALTERED = "altered"


WORDS: dict[Problem, tuple[str, str]] = {
    Problem.LETTER: (
        "「{found}」は使えません。使えるのは{allowed}です。",
        "found {found!r}; allowed is {allowed}",
    ),
    Problem.NAME_MISSING: (
        "名義がありません。{allowed}で書いてください。",
        "found no name; allowed is {allowed}",
    ),
    Problem.EMPTY: ("ファイルが空です。", "the file is empty"),
    Problem.ENCODING: (
        "文字コードが{found}です。{allowed}で保存してください。",
        "the file is {found}; allowed is {allowed}",
    ),
    Problem.LENGTH: (
        "{found}バイトです。レコードは{allowed}バイトです。",
        "found {found} bytes; a record has {allowed}",
    ),
    Problem.RECORD: (
        "レコード区分が「{found}」です。ここに来るのは{allowed}です。",
        "found a record {found!r}; allowed here is {allowed}",
    ),
    Problem.COLUMN: (
        "「{found}」は正しくありません。{allowed}のはずです。",
        "found {found!r}; allowed is {allowed}",
    ),
    Problem.SUM: (
        "「{found}」は明細の合計と合いません。明細は{allowed}です。",
        "found {found!r}, but the lines come to {allowed}",
    ),
    Problem.FED_BACK: (
        "依頼ファイルそのものです(振替済と振替不能の合計が{found}円、依頼は{allowed}円)。",
        "this is a request and no result: collected and failed come to {found} yen, not {allowed}",
    ),
    Problem.FOREIGN: (
        "「{found}」は、依頼したファイルの「{allowed}」と違います。別のファイルの結果です。",
        "found {found!r}, but the request says {allowed!r}: it is the result of another file",
    ),
    Problem.ALTERED: (
        "「{found}」は、依頼した「{allowed}」と違います。ファイルが変えられています。",
        "found {found!r}, but the request says {allowed!r}: the file was altered",
    ),
}


class Fault(Struct, frozen=True):
    """A problem and its place. ``record`` counts from 1, 0 being the whole file or a name alone;
    ``column`` is the title of the columns at fault, ``first`` and ``last`` count from 1;
    ``allowed_ja`` where that is not the same in both languages.
    """

    problem: Problem
    record: int = 0
    column: str = ""
    first: int = 0
    last: int = 0
    found: str = ""
    allowed: str = ""
    allowed_ja: str = ""

    @property
    def ja(self) -> str:
        """In Japanese, with its place."""
        where = f"{self.record}行目" if self.record else ""
        if self.column:
            where += f"「{self.column}」" + (f"({self.first}–{self.last}桁)" if self.first else "")
        allowed = self.allowed_ja or self.allowed
        words = WORDS[self.problem][0].format(found=self.found, allowed=allowed)
        return f"{where}: {words}" if where else words

    @property
    def en(self) -> str:
        """In English, with its place."""
        where = f"record {self.record}" if self.record else ""
        if self.column:
            columns = f" (columns {self.first}–{self.last})" if self.first else ""
            where += (", " if where else "") + self.column + columns
        words = WORDS[self.problem][1].format(found=self.found, allowed=self.allowed)
        return f"{where}: {words}" if where else words


class BankingRefused(Exception):
    """A name or a file that the banks would not take, or that is not what it should be."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.en)
        self.fault = fault
