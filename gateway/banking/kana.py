"""Names in the half-width kana that banks read: ガクブチ ジロウ → ｶﾞｸﾌﾞﾁ ｼﾞﾛｳ.

Width, script and size of a letter are made one; a voiced mark is a letter of its own behind its
kana; every long mark is ``-``; legal forms take the banks' abbreviations (株式会社アオキ → ｶ)ｱｵｷ).
What would have to be guessed is refused: how a kanji is read, or what a comma stands for. Doing it
twice is doing it once.
"""

import re
import unicodedata

from gateway.banking.faults import BankingRefused, Fault, Problem

VOICED, HALF_VOICED = "\uff9e", "\uff9f"
_SIGNS = " ()-."
_ALLOWED = "kana, A–Z, 0–9, space and ( ) - ."
_ALLOWED_JA = "カナ、英大文字、数字、空白と ( ) - ."

# ｱ to ﾝ; ｦ, the small kana and the long mark stand before them and are not the banks'.
_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF71, 0xFF9E)}
_VOICED_KANA = "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ"
_MARKS = {"\u3099": VOICED, "\u309a": HALF_VOICED}
_LETTERS = {
    **_HALF,
    **{
        kana: _HALF[parts[0]] + _MARKS[parts[1]]
        for kana in _VOICED_KANA
        for parts in (unicodedata.normalize("NFD", kana),)
    },
    **{letter: letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + _SIGNS},
}
_LARGE = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
# A mark that stands alone joins what is before it.
_JOINING = str.maketrans("゛゜", "\u3099\u309a")
_LONG = re.compile("[ー\u2010-\u2015\u2212]")

# 全銀協's abbreviations, and how people write the form: in kanji, in brackets, or as it is read.
LEGAL_FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("カ", ("株式会社", "(株)", "カブシキガイシヤ", "カブシキカイシヤ")),
    ("ユ", ("有限会社", "(有)", "ユウゲンガイシヤ", "ユウゲンカイシヤ")),
    ("メ", ("合名会社", "(名)", "ゴウメイガイシヤ", "ゴウメイカイシヤ")),
    ("シ", ("合資会社", "(資)", "ゴウシガイシヤ", "ゴウシカイシヤ")),
    ("ド", ("合同会社", "(同)", "ゴウドウガイシヤ", "ゴウドウカイシヤ")),
    (
        "イ",
        (
            *("医療法人社団", "医療法人財団", "医療法人", "(医)"),
            *("イリヨウホウジンシヤダン", "イリヨウホウジンザイダン", "イリヨウホウジン"),
        ),
    ),
    (
        "ザイ",
        (
            *("一般財団法人", "公益財団法人", "財団法人", "(財)"),
            *("イツパンザイダンホウジン", "コウエキザイダンホウジン", "ザイダンホウジン"),
        ),
    ),
    (
        "シヤ",
        (
            *("一般社団法人", "公益社団法人", "社団法人", "(社)"),
            *("イツパンシヤダンホウジン", "コウエキシヤダンホウジン", "シヤダンホウジン"),
        ),
    ),
    ("シユウ", ("宗教法人", "(宗)", "シユウキヨウホウジン")),
    ("ガク", ("学校法人", "(学)", "ガツコウホウジン")),
    ("フク", ("社会福祉法人", "(福)", "シヤカイフクシホウジン")),
    (
        "トクヒ",
        (
            *("特定非営利活動法人", "NPO法人", "(特非)", "NPOホウジン"),
            "トクテイヒエイリカツドウホウジン",
        ),
    ),
    ("ノウ", ("農事組合法人", "ノウジクミアイホウジン")),
)
_ABBREVIATIONS = {written: short for short, forms in LEGAL_FORMS for written in forms}
# The longest first: 医療法人社団 is one form, and not 医療法人 before a name 社団.
_FORM = re.compile(
    " *("
    + "|".join(re.escape(form) for form in sorted(_ABBREVIATIONS, key=len, reverse=True))
    + ") *"
)


def party_name(text: str) -> str:
    """A person's or a company's name as banks read it: カ）アオキ → ｶ)ｱｵｷ.

    Raises:
        BankingRefused: a letter that is not the banks', with what it is; or no name at all.
    """
    name = " ".join(_folded(text).split())
    if not re.search(r"[^ ().-]", _FORM.sub("", name)):
        raise BankingRefused(
            Fault(Problem.NAME_MISSING, found=text, allowed=_ALLOWED, allowed_ja=_ALLOWED_JA)
        )
    return "".join(_half(letter) for letter in _FORM.sub(_abbreviated, name))


def bank_name(kana: str) -> str:
    """A bank's or a branch's name: as a party's, but without dots and brackets.

    Raises:
        BankingRefused: a letter that is not the banks'.
    """
    return "".join(_half(letter) for letter in _folded(kana) if letter not in "().")


def cut(half: str, width: int) -> str:
    """The first so many letters, less one where that would part a kana from its mark."""
    if len(half) > width and half[width] in VOICED + HALF_VOICED:
        width -= 1
    return half[:width]


def _folded(text: str) -> str:
    """One width, script and size; long marks made ``-``."""
    text = unicodedata.normalize("NFKC", text.translate(_JOINING)).upper()
    return _LONG.sub("-", text.translate(_KATAKANA).translate(_LARGE))


def _abbreviated(found: re.Match[str]) -> str:
    short = _ABBREVIATIONS[found[1]]
    if found.start() == 0:
        return f"{short})"
    return f"({short}" if found.end() == len(found.string) else f"({short})"


def _half(letter: str) -> str:
    half = _LETTERS.get(letter)
    if half is not None:
        return half
    allowed = (_ALLOWED, _ALLOWED_JA)
    if letter == "ヲ":
        allowed = ("オ in its place", "代わりにオ")
    elif letter in _MARKS:
        letter = chr(ord(letter) + 2)  # The same mark where it stands alone.
        allowed = ("this mark behind a kana that has one", "濁点・半濁点のあるカナの後だけ")
    elif unicodedata.name(letter, "").startswith("CJK"):
        allowed = ("how it is read, in kana", "読みのカナ")
    en, ja = allowed
    raise BankingRefused(Fault(Problem.LETTER, found=letter, allowed=en, allowed_ja=ja))
