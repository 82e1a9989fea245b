"""Every reason why a list, or a line of it, is refused; each in Japanese and in English."""

from enum import StrEnum

from msgspec import Struct


class Problem(StrEnum):
    """What is wrong, or (the last ones) what was read otherwise than it was written."""

    # Of the file: the whole list is refused.
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_LINES = "too_many_lines"
    WORKBOOK = "workbook"
    UTF16 = "utf16"
    BINARY = "binary"
    ENCODING_UNKNOWN = "encoding_unknown"
    ENCODING_OTHER = "encoding_other"
    HEADER_UNKNOWN = "header_unknown"
    HEADER_TWICE = "header_twice"
    HEADER_MISSING = "header_missing"
    # Of a line.
    QUOTES_BROKEN = "quotes_broken"
    CELLS_MISSING = "cells_missing"
    CELLS_TOO_MANY = "cells_too_many"
    RECIPIENT_MISSING = "recipient_missing"
    RECIPIENT_UNCLEAR = "recipient_unclear"
    RECIPIENT_UNKNOWN = "recipient_unknown"
    RECIPIENT_TWICE = "recipient_twice"
    NUMBER_SHORTENED = "number_shortened"
    CARD_BLOCKED = "card_blocked"
    WALLET_CLOSED = "wallet_closed"
    NAME_DIFFERS = "name_differs"
    NAME_NOT_KNOWN = "name_not_known"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_UNCLEAR = "amount_unclear"
    AMOUNT_NEGATIVE = "amount_negative"
    AMOUNT_FRACTIONAL = "amount_fractional"
    AMOUNT_ZERO = "amount_zero"
    AMOUNT_TOO_LARGE = "amount_too_large"
    AMOUNT_DIFFERS = "amount_differs"
    ALREADY_GRANTED = "already_granted"
    # Told, and no refusal.
    FULL_WIDTH = "full_width"
    THOUSANDS = "thousands"


NOTES = frozenset({Problem.FULL_WIDTH, Problem.THOUSANDS})

