"""Challenges in the ledger: counted by many and in any slices; bonuses once, whoever dies."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.http.challenge_board import ChallengeBoard
from ledger import challenges
from ledger.authorise import Batch, decide
from ledger.challenge_counts import Goal
from ledger.challenges import Challenge, NewChallenge
from ledger.errors import LedgerUnavailable
from tests.support.giving import activity, budget, fund
from tests.support.ledger import Bench


async def opened(bench: Bench, goal: int, kind: str = "circulation", code: str = "c") -> int:
    """A challenge of a month with a bonus of 100, which begins in a minute; the bonus's fund."""
    city = await fund(bench, f"city-{code}", 100_000)
    await activity(bench, f"bonus-{code}", city)
    now = bench.clock.now
    terms = Goal(
        kind, goal, None, ("payment",), now + timedelta(minutes=1), now + timedelta(days=30)
    )
    async with bench.pool.acquire() as connection:
        new = NewChallenge(code, "みんなで", terms, 100, f"bonus-{code}")
        assert await challenges.add(connection, bench.town, new)
    bench.clock.advance(minutes=1)
    return city


async def seen(bench: Bench, code: str = "c") -> Challenge:
    """How far it is counted."""
    found = await challenges.challenge(bench.pool, bench.town, code)
    assert found is not None
    return found


async def test_slices_and_many_who_look_come_to_one_count(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three entries a slice, five looking at once, while payments and reversals go on; one SQL sum
    over the journal finds the same in the end.
    """
    monkeypatch.setattr(challenges, "ENTRIES_MAX", 3)
    await opened(bench, 10**9)
    await opened(bench, 10**9, "participants", "p")
    wallets = [await bench.wallet(10_000) for _ in range(4)]
    for step in range(12):
        payment = bench.pay(wallets[step % 4], 100 + step)
        await bench.one(payment)
        if step % 3 == 0:
            await bench.one(bench.reverse(payment.id, 50 if step % 2 else None))
        bench.clock.advance(minutes=5)
        now = bench.clock.now
        await asyncio.gather(*(challenges.look(bench.pool, bench.town, now) for _ in range(5)))
    while await challenges.look(bench.pool, bench.town, bench.clock.now):
        pass
    row = await bench.pool.fetchrow(
        """
        SELECT sum(rest)::bigint AS yen, count(DISTINCT wallet) FILTER (WHERE rest > 0) AS people
        FROM (
            SELECT e.wallet, e.amount - coalesce((SELECT sum(b.amount) FROM koban.entry b
                WHERE b.refers = e.id AND b.kind = 'reversal'), 0) AS rest
            FROM koban.entry e WHERE e.kind = 'payment'
        ) paid
        """
    )
    assert row is not None
    by_yen, by_people = await seen(bench), await seen(bench, "p")
    assert (by_yen.progress, by_yen.people) == (row["yen"], row["people"])
    assert (by_people.progress, by_people.people) == (row["people"], row["people"])
    last = await bench.pool.fetchval("SELECT koban.last_entry(town) FROM koban.town")
    assert by_yen.counted_to == by_people.counted_to == last


async def test_the_goal_is_reached_at_one_entry_whoever_counts(bench: Bench) -> None:
    """Payments of the same minute, counted late and by five at once: the third reached it."""
    await opened(bench, 300)
    wallets = [await bench.wallet(1_000) for _ in range(5)]
    ids: list[UUID] = []
    for wallet in wallets:
        payment = bench.pay(wallet, 100)
        await bench.one(payment)
        ids.append(payment.id)
    now = bench.clock.now
    await asyncio.gather(*(challenges.look(bench.pool, bench.town, now) for _ in range(5)))
    found = await seen(bench)
    third = await bench.pool.fetchval("SELECT entry FROM koban.entry WHERE id = $1", ids[2])
    assert (found.state, found.reached_entry, found.people) == ("reached", third, 3)
    before = found
    await challenges.look(bench.pool, bench.town, now)
    assert await seen(bench) == before, "what was reached stands"


@pytest.mark.parametrize("lost", ["before", "after"])
async def test_a_bonus_comes_once_when_its_worker_is_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """Before the ledger decided, or after it did and before that was noted: done again, the slice
    gives each person the bonus once, also by two workers at once.
    """
    monkeypatch.setattr(challenges, "GRANTS_MAX", 2)
    city = await opened(bench, 500)
    wallets = [await bench.wallet(1_000) for _ in range(5)]
    for wallet in wallets:
        await bench.one(bench.pay(wallet, 100))
    await challenges.look(bench.pool, bench.town, bench.clock.now)
    held = [(await bench.holds(wallet)).get("point", 0) for wallet in wallets]

    async def dies(*arguments: object) -> Batch:
        if lost == "after":
            await decide(*arguments)  # type: ignore[arg-type]
        raise LedgerUnavailable("the worker is lost")

    with monkeypatch.context() as patch:
        patch.setattr("ledger.authorise.decide", dies)
        for _ in range(2):
            with pytest.raises(LedgerUnavailable):
                await challenges.grant(bench.pool, bench.town, bench.clock.now)
    assert (await seen(bench)).granted == 0

    now = bench.clock.now
    while any(
        await asyncio.gather(*(challenges.grant(bench.pool, bench.town, now) for _ in range(2)))
    ):
        pass
    found = await seen(bench)
    assert (found.granted, found.refused) == (5, 0)
    assert [(await bench.holds(wallet))["point"] for wallet in wallets] == [n + 100 for n in held]
    assert await budget(bench, city) == (500, 0)
    assert await bench.problems() == []


async def test_whoever_looks_at_once_looks_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred people open the page in one second: the journal is read once, and again after
    three seconds.
    """
    await opened(bench, 1_000)
    looks = 0
    look = challenges.look

    async def counted(*arguments: object) -> bool:
        nonlocal looks
        looks += 1
        return await look(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(challenges, "look", counted)
    board, wallet = ChallengeBoard(), await bench.wallet(1_000)

    async def told() -> set[int]:
        now = bench.clock.now
        seen = await asyncio.gather(*(board.look(bench.pool, bench.town, now) for _ in range(100)))
        return {each[0].progress for each in seen}

    await bench.one(bench.pay(wallet, 100))
    assert (await told(), looks) == ({100}, 1)
    await bench.one(bench.pay(wallet, 200))
    bench.clock.advance(seconds=2)
    assert (await told(), looks) == ({100}, 1)
    bench.clock.advance(seconds=1)
    assert (await told(), looks) == ({300}, 2)
