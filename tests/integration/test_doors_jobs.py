"""The doors of jobs: at the console, on the command line, and what a gateway tells by itself."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest
from msgspec import Struct

from config.profile import read_profile
from gateway.jobs.job import Job
from gateway.jobs.watch import JobWatch
from gateway.metrics import Metrics
from ledger import audit
from ledger import jobs as queue
from ledger.audit import Filter
from ledger.towns import load_town
from tests.integration.test_jobs import TABLE, count_up, fail
from tests.support.clock import Clock
from tests.support.doors import Doors, Visitor
from tests.support.gateways import ROOT
from tests.support.house import OpenHouse
from tests.support.jobs import Jobs, worker_of

API = "/api/nagaoka/console/jobs"
TABLE_OF_JOBS: tuple[Job, ...] = (count_up, fail)


class Failed(Struct):
    """A queue with a job that failed (``number``), and one that waits (``waiting``)."""

    number: int
    waiting: int
    bench: Jobs


@pytest.fixture
async def failed(dsn: str, town: int, pool: asyncpg.Pool, clock: Clock) -> AsyncIterator[Failed]:
    """It says that it is raining."""
    await pool.execute(TABLE)
    number = await fail.defer(pool, town, times=3)
    async with worker_of(dsn, clock, TABLE_OF_JOBS) as worker:
        bench = Jobs(worker, clock)
        for _ in range(3):
            await bench.work(failing=True)
        yield Failed(number, await count_up.defer(pool, town, run=7), bench)


async def test_the_console_sees_what_failed_and_tries_it_again(
    doors: Doors, failed: Failed
) -> None:
    """With its reason, once in the audit, and then it is done."""
    operator = await doors.operator()
    listed = (await operator.get(API)).json()
    assert [(line["job"], line["state"]) for line in listed["jobs"]] == [
        (failed.waiting, "waiting"),
        (failed.number, "failed"),
    ]
    assert (listed["waiting"], listed["running"], listed["failed"]) == (1, 0, 1)
    (line,) = (await operator.get(API, params={"failed": 1})).json()["jobs"]
    assert line == {
        "job": failed.number,
        "name": "test.fail",
        "state": "failed",
        "attempts": 3,
        "arguments": '{"times": 3}',
        "not_before": line["not_before"],
        "fault_at": doors.clock.now_ms,
        "fault": "RuntimeError: it is raining",
    }
    again = await operator.post(f"{API}/{failed.number}/retry")
    assert again.status_code == 200, again.text
    twice = await operator.post(f"{API}/{failed.number}/retry")
    assert (twice.status_code, twice.json()["code"]) == (404, "not_found")
    (written,) = await audit.lines(doors.pool, doors.town, Filter(act="job"), None, 10)
    assert (written.act, written.subject) == ("job.retried", f"job:{failed.number}")
    await failed.bench.work()
    assert (await operator.get(API)).json()["jobs"] == []


async def visitor(doors: Doors, who: str) -> Visitor:
    """A browser of one of these."""
    match who:
        case "wallet":
            return await doors.holder()
        case "operator":
            return await doors.operator()
        case "ops":
            return await doors.operator("当直", role="ops")
    return doors.visitor()


async def test_pages_of_jobs(doors: Doors, failed: Failed) -> None:
    """One after the other, without a gap."""
    operator = await doors.operator()
    first = (await operator.get(API, params={"limit": 1})).json()
    assert [line["job"] for line in first["jobs"]] == [failed.waiting]
    rest = (await operator.get(API, params={"before": first["next"]})).json()
    assert [line["job"] for line in rest["jobs"]] == [failed.number]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("who", "method", "path", "status", "code"),
    [
        ("nobody", "GET", "", 401, "signed_out"),
        ("wallet", "GET", "", 401, "signed_out"),
        ("nobody", "POST", "/1/retry", 401, "signed_out"),
        ("ops", "POST", "/1/retry", 403, "not_allowed"),
        ("operator", "POST", "/999999/retry", 404, "not_found"),
        ("operator", "POST", "/0/retry", 422, "invalid"),
        ("operator", "POST", "/-1/retry", 422, "invalid"),
        ("operator", "POST", "/one/retry", 422, "invalid"),
        ("operator", "POST", "/99999999999999999999/retry", 422, "invalid"),
        ("operator", "GET", "?failed=2", 422, "invalid"),
        ("operator", "GET", "?failed=yes", 422, "invalid"),
        ("operator", "GET", "?before=0", 422, "invalid"),
        ("operator", "GET", "?limit=0", 422, "invalid"),
        ("operator", "GET", "?limit=201", 422, "invalid"),
        ("operator", "GET", "?town=1", 422, "invalid"),
    ],
)
async def test_bad_input_changes_nothing(
    doors: Doors, failed: Failed, who: str, method: str, path: str, status: int, code: str
) -> None:
    """Said clearly; the failed job stays as it is."""
    client = await visitor(doors, who)
    answer = await client.request(method, API + path.replace("/1/", f"/{failed.number}/"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    (line,) = await queue.lines(doors.pool, doors.town, failed=True, before=None, limit=10)
    assert line.job == failed.number


async def test_a_town_sees_and_retries_its_own_jobs_alone(doors: Doors, failed: Failed) -> None:
    """Another town's job is not there."""
    other = read_profile("hirakata")
    await load_town(doors.pool, other, doors.clock.now)
    number = await fail.defer(doors.pool, other.town.number, times=9)
    for _ in range(3):
        await failed.bench.work(failing=True)
    operator = await doors.operator()
    listed = (await operator.get(API)).json()["jobs"]
    assert number not in [line["job"] for line in listed]
    assert (await operator.post(f"{API}/{number}/retry")).status_code == 404


