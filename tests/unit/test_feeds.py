"""Putting events back in order: each once, none left out, whatever order they come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier import feeds
from notifier.feeds import GapTooLong, Sequence


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, list[int]]]]:
    """A position, a last number, and runs of numbers that cover all between, in any order, more
    than once.
    """
    position = draw(st.integers(0, 50))
    last = position + draw(st.integers(0, 60))
    runs: list[tuple[int, list[int]]] = []
    number = draw(st.integers(max(0, position - 5), position)) + 1
    while number <= last:
        length = draw(st.integers(1, 8))
        runs.append((number, list(range(number, min(number + length, last + 1)))))
        number += length
    repeats = draw(st.lists(st.sampled_from(runs), max_size=10)) if runs else []
    return position, last, draw(st.permutations([*runs, *repeats]))


@given(arrivals(), st.integers(0, 30))
def test_everything_comes_out_once_and_in_order(
    case: tuple[int, int, list[tuple[int, list[int]]]], started_at: int
) -> None:
    """Also what came before the position was known."""
    position, last, runs = case
    sequence: Sequence[int] = Sequence()
    out: list[int] = []
    for place, (first, numbers) in enumerate(runs):
        if place == started_at:
            out += sequence.start(position)
        out += sequence.take(first, numbers)
    if sequence.position is None:
        out += sequence.start(position)
    assert out == list(range(position + 1, last + 1))
    assert sequence.held == 0


def test_nothing_comes_out_over_a_gap() -> None:
    """What is behind a missing event waits for it."""
    sequence = Sequence[str](4)
    assert list(sequence.take(6, ["f"])) == []
    assert sequence.held == 1
    assert list(sequence.take(5, ["e"])) == ["e", "f"]
    assert list(sequence.take(5, ["e"])) == []
    assert sequence.position == 6


def test_a_gap_is_not_waited_at_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is bounded."""
    monkeypatch.setattr(feeds, "HELD_MAX", 2)
    sequence = Sequence[int](0)
    sequence.take(2, [2, 3])
    with pytest.raises(GapTooLong):
        sequence.take(4, [4])
    assert list(sequence.take(1, [1])) == [1, 2, 3]
