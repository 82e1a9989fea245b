"""Names as banks read them, the banks themselves, and the days on which they work."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.banking.banks import BranchUnknown, branch
from gateway.banking.days import is_business_day, next_business_day
from gateway.banking.faults import BankingRefused, Problem
from gateway.banking.kana import LEGAL_FORMS, bank_name, cut, party_name

NAMES = [
    ("ヨーコ", "ﾖ-ｺ"),
    ("キャノン", "ｷﾔﾉﾝ"),
    ("ガクブチ ジロウ", "ｶﾞｸﾌﾞﾁ ｼﾞﾛｳ"),
    ("がくぶち　じろう", "ｶﾞｸﾌﾞﾁ ｼﾞﾛｳ"),
    ("ｶﾞｸﾌﾞﾁ  ｼﾞﾛｳ ", "ｶﾞｸﾌﾞﾁ ｼﾞﾛｳ"),
    ("カ゛クフ\u3099チ", "ｶﾞｸﾌﾞﾁ"),
    ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
    ("ﾊﾟｰﾏヶヵヮ", "ﾊﾟ-ﾏｹｶﾜ"),
    ("ヨ−コ‐ー―－", "ﾖ-ｺ----"),
    ("Ａｏｋｉ １２", "AOKI 12"),
    ("株式会社アオキ", "ｶ)ｱｵｷ"),
    ("（株）アオキ", "ｶ)ｱｵｷ"),
    ("㈱アオキ", "ｶ)ｱｵｷ"),
    ("株式会社　アオキ", "ｶ)ｱｵｷ"),
    ("アオキ 株式会社", "ｱｵｷ(ｶ"),
    ("アオキカブシキガイシャ", "ｱｵｷ(ｶ"),
    ("アオキ株式会社ナガオカテン", "ｱｵｷ(ｶ)ﾅｶﾞｵｶﾃﾝ"),
    ("ｶ)ｱｵｷ", "ｶ)ｱｵｷ"),
    ("有限会社アオキ", "ﾕ)ｱｵｷ"),
    ("合名会社アオキ", "ﾒ)ｱｵｷ"),
    ("合資会社アオキ", "ｼ)ｱｵｷ"),
    ("合同会社アオキ", "ﾄﾞ)ｱｵｷ"),
    ("医療法人社団アオイカイ", "ｲ)ｱｵｲｶｲ"),
    ("公益財団法人ミドリ", "ｻﾞｲ)ﾐﾄﾞﾘ"),
    ("一般社団法人ミドリ", "ｼﾔ)ﾐﾄﾞﾘ"),
    ("宗教法人ミドリ", "ｼﾕｳ)ﾐﾄﾞﾘ"),
    ("学校法人ミドリ", "ｶﾞｸ)ﾐﾄﾞﾘ"),
    ("社会福祉法人ミドリ", "ﾌｸ)ﾐﾄﾞﾘ"),
    ("ＮＰＯ法人ミドリ", "ﾄｸﾋ)ﾐﾄﾞﾘ"),
    ("農事組合法人ミドリ", "ﾉｳ)ﾐﾄﾞﾘ"),
]
REFUSED_NAMES = [
    ("アオキ商店", Problem.LETTER, "商", "how it is read, in kana"),
    ("㈱髙田", Problem.LETTER, "髙", "how it is read, in kana"),
    ("ニクヤ、ウオヤ", Problem.LETTER, "、", "kana, A–Z, 0–9, space and ( ) - ."),
    ("A,B", Problem.LETTER, ",", "kana, A–Z, 0–9, space and ( ) - ."),
    ("ヲトメ", Problem.LETTER, "ヲ", "オ in its place"),
    ("ｦﾄﾒ", Problem.LETTER, "ヲ", "オ in its place"),
    ("ア゛", Problem.LETTER, "゛", "this mark behind a kana that has one"),
    ("゜", Problem.LETTER, "゜", "this mark behind a kana that has one"),
    ("ヱビス", Problem.LETTER, "ヱ", "kana, A–Z, 0–9, space and ( ) - ."),
    ("カフェ☕", Problem.LETTER, "☕", "kana, A–Z, 0–9, space and ( ) - ."),
    ("アオキ・ミドリ", Problem.LETTER, "・", "kana, A–Z, 0–9, space and ( ) - ."),
    ("", Problem.NAME_MISSING, "", "kana, A–Z, 0–9, space and ( ) - ."),
    (" . ", Problem.NAME_MISSING, " . ", "kana, A–Z, 0–9, space and ( ) - ."),
    ("株式会社", Problem.NAME_MISSING, "株式会社", "kana, A–Z, 0–9, space and ( ) - ."),
]


def test_names_become_the_banks_kana() -> None:
    """Width, script, size, long marks, voiced marks, legal forms in front, inside and behind."""
    assert [party_name(name) for name, _ in NAMES] == [half for _, half in NAMES]
    assert all(party_name(half) == half for _, half in NAMES)
    assert bank_name("ジエ－．ピ－．モルガン") == "ｼﾞｴ-ﾋﾟ-ﾓﾙｶﾞﾝ"
    shorts = {party_name(f"{forms[0]}ミドリ") for _, forms in LEGAL_FORMS}
    assert len(shorts) == len(LEGAL_FORMS) == 13


def test_what_would_have_to_be_guessed_is_refused() -> None:
    """A kanji's reading, a comma, ｦ, a mark with nothing to join, no name at all: each is named."""
    for name, problem, found, allowed in REFUSED_NAMES:
        with pytest.raises(BankingRefused) as refused:
            party_name(name)
        fault = refused.value.fault
        assert (fault.problem, fault.found, fault.allowed) == (problem, found, allowed), name
        assert fault.allowed in fault.en
        assert fault.allowed_ja
        assert fault.allowed_ja in fault.ja


