"""The rules of reports that need no database: small cells, places, and a campaign's comparison."""

import datetime as dt
import random

import pytest

from ledger.reports.attributes import told_year
from ledger.reports.campaign_effect import Day, compare, gained
from ledger.reports.periods import month_before, month_of
from ledger.reports.shops import Standing, place
from ledger.reports.small_cells import PEOPLE_MIN, hidden, hidden_in_grid
from tests.property.auditor import JAPAN


@pytest.mark.parametrize(
    ("people", "places"),
    [
        ([], set()),
        ([0, 0], set()),
        ([5, 6, 0], set()),
        ([4], {0}),  # Nothing is left to hide it behind; who knows the total knows it anyway.
        ([4, 5, 9], {0, 1}),  # One alone would follow from the total.
        ([1, 1, 9, 8], {0, 1, 3}),  # And so would two of fewer than five together.
        ([2, 3, 9], {0, 1}),
        ([0, 3, 2, 9], {1, 2}),
    ],
)
def test_what_is_hidden_in_a_line(people: list[int], places: set[int]) -> None:
    """Each cell of fewer than five, and the smallest others until none follows from the total."""
    assert hidden(people) == places


def test_nothing_follows_from_the_totals_of_a_grid() -> None:
    """Of random tables: in no row and no column do the hidden cells stand for few people or for
    one cell, unless the whole line is hidden; and what is few is never told.
    """
    dice = random.Random(7)
    for _ in range(300):
        size = dice.randrange(1, 6)
        cells = [(row, column) for row in range(size) for column in range(size)]
        people = [dice.choice([0, 1, 2, 4, 5, 7, 30]) for _ in cells]
        found = hidden_in_grid(cells, people)
        assert {n for n, count in enumerate(people) if 0 < count < PEOPLE_MIN} <= found
        for side in (0, 1):
            for line in range(size):
                of = [n for n, cell in enumerate(cells) if cell[side] == line and people[n]]
                under = [people[n] for n in of if n in found]
                if under and len(under) < len(of):
                    assert len(under) >= 2
                    assert sum(under) >= PEOPLE_MIN


def standing(shop: int, amount: int, kind: str = "青果") -> Standing:
    return Standing(shop, "", f"店{shop}", kind, "中央", 1, amount, 0, 0, 1)


def test_a_place_is_told_among_five_at_work() -> None:
    """Its kind where that is five, else the town, else nothing; equals share a rank, and who took
    nothing is not counted.
    """
    greens = [standing(n, 100 * n) for n in range(1, 5)]
    assert place(1, greens) is None
    assert place(9, greens) is None
    others = [standing(5, 400, "書店"), standing(6, 0, "書店")]
    among = place(4, greens + others)
    assert among is not None
    assert (among.among, among.shops, among.rank, among.median) == ("town", 5, 1, 300)
    closed = place(6, greens + others)
    assert closed is not None
    assert (closed.shops, closed.rank) == (6, 6)
    own = place(2, [*greens, standing(7, 200), others[0]])
    assert own is not None
    assert (own.among, own.shops, own.rank, own.median) == ("kind", 5, 3, 200)


def test_a_campaign_is_compared_by_weekdays() -> None:
    """Two Saturdays and a Sunday against those of four weeks before. The Sundays before brought
    half: they weigh as much as Sundays do in the campaign. What the others gained too is not its.
    """
    first = dt.date(2026, 4, 4)  # A Saturday.
    during = [first, first + dt.timedelta(1), first + dt.timedelta(7)]
    before = [first - dt.timedelta(days=n) for n in range(28, 0, -1)]
    days = [Day(day, inside=True, count=2, amount=3_000, people=2) for day in during]
    days += [Day(day, inside=False, count=1, amount=1_200, people=1) for day in during]
    for day in before:
        if (weekday := day.isoweekday()) >= 6:
            amount = 1_000 if weekday == 6 else 500
            days.append(Day(day, inside=True, count=1, amount=amount, people=1))
            days.append(Day(day, inside=False, count=1, amount=1_000, people=1))
    found = compare(days, during, before)
    told = [(one.inside, one.weekday, one.days, one.amount_before, one.change) for one in found]
    assert told == [
        (True, 6, 2, 1_000, 2.0), (True, 7, 1, 500, 5.0), (True, 0, 3, 2_500 / 3, 2.6),
        (False, 6, 2, 1_000, 0.2), (False, 7, 1, 1_000, 0.2), (False, 0, 3, 1_000, 0.2),
    ]  # fmt: skip
    assert gained(found) == 9_000 - 3_000
    assert gained(compare([], during, before)) is None


def test_months_on_the_towns_calendar() -> None:
    """Whole months, across the year's end and in a leap year; ages stop at ninety."""
    assert [month_of(dt.date(year, 2, 9), JAPAN).days for year in (2027, 2028)] == [28, 29]
    found = month_before(dt.date(2027, 1, 31), JAPAN)
    assert (found.first, found.last) == (dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    assert found.since.isoformat() == "2026-12-01T00:00:00+09:00"
    assert told_year(dt.date(1920, 5, 1), dt.date(2026, 4, 1)) == 1936
