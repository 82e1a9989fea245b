"""A sale's arithmetic: who is told when to come, how long it takes, how old somebody is."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from math import floor

import pytest
from msgspec.structs import replace

from gateway.sales import answers
from gateway.sales.batches import Batches
from gateway.sales.board import Posted
from gateway.sales.timetable import Timetable
from ledger.sales import EARLY_SCORES, Sale, age_on, early_score

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
SALE = Sale(
    town=1,
    offer=2,
    code="rush",
    name="先着",
    places=1_000,
    awarded=0,
    opens_at=NOW,
    closes_at=NOW + timedelta(hours=1),
    ended_at=None,
    seed=bytes(32),
    age_min=None,
    room=0,
    held_until=None,
)


def test_no_second_has_more_questions_than_it_can_bear() -> None:
    """A thousand who want the same moment are spread over twenty seconds, in their order."""
    timetable = Timetable(50)
    moments = [timetable.take(1_000.0, 1_002.0) for _ in range(1_000)]
    assert moments == sorted(moments)
    assert moments[0] == 1_002.0
    assert set(Counter(floor(moment) for moment in moments).values()) == {50}
    assert 1_021.9 < moments[-1] < 1_022.0
    assert timetable.last_s == moments[-1]


def test_a_timetable_forgets_what_is_past() -> None:
    """However long it runs, it knows of what is to come only."""
    timetable = Timetable(2)
    for second in range(1_000):
        timetable.take(second, second + 1.0)
    assert len(timetable) < 200


def test_the_pace_is_measured_while_something_is_sold() -> None:
    """Not over the time before the opening, nor over that in which the sale is held."""
    posted = Posted(replace(SALE, opens_at=NOW + timedelta(seconds=60)))
    for second in range(60):
        posted.note(posted.sale, second, NOW + timedelta(seconds=second))
    assert posted.pace_per_s is None
    assert answers.estimate_s(posted, 500, NOW) is None
    posted.note(replace(posted.sale, awarded=100), 60.0, NOW + timedelta(seconds=60))
    posted.note(replace(posted.sale, awarded=200), 61.0, NOW + timedelta(seconds=61))
    pace = posted.pace_per_s
    assert pace == pytest.approx(100.0)
    assert answers.estimate_s(posted, 500, NOW + timedelta(seconds=61)) == 5
    assert answers.estimate_s(posted, 0, NOW + timedelta(seconds=61)) == 0
    held = replace(posted.sale, held_until=NOW + timedelta(seconds=100))
    for second in range(62, 100):
        posted.note(held, second, NOW + timedelta(seconds=second))
    posted.note(replace(held, awarded=300), 100.0, NOW + timedelta(seconds=100))
    assert posted.pace_per_s == pytest.approx(100.0)


def test_an_estimate_counts_what_must_be_waited_for() -> None:
    """The opening, or until the sale goes on after its queue was lost."""
    held = replace(SALE, held_until=NOW + timedelta(seconds=30))
    assert answers.estimate_s(Posted(held), 0, NOW) == 30
    later = replace(SALE, opens_at=NOW + timedelta(seconds=45))
    assert answers.estimate_s(Posted(later), 0, NOW) == 45


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2008, 4, 1), date(2026, 3, 31), 17),
        (date(2008, 4, 1), date(2026, 4, 1), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 4, 1), date(2026, 4, 1), 0),
    ],
)
def test_how_old_somebody_is(born: date, day: date, years: int) -> None:
    """By the calendar, on the birthday."""
    assert age_on(born, day) == years


def test_the_drawn_order_is_what_anybody_reckons() -> None:
    """The published rule, written out once more; exact in a double, and below every instant."""
    seed = bytes(range(32))
    for wallet in (1, 1_001, 2**40):
        told = sha256(seed + wallet.to_bytes(8, "big")).digest()
        score = early_score(seed, wallet)
        assert score == int.from_bytes(told[:8], "big") % 2**52 - 2**52
        assert -EARLY_SCORES <= score < 0
        assert int(float(score)) == score


async def test_questions_of_one_moment_are_one_call() -> None:
    """Each has its own answer; what goes wrong, each of the batch hears."""
    calls: list[int] = []

    async def double(numbers: object) -> list[int]:
        assert isinstance(numbers, list)
        calls.append(len(numbers))
        if -1 in numbers:
            raise ValueError("no")
        return [2 * number for number in numbers]

    batches: Batches[int, int] = Batches(double, 0.001, 3)
    assert await asyncio.gather(*(batches.ask(number) for number in range(7))) == [*range(0, 14, 2)]
    assert calls == [3, 3, 1]
    failed = await asyncio.gather(batches.ask(1), batches.ask(-1), return_exceptions=True)
    assert [type(one) for one in failed] == [ValueError, ValueError]
    assert await batches.ask(4) == 8
