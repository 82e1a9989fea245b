"""Workers in processes of their own, whose jobs pay: what a fault test kills.

A run is a list of rows; each row is one payment under an id of its own. A row is noted as done
apart from the payment, so a worker that dies in between leads to the same payment once more, under
the same id.
"""

import asyncio
import os
import signal
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import uvloop

from config.logs import configure
from config.settings import load
from gateway.jobs.__main__ import run
from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.worker import WorkerLimits
from ledger.authorise import decide
from ledger.requests import Kind, Request
from tests.support.forks import Fork
from tests.support.gateways import ROOT, SECRET, STOP_MAX_S

SLICE = 2
SLICE_S = 0.15  # Each slice takes so long beside the payments, or nobody would catch one at work.
QUICK = WorkerLimits(heartbeat_s=0.3, silent_s=1.5, look_s=0.3, poll_s=0.3, turn_s=0.5)
ROWS = """
    CREATE TABLE public.row (
        run int, line int, wallet bigint, shop bigint, done boolean DEFAULT false,
        PRIMARY KEY (run, line)
    )
"""


@job("test.pay", subject="run")
async def pay(context: JobContext, town: int, *, run: int, now: datetime) -> bool:
    """Pays the next rows, as many yen as the line's number; whether there are more."""
    rows = await context.pool.fetch(
        "SELECT line, wallet, shop FROM public.row WHERE run = $1 AND NOT done"
        " ORDER BY line LIMIT $2",
        *(run, SLICE + 1),
    )
    requests = [
        Request(
            uuid5(NAMESPACE_URL, f"test/{run}/{row['line']}"),
            Kind.PAY,
            wallet=row["wallet"],
            shop=row["shop"],
            amount=row["line"],
        )
        for row in rows[:SLICE]
    ]
    batch = await decide(context.pool, town, requests, now)
    assert all(decision.outcome == "done" for decision in batch.decisions), batch.decisions
    await asyncio.sleep(SLICE_S)
    lines = [row["line"] for row in rows[:SLICE]]
    await context.pool.execute(
        "UPDATE public.row SET done = true WHERE run = $1 AND line = ANY($2)", run, lines
    )
    return len(rows) > SLICE


class WorkerProcess:
    """One worker; `stop` lets it finish its slice, `kill` does not ask."""

    def __init__(self, dsn: str, log: Path) -> None:
        self.log = log
        self._environ = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "KOBAN_POSTGRES_DSN": dsn,
            "KOBAN_REDIS_URL": "redis://127.0.0.1:9",
            "KOBAN_SECRET": SECRET,
        }
        self._process: Fork | None = None

    async def start(self, module: str = "tests.support.crew") -> None:
        """Starts it and returns when it is at the queue."""
        self.log.touch()
        there = self.log.stat().st_size
        self._process = Fork(module, self._environ, self.log)
        async with asyncio.timeout(60):
            while b"queue_open" not in self.log.read_bytes()[there:]:
                assert self._process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.05)

    async def stop(self) -> int:
        """Asks it to end; its exit status."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Ends it at once."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        async with asyncio.timeout(STOP_MAX_S):
            return await self._process.wait()


def main() -> None:
    """Works at the test's job, with heartbeats so quick that a test need not wait."""
    configure("info")
    uvloop.run(run(load(), table=(pay,), limits=QUICK))


if __name__ == "__main__":
    main()
