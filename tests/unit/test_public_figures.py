"""What of the town's figures may be told."""

import pytest

from ledger.public_figures import PEOPLE_LEAST, Holding, withheld

# People by kind of value; then those whose figures are told, and whether the total is.
CASES: tuple[tuple[list[int], list[int], bool], ...] = (
    ([], [], True),
    ([PEOPLE_LEAST], [0], True),
    ([PEOPLE_LEAST - 1], [], False),
    ([1], [], False),
    ([100, 50], [0, 1], True),
    ([100, 4], [], True),  # The total less the hundred's would tell of the four.
    ([100, 50, 4], [0], True),
    ([100, 4, 3], [], True),
    ([4, 4, 4], [], False),
    ([100, 0], [0, 1], True),
    ([50, 50, 1], [1], True),
)


@pytest.mark.parametrize(("people", "told", "total"), CASES)
def test_what_few_people_have_is_not_told(people: list[int], told: list[int], total: bool) -> None:
    """Nor can it be reckoned from what is."""
    held = [Holding(place, count * 100, count) for place, count in enumerate(people)]
    shown, whole = withheld(held)
    assert [each.instrument for each in shown if each.amount is not None] == told
    assert [each for each in shown if each.amount is not None] == [held[place] for place in told]
    assert whole == total
