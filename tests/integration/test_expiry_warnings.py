"""Warnings before value ends: who is told, on which day, and once, however often it is done."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from config.profile import Expiry
from gateway.jobs.expiry import warn_of_expiry
from ledger import expiry_warnings, notices
from tests.integration.test_giving import grant
from tests.integration.test_value import instrument, rules, tell
from tests.support import giving
from tests.support.jobs import Jobs
from tests.support.ledger import Bench

JAPAN = ZoneInfo("Asia/Tokyo")
WARN_DAYS = [30, 7, 1]
BROKEN = "SELECT 1 / ($1::int - $1::int), $2::date, $3::bigint, $4::bigint"
# The bench's first day is 1 April; points are made to end with 11 April, at the midnight behind it.
END = datetime(2026, 4, 12, tzinfo=JAPAN)


def at(bench: Bench, *, days: int, hour: int = 10) -> datetime:
    """Goes to an hour of so many days before value ends; the instant."""
    then = (END - timedelta(days=days)).replace(hour=hour)
    bench.clock.advance(seconds=(then - bench.clock.now).total_seconds())
    return then.astimezone(UTC)


async def points(bench: Bench, count: int) -> list[int]:
    """Wallets with 100 points each, which end ten days from now."""
    point = replace(instrument(bench.profile, "point"), expires=Expiry(days=10))
    others = [one for one in bench.profile.instruments if one.code != "point"]
    await rules(bench, instruments=[*others, point])
    await giving.activity(bench, "walk", await giving.fund(bench, "health"))
    wallets = [await bench.wallet() for _ in range(count)]
    await bench.decide(*(grant(wallet, "walk") for wallet in wallets))
    return wallets


async def warn(bench: Bench, day: date, warn_days: list[int] = WARN_DAYS) -> int:
    """Warns a day's people to the last; how many."""
    count = 0
    while True:
        warned = await expiry_warnings.warn_slice(
            bench.pool, bench.town, day, JAPAN, warn_days, bench.clock.now
        )
        if warned is None:
            return count
        count += len(warned)


async def told(bench: Bench, wallet: int) -> list[dict[str, object]]:
    """What a wallet's notices tell, newest first."""
    found = await notices.newest(bench.pool, bench.town, wallet, None, 50, bench.clock.now)
    return [msgspec.json.decode(each.body) for each in found]


async def test_who_is_warned_and_on_which_day(bench: Bench) -> None:
    """A week before the end and on the last day, not between; with what is left then."""
    (wallet,) = await points(bench, 1)
    body = {"kind": "expiry_warning", "ends_at": round(END.timestamp() * 1000)}
    counts = {}
    for days in range(9, 0, -1):
        day = at(bench, days=days).astimezone(JAPAN).date()
        if days == 3:
            assert await tell(bench, bench.pay(wallet, 40)) == "done"
        counts[days] = await warn(bench, day)
        assert await warn(bench, day) == 0
    assert {days for days, count in counts.items() if count} == {7, 1}
    assert await told(bench, wallet) == [
        body | {"days": 1, "parts": [{"instrument": "point", "amount": 60}]},
        body | {"days": 7, "parts": [{"instrument": "point", "amount": 100}]},
    ]


async def test_disuse_warns_until_somebody_comes(bench: Bench) -> None:
    """Value that ends in the middle of a day is so many days away as that day is; a wallet that is
    used in time is told no more.
    """
    point = replace(instrument(bench.profile, "point"), expires=Expiry(idle_days=30))
    others = [one for one in bench.profile.instruments if one.code != "point"]
    await rules(bench, instruments=[*others, point])
    await giving.activity(bench, "walk", await giving.fund(bench, "health"))
    idle, busy = await bench.wallet(1_000), await bench.wallet(1_000)
    await bench.decide(grant(idle, "walk"), grant(busy, "walk"))
    bench.clock.advance(days=22, minutes=-120)
    day = bench.clock.now.astimezone(JAPAN).date()
    assert await warn(bench, day) == 0
    bench.clock.advance(days=1)
    assert await warn(bench, day + timedelta(days=1)) == 2
    assert await tell(bench, bench.pay(busy, 50)) == "done"
    bench.clock.advance(days=6)
    assert await warn(bench, day + timedelta(days=7)) == 1
    assert [line["days"] for line in await told(bench, idle)] == [1, 7]
    assert [line["days"] for line in await told(bench, busy)] == [7]
    bench.clock.advance(days=1)
    assert await warn(bench, day + timedelta(days=8)) == 0


