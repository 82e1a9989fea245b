"""One-time codes: what a wallet shows to be scanned (CPM), for a payment or a top-up.

The digits are an issuer prefix, random digits and a Luhn check digit, 20 in all, so that they fit
Code 128 and the QR alike and a misread one is refused before anybody is asked. Only their digest is
kept. A code works once; the authorisation that uses it marks it.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from ledger.accounts import check_digit
from ledger.database import Executor, fetch_row, load_queries
from ledger.errors import TownUnknown
from ledger.requests import code_digest

SQL = load_queries("codes")

CODE_DIGITS = 20


class IssuedCode(Struct, frozen=True):
    """A fresh code; it is refused from ``expires_at`` on."""

    code: str
    expires_at: datetime


class CodeState(Struct, frozen=True):
    """What a scanned code is for, whose it is, and whether it was used."""

    wallet: int
    purpose: str
    amount: int | None
    expires_at: datetime
    used: bool


def make_code(prefix: str) -> str:
    """Random digits behind the issuer's prefix, with a check digit."""
    free = CODE_DIGITS - len(prefix) - 1
    digits = prefix + "".join(secrets.choice("0123456789") for _ in range(free))
    return digits + str(check_digit(digits))


def is_well_formed(code: str) -> bool:
    """Whether the digits can be a code at all."""
    return code.isdecimal() and code.isascii() and check_digit(code[:-1]) == int(code[-1])


async def issue_code(
    pool: Executor,
    town: int,
    wallet: int,
    purpose: str,
    amount: int | None,
    now: datetime,
    prefix: str,
    coupons: Sequence[int] = (),
) -> IssuedCode:
    """Makes a one-time code for ``purpose`` ("pay", "top_up"), with an amount or without.

    ``coupons``: those that pay a part of what is taken from it.
    """
    code = make_code(prefix)
    kept = list(coupons) or None
    row = await fetch_row(
        pool, SQL["issue_code"], town, code_digest(code), wallet, purpose, amount, now, kept
    )
    if row is None:
        raise TownUnknown(f"town {town} has no rules at {now}")
    return IssuedCode(code, row["expires_at"])


async def read_code(pool: Executor, town: int, code: str) -> CodeState | None:
    """What is known of a code; None when it was never issued (or long ago)."""
    row = await fetch_row(pool, SQL["read_code"], town, code_digest(code))
    return CodeState(*row) if row else None


async def forget_codes(pool: Executor, before: datetime) -> None:
    """Deletes the codes of all towns that ended before ``before``."""
    await fetch_row(pool, SQL["forget_codes"], before)
