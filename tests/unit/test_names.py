"""Names in one form: what is made the same, what stays apart, and that twice is once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.names import VARIANTS, checked_birth_date, normal_kana, normal_name

# Letters that the rules are about, thicker than chance would have them.
LETTERS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("ーｰ－-~～〜 　・々ゝヽ゛゜ﾞﾟッヶヵヮヴヷゔぁんアイウエオ"),
        st.sampled_from("ジヂヅズヲヰヱ\u3099\u309a\ufe00"),
        st.sampled_from("".join(VARIANTS.split())),
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("タカハシ　ハナコ", "タカハシハナコ"),
        ("たかはし はなこ", "タカハシハナコ"),
        ("ﾀｶﾊｼ ﾊﾅｺ", "タカハシハナコ"),
        ("ﾜﾀﾅﾍﾞ", "ワタナベ"),
        ("わたなへ゛", "ワタナベ"),
        ("ワタナへ\u3099", "ワタナベ"),
        ("ジョージ", "ジヨオジ"),
        ("ｼﾞﾖ-ｼﾞ", "ジヨオジ"),
        ("オーノ", "オオノ"),
        ("ユーコ", "ユウコ"),
        ("ケ－コ", "ケエコ"),
        ("カーー", "カアア"),
        ("ーカ", "カ"),
        ("ミヅキ", "ミズキ"),
        ("カヲル", "カオル"),
        ("ヱツコ", "エツコ"),
        ("ジョン・スミス", "ジヨンスミス"),
        ("ヴィクトリア", "ヴイクトリア"),
    ],
)
def test_a_reading_is_the_same_however_it_was_typed(typed: str, normal: str) -> None:
    """Width, script, size, long marks, old spellings, spaces and dots."""
    assert normal_kana(typed) == normal


@pytest.mark.parametrize(
    "typed", ["", "　", "高橋 花子", "Hanako", "ハナ子", "ハナコ1", "ー", "ハナコ!"]
)
def test_a_reading_that_is_no_kana_is_refused(typed: str) -> None:
    """And says what is wanted."""
    with pytest.raises(ValueError, match="kana"):
        normal_kana(typed)


@pytest.mark.parametrize(
    "forms",
    [
        ("高橋", "髙橋", "髙 橋", "高槗"),
        ("山崎", "山﨑", "山嵜"),
        ("渡辺", "渡邊", "渡邉", "渡\u3000辺"),
        ("斎藤", "齋藤", "斉藤", "齊藤"),
        ("浜田", "濱田", "濵田"),
        ("広沢", "廣澤"),
        ("吉田", "𠮷田"),
        ("福島", "\ufa1b嶋", "福嶌"),
        ("辻", "辻\U000e0100", "辻\ufe00"),
        ("佐々木", "佐佐木"),
        ("一ノ瀬", "一ﾉ瀨", "一の瀬"),
        ("鬼ヶ島", "鬼ケ島"),
        ("ANN SMITH", "Ａｎｎ　Ｓｍｉｔｈ", "ann-smith"),
        ("神谷", "\ufa19谷"),
    ],
)
def test_a_written_name_is_the_same_in_all_its_forms(forms: tuple[str, ...]) -> None:
    """Old, printed and popular forms are the present one."""
    assert len({normal_name(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("小野", "大野"), ("太田", "大田"), ("河合", "川合"), ("伊東", "伊藤"), ("優子", "裕子")],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    """Alike to the eye or the ear is not the same name."""
    assert normal_name(one) != normal_name(other)


def test_every_form_in_the_table_leads_to_the_first_of_its_row() -> None:
    """No row is reached by another's, and none stands in two rows."""
    rows = VARIANTS.split()
    assert len("".join(rows)) == len(set("".join(rows)))
    for row in rows:
        assert {normal_name(form) for form in row} == {row[0]}, row


@given(LETTERS)
def test_doing_it_twice_is_doing_it_once(text: str) -> None:
    """For any text whatever: the normal form of a normal form is itself."""
    once = normal_name(text)
    assert normal_name(once) == once


@pytest.mark.parametrize("born", [date(1896, 4, 1), date(2026, 4, 1), date(1980, 2, 29)])
def test_birth_dates_that_can_be(born: date) -> None:
    """From the oldest to somebody born today."""
    assert checked_birth_date(born, date(2026, 4, 1)) == born


@pytest.mark.parametrize("born", [date(1895, 12, 31), date(2026, 4, 2), date(1, 1, 1)])
def test_birth_dates_that_cannot_be(born: date) -> None:
    """The future, and beyond anybody's age."""
    with pytest.raises(ValueError, match="birth date"):
        checked_birth_date(born, date(2026, 4, 1))