# `{found}` is what stands there, `{other}` the line, run or yen that it does not go with.
WORDS: dict[Problem, tuple[str, str]] = {
    Problem.EMPTY: ("ファイルに行がありません。", "There are no lines in the file."),
    Problem.TOO_LARGE: (
        "ファイルが大きすぎます(上限 {other} バイト)。",
        "The file is too large; {other} bytes at most.",
    ),
    Problem.TOO_MANY_LINES: (
        "行が多すぎます(上限 {other} 行)。分けてください。",
        "There are too many lines; {other} at most. Split the list.",
    ),
    Problem.WORKBOOK: (
        "表計算ソフトのブックです。「CSV UTF-8」で保存し直してください。",
        "This is a spreadsheet's workbook; save it as CSV UTF-8.",
    ),
    Problem.UTF16: (
        "UTF-16 で書かれています。「CSV UTF-8」で保存し直してください。",
        "This is UTF-16; save it as CSV UTF-8.",
    ),
    Problem.BINARY: (
        "文字でないものが入っています。CSV ファイルを選んでください。",
        "There is something in it that is no text; choose a CSV file.",
    ),
    Problem.ENCODING_UNKNOWN: (
        "UTF-8 でも Shift_JIS でもありません({found})。「CSV UTF-8」で保存し直してください。",
        "This is neither UTF-8 nor Shift_JIS ({found}); save it as CSV UTF-8.",
    ),
    Problem.ENCODING_OTHER: (
        "{found} で書かれています。「CSV UTF-8」で保存し直してください。",
        "This is {found}; save it as CSV UTF-8.",
    ),
    Problem.HEADER_UNKNOWN: (
        "見出し「{found}」はわかりません。使える見出し: {allowed}。",
        "The heading {found!r} is unknown; allowed are: {allowed}.",
    ),
    Problem.HEADER_TWICE: (
        "見出し「{found}」が二つあります。",
        "The heading {found!r} stands there twice.",
    ),
    Problem.HEADER_MISSING: (
        "見出しに「{found}」の列がありません。使える見出し: {allowed}。",
        "The header has no column for {found!r}; allowed are: {allowed}.",
    ),
    Problem.QUOTES_BROKEN: (
        '引用符(")が閉じていないか、場所が違います。',
        'A quotation mark (") is not closed, or stands in the wrong place.',
    ),
    Problem.CELLS_MISSING: (
        "列が足りません(見出しは {other} 列)。",
        "There are fewer cells than headings ({other}).",
    ),
    Problem.CELLS_TOO_MANY: (
        "列が多すぎます(見出しは {other} 列)。金額の「,」は引用符で囲んでください。",
        "There are more cells than headings ({other}); put quotes around a number with commas.",
    ),
    Problem.RECIPIENT_MISSING: ("宛先がありません。", "There is no recipient."),
    Problem.RECIPIENT_UNCLEAR: (
        "電話番号、ウォレット番号、カード番号(16 桁)のどれでもありません。",
        "This is no phone number, no wallet's number and no IC card's number of 16 digits.",
    ),
    Problem.RECIPIENT_UNKNOWN: (
        "この番号の人はこの町にいません。",
        "Nobody in this town has this number.",
    ),
    Problem.RECIPIENT_TWICE: (
        "{other} 行目と同じ人です。",
        "This is the same person as in line {other}.",
    ),
    Problem.NUMBER_SHORTENED: (
        "番号が表計算ソフトで短くなっています。列を「文字列」にして保存し直してください。",
        "A spreadsheet has shortened this number; make the column text and save it again.",
    ),
    Problem.CARD_BLOCKED: (
        "このカードは紛失または交換されています。",
        "This card was reported lost, or another one stands in its place.",
    ),
    Problem.WALLET_CLOSED: (
        "このウォレットは止められています。",
        "This wallet is frozen or closed.",
    ),
    Problem.NAME_DIFFERS: (
        "氏名が登録と違います。宛先を確かめてください。",
        "The name is not the registered one; look at the recipient again.",
    ),
    Problem.NAME_NOT_KNOWN: (
        "このウォレットには氏名の登録がありません。",
        "Nobody's name is registered for this wallet.",
    ),
    Problem.AMOUNT_MISSING: ("金額・ポイントがありません。", "There is no amount."),
    Problem.AMOUNT_UNCLEAR: (
        "「{found}」は数として読めません。数字だけを書いてください。",
        "{found!r} cannot be read as a number; write digits only.",
    ),
    Problem.AMOUNT_NEGATIVE: ("「{found}」は負の数です。", "{found!r} is negative."),
    Problem.AMOUNT_FRACTIONAL: (
        "「{found}」は整数ではありません。",
        "{found!r} is no whole number.",
    ),
    Problem.AMOUNT_ZERO: ("0 は付与できません。", "Nothing (0) cannot be granted."),
    Problem.AMOUNT_TOO_LARGE: (
        "「{found}」は上限 {other} を超えています。",
        "{found!r} is more than {other}, the most that the activity grants.",
    ),
    Problem.AMOUNT_DIFFERS: (
        "この活動は一律 {other} です(「{found}」)。",
        "This activity grants {other} to everybody, not {found!r}.",
    ),
    Problem.ALREADY_GRANTED: (
        "この活動ではもう受け取っています。",
        "This person has had this activity's grant already.",
    ),
    Problem.FULL_WIDTH: (
        "全角の数字を半角として読みました。",
        "Full-width digits were read as digits.",
    ),
    Problem.THOUSANDS: (
        "三桁ごとの「,」を除いて読みました。",
        "Commas between thousands were left out.",
    ),
}


class Finding(Struct, frozen=True):
    """A problem and its place. ``line`` counts from 1, the header being one; 0: the file.

    ``column``: the heading as it is written, "" where no one column is at fault.
    """

    problem: Problem
    line: int = 0
    column: str = ""
    found: str = ""
    other: int | None = None


class ListRefused(Exception):
    """The whole list is refused; nothing of it was kept."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.problem.value)
        self.finding = finding


def told(finding: Finding, allowed: str = "") -> tuple[str, str]:
    """The finding with its place, in Japanese and in English."""
    ja, en = WORDS[finding.problem]
    facts = {"found": finding.found, "other": finding.other, "allowed": allowed}
    where_ja = f"{finding.line} 行目" if finding.line else ""
    where_en = f"Line {finding.line}" if finding.line else ""
    if finding.column:
        where_ja += f"「{finding.column}」"
        where_en += f", column {finding.column!r}" if where_en else f"Column {finding.column!r}"
    return (
        f"{where_ja}: {ja.format(**facts)}" if where_ja else ja.format(**facts),
        f"{where_en}: {en.format(**facts)}" if where_en else en.format(**facts),
    )
