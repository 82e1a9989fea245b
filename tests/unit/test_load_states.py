"""The table of load orders, whole: every state hears every word, and no value is made or lost."""

import itertools

import pytest

from ledger.load_states import SETTLED, TABLES, Direction, Patience, State, Step, Word, step

IN, OUT = Direction.IN, Direction.OUT
LEDGERS = {
    IN: {Word.GIVEN, Word.NOT_GIVEN},
    OUT: {Word.TAKEN, Word.NOT_TAKEN, Word.GIVEN_BACK, Word.NOT_GIVEN_BACK},
}
PROVIDERS = set(Word) - LEDGERS[IN] - LEDGERS[OUT]
STATES = {direction: {state for state, _ in TABLES[direction]} for direction in Direction}


def reached(direction: Direction, start: State, words: set[Word]) -> set[State]:
    """Every state that some sequence of these words leads to."""
    found, edge = {start}, {start}
    while edge:
        edge = {step(direction, state, word).state for state in edge for word in words} - found
        found |= edge
    return found


@pytest.mark.parametrize("direction", Direction)
def test_every_state_says_what_every_word_does(direction: Direction) -> None:
    """No cell is missing, none is too many, and each leads to a state of the same direction."""
    words = PROVIDERS | LEDGERS[direction]
    assert set(TABLES[direction]) == set(itertools.product(STATES[direction], words))
    assert {target for target in TABLES[direction].values() if target} <= STATES[direction]
    assert reached(direction, State.REQUESTED, words) == STATES[direction]


@pytest.mark.parametrize("direction", Direction)
def test_hearing_it_twice_is_hearing_it_once(direction: Direction) -> None:
    """After any word that moved an order, the same word again moves it nowhere."""
    for state, word in TABLES[direction]:
        first = step(direction, state, word)
        if first.moved:
            again = step(direction, first.state, word)
            assert not again.moved, (state, word)
            assert not again.contradicts, (state, word)


def test_value_comes_only_from_paid_and_only_by_the_ledgers_word() -> None:
    """In: arrived has one way in, and no way out."""
    ways = {(state, word) for (state, word), to in TABLES[IN].items() if to is State.ARRIVED}
    assert ways - {(State.ARRIVED, word) for word in Word} == {(State.PAID, Word.GIVEN)}
    assert reached(IN, State.ARRIVED, set(Word)) == {State.ARRIVED}


def test_a_paid_order_ends_as_value_or_as_a_refund() -> None:
    """In: whoever was paid is never forgotten, whatever is said afterwards."""
    assert reached(IN, State.PAID, set(Word)) == {
        *(State.PAID, State.ARRIVED, State.REFUNDING, State.REFUNDED),
    }
    assert State.PAID not in SETTLED
    assert State.REFUNDING not in SETTLED


@pytest.mark.parametrize(
    "state", [State.REQUESTED, State.UNKNOWN, State.ACCEPTED, State.FAILED, State.EXPIRED]
)
def test_money_that_came_is_heard_however_late(state: State) -> None:
    """In: paid counts in every state in which no money had come."""
    assert step(IN, state, Word.PAID) == Step(State.PAID, moved=True)
    assert step(IN, state, Word.MISPAID) == Step(State.REFUNDING, moved=True)


def test_out_the_value_is_told_only_after_it_was_taken() -> None:
    """Out: nothing that the provider says moves an order whose value is still in the wallet."""
    assert reached(OUT, State.REQUESTED, PROVIDERS) == {State.REQUESTED}


def test_out_value_comes_back_only_on_a_definite_no() -> None:
    """Out: silence, and not being found, never lead to a return."""
    silences = {Word.NO_ANSWER, Word.NOT_REACHED, Word.NOT_FOUND, Word.ACCEPTED, Word.TAKEN}
    assert reached(OUT, State.TAKEN, silences) == {State.TAKEN, State.UNKNOWN, State.ACCEPTED}


def test_out_delivered_and_returned_exclude_each_other() -> None:
    """Out: never both; and once taken, never neither."""
    assert reached(OUT, State.DELIVERED, set(Word)) == {State.DELIVERED}
    assert reached(OUT, State.RETURNING, set(Word)) == {State.RETURNING, State.RETURNED}
    assert State.FAILED not in reached(OUT, State.TAKEN, set(Word))


@pytest.mark.parametrize(
    ("direction", "state", "word"),
    [
        (IN, State.PAID, Word.FAILED),
        (IN, State.ARRIVED, Word.FAILED),
        (IN, State.ARRIVED, Word.REFUNDED),
        (IN, State.ARRIVED, Word.MISPAID),
        (IN, State.REFUNDING, Word.FAILED),
        (OUT, State.DELIVERED, Word.FAILED),
        (OUT, State.RETURNED, Word.PAID),
        (OUT, State.RETURNING, Word.NOT_GIVEN_BACK),
        (OUT, State.REQUESTED, Word.PAID),
        (IN, State.PAID, Word.TAKEN),
    ],
)
def test_what_cannot_be_true_is_told_to_a_person(
    direction: Direction, state: State, word: Word
) -> None:
    """It contradicts, and the order stays."""
    assert step(direction, state, word) == Step(state, moved=False, contradicts=True)


def test_patience_doubles_and_ends() -> None:
    """Each look comes twice as late, up to a bound; what is settled is not looked at."""
    patience = Patience(act_s=1, unknown_s=2, accepted_s=4, longest_s=10)
    looks = [patience.look_in(State.ACCEPTED, looks) for looks in range(4)]
    assert [look.total_seconds() for look in looks if look] == [4, 8, 10, 10]
    assert patience.look_in(State.PAID, 1_000_000) is not None
    assert {patience.look_in(state, 0) for state in SETTLED} == {None}
