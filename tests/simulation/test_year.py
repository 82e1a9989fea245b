"""A year in Nagaoka and one in Hirakata: whatever happens, the books are right every month."""

import asyncpg
from msgspec.structs import replace

from config.profile import Instrument, read_profile
from ledger.towns import load_town
from tests.simulation.year import DICE, Year
from tests.support.clock import Clock
from tests.support.ledger import Bench
from tests.support.seeds import drawn, seeds

WORDS = {"ja": "クーポン", "en": "Coupon"}
COUPON = Instrument(number=9, code="coupon", kind="coupon", name=WORDS, unit=WORDS, spend_order=99)
NAGAOKA = {
    "pay": 8, "charge": 4, "cash": 5, "grant": 3, "send": 2, "give": 1, "reverse": 2,
}  # fmt: skip
HIRAKATA = {
    "pay": 6, "charge": 3, "issue": 6, "grant": 5, "send": 2, "give": 1, "exchange": 1,
    "reverse": 2,
}  # fmt: skip


async def live(year: Year, instrument: int) -> None:
    """A budget's year, from April on, with what the office does on some days."""
    year.until(year.midnight())
    end = year.midnight(365)
    while year.bench.clock.now < end:
        day = year.local
        if day.day == 1:
            await year.month()
        if day.day == 5:
            await year.grant_by_list(undone=day.month in {6, 11})
        if (day.month, day.day) == (5, 20):
            await year.announce("twentieth", instrument, month_days=(20,))
        if (day.month, day.day) == (7, 1):
            await year.announce("dice", instrument, faces=DICE, ends_at=year.midnight(30))
        if (day.month, day.day) == (9, 1):
            await year.announce("mornings", instrument, from_minute=600, to_minute=660)
        if day.day == 10 and day.month in {8, 10, 12}:
            await year.offer_coupons(COUPON.number, places=10)
        await year.day()
    await year.month()
    assert len(year.unspent) == 2
    for boundary, unspent in year.unspent.items():
        assert await year.unspent_then(boundary) == unspent
        assert sum(unspent.values()) > 0
    print(sorted(year.done.items()))


@seeds()
async def test_a_year_in_nagaoka(bench: Bench, seed: int) -> None:
    """Coins and points, campaigns, coupons that are drawn in rounds, midnights."""
    changed = replace(bench.profile, instruments=[*bench.profile.instruments, COUPON])
    bench.clock.advance(minutes=1)
    await load_town(bench.pool, changed, bench.clock.now)
    bench.profile = changed
    year = Year(bench, drawn(seed), NAGAOKA)
    await year.open(instrument=2, budget=20_000)
    await live(year, instrument=2)
    assert {"pay:done", "charge:done", "top_up:done", "grant:done", "reverse:done"} <= set(
        year.done
    )
    assert await bench.pool.fetchval("SELECT count(*) FROM koban.coupon_use") > 0
    assert await bench.pool.fetchval("SELECT count(*) FROM koban.entry WHERE kind = 'expiry'") > 0


@seeds()
async def test_a_year_in_hirakata(pool: asyncpg.Pool, town: int, clock: Clock, seed: int) -> None:
    """Points alone, by programmes and by shops; most expire, some by not being used."""
    assert town
    profile = read_profile("hirakata")
    profile = replace(profile, instruments=[*profile.instruments, COUPON])
    await load_town(pool, profile, clock.now)
    bench = Bench(pool, profile.town.number, clock, profile)
    await bench.open()
    year = Year(bench, drawn(seed), HIRAKATA)
    await year.open(instrument=1, budget=15_000)
    await live(year, instrument=5)
    assert {"issue:done", "grant:done", "grant:over_budget", "pay:done"} <= set(year.done)
    clock.advance(days=400)
    year.until(year.midnight())
    await year.day()
    await year.month()
    assert await pool.fetchval("SELECT count(*) FROM koban.entry WHERE kind = 'expiry'") > 0
