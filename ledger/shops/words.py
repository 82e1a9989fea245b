"""Names and addresses in the form that shops are searched by.

`ledger.names` makes width, script, size of kana, long marks and old forms of kanji one, so that
ｶﾌｪ, かふぇ and カフェ find each other; `ledger.addresses` does it for 2丁目1番 and 2-1. A part of
a word is looked up by its grams, one or two characters in a row: two are the length of many
Japanese words, which is where indexes of three characters find nothing. All functions are pure.
"""

from itertools import pairwise

from ledger.addresses import normal_address
from ledger.names import normal_name

NEEDLES_MAX = 5  # Words of one search; each must be found.


def words_of(name: str, kana: str = "", address: str = "") -> str:
    """What a shop is searched by: its name, the name's reading, and its address, a line each."""
    return "\n".join(normal for text in (name, kana, address) if (normal := _form(text)))


def needles_of(text: str) -> list[str]:
    """What is looked for: the words of what was typed, each in the form that is searched."""
    parts = text.replace("\u3000", " ").split()
    return [normal for part in parts[:NEEDLES_MAX] if (normal := _form(part))]


def grams(words: str) -> list[str]:
    """Every one or two characters in a row, none of them over the end of a line."""
    found: set[str] = set()
    for line in words.split("\n"):
        found.update(line)
        found.update(first + second for first, second in pairwise(line))
    return sorted(found)


def _form(text: str) -> str:
    return normal_name(normal_address(text))
