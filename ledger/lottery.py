"""The lottery: who wins is a function of a seed and a list, and anybody can work it out again.

1. Before anybody applies, a seed of 256 random bits is made and its SHA-256, the commitment, is
   published. The seed can then not be chosen by what the list turns out to be.
2. When applications are over the list is frozen, and its SHA-256, the digest, is published
   (`digest_of`). The list can then not be chosen by what the seed turns out to be.
3. The order is worked out, and the seed is published with the result. `replay` takes the file and
   comes to the same winners, or says what differs.

**The order** (`order`). A group's weight is so many tickets for each of its applicants. A ticket is
SHA-256 over the seed, the digest, the applicant's id and the ticket's number: 256 bits that nobody
can tell from chance without the seed. An applicant's key is the smallest of their tickets, and the
smallest key comes first. So everybody has one place in the order, and whoever is left at each place
comes next with a chance in proportion to the weight. It is the weighted sampling without
replacement of Efraimidis and Spirakis (Information Processing Letters 97, 2006): there each key is
u^(1/w) for a uniform u, which is how the best of w uniform numbers is distributed. Tickets make the
same with whole numbers alone, so every machine comes to the same order.

**The places** (`allot`). A group's own places go to its first applicants in the order. What the
groups' places leave of all places is the general pool, which everybody else shares in the order.
Own places that a group cannot fill go to the general pool (`general`) or to nobody (`kept`).

Who is not a winner waits, in the order. A redraw gives the places of those who did not claim
theirs, or withdrew, to the waiting list by the same rule.

What it does not keep from: whoever knows the seed and writes the list can try lists until one is to
their liking. So the seed is kept encrypted until the list is frozen, and no door shows it.

All functions are pure.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

FORMAT = "koban.draw.1"
SEED_BYTES = 32
WEIGHT_MAX = 100  # Tickets for each applicant of a group; each costs a hash.
GENERAL = ""  # The pool that is no group's.

Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Remainder(StrEnum):
    """Where a group's own places go that it cannot fill."""

    GENERAL = "general"  # To the general pool.
    KEPT = "kept"  # To nobody.


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """Applicants of a kind: ``places`` are their own, ``weight`` is tickets for each of them."""

    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    places: Annotated[int, Meta(ge=0)]
    weight: Annotated[int, Meta(ge=1, le=WEIGHT_MAX)]


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """An application in the list. ``id`` is random and tells nothing of the applicant."""

    id: Annotated[str, Meta(pattern=r"^[0-9a-f-]{36}$")]
    group: str


