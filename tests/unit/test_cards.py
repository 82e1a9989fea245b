"""A card's number as readers give it, and what is no card's number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cards import normal_idm


@pytest.mark.parametrize(
    "text",
    [
        "0112abcdef456778",
        "0112ABCDEF456778",
        "01 12 AB CD EF 45 67 78",
        "01:12:ab:cd:ef:45:67:78",
        "0112-abcd-ef45-6778",
        "０１１２ＡＢＣＤＥＦ４５６７７８",
        " 0112ABCDEF456778\n",
    ],
)
def test_readers_write_one_number_in_many_ways(text: str) -> None:
    """Capitals, separators and width say nothing."""
    assert normal_idm(text) == "0112ABCDEF456778"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "16 hexadecimal digits"),
        ("0112ABCDEF45677", "16 hexadecimal digits"),
        ("0112ABCDEF4567789", "16 hexadecimal digits"),
        ("0112ABCDEF45677G", "16 hexadecimal digits"),
        ("01FE000102030405", "does not last"),
        ("02fe000102030405", "does not last"),
        ("0000000000000000", "no card's number"),
        ("FFFFFFFFFFFFFFFF", "no card's number"),
    ],
)
def test_what_is_no_cards_number_is_refused(text: str, why: str) -> None:
    """Each with its reason."""
    with pytest.raises(ValueError, match=why):
        normal_idm(text)


@given(st.text(max_size=24))
def test_anything_else_is_refused_in_words(text: str) -> None:
    """Never another exception; and what is taken is in its one form."""
    try:
        idm = normal_idm(text)
    except ValueError:
        return
    assert normal_idm(idm) == idm
