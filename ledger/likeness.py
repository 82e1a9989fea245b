"""Is this somebody who has an account already? The rule of one account a person (N13), whole.

People are compared by three things, each in its normal form (`ledger.names`): the name as written,
the name as read (kana), the birth date.

``SAME``: all three are equal. A second account is refused.

Near: the account opens, and an operator looks at the pair. That is so where

- ``BORN_THE_SAME_DAY``: the birth dates are equal and the names are alike: read or written the
  same; or read with at most one kana changed, added, left out or exchanged with its neighbour (two
  from eight kana on); or with family and given name exchanged; or with the same ending of three
  kana or more, for a family name changes with marriage and a given name does not;
- ``NAMED_THE_SAME``: the names are read the same and the birth dates are one slip apart: one digit
  of YYYYMMDD is another, two neighbouring digits are exchanged, or the day and the month.

Everything else is somebody else: two persons in a town of 200,000 share a birth date with about six
others each, so an equal birth date alone says nothing, and neither does a common name.

All functions are pure.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from ledger.names import normal_kana, normal_name

LONG_NAME = 8  # Kana from which on two slips are as likely as one in a shorter name.
GIVEN_NAME_MIN = 3  # Shorter endings (コ, オ, ミ) are shared by half a town.


class Attributes(Struct, frozen=True):
    """What a person says of themselves: the name as written and as read, and the birth date."""

    name: str
    kana: str
    birth_date: date

    def normal(self) -> "Attributes":
        """The same in normal form.

        Raises:
            ValueError: the reading is no kana.
        """
        return Attributes(normal_name(self.name), normal_kana(self.kana), self.birth_date)


class Likeness(StrEnum):
    """How two persons are alike; the near ones are the words of ``people.review.likeness``."""

    SAME = "same"
    BORN_THE_SAME_DAY = "born_the_same_day"
    NAMED_THE_SAME = "named_the_same"


def likeness(one: Attributes, other: Attributes) -> Likeness | None:
    """How two persons are alike, by the rule above; both are given in normal form."""
    if one == other:
        return Likeness.SAME
    if one.birth_date == other.birth_date:
        alike = one.name == other.name or kana_alike(one.kana, other.kana)
        return Likeness.BORN_THE_SAME_DAY if alike else None
    if one.kana == other.kana and one_slip(one.birth_date, other.birth_date):
        return Likeness.NAMED_THE_SAME
    return None


def kana_alike(one: str, other: str) -> bool:
    """Whether two readings may be one person's who was born on one day."""
    slips = 1 if max(len(one), len(other)) < LONG_NAME else 2
    return (
        distance(one, other) <= slips
        or (len(one) == len(other) and one in other + other)
        or (
            one[-GIVEN_NAME_MIN:] == other[-GIVEN_NAME_MIN:]
            and min(len(one), len(other)) > GIVEN_NAME_MIN
        )
    )


def one_slip(one: date, other: date) -> bool:
    """Whether two birth dates are one slip of a finger or a form apart."""
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return True
    return distance(f"{one:%Y%m%d}", f"{other:%Y%m%d}") <= 1


def distance(one: str, other: str) -> int:
    """How many characters have to be changed, added, left out or exchanged with a neighbour.

    Damerau and Levenshtein's measure, in the form where no part is edited twice.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                steps = min(steps, last[j - 2] + 1)
            row.append(steps)
    return row[-1]
