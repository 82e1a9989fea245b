"""Numbers that people read off and type: random digits, the last one a check digit (Luhn)."""

import re
import secrets
import unicodedata

from ledger.accounts import check_digit

GROUP = 4  # How they are printed, and read out.

_APART = re.compile("[\\s\\-\u2010-\u2015\u2212\u30fc\uff70]+")


def make_digits(count: int) -> str:
    """``count`` digits, of which all but the last are random."""
    free = "".join(secrets.choice("0123456789") for _ in range(count - 1))
    return free + str(check_digit(free))


def read_digits(text: str, count: int) -> str | None:
    """``count`` digits from what was typed; None where it cannot be such a number.

    Full-width digits, spaces and hyphens may stand in it.
    """
    digits = _APART.sub("", unicodedata.normalize("NFKC", text))
    right = len(digits) == count and digits.isascii() and digits.isdecimal()
    return digits if right and check_digit(digits[:-1]) == int(digits[-1]) else None


def printed(digits: str) -> str:
    """Digits in groups."""
    return "-".join(digits[place : place + GROUP] for place in range(0, len(digits), GROUP))
