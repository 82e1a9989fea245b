"""One house is found again however its address was typed, and two houses stay two."""

import pytest

from ledger.addresses import normal_address, normal_postal_code

SAME = [
    ("大手通1-4-10", "大手通 一丁目４番地１０"),
    ("大手通1-4-10", "大手通1丁目4番10号"),
    ("大手通1-4-10", "大手通１ー４ー１０"),
    ("大手通1-4-10", "大手通1−4‐10"),
    ("大手通23-2", "大手通二十三番地の2"),
    ("大手通10-2", "大手通十番2号"),
    ("殿町2-1コーポ山田101", "殿町2丁目1　コーポ山田101"),
    ("殿町2-1abc", "殿町２－１ＡＢＣ"),
]
OTHER = [
    ("大手通1-4-10", "大手通1-41-0"),
    ("大手通1-4-10", "大手通1-4-1"),
    ("大手通1-4-10", "大手通1-4-10-201"),
    ("一番町1", "二番町1"),
    ("三の丸1", "三丸1"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_house_is_one(one: str, other: str) -> None:
    """By whatever keyboard."""
    assert normal_address(one) == normal_address(other)
    assert normal_address(normal_address(one)) == normal_address(one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_houses_are_two(one: str, other: str) -> None:
    """A digit, a hyphen or a room makes another one."""
    assert normal_address(one) != normal_address(other)


@pytest.mark.parametrize(
    "text", ["9400062", "940-0062", "〒940-0062", "９４０ー００６２", "940−0062"]
)
def test_a_postal_code_is_seven_digits(text: str) -> None:
    """With or without its mark and hyphen."""
    assert normal_postal_code(text) == "9400062"


@pytest.mark.parametrize("text", ["", "940-062", "940-00621", "ABC-DEFG", "940 0062x", "-------"])
def test_what_is_no_postal_code_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(ValueError, match="940-0062"):
        normal_postal_code(text)