async def test_a_day_that_was_missed_warns_of_nothing_that_is_over(bench: Bench) -> None:
    """Late is better than never, but for what has ended there is nothing to warn of."""
    (wallet,) = await points(bench, 1)
    at(bench, days=5)
    assert await warn(bench, date(2026, 4, 5)) == 1
    at(bench, days=0)
    assert await warn(bench, date(2026, 4, 11)) == 0
    assert len(await told(bench, wallet)) == 1


async def test_no_spent_value_and_no_day_that_the_town_does_not_name(bench: Bench) -> None:
    """Who has spent everything hears nothing; nor does anybody where the profile has other days."""
    spent, kept = await points(bench, 2)
    assert await tell(bench, bench.pay(spent, 100)) == "done"
    day = at(bench, days=7).astimezone(JAPAN).date()
    assert await warn(bench, day, [30, 8]) == 0
    at(bench, days=6)
    assert await warn(bench, day + timedelta(days=1), [6]) == 1
    assert [len(await told(bench, wallet)) for wallet in (spent, kept)] == [0, 1]


@pytest.mark.parametrize("workers", [1, 3])
async def test_slices_and_workers_that_do_the_same_day(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """Each wallet has its notice once, wherever the slices end and whoever makes them."""
    monkeypatch.setattr(expiry_warnings, "SLICE_WALLETS", 3)
    wallets = await points(bench, 20)
    day = at(bench, days=7).astimezone(JAPAN).date()
    counts = await asyncio.gather(*(warn(bench, day) for _ in range(workers)))
    assert sum(counts) == 20
    assert [len(await told(bench, wallet)) for wallet in wallets] == [1] * 20
    done = await expiry_warnings.progress(bench.pool, bench.town, day)
    assert done is not None
    assert (done.wallet, done.notices) == (max(wallets), 20)
    assert done.finished_at is not None


async def test_who_dies_in_a_slice_leaves_nothing_of_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notices and how far they have come are one transaction: the next to come makes them all."""
    monkeypatch.setattr(expiry_warnings, "SLICE_WALLETS", 4)
    await points(bench, 10)
    day = at(bench, days=7).astimezone(JAPAN).date()
    queries = dict(expiry_warnings.SQL)
    monkeypatch.setattr(expiry_warnings, "SQL", queries | {"come_to": BROKEN})
    with pytest.raises(asyncpg.DivisionByZeroError):
        await warn(bench, day)
    assert await bench.pool.fetchval("SELECT count(*) FROM koban.notice") == 0
    monkeypatch.setattr(expiry_warnings, "SQL", queries)
    assert await warn(bench, day) == 10


async def test_the_job_warns_at_the_towns_hour(bench: Bench, jobs: Jobs) -> None:
    """At ten o'clock of the seventh day before, not before; the slices of one job are all done."""
    (wallet,) = await points(bench, 1)
    at(bench, days=7, hour=9)
    await jobs.worker.enqueue_due()
    await jobs.work()
    assert await told(bench, wallet) == []
    due = at(bench, days=7)
    await jobs.worker.enqueue_due()
    await jobs.work()
    assert len(await told(bench, wallet)) == 1
    assert await warn_of_expiry(jobs.context, bench.town, due=due, now=bench.clock.now) is False
    assert len(await told(bench, wallet)) == 1
