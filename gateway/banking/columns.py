"""A record's columns: where a value stands, in which form, and what may stand there.

N (digits) is right-aligned and filled with zeros, C (kana) left-aligned and filled with spaces. A
code keeps its zeros and is text here; a count or a sum is a number.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from gateway.banking.faults import BankingRefused, Fault, Problem
from gateway.banking.kana import cut

RECORD_BYTES = 120


class Form(StrEnum):
    """What a column holds."""

    CODE = "digits"
    NUMBER = "a number"
    PARTY = "half-width kana, A–Z, 0–9, space and ( ) - ."
    BANK = "half-width kana, A–Z, 0–9, space and -"
    CHOICE = "one of a few"


# As the standard has them: ｱ–ﾝ and the two marks; no ｦ, no small kana, no long mark.
_SHAPES = {
    Form.CODE: re.compile(r"[0-9]+"),
    Form.NUMBER: re.compile(r"[0-9]+"),
    Form.PARTY: re.compile(r"[ｱ-ﾟA-Z0-9 ().-]*"),
    Form.BANK: re.compile(r"[ｱ-ﾟA-Z0-9 -]*"),
}


class Column(Struct, frozen=True):
    """``first`` counts from 1, ``width`` in bytes. ``only``: the values that there are."""

    name: str
    title: str
    first: int
    width: int
    form: Form
    only: tuple[str, ...] = ()
    least: int = 0

    @property
    def last(self) -> int:
        """The last byte, counted from 1."""
        return self.first + self.width - 1

    def fault(
        self, problem: Problem, record: int, found: object, allowed: object
    ) -> BankingRefused:
        """The refusal of what stands in these columns."""
        return BankingRefused(
            Fault(problem, record, self.title, self.first, self.last, str(found), str(allowed))
        )

    def written(self, record: int, value: object) -> str:
        """The value at its full width.

        Raises:
            BankingRefused: it does not belong here, or is too long; only names are cut.
        """
        if self.form is Form.NUMBER:
            text = f"{value:0{self.width}}"
        elif self.form is Form.CODE:
            text = str(value).rjust(self.width, "0")
        elif self.form is Form.CHOICE:
            text = str(value)
        else:
            text = cut(str(value), self.width).ljust(self.width)
        self.read(record, text)
        return text

    def read(self, record: int, text: str) -> str | int:
        """The value of a text.

        Raises:
            BankingRefused: it is not of this form.
        """
        if len(text) != self.width:
            raise self.fault(Problem.COLUMN, record, text.strip(), f"{self.width} letters")
        if self.form is Form.CHOICE:
            if text not in self.only:
                allowed = "/".join(each if each.strip() else "空白" for each in self.only)
                raise self.fault(Problem.COLUMN, record, text.strip(), allowed)
            return text
        if not _SHAPES[self.form].fullmatch(text):
            raise self.fault(Problem.COLUMN, record, text.strip(), self.form.value)
        if self.form is Form.CODE:
            return text
        if self.form is Form.NUMBER:
            if int(text) < self.least:
                raise self.fault(Problem.COLUMN, record, text, f"{self.least}…")
            return int(text)
        name = text.rstrip()
        if len(name) < self.least:
            raise self.fault(Problem.COLUMN, record, name, self.form.value)
        return name


def code(name: str, title: str, first: int, width: int) -> Column:
    """Digits whose zeros mean something."""
    return Column(name, title, first, width, Form.CODE)


def number(name: str, title: str, first: int, width: int, least: int = 0) -> Column:
    """A count or a sum of yen, no less than ``least``."""
    return Column(name, title, first, width, Form.NUMBER, least=least)


def party(name: str, title: str, first: int, width: int) -> Column:
    """A party's name; there is one."""
    return Column(name, title, first, width, Form.PARTY, least=1)


def bank(name: str, title: str, first: int, width: int) -> Column:
    """A bank's or branch's name; may be left out."""
    return Column(name, title, first, width, Form.BANK)


def choice(name: str, title: str, first: int, *only: str) -> Column:
    """One of these, all of one width."""
    return Column(name, title, first, len(only[0]), Form.CHOICE, only)


def blank(first: int, last: int) -> Column:
    """Nothing."""
    return choice("", "ダミー", first, " " * (last - first + 1))


def write_record(columns: Sequence[Column], record: int, values: Struct) -> bytes:
    """A record of 120 bytes; a column without a name has its one value.

    Raises:
        BankingRefused: a value does not belong where it is.
    """
    text = "".join(
        each.written(record, getattr(values, each.name) if each.name else each.only[0])
        for each in columns
    )
    return text.encode("shift_jis")


def read_record(columns: Sequence[Column], record: int, text: str) -> dict[str, Any]:
    """The values of a record.

    Raises:
        BankingRefused: something in it is not as it has to be.
    """
    return {
        each.name: value
        for each in columns
        for value in (each.read(record, text[each.first - 1 : each.last]),)
        if each.name
    }
