"""Who is the same person, who may be, and who is somebody else: the rule as a table."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.likeness import Attributes, Likeness, distance, kana_alike, likeness

BORN = date(1980, 2, 1)
HANAKO = Attributes("髙橋 花子", "タカハシ ハナコ", BORN)


def person(name: str = "高橋 花子", kana: str = "タカハシ ハナコ", born: date = BORN) -> Attributes:
    return Attributes(name, kana, born)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (person(), Likeness.SAME),
        (person("高橋花子", "ﾀｶﾊｼﾊﾅｺ"), Likeness.SAME),
        # born on the same day
        (person("高橋 華子"), Likeness.BORN_THE_SAME_DAY),
        (person("高橋 花子", "タカハシ カコ"), Likeness.BORN_THE_SAME_DAY),
        (person("高梁 羽奈子", "タカバシ ハナコ"), Likeness.BORN_THE_SAME_DAY),
        (person("花子 高橋", "ハナコ タカハシ"), Likeness.BORN_THE_SAME_DAY),
        (person("佐藤 花子", "サトウ ハナコ"), Likeness.BORN_THE_SAME_DAY),
        (person("佐藤 由美", "サトウ ユミ"), None),
        (person("高橋 良子", "タカハシ ヨシコ"), None),
        # named the same
        (person(born=date(1980, 2, 2)), Likeness.NAMED_THE_SAME),
        (person(born=date(1981, 2, 1)), Likeness.NAMED_THE_SAME),
        (person(born=date(1980, 1, 2)), Likeness.NAMED_THE_SAME),
        (person(born=date(1908, 2, 1)), Likeness.NAMED_THE_SAME),
        (person("高橋 華子", born=date(1980, 2, 11)), Likeness.NAMED_THE_SAME),
        (person(born=date(1981, 2, 2)), None),
        (person(born=date(1980, 12, 10)), None),
        (person("高橋 花", "タカハシ ハナ", born=date(1980, 2, 2)), None),
    ],
)
def test_the_rule(other: Attributes, expected: Likeness | None) -> None:
    """One table, read from both sides."""
    assert likeness(HANAKO.normal(), other.normal()) is expected
    assert likeness(other.normal(), HANAKO.normal()) is expected


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("サトウケン", "サトウケイ", True),
        ("サトウケン", "カトウケイ", False),
        ("サトウケンイチロウ", "サトオケイイチロ", False),
        ("サトウケンイチロウ", "サトオケンイチロ", True),
        ("オノアイ", "オノイア", True),
        ("オノ", "オ", True),
        ("アオキミオ", "オオキミオ", True),
        ("ハナコ", "サトウハナコ", False),
        ("キハナコ", "サトウハナコ", True),
        ("オカミオ", "イケミオ", False),
    ],
)
def test_readings_that_are_alike(one: str, other: str, alike: bool) -> None:
    """At the boundary of each part of the rule."""
    assert kana_alike(one, other) is alike
    assert kana_alike(other, one) is alike


@given(st.text("アイウ", max_size=6), st.text("アイウ", max_size=6))
def test_the_distance_is_one(one: str, other: str) -> None:
    """Nothing apart is equal, both sides see the same, and no name is further than its length."""
    apart = distance(one, other)
    assert (apart == 0) == (one == other)
    assert apart == distance(other, one)
    assert abs(len(one) - len(other)) <= apart <= max(len(one), len(other))