def test_no_kana_is_parted_from_its_mark() -> None:
    """A cut before a mark takes the kana away as well."""
    assert [cut("ｶﾞｸﾌﾞﾁ", width) for width in range(7)] == [*("", "", "ｶﾞ", "ｶﾞｸ", "ｶﾞｸ", "ｶﾞｸﾌﾞ", "ｶﾞｸﾌﾞﾁ")]


@settings(deadline=None)
@given(
    st.text(st.one_of(st.characters(), st.sampled_from("株式会社(株)ガｶﾞﾟ゛ーッa1 -.")), max_size=20)
)
def test_any_text_is_made_kana_once_and_for_all_or_refused(text: str) -> None:
    """What comes out is bytes that banks know, and stays as it is when it is done again."""
    try:
        half = party_name(text)
    except BankingRefused:
        return
    assert party_name(half) == half
    assert len(half.encode("shift_jis")) == len(half)


def test_banks_and_branches_are_looked_up() -> None:
    """Every branch has a name that a file can hold; what there is not is told."""
    main = branch("0140", "020")
    assert (main.bank_name, main.bank_kana) == ("第四北越", "ﾀﾞｲｼﾎｸｴﾂ")
    assert (main.branch_name, main.branch_kana) == ("長岡本店営業部", "ﾅｶﾞｵｶﾎﾝﾃﾝ")
    for codes, words in (
        (("9998", "001"), "there is no bank '9998'"),
        (("0140", "999"), "第四北越 (0140) has no branch '999'"),
        (("140", "020"), "there is no bank '140'"),
    ):
        with pytest.raises(BranchUnknown, match=words.replace("(", r"\(").replace(")", r"\)")):
            branch(*codes)


def test_banks_work_on_their_working_days() -> None:
    """Not at weekends, on holidays and their substitutes, nor at the turn of the year."""
    closed = ["2026-04-29", "2026-05-06", "2026-04-04", "2026-12-31", "2027-01-02", "2027-01-03"]
    assert not any(is_business_day(date.fromisoformat(day)) for day in closed)
    assert all(is_business_day(date(2026, 4, day)) for day in (1, 2, 3, 28, 30))
    assert next_business_day(date(2026, 12, 31)) == date(2027, 1, 4)
    assert next_business_day(date(2026, 5, 2)) == date(2026, 5, 7)
    assert next_business_day(date(2026, 4, 1)) == date(2026, 4, 1)
