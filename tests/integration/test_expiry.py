"""Expiry by run: what goes, where it goes, once, whoever dies meanwhile; a race with midnight."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from config.profile import Expiry
from ledger import expiry
from ledger.authorise import decide
from ledger.errors import LedgerConflict
from ledger.received import Received
from tests.integration.test_giving import grant
from tests.integration.test_value import instrument, rules, tell
from tests.support import giving
from tests.support.ledger import Bench

JAPAN = ZoneInfo("Asia/Tokyo")


def midnight_after(now: datetime) -> datetime:
    """The town's next midnight."""
    local = now.astimezone(JAPAN) + timedelta(days=1)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def until(bench: Bench, at: datetime) -> None:
    """Lets time pass up to an instant."""
    bench.clock.advance(seconds=(at - bench.clock.now).total_seconds())


async def short_points(bench: Bench) -> datetime:
    """Points end with the day that follows; the midnight at which they do."""
    point = replace(instrument(bench.profile, "point"), expires=Expiry(days=1))
    others = [one for one in bench.profile.instruments if one.code != "point"]
    await rules(bench, instruments=[*others, point])
    return midnight_after(bench.clock.now) + timedelta(days=1)


async def run(bench: Bench, boundary: datetime) -> int:
    """Runs a midnight to its end; the slices that it took."""
    slices = 1
    while await expiry.run_slice(bench.pool, bench.town, boundary, lambda: bench.clock.now):
        slices += 1
    return slices


async def purpose(bench: Bench, code: str) -> int:
    """A purpose that has what points expire."""
    account: int = await bench.pool.fetchval("SELECT nextval('koban.account_number')")
    await bench.pool.execute(
        "INSERT INTO koban.account (town, account, kind, opened_at, title)"
        " VALUES ($1, $2, 'purpose', $3, $4)",
        bench.town, account, bench.clock.now, code,
    )  # fmt: skip
    await bench.pool.execute(
        "INSERT INTO koban.purpose (town, purpose, code) VALUES ($1, $2, $3)",
        bench.town, account, code,
    )  # fmt: skip
    await bench.pool.execute(
        "UPDATE koban.instrument SET expired_to = $1 WHERE instrument = 2", account
    )
    return account


async def test_a_run_carries_away_what_ended_once(bench: Bench) -> None:
    boundary = await short_points(bench)
    fund = await giving.fund(bench, "health", 100_000)
    await giving.activity(bench, "walk", fund)
    wallets = [await bench.wallet() for _ in range(5)]
    await bench.decide(*(grant(wallet, "walk") for wallet in wallets))
    assert await tell(bench, bench.pay(wallets[0], 40)) == "done"
    before = await expiry.preview(bench.pool, bench.town, boundary)
    assert (before.people, before.amount) == (5, 460)
    assert [(one.instrument, one.funder, one.purpose) for one in before.endings] == [
        ("point", "health", None)
    ]
    assert before.largest[0].amount == 100
    assert (await expiry.preview(bench.pool, bench.town, bench.clock.now)).people == 0
    assert await giving.budget(bench, fund) == (500, 0)

    until(bench, boundary + timedelta(minutes=5))
    assert await run(bench, boundary) == 2
    done = await expiry.read_run(bench.pool, bench.town, boundary)
    assert done is not None
    assert (done.listed, done.done, done.amount) == (5, 5, 460)
    assert done.finished_at is not None
    assert await giving.budget(bench, fund) == (40, 0)
    assert await run(bench, boundary) == 1
    assert await run(bench, boundary + timedelta(days=1)) == 1
    assert await bench.pool.fetchval("SELECT count(*) FROM koban.entry WHERE kind = 'expiry'") == 5
    assert await bench.pool.fetchval("SELECT count(*) FROM koban.expiry_row") == 0
    assert await bench.problems() == []


async def test_what_expired_goes_to_a_purpose(bench: Bench) -> None:
    boundary = await short_points(bench)
    await purpose(bench, "publicity")
    fund = await giving.fund(bench, "health")
    await giving.activity(bench, "walk", fund)
    await bench.decide(*[grant(await bench.wallet(), "walk") for _ in range(3)])
    until(bench, boundary)
    await run(bench, boundary)
    received = await Received("purpose", "expiry").accounts(bench.pool, bench.town)
    assert [(one.code, one.amount, one.entries) for one in received] == [("publicity", 300, 3)]
    assert await bench.problems() == []


