"""What a campaign did (R9): its days against the same weekdays before it, its shops against others.

A figure to think about, not a proof: weather, holidays and paydays are in it. That is why the other
shops stand beside: what they gained in the same days, no campaign brought.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.database import Connection
from ledger.reports.periods import DAYS_MAX, Period
from ledger.reports.snapshot import read, read_period

WEEKS_BEFORE = 4  # Enough that one holiday does not make the mean.


class Day(Struct, frozen=True):
    """A day's payments at the campaign's shops (``inside``) or at all others: how many, yen less
    what was given back, and how many people.
    """

    day: dt.date
    inside: bool
    count: int
    amount: int
    people: int


class Compared(Struct, frozen=True):
    """A weekday (1 is Monday; 0: all of them) at the campaign's shops or at the others: means of a
    day, in yen, before and during. ``change``: by how much more in the campaign, 0.1 being a tenth;
    None: nothing was there before.
    """

    inside: bool
    weekday: int
    days: int
    days_before: int
    payments: float
    payments_before: float
    amount: float
    amount_before: float
    change: float | None


class Effect(Struct, frozen=True):
    """A campaign's effect so far. ``gained``: yen at its shops beyond what the same weekdays
    brought before, had they changed as the other shops did.
    """

    code: str
    name: str
    first: dt.date
    last: dt.date
    shops: int
    gained: int | None
    compared: list[Compared]
    days: list[Day]


class CampaignUnknown(LookupError):
    """The town has no campaign with this code."""


class TooEarly(Exception):
    """None of the campaign's days is over."""


async def effect(
    connection: Connection, town: int, code: str, now: datetime, zone: ZoneInfo
) -> Effect:
    """A campaign's effect in its days that are over, at most a year of them.

    Raises:
        CampaignUnknown, TooEarly.
    """
    found = await read(connection, "campaign", town, code)
    if not found:
        raise CampaignUnknown(f"there is no campaign {code!r}")
    _, name, starts_at, ends_at, weekdays, month_days, shops = found[0]
    first = starts_at.astimezone(zone).date()
    # An end at a midnight is the end of the day before; today is not over.
    last = min(ends_at, now).astimezone(zone)
    over = (
        (last - dt.timedelta(microseconds=1)).date()
        if ends_at <= now
        else (last.date() - dt.timedelta(days=1))
    )
    over = min(over, first + dt.timedelta(days=DAYS_MAX - 1))
    days = [
        day
        for day in _days(first, over)
        if (not weekdays or day.isoweekday() in weekdays)
        and (not month_days or day.day in month_days)
    ]
    if not days:
        raise TooEarly(f"none of the days of {code!r} is over")
    before = first - dt.timedelta(weeks=WEEKS_BEFORE)
    period = Period(before, over, zone)
    rows = await read_period(connection, "payments_by_day", town, period, zone.key, shops)
    told = [Day(*row) for row in rows]
    compared = compare(told, days, list(_days(before, first - dt.timedelta(days=1))))
    return Effect(code, name, first, over, len(shops), gained(compared), compared, told)


def compare(
    found: Iterable[Day], during: Sequence[dt.date], before: Sequence[dt.date]
) -> list[Compared]:
    """Means of each weekday that the campaign has, and of all of them, during it and before; inside
    first. ``during`` and ``before`` name every day, also those on which nobody paid.
    """
    sums = {(each.inside, each.day): each for each in found}

    def mean(inside: bool, days: Sequence[dt.date]) -> tuple[float, float]:
        of = [each for day in days if (each := sums.get((inside, day))) is not None]
        count = len(days) or 1
        return sum(each.count for each in of) / count, sum(each.amount for each in of) / count

    compared = []
    for inside in (True, False):
        parts = []
        for weekday in sorted({day.isoweekday() for day in during}):
            now = [day for day in during if day.isoweekday() == weekday]
            then = [day for day in before if day.isoweekday() == weekday]
            (payments, amount), (payments_before, amount_before) = (
                mean(inside, now),
                mean(inside, then),
            )
            parts.append(
                Compared(
                    inside,
                    weekday,
                    len(now),
                    len(then),
                    payments,
                    payments_before,
                    amount,
                    amount_before,
                    _change(amount, amount_before),
                )
            )
        compared += [*parts, _together(inside, parts)]
    return compared


def _together(inside: bool, parts: Sequence[Compared]) -> Compared:
    """All weekdays as one, each before weighing as much as it does in the campaign."""
    days = sum(part.days for part in parts)

    def mean(values: Iterable[tuple[int, float]]) -> float:
        return sum(count * value for count, value in values) / days

    amount = mean((part.days, part.amount) for part in parts)
    amount_before = mean((part.days, part.amount_before) for part in parts)
    return Compared(
        inside,
        0,
        days,
        sum(part.days_before for part in parts),
        mean((part.days, part.payments) for part in parts),
        mean((part.days, part.payments_before) for part in parts),
        amount,
        amount_before,
        _change(amount, amount_before),
    )


def _change(now: float, before: float) -> float | None:
    return round(now / before - 1, 4) if before > 0 else None


def gained(compared: Sequence[Compared]) -> int | None:
    """Yen beyond the expected, in all the campaign's days; None where nothing says what to
    expect.
    """
    inside, outside = (
        next(each for each in compared if each.weekday == 0 and each.inside is side)
        for side in (True, False)
    )
    if inside.amount_before <= 0:
        return None
    as_others = 1 + (outside.change or 0)
    return round(inside.days * (inside.amount - inside.amount_before * as_others))


def _days(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
