"""``scripts/bench --reports``: do reports make themselves felt where people pay?

One gateway takes payments at half of what it can. They are measured while reports are made one
after another by the same gateway, on the same server, without a replica: the worst case. In the
same run they are measured as long before and after without reports, so that what grows meanwhile
falls on both alike.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from msgspec import Struct

from gateway.passwords import Hashing
from ledger import operators
from ledger.database import Pool, open_pool
from ledger.reports.snapshot import ANSWER_MAX_S
from loadtest.bench.figures import median
from scripts.benchmark import database, whole
from scripts.benchmark.bench import Bench, BenchFault
from scripts.benchmark.beside import DUPLICATE_WINDOW_S, Beside
from scripts.benchmark.processes import Gateway, Generator
from scripts.benchmark.report import held
from scripts.benchmark.sizes import Sizes
from scripts.benchmark.town import TOWN, Town, found, now
from scripts.embedded import Servers

OPERATOR, PASSWORD = "bench", "a password of the bench"
JAPAN = ZoneInfo("Asia/Tokyo")

# What is asked for, again and again: each report, two as files, and the journal itself.
ASKED = (
    "reports/issue/xlsx?month={month}",
    "reports/users?month={month}",
    "reports/flows?month={month}",
    "reports/shops/xlsx?month={month}",
    "reports/shop?shop={shop}&month={month}",
    "export/transactions.csv?shop={shop}",
)


class ReportsSizes(Struct, frozen=True):
    """Reports are made for so many seconds; payments are measured as long before and after."""

    over_s: int
    sizes: Sizes


FULL = ReportsSizes(
    over_s=60,
    # A report keeps the old versions of rows that change meanwhile. So that there are no more of
    # them than in life, many wallets pay: each every five seconds, which is often enough.
    sizes=Sizes(
        wallets=200_000, shops=400, sessions=15_000, rounds=1, windows=4, window_s=1.0, pgbench_s=0
    ),
)
QUICK = ReportsSizes(
    over_s=6,
    sizes=Sizes(
        wallets=6_000, shops=100, sessions=1_000, rounds=1, windows=2, window_s=0.5, pgbench_s=0
    ),
)


class Asked(Struct, frozen=True):
    """One kind of report: how often it was made, and how long that took (ms, the median)."""

    path: str
    times: int
    median_ms: float


class ReportsReport(Beside, frozen=True):
    """What was found. ``entries``: how many the journal had at the end."""

    asked: list[Asked]
    entries: int


async def measure(
    servers: Servers, size: ReportsSizes, folder: Path, progress: Callable[[str], None]
) -> ReportsReport:
    """One run: half load without reports, with them, and without them again."""
    await database.create(servers.postgres)
    pool = await open_pool(servers.postgres.dsn(), 4)
    try:
        progress(f"founding a town of {size.sizes.wallets} wallets")
        town = await found(pool, size.sizes, progress, duplicate_window_s=DUPLICATE_WINDOW_S)
        bench = Bench(servers, pool, town, size.sizes, secrets.token_hex(32), folder, progress)
        await _add_operator(pool, town, bench.secret)
        with Gateway(bench) as gateway:
            async with Generator() as generator:
                house = whole.House(bench, gateway, generator)
                await house.enter()
                await house.warm_up()
                rate = await house.half_load()
                progress(f"half load is {rate:.0f} payments/s; measuring without reports")
                before = await house.steadily(rate, size.over_s)
                progress("reports, one after another")
                stop = asyncio.Event()
                asking = asyncio.create_task(_ask(gateway, town, stop))
                during = await house.steadily(rate, size.over_s)
                stop.set()
                asked = await asking
                progress("the reports are over; measuring without them again")
                after = await house.steadily(rate, size.over_s)
        entries: int = await pool.fetchval("SELECT koban.last_entry($1::smallint)", town.number)
    finally:
        await pool.close()
    return ReportsReport(rate, before, during, after, asked, entries)


async def _add_operator(pool: Pool, town: Town, secret: str) -> None:
    """Somebody who may sign in at the console."""
    hashing = Hashing(secret.encode())
    hashed = await hashing.hash_password(PASSWORD)
    hashing.close()
    await operators.add_operator(pool, town.number, OPERATOR, hashed, "operator", now())


async def _ask(gateway: Gateway, town: Town, stop: asyncio.Event) -> list[Asked]:
    """Asks for one report after another until it is to stop; each at least once."""
    took_ms: dict[str, list[float]] = {path: [] for path in ASKED}
    month = f"{datetime.now(JAPAN):%Y-%m}"
    console = f"{gateway.url}/api/{TOWN}/console"
    async with httpx.AsyncClient(timeout=ANSWER_MAX_S, trust_env=False) as http:
        body = {"name": OPERATOR, "password": PASSWORD}
        signed_in = await http.post(f"{console}/sign-in", json=body)
        if signed_in.status_code != 200:
            raise BenchFault(f"the operator could not sign in: {signed_in.text}")
        http.cookies.clear()
        http.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
        for turn, path in enumerate(itertools.cycle(ASKED)):
            if stop.is_set() and turn >= len(ASKED):
                break
            shop = town.shops[turn % len(town.shops)]
            began_s = time.monotonic()
            answer = await http.get(f"{console}/{path.format(month=month, shop=shop)}")
            if answer.status_code != 200:
                raise BenchFault(f"{path}: {answer.status_code} {answer.text}")
            took_ms[path].append((time.monotonic() - began_s) * 1000)
    return [Asked(path, len(times), median(times)) for path, times in took_ms.items()]


def table(found: ReportsReport) -> str:
    """The run, readable."""
    lines = [
        *found.payments("the reports"),
        "",
        f"reports of {found.entries:,} entries, made      times   median ms",
        *(f"{each.path:44}{each.times:8}{each.median_ms:12.0f}" for each in found.asked),
        "",
        found.verdict("reports"),
        held("every payment was done", so=found.paid),
    ]
    return "\n".join(lines)
