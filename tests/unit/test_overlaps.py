"""Which campaigns can meet, by their times, and which of two gives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.campaigns import Campaign, Terms
from ledger.overlaps import Overlap, can_meet, what_gives

START = datetime(2030, 5, 1, tzinfo=UTC)


def campaign(number: int = 1, **terms: Any) -> Campaign:
    """A campaign of payments, for ten days from the first of May on."""
    values: dict[str, Any] = {
        "code": f"c{number}",
        "name": "春",
        "trigger": "payment",
        "source": None,
        "instrument": 1,
        "basis_points": 100,
        "rounding": "down",
        "fund": 1,
        "entry_max": None,
        "person_max": None,
        "priority": 100,
        "starts_at": START,
        "ends_at": START + timedelta(days=10),
        "weekdays": (),
        "month_days": (),
        "from_minute": None,
        "to_minute": None,
        "shop_groups": (),
        "shops": (),
        "terminal_groups": (),
        "faces": (),
    }
    stopped_at = terms.pop("stopped_at", None)
    return Campaign(number, Terms(**values | terms), None, stopped_at, None, None)


@pytest.mark.parametrize(
    ("one", "two", "meet"),
    [
        ({}, {}, True),
        ({}, {"trigger": "issue"}, False),
        ({}, {"starts_at": START + timedelta(days=9, hours=23)}, True),
        ({}, {"starts_at": START + timedelta(days=10)}, False),
        (
            {"stopped_at": START + timedelta(days=2)},
            {"starts_at": START + timedelta(days=2)},
            False,
        ),
        ({"stopped_at": START + timedelta(days=3)}, {"starts_at": START + timedelta(days=2)}, True),
        ({"weekdays": (1, 2)}, {"weekdays": (2, 3)}, True),
        ({"weekdays": (1,)}, {"weekdays": (2,)}, False),
        ({"weekdays": (1,)}, {}, True),
        ({"month_days": (5,)}, {"month_days": (6,)}, False),
        ({"month_days": (5,)}, {"weekdays": (1,)}, True),
        ({"from_minute": 600, "to_minute": 660}, {"from_minute": 660, "to_minute": 720}, False),
        ({"from_minute": 600, "to_minute": 661}, {"from_minute": 660, "to_minute": 720}, True),
        ({"from_minute": 600, "to_minute": 660}, {}, True),
        ({"from_minute": 1320, "to_minute": 60}, {"from_minute": 0, "to_minute": 30}, True),
        ({"from_minute": 1320, "to_minute": 60}, {"from_minute": 60, "to_minute": 1320}, False),
        ({"from_minute": 1320, "to_minute": 60}, {"from_minute": 1380, "to_minute": 10}, True),
        # Monday's night is Tuesday's first hour.
        (
            {"weekdays": (1,), "from_minute": 1320, "to_minute": 60},
            {"weekdays": (2,), "from_minute": 0, "to_minute": 120},
            True,
        ),
    ],
)
def test_which_campaigns_can_meet(one: dict[str, Any], two: dict[str, Any], meet: bool) -> None:
    """At the bounds; and the same whoever is asked first."""
    this, other = campaign(1, **one), campaign(2, **two)
    assert can_meet(this, other) is can_meet(other, this) is meet


@pytest.mark.parametrize(
    ("rule", "priorities", "gives"),
    [
        (Overlap.ADD, (100, 100), "both"),
        (Overlap.BEST, (1, 100), "greater"),
        (Overlap.FIRST, (1, 100), "this"),
        (Overlap.FIRST, (100, 1), "other"),
        (Overlap.FIRST, (100, 100), "other"),
    ],
)
def test_which_of_two_gives(rule: Overlap, priorities: tuple[int, int], gives: str) -> None:
    """Of equals the older is first."""
    this, other = campaign(2, priority=priorities[0]), campaign(1, priority=priorities[1])
    assert what_gives(rule, this, other) == gives
