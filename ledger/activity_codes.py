"""Activity codes: digits that a venue shows for a while to those who take part.

Eight random digits and a Luhn check digit: short enough to type from a screen. Whoever guesses has,
with a handful of codes alive, one chance in ten millions, and may try as slowly as the doors let a
wallet try (`gateway.rates.CARD`). Eight digits would be found again from a plain digest, so the
digest that is kept is keyed (`ledger.vault`).

A code says that somebody took part, not how often they may be paid for it: that is the activity's
``per_person``, which the ledger holds to. Where it is ``always``, one code grants a wallet once.
"""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.accounts import check_digit
from ledger.database import Executor, fetch_row, fetch_rows, load_queries
from ledger.vault import Vault

SQL = load_queries("activity_codes")

CODE_DIGITS = 9
GROUP = 3  # How the digits are shown.
QR_MARK = "#activity="
FIELD = "activity_code"  # What the digits are called in the vault.

_APART = re.compile(r"[\s\-‐-―ー]+")
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")


class ActivityCode(Struct, frozen=True):
    """A code, without its digits. ``ended_at``: when somebody ended it before its time."""

    number: int
    activity: str
    valid_from: datetime
    valid_until: datetime
    made_by: str
    made_at: datetime
    ended_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it grants at this instant."""
        return self.ended_at is None and self.valid_from <= now < self.valid_until


def make_digits() -> str:
    """The digits of a new code."""
    free = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS - 1))
    return free + str(check_digit(free))


def printed(digits: str) -> str:
    """The digits in groups, as a venue shows them."""
    return "-".join(digits[place : place + GROUP] for place in range(0, len(digits), GROUP))


def read_digits(text: str) -> str | None:
    """The digits from what was typed or scanned; None where they cannot be a code's.

    Full-width digits, spaces and hyphens may stand in it; a QR has them behind ``#activity=``.
    """
    text = _APART.sub("", unicodedata.normalize("NFKC", text.rpartition(QR_MARK)[2]))
    if _CODE.fullmatch(text) is None or check_digit(text[:-1]) != int(text[-1]):
        return None
    return text


async def add_code(
    pool: Executor,
    vault: Vault,
    town: int,
    activity: str,
    valid_from: datetime,
    valid_until: datetime,
    made_by: str,
    now: datetime,
) -> tuple[ActivityCode, str]:
    """Makes a code; its digits are told this once."""
    digits = make_digits()
    row = await fetch_row(
        pool,
        SQL["add_code"],
        town,
        activity,
        vault.digest(town, FIELD, digits),
        valid_from,
        valid_until,
        made_by,
        now,
    )
    assert row is not None
    return ActivityCode(*row), digits


async def code(pool: Executor, vault: Vault, town: int, digits: str) -> ActivityCode | None:
    """The code with these digits, also one that is over; None where there is none."""
    row = await fetch_row(pool, SQL["code"], town, vault.digests(town, FIELD, digits))
    return ActivityCode(*row) if row else None


async def codes(pool: Executor, town: int, activity: str, limit: int) -> list[ActivityCode]:
    """An activity's codes, newest first."""
    rows = await fetch_rows(pool, SQL["codes"], town, activity, limit)
    return [ActivityCode(*row) for row in rows]


async def end_code(pool: Executor, town: int, number: int, now: datetime) -> bool:
    """Ends a code before its time; False where there is none, or it is over."""
    return await fetch_row(pool, SQL["end_code"], town, number, now) is not None


async def next_id(pool: Executor, town: int, ids: Sequence[UUID]) -> UUID:
    """Under which of these ids to ask now: the first that was not refused, else the last.

    A refusal stands for ever under its id. Of the reasons some pass (a budget that is raised, a
    wallet that is thawed), so somebody who tries again is asked under the next.
    """
    rows = await fetch_rows(pool, SQL["outcomes"], town, list(ids))
    refused = {row["id"] for row in rows if row["outcome"] != "done"}
    return next((each for each in ids if each not in refused), ids[-1])
