"""Dice thrown again: anybody finds the same faces, and a face that was not thrown is found out."""

from collections import Counter
from uuid import UUID

import pytest
from msgspec.structs import replace

from ledger.dice import Throw, commitment, face, wrong_throws

SEED = bytes(range(32))


def id_of(number: int) -> UUID:
    """Ids as screens make them, apart from the time."""
    return UUID(f"018f5d2e-0000-7000-8000-{number:012d}")


@pytest.mark.parametrize(
    ("number", "weights", "due"),
    [
        # The first eight bytes, by sha256sum: 73e69f6c74378195, 6 k + 5.
        (1, [1, 1, 1, 1, 1, 1], 6),
        (1, [5, 1], 2),
        (1, [6], 1),
        (1, [1, 5], 2),
        (2, [1, 1, 1, 1, 1, 1], 2),  # 6 k + 1.
        (2, [2, 4], 1),
        (6, [1, 5], 1),  # 6 k.
    ],
)
def test_the_face_follows_from_seed_and_id(number: int, weights: list[int], due: int) -> None:
    """At the bounds between faces; what was worked out with another program."""
    assert face(SEED, id_of(number), weights) == due


def test_faces_come_as_often_as_their_weights_say() -> None:
    """Of six thousand throws about half, a third and a sixth."""
    counts = Counter(face(SEED, id_of(number), [3, 2, 1]) for number in range(6_000))
    assert set(counts) == {1, 2, 3}
    for shown, due in ((1, 3_000), (2, 2_000), (3, 1_000)):
        assert abs(counts[shown] - due) < 200, counts


def test_no_weight_is_no_dice() -> None:
    """A fault of whoever asks, told as such."""
    with pytest.raises(ZeroDivisionError):
        face(SEED, id_of(1), [])


def test_a_face_that_was_not_thrown_is_found_out() -> None:
    """One in a hundred, by its entry; and another seed is not what was committed to."""
    weights = [1, 1, 1]
    throws = [Throw(n, id_of(n), face(SEED, id_of(n), weights)) for n in range(100)]
    assert wrong_throws(SEED, weights, throws) == []
    right = throws[41].face
    throws[41] = replace(throws[41], face=right % 3 + 1)
    (line,) = wrong_throws(SEED, weights, throws)
    assert line.startswith(
        f"entry 41, {id_of(41)}: face {right % 3 + 1} was granted; the seed says"
    )
    assert commitment(SEED) != commitment(bytes(32))
