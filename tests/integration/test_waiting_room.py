"""The waiting room on a real Redis: one fair place for everybody, also after it was emptied."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from ledger.sales import early_score
from notifier.waiting_room import ARRIVING, KEPT_MS, LOOKING, Asked, Standing, WaitingRooms
from tests.support.clock import Clock

TOWN, OFFER = 7, 12
SEED = bytes(range(32))


@pytest.fixture
async def rooms(redis_url: str) -> AsyncIterator[WaitingRooms]:
    """The rooms of an empty Redis."""
    opened = WaitingRooms(redis_url)
    yield opened
    await opened.close()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """The same Redis, looked at from outside."""
    opened = Redis.from_url(redis_url)
    yield opened
    await opened.aclose()


async def stand(
    rooms: WaitingRooms, clock: Clock, *asked: tuple[int, int | str], told_ms: int = 0
) -> list[Standing | None]:
    """Where wallets stand who ask in one call."""
    found = await rooms.ask(
        TOWN, OFFER, [Asked(wallet, score) for wallet, score in asked], clock.now, told_ms
    )
    assert found is not None
    return found


async def order(rooms: WaitingRooms) -> list[int]:
    """Who stands there, in order."""
    head = await rooms.head(TOWN, OFFER, 1_000)
    assert head is not None
    return head.wallets


async def test_who_comes_first_stands_first(rooms: WaitingRooms, clock: Clock) -> None:
    """In the order in which Redis hears of them, also within one call and one instant."""
    await stand(rooms, clock, (30, ARRIVING), (10, ARRIVING), (20, ARRIVING))
    found = await stand(rooms, clock, (5, ARRIVING))
    assert await order(rooms) == [30, 10, 20, 5]
    assert [(one.before, one.waiting) for one in found if one] == [(3, 4)]


async def test_one_person_has_one_place(rooms: WaitingRooms, clock: Clock) -> None:
    """Whoever comes again stands where they stood, however often and however they ask."""
    first = await stand(rooms, clock, (1, ARRIVING), (2, ARRIVING))
    clock.advance(seconds=5)
    again = await stand(rooms, clock, (1, ARRIVING), (1, ARRIVING), (2, LOOKING))
    assert await order(rooms) == [1, 2]
    assert first[0] is not None
    assert again[0] == again[1] == Standing(first[0].score, 0, 2, 0)


async def test_a_clock_that_is_behind_gains_nothing(rooms: WaitingRooms, clock: Clock) -> None:
    """Another process's clock is an hour late: its people stand behind those who came before."""
    late = Clock(clock.now - timedelta(hours=1))
    await stand(rooms, clock, (1, ARRIVING))
    await stand(rooms, late, (2, ARRIVING))
    await stand(rooms, clock, (3, ARRIVING))
    assert await order(rooms) == [1, 2, 3]


async def test_the_early_stand_as_they_were_drawn(rooms: WaitingRooms, clock: Clock) -> None:
    """By the seed alone, before everybody who comes after the opening."""
    wallets = list(range(100, 150))
    await stand(rooms, clock, (999, ARRIVING))
    for wallet in wallets:
        await stand(rooms, clock, (wallet, early_score(SEED, wallet)))
    drawn = sorted(wallets, key=lambda wallet: early_score(SEED, wallet))
    assert await order(rooms) == [*drawn, 999]
    assert drawn != wallets


async def test_looking_takes_no_place(rooms: WaitingRooms, clock: Clock) -> None:
    """Who has not come is nowhere, and is so still after having looked."""
    assert await stand(rooms, clock, (1, LOOKING), (2, ARRIVING)) != [None, None]
    assert (await stand(rooms, clock, (1, LOOKING)))[0] is None
    assert await order(rooms) == [2]


async def test_an_emptied_room_is_another_one(
    rooms: WaitingRooms, redis: Redis, clock: Clock
) -> None:
    """Everybody comes back by their own score to where they stood, in whatever order they come."""
    found = await stand(rooms, clock, *((wallet, ARRIVING) for wallet in (3, 1, 2)))
    scores = {wallet: one.score for wallet, one in zip((3, 1, 2), found, strict=True) if one}
    before = await rooms.head(TOWN, OFFER, 0)
    await redis.flushdb()
    await redis.script_flush()
    clock.advance(seconds=1)
    await stand(rooms, clock, (4, ARRIVING))
    for wallet in (2, 3, 1):
        await stand(rooms, clock, (wallet, scores[wallet]))
    after = await rooms.head(TOWN, OFFER, 10)
    assert before is not None
    assert after is not None
    assert before.room != after.room
    assert after.wallets == [3, 1, 2, 4]


async def test_a_ticket_never_makes_a_place_worse(rooms: WaitingRooms, clock: Clock) -> None:
    """With two scores of one wallet the better one counts."""
    found = (await stand(rooms, clock, (1, ARRIVING)))[0]
    assert found is not None
    await stand(rooms, clock, (2, ARRIVING))
    await stand(rooms, clock, (1, found.score + 1_000_000))
    assert await order(rooms) == [1, 2]
    await stand(rooms, clock, (2, found.score - 1))
    assert await order(rooms) == [2, 1]


async def test_who_leaves_is_counted_as_sold(rooms: WaitingRooms, clock: Clock) -> None:
    """The count fits to who stands there, and never falls."""
    await stand(rooms, clock, *((wallet, ARRIVING) for wallet in (1, 2, 3)))
    await rooms.leave(TOWN, OFFER, [1, 2], 2)
    await rooms.leave(TOWN, OFFER, [], 1)
    assert [one.sold for one in await stand(rooms, clock, (3, LOOKING)) if one] == [2]
    assert await order(rooms) == [3]


async def test_what_was_told_last_is_kept(rooms: WaitingRooms, clock: Clock) -> None:
    """The latest instant at which anybody was told to ask again."""
    await stand(rooms, clock, (1, ARRIVING), told_ms=5_000)
    await stand(rooms, clock, (2, ARRIVING), told_ms=4_000)
    head = await rooms.head(TOWN, OFFER, 0)
    assert head is not None
    assert (head.told_ms, head.wallets) == (5_000, [])


async def test_a_room_is_forgotten_at_last(rooms: WaitingRooms, redis: Redis, clock: Clock) -> None:
    """Everything that a sale leaves in Redis has an end."""
    await stand(rooms, clock, (1, ARRIVING))
    keys = await redis.keys("*")
    assert len(keys) == 2
    assert all([0 < await redis.pttl(key) <= KEPT_MS for key in keys])


async def test_without_redis_there_is_no_answer(clock: Clock) -> None:
    """At once, and not an error."""
    away = WaitingRooms("redis://127.0.0.1:1/0")
    assert await away.ask(TOWN, OFFER, [Asked(1, ARRIVING)], clock.now, 0) is None
    assert await away.head(TOWN, OFFER, 1) is None
    assert not away.healthy
    await away.close()
