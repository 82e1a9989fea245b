"""Serial cards (シリアルカード): paper with digits, worth a sum to whoever first redeems them.

The digits are 19 random ones, 63 bits that nobody guesses, and a Luhn check digit, so that a
mistyped card is refused before anybody is asked. Whoever makes a batch is told the digits once;
their digests alone are kept. Redeeming is a request like any other (`ledger.requests.Kind.REDEEM`).
"""

import re
import secrets
import unicodedata
from datetime import datetime

from msgspec import Struct

from ledger.accounts import check_digit
from ledger.database import Connection, Executor, fetch_rows, load_queries, translated
from ledger.requests import code_digest

SQL = load_queries("serials")

CARD_DIGITS = 20
GROUP = 5  # How the digits are printed.
QR_MARK = "#serial="

_APART = re.compile(r"[\s\-‐-―ー]+")
_CARD = re.compile(rf"[0-9]{{{CARD_DIGITS}}}")


class NewBatch(Struct, frozen=True):
    """A batch to make. ``amount``: yen, what each card is worth."""

    way: str
    amount: int
    count: int
    made_by: str
    expires_at: datetime


class Batch(Struct, frozen=True):
    """A batch that was made; ``used``: how many of its cards were redeemed."""

    batch: int
    way: str
    amount: int
    count: int
    made_by: str
    made_at: datetime
    expires_at: datetime
    used: int


def make_digits() -> str:
    """The digits of a new card."""
    free = "".join(secrets.choice("0123456789") for _ in range(CARD_DIGITS - 1))
    return free + str(check_digit(free))


def printed(digits: str) -> str:
    """The digits in groups, as a card shows them."""
    return "-".join(digits[place : place + GROUP] for place in range(0, len(digits), GROUP))


def read_digits(text: str) -> str | None:
    """The digits of a card from what was typed or scanned; None where it cannot be a card's.

    Full-width digits, spaces and hyphens may stand in it; a card's QR has them behind ``#serial=``.
    """
    text = _APART.sub("", unicodedata.normalize("NFKC", text.rpartition(QR_MARK)[2]))
    if _CARD.fullmatch(text) is None or check_digit(text[:-1]) != int(text[-1]):
        return None
    return text


async def make_batch(
    connection: Connection, town: int, new: NewBatch, now: datetime
) -> tuple[int, list[str]]:
    """Makes a batch, in the caller's transaction: its number, and the digits of its cards."""
    digits = [make_digits() for _ in range(new.count)]
    with translated():
        batch = await connection.fetchval(
            SQL["add_batch"],
            *(town, new.way, new.amount, new.count, new.made_by, now, new.expires_at),
        )
        await connection.execute(
            SQL["add_cards"], town, batch, [code_digest(each) for each in digits]
        )
    return int(batch), digits


async def batches(pool: Executor, town: int, limit: int) -> list[Batch]:
    """The town's batches, newest first."""
    return [Batch(**dict(row)) for row in await fetch_rows(pool, SQL["batches"], town, limit)]
