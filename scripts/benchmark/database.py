"""The database: made, measured alone ((a), (b) and (c)), and verified at the end."""

import asyncio
import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ledger import authorise
from ledger.database import open_pool
from ledger.ids import uuid7
from ledger.migrate import migrate
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request
from loadtest.bench.figures import median
from loadtest.bench.loops import RAMP_S
from scripts.benchmark.bench import Bench, BenchFault
from scripts.benchmark.sizes import (
    LEDGER_BATCH,
    LEDGER_CONNECTIONS,
    PGBENCH_CLIENTS,
    PGBENCH_SCALE,
)
from scripts.benchmark.town import Town, now
from scripts.embedded import PostgresServer, Servers
from scripts.environment import ROOT

TPCB_DATABASE = "tpcb"

# One payment a call: the very function that decides batches, given a batch of one.
SINGLE = """\
\\set wallet random({wallets[0]}, {wallets[1]})
\\set shop random({shops[0]}, {shops[1]})
\\set amount random(100, 9999)
SELECT outcomes[1] FROM koban.decide({town}::smallint, now(), ARRAY[uuidv7()],
    ARRAY[sha256(int8send(:amount))], ARRAY['pay'], ARRAY[:wallet]::bigint[],
    ARRAY[:shop]::bigint[], ARRAY[NULL]::bigint[], ARRAY[NULL]::bytea[],
    ARRAY[NULL]::text[], ARRAY[:amount]::bigint[], ARRAY[NULL]::uuid[], ARRAY[NULL]::text[],
    ARRAY['clerk'], ARRAY[NULL]::text[]);
"""
OUTCOMES = """
SELECT outcome::text, count(*) FROM koban.decision WHERE town = $1 AND at >= $2 GROUP BY outcome
"""


class Rate(Struct, frozen=True):
    """Transactions or payments a second: the median and all that it is the median of."""

    tps: float
    of: list[float]
    outcomes: dict[str, int]


async def create(server: PostgresServer) -> None:
    """Makes our database on a new server."""
    maintenance = await open_pool(server.dsn("postgres"), 1)
    await maintenance.execute("CREATE DATABASE koban")
    await maintenance.close()
    await migrate(server.dsn())


async def verified(servers: Servers) -> bool:
    """Whether ``scripts/verify`` finds the books right."""
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "verify"), env=os.environ | servers.environment()
    )
    return await process.wait() == 0


async def _program(command: list[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, fault = await process.communicate()
    if process.returncode != 0:
        raise BenchFault(f"{Path(command[0]).name} failed: {fault.decode().strip()}")
    return output.decode()


async def _pgbench(bench: Bench, database: str, *more: str) -> float:
    server = bench.servers.postgres
    output = await _program(
        [str(server.programs / "pgbench"), "--no-vacuum", "--jobs=2"]
        + [f"--client={PGBENCH_CLIENTS}", f"--time={bench.sizes.pgbench_s}", *more]
        + [server.dsn(database)]
    )
    failed = re.search(r"number of failed transactions: (\d+)", output)
    found = re.search(r"^tps = ([0-9.]+)", output, re.MULTILINE)
    if found is None or failed is None or failed[1] != "0":
        raise BenchFault(f"pgbench was not content: {output}")
    return float(found[1])


async def prepare_tpcb(bench: Bench) -> None:
    """Makes pgbench's tables, in a database beside ours on the same server."""
    server = bench.servers.postgres
    await bench.pool.execute(f"CREATE DATABASE {TPCB_DATABASE}")
    await _program(
        [str(server.programs / "pgbench"), "--initialize", "--init-steps=dtGvp", "--quiet"]
        + [f"--scale={PGBENCH_SCALE}", server.dsn(TPCB_DATABASE)]
    )


async def tpcb(bench: Bench) -> float:
    """(a) pgbench's own TPC-B-like transactions; transactions a second."""
    bench.progress("(a) pgbench TPC-B")
    return await _pgbench(bench, TPCB_DATABASE)


async def single(bench: Bench) -> Rate:
    """(b) one payment a call, from as many clients as (a)."""
    bench.progress("(b) one payment a call")
    town, script = bench.town, bench.folder / "single.sql"
    script.write_text(
        SINGLE.format(
            town=town.number,
            wallets=(town.wallets[0], town.wallets[-1]),
            shops=(town.shops[0], town.shops[-1]),
        )
    )
    began = now()
    rates = [await _pgbench(bench, "koban", f"--file={script}") for _ in range(bench.sizes.rounds)]
    rows = await bench.pool.fetch(OUTCOMES, town.number, began)
    return Rate(median(rates), rates, {row["outcome"]: row["count"] for row in rows})


def _payments(town: Town, share: int) -> Iterator[Request]:
    """Payments of one connection's wallets: the counter has no wallet in two batches at a time."""
    chance = random.Random(share)  # noqa: S311 - the same payments in every run, not a secret.
    wallets = town.wallets[share::LEDGER_CONNECTIONS]
    while True:
        yield Request(
            id=uuid7(),
            kind=Kind.PAY,
            wallet=chance.choice(wallets),
            shop=chance.choice(town.shops),
            amount=chance.randint(100, 9_999),
        )


async def batches(bench: Bench) -> Rate:
    """(c) the ledger as the counter calls it, without a gateway around it."""
    bench.progress("(c) the ledger's batches")
    sizes, town = bench.sizes, bench.town
    windows = sizes.rounds * sizes.windows
    pool = await open_pool(bench.servers.postgres.dsn(), LEDGER_CONNECTIONS)
    outcomes: Counter[str] = Counter()
    ended: list[tuple[float, int]] = []
    begin_s = time.monotonic() + RAMP_S
    end_s = begin_s + windows * sizes.window_s

    async def work(payments: Iterator[Request]) -> None:
        while time.monotonic() < end_s:
            requests = [next(payments) for _ in range(LEDGER_BATCH)]
            batch = await authorise.decide(pool, town.number, requests, now())
            outcomes.update(decision.outcome.value for decision in batch.decisions)
            done = sum(decision.outcome is Outcome.DONE for decision in batch.decisions)
            ended.append((time.monotonic(), done))

    try:
        async with asyncio.TaskGroup() as group:
            for share in range(LEDGER_CONNECTIONS):
                group.create_task(work(_payments(town, share)))
    finally:
        await pool.close()
    counts = [0] * windows
    for at_s, done in ended:
        if 0 <= (window := int((at_s - begin_s) // sizes.window_s)) < windows:
            counts[window] += done
    rates = [count / sizes.window_s for count in counts]
    return Rate(median(rates), rates, dict(outcomes))
