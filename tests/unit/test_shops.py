"""Shops' hours by the week, and the form that names are searched in."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ledger.shops.hours import DAY, WEEK, Hours, minute_of_week, open_minutes
from ledger.shops.listings import Place
from ledger.shops.search import box_around
from ledger.shops.words import grams, needles_of, words_of

JAPAN = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("hours", "stretches"),
    [
        ([], []),
        ([Hours(1, 0, DAY)], [(0, DAY)]),
        ([Hours(5, 1_080, 1_560)], [(4 * DAY + 1_080, 5 * DAY + 120)]),
        ([Hours(7, 1_080, 1_560)], [(6 * DAY + 1_080, WEEK), (0, 120)]),  # On into Monday.
        ([Hours(7, 1_080, DAY)], [(6 * DAY + 1_080, WEEK)]),
    ],
)
def test_hours_are_minutes_of_the_week(
    hours: list[Hours], stretches: list[tuple[int, int]]
) -> None:
    """From the first to before the last; Sunday's night goes on on Monday."""
    assert list(open_minutes(hours)) == stretches


def test_the_week_begins_on_monday_at_midnight() -> None:
    """2026-04-06 is a Monday."""
    assert minute_of_week(datetime(2026, 4, 6, tzinfo=JAPAN)) == 0
    assert minute_of_week(datetime(2026, 4, 12, 23, 59, tzinfo=JAPAN)) == WEEK - 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("ｶﾌｪ", "かふぇ"),
        ("コーヒー", "こーひー"),
        ("髙橋", "高橋"),
        ("2丁目3番", "２-３"),
        ("ＡＢＣ", "abc"),
        ("佐々木", "佐佐木"),
    ],
)
def test_what_is_typed_finds_what_was_told(typed: str, told: str) -> None:
    """Whole, and every gram of it is among the grams of the other."""
    [needle] = needles_of(typed)
    words = words_of("店 その他", told, "本町")
    assert needle in words
    assert set(grams(needle)) <= set(grams(words))


def test_no_gram_goes_over_the_end_of_a_line() -> None:
    """A name's last character and its reading's first are no word."""
    assert grams("ab\ncd") == ["a", "ab", "b", "c", "cd", "d"]
    assert needles_of("・ 　") == []


def test_a_box_holds_what_is_near() -> None:
    """A kilometre north or east of a point lies within its box, ten do not."""
    box = box_around(Place(34.8, 135.65), 1_000)
    assert box.south < 34.8 - 0.00899 < 34.8 + 0.00899 < box.north < 34.89
    assert box.west < 135.65 - 0.01095 < 135.65 + 0.01095 < box.east < 135.76
