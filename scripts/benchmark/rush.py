"""``scripts/bench --rush``: does a first-come sale make itself felt where people pay?

One gateway takes payments at half of what it can; a lane of sales beside it has a sale. Payments
are measured while the whole crowd comes and, in the same run, as long before and after without the
sale, so that what grows meanwhile falls on both alike. Then Postgres is asked who has bought.
"""

import asyncio
import secrets
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

from ledger import offers
from ledger.database import Pool, open_pool
from ledger.offers import Awarding, NewOffer
from loadtest.bench.rush import RushFigures, RushOrder
from scripts.benchmark import database, whole
from scripts.benchmark.bench import Bench, BenchFault
from scripts.benchmark.beside import DUPLICATE_WINDOW_S, Beside
from scripts.benchmark.processes import Gateway, Generator, processor_s
from scripts.benchmark.report import held
from scripts.benchmark.sizes import Sizes
from scripts.benchmark.town import TOWN, Town, found, now, register, sign_in
from scripts.embedded import Servers

# From the sale's announcement until it opens: the lane has seen it by then.
ANNOUNCED = timedelta(seconds=5)
RUSH_MAX_S = 700.0


class RushSizes(Struct, frozen=True):
    """So many want so few places within so many seconds; payments are measured as long before."""

    applicants: int
    places: int
    over_s: int
    sizes: Sizes


FULL = RushSizes(
    applicants=20_000,
    places=3_000,
    over_s=60,
    sizes=Sizes(
        wallets=40_000, shops=400, sessions=3_000, rounds=1, windows=4, window_s=1.0, pgbench_s=0
    ),
)
# The same crowd to the second, for a shorter time.
QUICK = RushSizes(
    applicants=2_000,
    places=300,
    over_s=6,
    sizes=Sizes(
        wallets=6_000, shops=100, sessions=1_000, rounds=1, windows=2, window_s=0.5, pgbench_s=0
    ),
)


class RushReport(Beside, frozen=True):
    """What was found. ``lane_us``: processor time of the lane for each join and poll."""

    crowd: RushFigures
    awards: int
    wallets: int
    places: int
    lane_us: float

    @property
    def exact(self) -> bool:
        """Whether the places went to as many people, who know it, and every payment was done."""
        sold = self.awards == self.wallets == self.places
        heard = self.crowd.places == list(range(1, self.places + 1))
        return sold and heard and self.paid


async def measure(
    servers: Servers, size: RushSizes, folder: Path, progress: Callable[[str], None]
) -> RushReport:
    """One run: half load without the sale, with it, and without it again."""
    await database.create(servers.postgres)
    pool = await open_pool(servers.postgres.dsn(), 4)
    try:
        progress(f"founding a town of {size.sizes.wallets} wallets")
        town = await found(pool, size.sizes, progress, duplicate_window_s=DUPLICATE_WINDOW_S)
        bench = Bench(servers, pool, town, size.sizes, secrets.token_hex(32), folder, progress)
        crowd = town.wallets[-size.applicants :]
        await register(pool, town, crowd, bench.secret)
        progress(f"signing {len(crowd)} applicants in")
        tokens = [screen.token for screen in await sign_in(pool, town, crowd)]
        with (
            Gateway(bench, module="gateway.sales") as lane,
            Gateway(bench, sales_url=lane.url) as gateway,
        ):
            async with Generator() as generator:
                house = whole.House(bench, gateway, generator)
                await house.enter()
                await house.warm_up()
                rate = await house.half_load()
                progress(f"half load is {rate:.0f} payments/s; measuring without the sale")
                before = await house.steadily(rate, size.over_s)
                offer = await open_sale(pool, town, size.places)
                await asyncio.sleep(ANNOUNCED.total_seconds())
                progress(f"the sale opens: {size.applicants} come within {size.over_s} s")
                used_s = processor_s(psutil.Process(lane.pid))
                rush = asyncio.create_task(_rush(lane, offer, tokens, size.over_s))
                during = await house.steadily(rate, size.over_s)
                figures = await rush
                used_s = processor_s(psutil.Process(lane.pid)) - used_s
                progress("the sale is over; measuring without it again")
                after = await house.steadily(rate, size.over_s)
        row = await pool.fetchrow(
            "SELECT count(*) AS awards, count(DISTINCT wallet) AS wallets"
            " FROM koban.award WHERE town = $1 AND offer = $2",
            *(town.number, offer),
        )
        assert row is not None
    finally:
        await pool.close()
    asked = max(1, figures.joins + figures.polls)
    return RushReport(
        rate=rate,
        before=before,
        during=during,
        after=after,
        crowd=figures,
        awards=row["awards"],
        wallets=row["wallets"],
        places=size.places,
        lane_us=used_s / asked * 1e6,
    )


async def open_sale(pool: Pool, town: Town, places: int) -> int:
    """A sale of so many rights that opens after `ANNOUNCED`; the offer's number."""
    opens_at = now() + ANNOUNCED
    new = NewOffer(
        code="rush",
        name="先着",
        awarding=Awarding.FIRST_COME,
        places=places,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(minutes=30),
        use_until=opens_at + timedelta(hours=1),
        amount=10_000,
    )
    return (await offers.open_offer(pool, town.number, new, now())).offer


async def _rush(lane: Gateway, offer: int, tokens: list[str], over_s: float) -> RushFigures:
    """The crowd, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "loadtest.bench.rush"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=16 * 1024 * 1024,
        start_new_session=True,
    )
    order = RushOrder(lane.url, f"/api/{TOWN}/sales/{offer}", tokens, over_s)
    try:
        async with asyncio.timeout(RUSH_MAX_S):
            answer, _ = await process.communicate(msgspec.json.encode(order) + b"\n")
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise BenchFault("the crowd's process failed; see what it said above")
    return msgspec.json.decode(answer, type=RushFigures)


def table(found: RushReport) -> str:
    """The run, readable."""
    crowd = found.crowd
    sold_out = "never" if crowd.sold_out_s is None else f"{crowd.sold_out_s:.1f} s"
    lines = [
        *found.payments("the sale"),
        "",
        f"{crowd.joins:,} joined, {crowd.joins_per_s:,.0f} a second",
        f"asked again {crowd.polls:,} times, at most {crowd.polls_per_s_most} a second",
        f"answered in {crowd.p50_ms:.1f} ms (p50), {crowd.p99_ms:.1f} ms (p99)",
        f"sold out after {sold_out}; everybody knew after {crowd.took_s:.1f} s: {crowd.finals}",
        *([f"errors on the way: {crowd.errors}"] if crowd.errors else []),
        f"the lane used {found.lane_us:.0f} µs of processor time for each join and poll",
        f"the crowd used {crowd.generator_cpu:.2f} cores",
        f"{found.awards:,} awards to {found.wallets:,} wallets for {found.places:,} places",
        "",
        found.verdict("the sale"),
        held("not one place over, none twice, every payment done", so=found.exact),
    ]
    return "\n".join(lines)
