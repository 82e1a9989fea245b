"""The worker as its own process: it starts, stops and refuses like a gateway."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import gateway.jobs
from gateway.jobs.job import Job
from gateway.jobs.table import JOBS
from tests.support.crew import WorkerProcess
from tests.support.gateways import ROOT, SECRET

NOBODY = "postgresql://koban@/koban?host=/nowhere"
RIGHT = {"POSTGRES_DSN": NOBODY, "REDIS_URL": "redis://127.0.0.1:9", "SECRET": SECRET}


async def test_a_worker_starts_and_stops(dsn: str, tmp_path: Path) -> None:
    """It tells which jobs it knows, and ends with 0 when it is asked to."""
    worker = WorkerProcess(dsn, tmp_path / "worker.log")
    await worker.start("gateway.jobs")
    assert await worker.stop() == 0
    said = worker.log.read_text()
    assert '"jobs.sweep"' in said
    assert "public_url_is_of_this_machine" in said  # Nobody has set it.
    assert '"stopped"' in said.splitlines()[-1]
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("settings", "words", "status", "said"),
    [
        ({}, [], 2, "KOBAN_SECRET is not set"),
        (RIGHT | {"SECRET": "short"}, [], 2, "KOBAN_SECRET has 5 characters"),
        (RIGHT, ["nobody"], 2, "found 'nobody'; queues are default"),
        (RIGHT, [], 1, "cannot start: Postgres (KOBAN_POSTGRES_DSN): "),
    ],
)
def test_a_worker_that_cannot_start_says_why(
    settings: dict[str, str], words: list[str], status: int, said: str
) -> None:
    """In one sentence."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.jobs", *words],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)} | {f"KOBAN_{name}": text for name, text in settings.items()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_every_job_stands_in_the_table() -> None:
    """Made in a module of `gateway.jobs` and not named there, it would never be run."""
    names = [module.name for module in pkgutil.iter_modules(gateway.jobs.__path__)]
    modules = [
        importlib.import_module(f"gateway.jobs.{name}") for name in names if name != "__main__"
    ]
    made = {
        value.name: value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Job)
    }
    assert made == {job.name: job for job in JOBS}
