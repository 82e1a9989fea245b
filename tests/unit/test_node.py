"""Which Node builds the screens."""

import pytest

from scripts.screens import new_enough


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ((0, 0), False),
        ((18, 20), False),
        ((20, 18), False),
        ((20, 19), True),
        ((21, 7), False),
        ((22, 11), False),
        ((22, 12), True),
        ((24, 0), True),
    ],
)
def test_only_a_new_enough_node_is_used(version: tuple[int, int], enough: bool) -> None:
    """The build tools ask for 20.19, 22.12 or newer; else the wheel's Node is used."""
    assert new_enough(version) is enough
