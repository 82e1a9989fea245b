"""Shops' results (N5, R6, R9): a shop's own at any time, all of them, and a place among its
kind.
"""

from collections.abc import Sequence
from statistics import median

from msgspec import Struct

from ledger.database import Connection
from ledger.reports.periods import Period
from ledger.reports.snapshot import read, read_period

SLOTS = ("month", "day", "weekday", "hour")

# Among fewer shops a median and a rank tell what the others took.
AMONG_MIN = 5


class Slot(Struct, frozen=True):
    """A shop's sums in a month, on a day, a weekday (1 is Monday) or in an hour of the town's
    clocks; yen. A reversal counts when it was made. ``net``: what the town owes the shop for it,
    without fees. ``people``: wallets.
    """

    slot: str
    payments: int
    payments_amount: int
    top_ups: int
    top_ups_amount: int
    issues: int
    issues_amount: int
    reversals: int
    reversals_amount: int
    net: int
    people: int


class Accepted(Struct, frozen=True):
    """One kind of value that a shop took (payment) or gave out (top_up, issue), less what went
    back.
    """

    instrument: str
    what: str
    count: int
    amount: int


class Results(Struct, frozen=True):
    """A shop's own results in a period."""

    months: list[Slot]
    days: list[Slot]
    weekdays: list[Slot]
    hours: list[Slot]
    instruments: list[Accepted]


class Standing(Struct, frozen=True):
    """A shop's sums among all; yen less what went back."""

    shop: int
    code: str
    name: str
    kind: str
    area: str
    payments: int
    amount: int
    top_ups: int
    top_ups_amount: int
    people: int


class Place(Struct, frozen=True):
    """Where a shop stands by what it was paid. ``among``: ``kind`` or ``town``; ``shops``: how many
    there are, itself included; ``rank``: 1 took most, equals share a rank; ``median`` and
    ``amount``: yen. Nobody is named.
    """

    among: str
    kind: str
    shops: int
    rank: int
    amount: int
    median: int


async def results(connection: Connection, town: int, shop: int, period: Period) -> Results:
    """A shop's own results, by every measure."""
    since, until, zone = period.since, period.until, period.zone.key
    by = {
        slot: [
            Slot(*row)
            for row in await read(connection, "shop_sums", town, shop, since, until, slot, zone)
        ]
        for slot in SLOTS
    }
    parts = await read(connection, "shop_instruments", town, shop, since, until)
    return Results(
        by["month"], by["day"], by["weekday"], by["hour"], [Accepted(*row) for row in parts]
    )


async def standings(connection: Connection, town: int, period: Period) -> list[Standing]:
    """Every shop's sums, oldest shop first."""
    rows = await read_period(connection, "standings", town, period)
    return [Standing(*row) for row in rows]


def place(shop: int, found: Sequence[Standing]) -> Place | None:
    """A shop's place among its kind, or in the whole town where its kind is too few to be told;
    None where the town is. Shops that took nothing are not counted, but for the shop itself.
    """
    own = next((each for each in found if each.shop == shop), None)
    if own is None:
        return None
    at_work = [each for each in found if each.amount > 0 or each.shop == shop]
    alike = [each for each in at_work if each.kind == own.kind]
    for among, of in (("kind", alike), ("town", at_work)):
        if len(of) >= AMONG_MIN:
            rank = 1 + sum(each.amount > own.amount for each in of)
            middle = round(median(each.amount for each in of))
            return Place(among, own.kind, len(of), rank, own.amount, middle)
    return None
