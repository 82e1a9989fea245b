"""The lottery, by any list and any seed: fair, repeatable, and never more than there are places."""

import random
import re
from collections import Counter
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.lottery import (
    FORMAT,
    Drawing,
    Entry,
    Group,
    Redraw,
    Remainder,
    Winner,
    again,
    commitment_of,
    digest_of,
    key_of,
    lottery,
    order,
    read_drawing,
    replay,
)

ZERO = "0" * 64
CODES = ("north", "south", "first_time")


def listed(
    groups: list[Group], sizes: list[int], places: int, remainder: Remainder, seed: bytes
) -> Drawing:
    """A frozen list with so many applicants of each group."""
    ids = iter(range(1, sum(sizes) + 1))
    entries = [
        Entry(str(UUID(int=next(ids))), group.code)
        for group, size in zip(groups, sizes, strict=True)
        for _ in range(size)
    ]
    drawing = Drawing(
        *(FORMAT, "region-ring", "spring", places, remainder, groups),
        *(commitment_of(seed).hex(), entries, ZERO),
    )
    return replace(drawing, digest=digest_of(drawing).hex())


def published(drawing: Drawing, seed: bytes) -> Drawing:
    """The same with its result."""
    winners, waiting = lottery(drawing, seed)
    return replace(
        drawing, seed=seed.hex(), winners=winners, waiting=[entry.id for entry in waiting]
    )


@st.composite
def draws(draw: st.DrawFn) -> tuple[Drawing, bytes]:
    """Any list of up to three groups, and any seed."""
    count = draw(st.integers(1, 3))
    groups = [
        Group(code, draw(st.integers(0, 8)), draw(st.integers(1, 5))) for code in CODES[:count]
    ]
    sizes = [draw(st.integers(0, 15)) for _ in groups]
    own = sum(group.places for group in groups)
    places = max(1, own + draw(st.integers(0, 10)))
    seed = draw(st.binary(min_size=32, max_size=32))
    remainder = draw(st.sampled_from(Remainder))
    return listed(groups, sizes, places, remainder, seed), seed


@given(draws())
@settings(max_examples=200, deadline=None)
def test_nobody_wins_twice_and_places_are_never_too_many(drawn: tuple[Drawing, bytes]) -> None:
    """Winners and waiting list are the whole list, once; groups keep what is theirs."""
    drawing, seed = drawn
    winners, waiting = lottery(drawing, seed)
    ids = [winner.id for winner in winners] + [entry.id for entry in waiting]
    assert sorted(ids) == sorted(entry.id for entry in drawing.entries)
    assert len(winners) <= drawing.places
    groups = {entry.id: entry.group for entry in drawing.entries}
    sizes, pools = Counter(groups.values()), Counter(winner.pool for winner in winners)
    own = {group.code: group.places for group in drawing.groups}
    for code, places in own.items():
        assert pools[code] == min(places, sizes[code]), "its own places, as far as it fills them"
    assert all(winner.pool in ("", groups[winner.id]) for winner in winners)
    general = drawing.places - sum(own.values())
    if drawing.remainder is Remainder.GENERAL:
        assert len(winners) == min(drawing.places, len(drawing.entries))
    else:
        assert pools[""] == min(general, len(drawing.entries) - sum(pools[code] for code in own))


