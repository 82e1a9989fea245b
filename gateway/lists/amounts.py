"""Yen (or points) of a cell. What could be read in two ways is refused, and asked for anew."""

import re

from gateway.lists.problems import Problem

_FULL_WIDTH = str.maketrans(
    "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0c\uff0e\u2212\uff0d",
    "0123456789,.--",
)
_WHOLE = re.compile(r"0|[1-9][0-9]*")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_FRACTION = re.compile(r"[0-9,]*\.[0-9]+|[0-9]+/[0-9]+")
# Accountants write a loss with a triangle; a spreadsheet in brackets or with a sign behind.
_NEGATIVE = re.compile(r"(?:[-‐‑–—△▲]\s*[0-9][0-9,.]*|\([0-9][0-9,.]*\)|[0-9][0-9,.]*-)")

# What may be told and kept of a cell that holds no amount: a name or a phone number that has come
# into the wrong column is personal.
_SHOWABLE = re.compile(r"[0-9\uff10-\uff19.,+()/△▲\-\u2010-\u2015\u2212\uff0c-\uff0e]{1,12}")
_SHOWN_DIGITS_MAX = 9

DIGITS_MAX = 15  # Beyond it a JSON number is not exact any more.


class AmountWrong(ValueError):
    """The cell holds no amount."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def read_amount(cell: str) -> tuple[int | None, list[Problem]]:
    """The amount in a cell, None where it is empty, and what of it was read otherwise.

    Digits may be full-width, and commas may stand between thousands: neither can mean anything
    else. Signs, fractions, units, leading zeros (an amount that begins with one may be a number of
    another kind in the wrong column) and every other kind of digit are refused.

    Raises:
        AmountWrong: with the reason.
    """
    text = cell.strip()
    if not text:
        return None, []
    notes: list[Problem] = []
    narrow = text.translate(_FULL_WIDTH)
    if narrow != text:
        notes.append(Problem.FULL_WIDTH)
    if _THOUSANDS.fullmatch(narrow):
        notes.append(Problem.THOUSANDS)
        narrow = narrow.replace(",", "")
    if _NEGATIVE.fullmatch(narrow):
        raise AmountWrong(Problem.AMOUNT_NEGATIVE)
    if _FRACTION.fullmatch(narrow):
        raise AmountWrong(Problem.AMOUNT_FRACTIONAL)
    if not _WHOLE.fullmatch(narrow):
        raise AmountWrong(Problem.AMOUNT_UNCLEAR)
    if narrow == "0":
        raise AmountWrong(Problem.AMOUNT_ZERO)
    if len(narrow) > DIGITS_MAX:
        raise AmountWrong(Problem.AMOUNT_TOO_LARGE)
    return int(narrow), notes


def shown(cell: str) -> str:
    """What may be told and kept of a wrong cell: a number as it stands, else nothing."""
    text = cell.strip()
    digits = sum(letter.isdigit() for letter in text)
    return text if _SHOWABLE.fullmatch(text) and digits <= _SHOWN_DIGITS_MAX else "…"