class Winner(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who has a place. ``pool``: the group whose own place it is, or "" (general)."""

    id: str
    pool: str


class Redraw(Struct, frozen=True, forbid_unknown_fields=True):
    """A later round. ``gone``: who did not claim a place or withdrew since the round before."""

    gone: list[str]
    winners: list[Winner]


class Drawing(Struct, frozen=True, forbid_unknown_fields=True):
    """The published file. ``winners`` and ``waiting`` stand in the order of the first draw; they,
    the seed and ``redraws`` are null or empty until the result is published.
    """

    format: str
    town: str
    offer: str
    places: Annotated[int, Meta(ge=1)]
    remainder: Remainder
    groups: list[Group]
    commitment: Hex
    entries: list[Entry]
    digest: Hex
    seed: Hex | None = None
    winners: list[Winner] | None = None
    waiting: list[str] | None = None
    redraws: list[Redraw] = []


def commitment_of(seed: bytes) -> bytes:
    """What is published of the seed beforehand."""
    return hashlib.sha256(seed).digest()


def digest_of(drawing: Drawing) -> bytes:
    """SHA-256 over the list and the rules, as lines of UTF-8 that any tool can write again.

    The format, the town, the offer, the places, the remainder and the commitment, a line each; then
    a line for each group in the order of their codes (code, places, weight) and one for each entry
    in the order of their ids (id, group), with spaces between; each line ends with a newline.
    """
    lines = [
        drawing.format,
        drawing.town,
        drawing.offer,
        str(drawing.places),
        drawing.remainder.value,
        drawing.commitment,
        *(f"{g.code} {g.places} {g.weight}" for g in sorted(drawing.groups, key=_code)),
        *(f"{e.id} {e.group}" for e in sorted(drawing.entries, key=_id)),
    ]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).digest()


def key_of(seed: bytes, digest: bytes, entry: str, weight: int) -> bytes:
    """An applicant's place in the order: the smallest of ``weight`` tickets, 32 bytes."""
    start = hashlib.sha256(seed + digest + entry.encode())
    smallest = b"\xff" * 33
    for ticket in range(1, weight + 1):
        drawn = start.copy()
        drawn.update(ticket.to_bytes(4, "big"))
        smallest = min(smallest, drawn.digest())
    return smallest


def order(
    seed: bytes, digest: bytes, entries: Iterable[Entry], weights: Mapping[str, int]
) -> list[Entry]:
    """Everybody in the order of the draw; ``weights`` by group."""
    # Two equal keys would need a collision of SHA-256; the id decides all the same.
    return sorted(
        entries, key=lambda each: (key_of(seed, digest, each.id, weights[each.group]), each.id)
    )


def allot(
    line: Sequence[Entry], own: Mapping[str, int], general: int, remainder: Remainder
) -> list[Winner]:
    """Who of the line gets a place, in the line's order.

    ``own``: free places by group; ``general``: those that are no group's.
    """
    left = dict(own)
    pools: dict[str, str] = {}
    for entry in line:
        if left.get(entry.group, 0) > 0:
            left[entry.group] -= 1
            pools[entry.id] = entry.group
    free = general + (sum(left.values()) if remainder is Remainder.GENERAL else 0)
    for entry in line:
        if free > 0 and entry.id not in pools:
            free -= 1
            pools[entry.id] = GENERAL
    return [Winner(entry.id, pools[entry.id]) for entry in line if entry.id in pools]


def line_of(drawing: Drawing, seed: bytes) -> list[Entry]:
    """Everybody of a frozen list in the order of its draw."""
    weights = {group.code: group.weight for group in drawing.groups}
    return order(seed, digest_of(drawing), drawing.entries, weights)


def winners_of(drawing: Drawing, line: Sequence[Entry]) -> list[Winner]:
    """Who of the line has one of the places of the first draw."""
    own = {group.code: group.places for group in drawing.groups}
    return allot(line, own, drawing.places - sum(own.values()), drawing.remainder)


def lottery(drawing: Drawing, seed: bytes) -> tuple[list[Winner], list[Entry]]:
    """The winners in their order, and the waiting list in its order."""
    line = line_of(drawing, seed)
    winners = winners_of(drawing, line)
    won = {winner.id for winner in winners}
    return winners, [entry for entry in line if entry.id not in won]


def again(
    waiting: Sequence[Entry], freed: Iterable[str], remainder: Remainder
) -> tuple[list[Winner], list[Entry]]:
    """A redraw: the winners among those who wait, and who waits on. ``freed``: pools of places."""
    own = Counter(freed)
    general = own.pop(GENERAL, 0)
    winners = allot(waiting, own, general, remainder)
    won = {winner.id for winner in winners}
    return winners, [entry for entry in waiting if entry.id not in won]


# -- the replay ------------------------------------------------------------------------------------


def read_drawing(text: bytes) -> Drawing:
    """A published file.

    Raises:
        ValueError: it is none; the message says where it is not as it has to be.
    """
    try:
        drawing = msgspec.json.decode(text, type=Drawing)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if drawing.format != FORMAT:
        raise ValueError(f"the format is {drawing.format!r}; this reads {FORMAT}")
    return drawing


def replay(drawing: Drawing) -> list[str]:
    """Everything in which a published file differs from what its seed and list come to."""
    if wrong := _list_problems(drawing):
        return wrong
    if drawing.seed is None or drawing.winners is None or drawing.waiting is None:
        return ["the seed and the result are not published yet"]
    seed = bytes.fromhex(drawing.seed)
    if commitment_of(seed).hex() != drawing.commitment:
        return [f"the seed is not the one committed to: its SHA-256 is {commitment_of(seed).hex()}"]
    winners, waiting = lottery(drawing, seed)
    wrong = _differences("the draw", drawing.winners, winners)
    for place, (found, right) in enumerate(zip(drawing.waiting, waiting, strict=False), 1):
        if found != right.id:
            wrong.append(f"the waiting list, place {place}: found {found}, drawn {right.id}")
            break
    if len(drawing.waiting) != len(waiting):
        wrong.append(f"the waiting list has {len(drawing.waiting)} entries, drawn {len(waiting)}")
    return wrong or _replay_redraws(drawing, winners, waiting)


def _list_problems(drawing: Drawing) -> list[str]:
    groups = [group.code for group in drawing.groups]
    ids = Counter(entry.id for entry in drawing.entries)
    wrong = [f"{id_} stands in the list {count} times" for id_, count in ids.items() if count > 1]
    wrong += [
        f"{entry.id} is of a group {entry.group!r} that there is not"
        for entry in drawing.entries
        if entry.group not in groups
    ]
    if len(set(groups)) != len(groups):
        wrong.append("two groups have one code")
    if sum(group.places for group in drawing.groups) > drawing.places:
        wrong.append("the groups have more places than there are")
    if (digest := digest_of(drawing).hex()) != drawing.digest:
        wrong.append(f"the list is not the one that was frozen: its SHA-256 is {digest}")
    return wrong


def _replay_redraws(drawing: Drawing, winners: list[Winner], waiting: list[Entry]) -> list[str]:
    holders = {winner.id: winner.pool for winner in winners}
    for number, redraw in enumerate(drawing.redraws, 1):
        here, gone = {each.id for each in waiting} | holders.keys(), set(redraw.gone)
        if strangers := sorted(gone - here):
            return [f"redraw {number}: {strangers[0]} is gone, but neither won nor waited"]
        freed = [holders.pop(each) for each in redraw.gone if each in holders]
        waiting = [each for each in waiting if each.id not in gone]
        drawn, waiting = again(waiting, freed, drawing.remainder)
        if wrong := _differences(f"redraw {number}", redraw.winners, drawn):
            return wrong
        holders |= {winner.id: winner.pool for winner in drawn}
    return []


def _differences(what: str, found: Sequence[Winner], right: Sequence[Winner]) -> list[str]:
    for place, (one, other) in enumerate(zip(found, right, strict=False), 1):
        if one != other:
            return [f"{what}, winner {place}: found {_told(one)}, drawn {_told(other)}"]
    if len(found) != len(right):
        return [f"{what} has {len(found)} winners, drawn {len(right)}"]
    return []


def _told(winner: Winner) -> str:
    return f"{winner.id} ({winner.pool or 'general'})"


def _code(group: Group) -> str:
    return group.code


def _id(entry: Entry) -> str:
    return entry.id