@given(draws(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_result_is_the_seeds_and_the_lists_alone(
    drawn: tuple[Drawing, bytes], chance: random.Random
) -> None:
    """In whatever order the list is written, and however often it is drawn."""
    drawing, seed = drawn
    entries, groups = list(drawing.entries), list(drawing.groups)
    chance.shuffle(entries)
    chance.shuffle(groups)
    shuffled = replace(drawing, entries=entries, groups=groups)
    assert digest_of(shuffled) == digest_of(drawing)
    assert lottery(shuffled, seed) == lottery(drawing, seed)
    assert replay(published(shuffled, seed)) == []


@given(draws(), st.data())
@settings(max_examples=100, deadline=None)
def test_redraws_follow_the_waiting_list(drawn: tuple[Drawing, bytes], data: st.DataObject) -> None:
    """Places that nobody claimed go down the list until one of the two is at its end."""
    drawing, seed = drawn
    drawing = published(drawing, seed)
    winners, waiting = lottery(drawing, seed)
    holders, ever = {each.id: each.pool for each in winners}, {each.id for each in winners}
    redraws = []
    for _ in range(3):
        here = [*holders, *(each.id for each in waiting)]
        gone = data.draw(st.lists(st.sampled_from(here), unique=True)) if here else []
        freed = [holders.pop(each) for each in gone if each in holders]
        waiting = [each for each in waiting if each.id not in gone]
        before = list(waiting)
        drawn_now, waiting = again(waiting, freed, drawing.remainder)
        assert len(drawn_now) <= len(freed)
        if drawing.remainder is Remainder.GENERAL:
            assert len(drawn_now) == min(len(freed), len(before))
        assert not ever & {each.id for each in drawn_now}, "nobody is drawn twice"
        ever |= {each.id for each in drawn_now}
        holders |= {each.id: each.pool for each in drawn_now}
        assert len(holders) <= drawing.places
        redraws.append(Redraw(gone, drawn_now))
    told = replace(drawing, redraws=redraws)
    assert replay(read_drawing(msgspec.json.encode(told))) == []


def test_a_place_is_as_likely_as_the_weights_say() -> None:
    """2,000 draws: each of ten equals wins about as often; weight 3 comes first three times in
    six against three of weight 1. The seeds are fixed, so this is the same every time.
    """
    plain = listed([Group("all", 0, 1)], [10], 3, Remainder.GENERAL, b"")
    wins: Counter[str] = Counter()
    for number in range(2_000):
        winners, _ = lottery(plain, number.to_bytes(32, "big"))
        wins.update(winner.id for winner in winners)
    # Binomial with p = 0.3: 600 expected, four standard deviations are 82.
    assert len(wins) == 10
    assert all(abs(count - 600) < 82 for count in wins.values()), wins
    weighted = listed(
        [Group("heavy", 0, 3), Group("light", 0, 1)], [1, 3], 1, Remainder.GENERAL, b""
    )
    first = sum(
        lottery(weighted, number.to_bytes(32, "big"))[0][0].id == weighted.entries[0].id
        for number in range(2_000)
    )
    assert abs(first - 1_000) < 90, first


def test_the_second_place_is_weighted_among_who_is_left() -> None:
    """Sampling without replacement: given who came first, the rest share by their weights."""
    drawing = listed([Group("a", 0, 2), Group("b", 0, 1)], [1, 2], 1, Remainder.GENERAL, b"")
    heavy, one, other = (entry.id for entry in drawing.entries)
    seconds: Counter[str] = Counter()
    for number in range(4_000):
        line = order(
            number.to_bytes(32, "big"), digest_of(drawing), drawing.entries, {"a": 2, "b": 1}
        )
        if line[0].id == one:
            seconds[line[1].id] += 1
    share = seconds[heavy] / seconds.total()
    assert seconds[heavy] + seconds[other] == seconds.total()
    assert abs(share - 2 / 3) < 0.06, share


def test_a_key_is_what_is_written_down() -> None:
    """Whoever writes a replay of their own needs no more than this."""
    import hashlib  # noqa: PLC0415 - this test is the other implementation.

    seed, digest, id_ = bytes(range(32)), b"\x07" * 32, str(UUID(int=5))
    tickets = [
        hashlib.sha256(seed + digest + id_.encode() + ticket.to_bytes(4, "big")).digest()
        for ticket in (1, 2, 3)
    ]
    assert key_of(seed, digest, id_, 3) == min(tickets)


SEED = bytes(range(32))
GROUPS = [Group("north", 2, 1), Group("south", 0, 2)]
RIGHT = published(listed(GROUPS, [6, 6], 5, Remainder.GENERAL, SEED), SEED)
assert RIGHT.winners is not None
assert RIGHT.waiting is not None
SWAPPED = [RIGHT.winners[1], RIGHT.winners[0], *RIGHT.winners[2:]]
STRANGER = str(UUID(int=999))

TAMPERED = [
    (replace(RIGHT, seed="ab" * 32), "not the one committed to"),
    (replace(RIGHT, winners=SWAPPED), "winner 1: found"),
    (replace(RIGHT, winners=RIGHT.winners[:-1]), "has 4 winners, drawn 5"),
    (replace(RIGHT, winners=[*RIGHT.winners, Winner(STRANGER, "")]), "has 6 winners, drawn 5"),
    (replace(RIGHT, waiting=RIGHT.waiting[::-1]), "waiting list, place 1"),
    (replace(RIGHT, waiting=RIGHT.waiting[:-1]), "waiting list has 6 entries, drawn 7"),
    (replace(RIGHT, entries=RIGHT.entries[1:]), "not the one that was frozen"),
    (replace(RIGHT, entries=[*RIGHT.entries, RIGHT.entries[0]]), "stands in the list 2 times"),
    (replace(RIGHT, entries=[*RIGHT.entries, Entry(STRANGER, "west")]), "that there is not"),
    (replace(RIGHT, groups=[Group("north", 3, 1), GROUPS[1]]), "not the one that was frozen"),
    (replace(RIGHT, groups=[Group("north", 6, 1), GROUPS[1]]), "more places than there are"),
    (replace(RIGHT, groups=[*GROUPS, GROUPS[0]]), "two groups have one code"),
    (replace(RIGHT, places=6), "not the one that was frozen"),
    (replace(RIGHT, digest=ZERO), "not the one that was frozen"),
    (replace(RIGHT, seed=None), "not published yet"),
    (replace(RIGHT, redraws=[Redraw([STRANGER], [])]), "neither won nor waited"),
    (
        replace(RIGHT, redraws=[Redraw([RIGHT.winners[0].id], [Winner(RIGHT.waiting[-1], "")])]),
        "redraw 1, winner 1: found",
    ),
]


def test_a_right_file_replays() -> None:
    """The one that the table below changes."""
    assert replay(RIGHT) == []


@pytest.mark.parametrize(("drawing", "said"), TAMPERED, ids=[said for _, said in TAMPERED])
def test_what_was_changed_is_told(drawing: Drawing, said: str) -> None:
    """Each change by itself is found, and named."""
    problems = replay(drawing)
    assert problems
    assert said in problems[0], problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "truncated"),
        (b"[]", "Expected `object`"),
        (b"{}", "missing required field `format`"),
        (b"\xff\xfe", "invalid"),
        (msgspec.json.encode(replace(RIGHT, format="koban.draw.9")), "this reads koban.draw.1"),
        (msgspec.json.encode(RIGHT).replace(b'"places":5', b'"places":0'), "$.places"),
        (msgspec.json.encode(RIGHT).replace(b'"weight":2', b'"weight":2.5'), "$.groups[1].weight"),
    ],
    ids=["nothing", "a list", "an empty one", "no text", "another", "no place", "a fraction"],
)
def test_a_file_that_is_none_is_refused(text: bytes, said: str) -> None:
    """With what is wrong, and where."""
    with pytest.raises(ValueError, match=re.compile(re.escape(said), re.IGNORECASE)):
        read_drawing(text)