def koban(dsn: str, *words: str) -> tuple[int, str, str]:
    """What the command line ends with, and what it prints to either side."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.command", "jobs", *words],
        cwd=ROOT,
        env={"KOBAN_POSTGRES_DSN": dsn, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


async def test_the_command_lists_and_retries(dsn: str, pool: asyncpg.Pool, failed: Failed) -> None:
    """For people and for programs; what it does is in the audit."""
    status, said, _ = koban(dsn, "list", "--failed")
    assert status == 0
    assert said.split()[:4] == [str(failed.number), "nagaoka", "test.fail", "failed"]
    assert "failed 3 times: RuntimeError: it is raining" in said
    status, said, _ = koban(dsn, "list", "--json")
    assert [(line["job"], line["town"], line["state"]) for line in json.loads(said)] == [
        (failed.waiting, "nagaoka", "waiting"),
        (failed.number, "nagaoka", "failed"),
    ]
    status, said, _ = koban(dsn, "retry", str(failed.number))
    assert (status, said) == (0, f"job {failed.number} (test.fail) is tried again\n")
    acts = await pool.fetch("SELECT act, actor::text FROM people.audit")
    assert [row["act"] for row in acts] == ["job.retried"]
    await failed.bench.work()
    assert koban(dsn, "list") == (0, "no job waits, runs or has failed\n", "")
    assert koban(dsn, "list", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("retry", "999999"), 1, "no job 999999 has failed"),
        (("retry", "one"), 2, "found 'one'"),
        (("retry", "0"), 2, "found '0'"),
        (("retry", "9" * 30), 2, "found '9999"),
        (("retry",), 2, "required: job"),
        (("list", "--town", "nowhere"), 1, "there is no town 'nowhere'"),
        (("forget", "1"), 2, "invalid choice"),
        ((), 2, "required: act"),
    ],
)
def test_what_the_command_refuses(dsn: str, words: tuple[str, ...], status: int, said: str) -> None:
    """In a sentence, without a traceback."""
    ended, out, error = koban(dsn, *words)
    assert (ended, out) == (status, "")
    assert said in error
    assert "Traceback" not in error


async def test_a_gateway_tells_that_jobs_have_failed(
    open_house: OpenHouse, failed: Failed, pool: asyncpg.Pool, town: int
) -> None:
    """As an alert at the console while it is so, and as figures."""
    house = await open_house()
    hub = house.gateway.hubs["nagaoka"]
    metrics = Metrics()
    watch = JobWatch(pool, {town: hub}, metrics)
    await watch.look()
    assert "jobs_failed" in [line.kind for line in hub.alerts.lines()]
    text = metrics.text().decode()
    assert 'koban_jobs{state="failed",town="nagaoka"} 1.0' in text
    assert 'koban_jobs{state="waiting",town="nagaoka"} 1.0' in text
    assert "koban_workers 0.0" in text
    assert await queue.retry(pool, town, failed.number) is not None
    await failed.bench.work()
    await watch.look()
    assert "jobs_failed" not in [line.kind for line in hub.alerts.lines()]
    assert 'koban_jobs{state="failed",town="nagaoka"} 0.0' in metrics.text().decode()


async def test_a_gateway_tells_that_no_worker_runs(
    open_house: OpenHouse, dsn: str, clock: Clock, pool: asyncpg.Pool, town: int
) -> None:
    """Where there was one, after a while; and that there is one again."""
    house = await open_house()
    hub = house.gateway.hubs["nagaoka"]
    watch = JobWatch(pool, {town: hub}, Metrics())

    async def told() -> bool:
        await watch.look()
        return "no_worker" in [line.kind for line in hub.alerts.lines()]

    assert not any([await told() for _ in range(5)])
    async with worker_of(dsn, clock) as worker:
        working = asyncio.create_task(worker.work())
        async with asyncio.timeout(10):
            while not (await queue.workers(pool, 5.0))[1]:
                await asyncio.sleep(0.05)
        assert not any([await told() for _ in range(5)])
        worker.stop()
        await working
    assert [await told() for _ in range(3)] == [False, False, True]
    async with worker_of(dsn, clock) as worker:
        working = asyncio.create_task(worker.work())
        async with asyncio.timeout(10):
            while await told():
                await asyncio.sleep(0.05)
        worker.stop()
        await working
