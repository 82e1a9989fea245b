"""Cells that speak of too few people to be told: a pure rule.

"Three people in their nineties of Sumoncho paid 40,000 yen" tells a neighbour who spent how much.
So a cell of fewer than `PEOPLE_MIN` people is hidden, as offices of statistics do. A total beside
it would still give it away by subtraction: so in every line that has a total, more cells are hidden
with it, the smallest first, until those hidden together are two cells and `PEOPLE_MIN` people.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence

PEOPLE_MIN = 5


def hidden(people: Sequence[int]) -> set[int]:
    """The places of the cells that are not told, of one line whose total may be known.

    Cells without anybody tell of nobody, and are told.
    """
    return hidden_in(people, [range(len(people))])


def hidden_in_grid(cells: Sequence[tuple[Hashable, Hashable]], people: Sequence[int]) -> set[int]:
    """The same for cells of a table, each named by its row and column, all of whose totals may be
    known from elsewhere.
    """
    lines: dict[tuple[int, Hashable], list[int]] = defaultdict(list)
    for place, names in enumerate(cells):
        for side, name in enumerate(names):
            lines[side, name].append(place)
    return hidden_in(people, list(lines.values()))


def hidden_in(people: Sequence[int], lines: Sequence[Sequence[int]]) -> set[int]:
    """The places that are not told, where each of ``lines`` (places) has a total of its own."""
    found = {place for place, count in enumerate(people) if 0 < count < PEOPLE_MIN}
    while True:
        before = len(found)
        for line in lines:
            told = sorted(
                (people[place], place) for place in line if people[place] and place not in found
            )
            under = [people[place] for place in line if place in found]
            while under and told and (len(under) < 2 or sum(under) < PEOPLE_MIN):
                count, place = told.pop(0)
                found.add(place)
                under.append(count)
        if len(found) == before:
            return found
