"""What a town's public page tells of its money (H8, H12), without telling of anybody.

One reading of the wallets' lots gives all of it, so a process reads at most once a minute however
many look. A figure that rests on a few people would tell what somebody has: it is withheld, and so
is another one beside it, from which it could be told by taking it from the total.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("public_figures")

# A figure of fewer people than this is withheld: a family is not told of by its town.
PEOPLE_LEAST = 5


class Holding(Struct, frozen=True):
    """What all wallets have of one kind of value (yen), and how many have some. None: withheld."""

    instrument: int
    amount: int | None
    people: int | None


class PublicFigures(Struct, frozen=True):
    """``amount`` yen in all, in the wallets of ``people``; None: withheld. ``wallets`` were opened,
    ``shops`` take part.
    """

    at: datetime
    amount: int | None
    people: int | None
    wallets: int
    shops: int
    holdings: list[Holding]


class Event(Struct, frozen=True):
    """An activity that everybody may take part in: what it is worth, and when."""

    code: str
    name: str
    department: str
    programme: str
    instrument: int
    amount: int | None
    amount_max: int
    starts_at: datetime
    ends_at: datetime


async def public_figures(pool: Executor, town: int, now: datetime) -> PublicFigures:
    """The town's figures at this moment, with what has to be withheld."""
    counts = await fetch_row(pool, SQL["counts"], town)
    assert counts is not None
    rows = await fetch_rows(pool, SQL["holdings"], town)
    held = [Holding(row["instrument"], row["amount"], row["people"]) for row in rows]
    shown, whole = withheld(held)
    people = rows[0]["holders"] if rows else 0
    if 0 < people < PEOPLE_LEAST:
        people, whole = None, False
    amount = sum(each.amount or 0 for each in held) if whole else None
    return PublicFigures(now, amount, people, counts["wallets"], counts["shops"], shown)


async def events(pool: Executor, town: int, now: datetime, limit: int) -> list[Event]:
    """Activities that are on or to come, those that end first first; not what bonuses are given
    for, in which nobody can take part.
    """
    return [Event(*row) for row in await fetch_rows(pool, SQL["events"], town, now, limit)]


def withheld(held: Sequence[Holding]) -> tuple[list[Holding], bool]:
    """The figures that may be told, and whether their total may.

    What fewer than `PEOPLE_LEAST` have is withheld, and with it the smallest of the others, so
    that the total less the rest tells of both together. Where there is no other, the total is
    withheld instead.
    """
    few = {each.instrument for each in held if 0 < (each.people or 0) < PEOPLE_LEAST}
    others = [each for each in held if (each.people or 0) >= PEOPLE_LEAST]
    if few and others:
        few.add(min(others, key=lambda each: (each.people or 0, each.instrument)).instrument)
    told = [
        replace(each, amount=None, people=None) if each.instrument in few else each for each in held
    ]
    return told, not few or bool(others)