async def test_disuse_ends_too_unless_somebody_comes_first(bench: Bench) -> None:
    point = replace(instrument(bench.profile, "point"), expires=Expiry(idle_days=30))
    others = [one for one in bench.profile.instruments if one.code != "point"]
    await rules(bench, instruments=[*others, point])
    fund = await giving.fund(bench, "health")
    await giving.activity(bench, "walk", fund)
    idle, busy = await bench.wallet(5_000), await bench.wallet(5_000)
    await bench.decide(grant(idle, "walk"), grant(busy, "walk"))
    bench.clock.advance(days=29)
    assert await tell(bench, bench.pay(busy, 50)) == "done"
    bench.clock.advance(days=2)
    boundary = midnight_after(bench.clock.now) - timedelta(days=1)
    await run(bench, boundary)
    assert "point" not in await bench.holds(idle)
    assert (await bench.holds(busy))["point"] > 0
    assert await bench.problems() == []


async def test_what_a_reversal_brings_back_goes_with_the_next_run(bench: Bench) -> None:
    await rules(bench, reversals=replace(bench.profile.reversals, expired_lots="return"))
    boundary = await short_points(bench)
    fund = await giving.fund(bench, "health")
    await giving.activity(bench, "walk", fund)
    wallet = await bench.wallet()
    await tell(bench, grant(wallet, "walk"))
    paid = bench.pay(wallet, 100)
    assert await tell(bench, paid) == "done"
    until(bench, boundary)
    await run(bench, boundary)
    bench.clock.advance(minutes=60)
    assert await tell(bench, bench.reverse(paid.id)) == "done"
    until(bench, boundary + timedelta(days=1))
    await run(bench, bench.clock.now)
    assert (
        await bench.pool.fetchval("SELECT sum(remaining) FROM koban.lot WHERE instrument = 2") == 0
    )
    assert await bench.problems() == []


async def test_a_payment_that_races_with_midnight(bench: Bench) -> None:
    """What was asked a moment before midnight is paid though the run waits beside it."""
    boundary = await short_points(bench)
    fund = await giving.fund(bench, "health")
    await giving.activity(bench, "walk", fund)
    wallets = [await bench.wallet() for _ in range(6)]
    await bench.decide(*(grant(wallet, "walk") for wallet in wallets))
    before, after = boundary - timedelta(milliseconds=1), boundary
    until(bench, boundary + timedelta(minutes=5))
    held = bench.pay(wallets[0], 100)
    early, late, _ = await asyncio.gather(
        decide(bench.pool, bench.town, [held, bench.pay(wallets[1], 100)], before),
        decide(bench.pool, bench.town, [bench.pay(wallets[2], 100)], after),
        run(bench, boundary),
    )
    # Whoever came first to the wallet was first; nobody is served twice, and no later instant is.
    assert [one.outcome for one in late.decisions] == ["insufficient_funds"]
    spent = sum(one.outcome == "done" for one in early.decisions)
    assert await bench.pool.fetchval(
        "SELECT sum(p.amount) FROM koban.posting p JOIN koban.entry e USING (town, entry)"
        " WHERE e.kind = 'expiry'"
    ) == 100 * (len(wallets) - spent)
    again = await decide(bench.pool, bench.town, [held], bench.clock.now)
    assert again.decisions[0].receipt == early.decisions[0].receipt
    assert await bench.problems() == []


@pytest.mark.parametrize("workers", [1, 3])
async def test_workers_that_do_the_same_slice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr(expiry, "SLICE_ROWS", 3)
    boundary = await short_points(bench)
    fund = await giving.fund(bench, "health")
    await giving.activity(bench, "walk", fund)
    await bench.decide(*[grant(await bench.wallet(), "walk") for _ in range(20)])
    until(bench, boundary)

    async def work() -> None:
        while True:
            try:
                if not await expiry.run_slice(
                    bench.pool, bench.town, boundary, lambda: bench.clock.now
                ):
                    return
            except LedgerConflict:
                continue

    await asyncio.gather(*(work() for _ in range(workers)))
    done = await expiry.read_run(bench.pool, bench.town, boundary)
    assert done is not None
    assert (done.listed, done.done, done.amount) == (20, 20, 2_000)
    assert await bench.problems() == []
