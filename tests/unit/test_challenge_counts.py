"""What counts towards a challenge's goal, entry by entry."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.challenge_counts import Act, Count, Goal, add

START = datetime(2030, 5, 1, tzinfo=UTC)
END = START + timedelta(days=30)
NOON = START + timedelta(hours=12)


def goal(kind: str = "circulation", size: int = 1_000, **other: object) -> Goal:
    """A challenge of May."""
    takes_part = {"activity": ("grant",)}.get(kind, ("payment", "issue"))
    activity = "walk" if kind == "activity" else None
    return Goal(kind, size, activity, takes_part, START, END)


def counted(kind: str, *acts: Act, size: int = 1_000) -> Count:
    """How far it has come with these entries."""
    count = Count(0, 0, 0, {})
    add(goal(kind, size), count, acts)
    return count


def act(entry: int, kind: str = "payment", wallet: int = 1, amount: int = 100) -> Act:
    """An entry at noon."""
    return Act(entry, NOON, kind, "walk" if kind == "grant" else None, wallet, amount)


def back(entry: int, of: Act, amount: int, so_far: int, at: datetime = NOON) -> Act:
    """A reversal of so many yen, ``so_far`` of the entry being back with it."""
    return Act(
        *(entry, at, "reversal", None, of.wallet, amount),
        *(of.kind, of.at, of.way, of.amount, so_far),
    )


@pytest.mark.parametrize(
    ("kind", "at", "way", "counts"),
    [
        ("payment", START, None, True),
        ("payment", START - timedelta(microseconds=1), None, False),
        ("payment", END - timedelta(microseconds=1), None, True),
        ("payment", END, None, False),
        ("issue", NOON, None, True),
        ("top_up", NOON, None, False),
        ("send", NOON, None, False),
        ("grant", NOON, "walk", False),
    ],
)
def test_what_counts_as_taking_part(kind: str, at: datetime, way: str | None, counts: bool) -> None:
    """By kind and instant, at the bounds."""
    count = counted("circulation", Act(7, at, kind, way, 1, 100))
    assert (count.progress, count.people, count.counted_to) == (
        (100, 1, 7) if counts else (0, 0, 7)
    )


def test_only_the_named_activity_counts() -> None:
    """So many grants, not so many yen; another activity's are none."""
    other = Act(2, NOON, "grant", "swim", 2, 50)
    count = counted("activity", act(1, "grant"), other, act(3, "grant"))
    assert (count.progress, count.people, count.parts) == (2, 1, {1: 2})


def test_what_was_given_back_does_not_count() -> None:
    """In part: its yen. Whole: also the taking part, unless there was another."""
    first, second = act(1), act(2)
    part = counted("circulation", first, back(3, first, 40, 40))
    assert (part.progress, part.people) == (60, 1)
    whole = counted("circulation", first, back(3, first, 40, 40), back(4, first, 60, 100))
    assert (whole.progress, whole.people, whole.parts) == (0, 0, {1: 0})
    other = counted("participants", first, second, back(3, first, 100, 100))
    assert (other.progress, other.people, other.parts) == (1, 1, {1: 1})
    grant = act(1, "grant")
    assert counted("activity", grant, back(2, grant, 30, 30)).progress == 0


def test_what_is_given_back_of_another_time_takes_nothing_off() -> None:
    """Neither what was paid before the beginning, nor what comes back after the end."""
    before = Act(1, START - timedelta(days=1), "payment", None, 1, 100)
    within = act(2)
    assert counted("circulation", within, back(3, before, 100, 100)).progress == 100
    assert counted("circulation", within, back(3, within, 100, 100, END)).progress == 100


def test_the_entry_that_reaches_the_goal_ends_the_count() -> None:
    """Whatever comes behind it matters no longer, in this slice or the next."""
    acts = [act(1, wallet=1, amount=999), act(2, wallet=2, amount=1), act(3, wallet=3)]
    count = counted("circulation", *acts)
    assert count.reached == acts[1]
    assert (count.counted_to, count.progress, count.people) == (2, 1_000, 2)
    add(goal(), count, [act(4)])
    assert (count.counted_to, count.people) == (2, 2)


def test_slices_come_to_the_same_as_the_whole() -> None:
    """Wherever it is interrupted."""
    acts = [act(1, wallet=1), act(2, wallet=2), act(3, wallet=1)]
    acts += [back(4, acts[0], 100, 100), back(5, acts[1], 100, 100), act(6, wallet=3)]
    whole = counted("participants", *acts, size=9)
    for cut in range(len(acts) + 1):
        count = Count(0, 0, 0, {})
        add(goal("participants", 9), count, acts[:cut])
        add(goal("participants", 9), count, acts[cut:])
        assert count == whole
    assert (whole.progress, whole.parts) == (2, {1: 1, 2: 0, 3: 1})
