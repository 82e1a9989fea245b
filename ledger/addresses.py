"""Addresses in one form each, so that one house is found again however it was typed.

What is made the same, and why: width (NFKC); hyphens of every kind, and the words between numbers
that stand for them (1丁目2番地3号 = 1-2-3); numbers of blocks in kanji (一丁目 = 1丁目); spaces and
commas. The postal code is seven digits. A building's name and a room stay as they are: who leaves
them away is then somebody else, which costs an operator nothing, while two households of a tower
taken for one would.

All functions are pure.
"""

import re
import unicodedata

_SPACE = re.compile(r"[\s,、。・]+")
_HYPHENS = re.compile("[\u2010-\u2015\u2212\u30fc\uff70\uff0d~〜]")
_KANJI_DIGITS = {kanji: number for number, kanji in enumerate("〇一二三四五六七八九")}
_BLOCK = re.compile("([〇一二三四五六七八九十]{1,3})(?=丁目|番|号)")
_BETWEEN = re.compile(r"(?<=[0-9])(?:丁目|番地の?|番|号|の)(?=[0-9])")
_BEHIND = re.compile(r"(?<=[0-9])(?:丁目|番地|番|号)")
_POSTAL_CODE = re.compile(r"[0-9]{7}")


def normal_postal_code(text: str) -> str:
    """A postal code as seven digits; 〒, hyphens and full-width digits may stand in it.

    Raises:
        ValueError: it is none.
    """
    digits = _HYPHENS.sub("-", unicodedata.normalize("NFKC", text))
    digits = digits.removeprefix("〒").replace("-", "").strip()
    if _POSTAL_CODE.fullmatch(digits) is None:
        raise ValueError("a postal code has seven digits, such as 940-0062")
    return digits


def normal_address(text: str) -> str:
    """An address in the one form that is compared: 大手通 一丁目４番地１０ → 大手通1-4-10."""
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    plain = _BLOCK.sub(lambda found: str(_number(found[1])), plain)
    plain = _HYPHENS.sub("-", plain)
    return _BEHIND.sub("", _BETWEEN.sub("-", plain))


def _number(kanji: str) -> int:
    """A number below a hundred: 三 = 3, 十 = 10, 二十 = 20, 二十三 = 23."""
    tens, ten, ones = kanji.partition("十")
    if not ten:
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in kanji))
    return 10 * (_KANJI_DIGITS[tens] if tens else 1) + (_KANJI_DIGITS[ones] if ones else 0)
