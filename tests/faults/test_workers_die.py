"""Workers are killed at work, and Postgres under them: every job is done, each effect once."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from ledger import jobs
from scripts.embedded import Servers
from scripts.embedded.postgres import PostgresServer
from tests.support import crew
from tests.support.clock import Clock
from tests.support.crew import WorkerProcess, pay
from tests.support.ledger import Bench, problems

pytestmark = pytest.mark.faults

RUNS = 4
LINES = 40  # Of each run: some seconds of work.
KILLED_LINES = 80  # Where workers are killed again and again while there is work.
VALUE = 29_000
SEED = 20_261_122
PATIENCE_S = 60
# Between the death of a worker and the next slice: its silence, a look, a poll, and a slow machine.
SOON_S = crew.QUICK.silent_s + crew.QUICK.look_s + crew.QUICK.poll_s + 2


class Street:
    """Wallets that pay by jobs, and the workers. ``lines``: how many rows each run has."""

    def __init__(self, bench: Bench, dsn: str, folder: Path, lines: int) -> None:
        self.bench = bench
        self.lines = lines
        self.pool = bench.pool
        self.workers = [WorkerProcess(dsn, folder / f"worker-{n}.log") for n in range(2)]
        self.wallets: dict[int, int] = {}  # With what was in each at first.

    async def begin(self) -> None:
        """Fills a wallet for each run and defers the runs, each with its list."""
        await self.pool.execute(crew.ROWS)
        for run in range(RUNS):
            wallet = await self.bench.wallet(VALUE)
            self.wallets[wallet] = await self.holds(wallet)
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.executemany(
                    "INSERT INTO public.row (run, line, wallet, shop) VALUES ($1, $2, $3, $4)",
                    [(run, line, wallet, self.bench.shop) for line in range(1, self.lines + 1)],
                )
                await pay.defer(connection, self.bench.town, run=run)

    async def holds(self, wallet: int) -> int:
        """What is in a wallet, in yen."""
        return sum((await self.bench.holds(wallet)).values())

    async def done(self) -> int:
        """How many rows are."""
        return int(await self.pool.fetchval("SELECT count(*) FROM public.row WHERE done"))

    async def progress(self, beyond: int, within_s: float) -> None:
        """Returns when more rows are done than that."""
        async with asyncio.timeout(within_s):
            while await self.done() <= beyond:
                await asyncio.sleep(0.02)

    async def reckon(self) -> None:
        """Waits for the end; everything was paid once, and nothing is left or failed."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.done() < RUNS * self.lines or (
                await jobs.lines(self.pool, None, failed=False, before=None, limit=10)
            ):
                await asyncio.sleep(0.1)
        paid = self.lines * (self.lines + 1) // 2
        for wallet, held in self.wallets.items():
            assert await self.holds(wallet) == held - paid
        payments = "SELECT count(*) FROM koban.entry WHERE kind = 'payment'"
        assert await self.pool.fetchval(payments) == RUNS * self.lines
        assert await problems(self.pool) == []


@pytest.fixture
def clock() -> Clock:
    """The workers go by the machine's clock, and so do the wallets."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def lines() -> int:
    """How many rows each run has; a test may say more."""
    return LINES


@pytest.fixture
async def street(bench: Bench, dsn: str, tmp_path: Path, lines: int) -> AsyncIterator[Street]:
    """Runs that wait, and two workers at work."""
    made = Street(bench, dsn, tmp_path, lines)
    await made.begin()
    await asyncio.gather(*(worker.start() for worker in made.workers))
    yield made
    for worker in made.workers:
        await worker.kill()


@pytest.mark.parametrize("lines", [KILLED_LINES], ids=["killed"])
async def test_workers_killed_at_work_leave_nothing_undone_and_nothing_twice(
    street: Street,
) -> None:
    """Again and again one of two, in the midst of its slices; the other, or it itself when it comes
    back, takes its jobs up.
    """
    dice = random.Random(SEED)
    for _ in range(3):  # A job under which workers die once more is given up, as it should be.
        await street.progress(await street.done(), PATIENCE_S)
        victim = dice.choice(street.workers)
        await asyncio.sleep(dice.random() * 0.2)
        await victim.kill()
        await victim.start()
    await street.reckon()
    logs = "".join(worker.log.read_text() for worker in street.workers)
    assert "job_taken_up" in logs, f"no worker was killed at work; the seed is {SEED}"


async def test_the_only_worker_killed_is_followed_soon(street: Street) -> None:
    """A new one does not wait longer than the dead one's silence takes to be noticed."""
    first, second = street.workers
    await first.stop()
    await street.progress(await street.done(), PATIENCE_S)
    await second.kill()
    stood = await street.done()
    await first.start()
    await street.progress(stood, SOON_S)
    await street.reckon()


async def test_a_worker_told_to_stop_ends_well(street: Street) -> None:
    """With 0, within a slice's time; the other goes on."""
    await street.progress(0, PATIENCE_S)
    async with asyncio.timeout(5):
        assert await street.workers[0].stop() == 0
    assert "stopped" in street.workers[0].log.read_text().splitlines()[-1]
    await street.reckon()


@pytest.mark.parametrize("end", [PostgresServer.stop, PostgresServer.kill], ids=["stop", "kill"])
async def test_postgres_ends_under_the_workers_and_comes_back(
    street: Street, servers: Servers, end: object
) -> None:
    """They wait for it, and go on."""
    await street.progress(0, PATIENCE_S)
    assert callable(end)
    await asyncio.to_thread(end, servers.postgres)
    try:
        await asyncio.sleep(1)
    finally:
        await asyncio.to_thread(servers.postgres.start)
    await _answers(street.pool)
    await street.reckon()


async def _answers(pool: asyncpg.Pool) -> None:
    """The test's own connections are broken; each is noticed once."""
    for _ in range(20):
        try:
            await pool.fetchval("SELECT 1")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await asyncio.sleep(0.2)
    await pool.fetchval("SELECT 1")
