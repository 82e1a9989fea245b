"""Jobs on a real queue: deferred with their act, run once, tried again, due once, never lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time

import asyncpg
import pytest

from config.profile import Profile, read_profile
from gateway.jobs import timekeeper
from gateway.jobs.context import JobContext
from gateway.jobs.job import Job, Retry, job
from gateway.jobs.schedule import Daily, EveryMinute
from gateway.jobs.worker import WorkerLimits
from ledger import jobs as queue
from ledger.database import transaction
from ledger.towns import load_town
from tests.support.clock import START, Clock
from tests.support.jobs import Jobs, worker_of

TABLE = "CREATE TABLE public.done (job text, what text, at timestamptz)"


async def note(context: JobContext, name: str, what: object, now: datetime) -> None:
    await context.pool.execute("INSERT INTO public.done VALUES ($1, $2, $3)", name, str(what), now)


async def done(pool: asyncpg.Pool, name: str) -> list[str]:
    rows = await pool.fetch("SELECT what FROM public.done WHERE job = $1", name)
    return [row["what"] for row in rows]


@job("test.count", subject="run")
async def count_up(context: JobContext, town: int, *, run: int, to: int = 3, now: datetime) -> bool:
    """Writes one more number; there is more below ``to``."""
    there = len(await done(context.pool, f"count {run}"))
    await note(context, f"count {run}", there + 1, now)
    return there + 1 < to


@job("test.fail", retry=Retry(attempts_max=3, first_s=0, longest_s=0))
async def fail(context: JobContext, town: int, *, times: int, now: datetime) -> None:
    """Fails so many times."""
    await note(context, "fail", "try", now)
    if len(await done(context.pool, "fail")) <= times:
        raise RuntimeError("it is raining")


@job("test.alone", subject="run")
async def alone(context: JobContext, town: int, *, run: int, now: datetime) -> None:
    """Says when it begins and when it ends."""
    await note(context, "alone", f"{run} begins", now)
    await asyncio.sleep(0.2)
    await note(context, "alone", f"{run} ends", now)


def morning(profile: Profile) -> Daily | None:
    return Daily(time(10)) if profile.town.code == "nagaoka" else None


@job("test.daily", schedule=morning)
async def daily(context: JobContext, town: int, *, due: datetime, now: datetime) -> None:
    """Writes which day it was for."""
    await note(context, "daily", f"{town} {due.isoformat()}", now)


@job("test.minutely", schedule=lambda _profile: EveryMinute())
async def minutely(context: JobContext, town: int, *, due: datetime, now: datetime) -> None:
    """Writes which minute it was for."""
    await note(context, "minutely", f"{town} {due.isoformat()}", now)


JOBS: tuple[Job, ...] = (count_up, fail, alone, daily)


@pytest.fixture
async def bench(dsn: str, town: int, pool: asyncpg.Pool, clock: Clock) -> AsyncIterator[Jobs]:
    """A worker of the jobs above."""
    await pool.execute(TABLE)
    async with worker_of(dsn, clock, JOBS) as worker:
        await worker.enqueue_due()
        yield Jobs(worker, clock)


async def test_a_job_is_there_with_its_act_or_not_at_all(
    bench: Jobs, pool: asyncpg.Pool, town: int
) -> None:
    """What is undone takes its job along; before the commit no worker sees it."""
    with pytest.raises(ZeroDivisionError):
        await _undone(pool, town)
    assert await bench.work() == []
    async with transaction(pool) as connection:
        await connection.execute("INSERT INTO public.done VALUES ('act', 'approved', now())")
        await count_up.defer(connection, town, run=1, to=1)
        assert await bench.lines() == []
        await bench.work()
        assert await done(pool, "count 1") == []
    await bench.work()
    assert await done(pool, "act") == ["approved"]
    assert await done(pool, "count 1") == ["1"]


async def _undone(pool: asyncpg.Pool, town: int) -> None:
    async with transaction(pool) as connection:
        await count_up.defer(connection, town, run=1)
        raise ZeroDivisionError


async def test_a_job_goes_on_slice_by_slice_and_lets_others_have_their_turn(
    bench: Jobs, dsn: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """When its turn is over it goes behind those that wait, until there is no more."""
    for run in (1, 2):
        await count_up.defer(pool, town, run=run, to=3)
    limits = WorkerLimits(concurrency=1, turn_s=0)
    async with worker_of(dsn, clock, JOBS, limits) as hurried:
        await Jobs(hurried, clock).work()
    rows = await pool.fetch("SELECT job FROM public.done ORDER BY ctid")
    assert [row["job"] for row in rows] == ["count 1", "count 2"] * 3
    await count_up.defer(pool, town, run=3, to=500)
    await bench.work()
    assert len(await done(pool, "count 3")) == 500


async def test_a_slice_that_ran_twice_makes_no_second_chain(
    bench: Jobs, pool: asyncpg.Pool, town: int
) -> None:
    """The very same job, waiting twice: one of the two enqueues what follows."""
    for _ in range(2):
        await count_up.defer(pool, town, run=1, to=20)
    await bench.work()
    # The second came while the first's next slice waited, or behind it; it never multiplied.
    assert len(await done(pool, "count 1")) <= 21


async def test_a_failed_job_is_tried_again_and_then_done(
    bench: Jobs, pool: asyncpg.Pool, town: int
) -> None:
    """Twice it fails and the third time it does not: nothing is left."""
    await fail.defer(pool, town, times=2)
    for _ in range(3):
        await bench.work(failing=True)
    assert await bench.lines() == []
    assert len(await done(pool, "fail")) == 3


async def test_a_job_that_fails_too_often_stays_and_is_tried_again_by_hand(
    bench: Jobs, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """With its reason; then as often as at first, and it is done."""
    number = await fail.defer(pool, town, times=4)
    for _ in range(4):
        await bench.work(failing=True)
    (line,) = await bench.lines()
    assert (line.job, line.town, line.name, line.state) == (number, town, "test.fail", "failed")
    assert (line.attempts, line.arguments) == (3, '{"times": 4}')
    assert (line.fault, line.fault_at) == ("RuntimeError: it is raining", clock.now)
    assert len(await done(pool, "fail")) == 3
    assert await queue.retry(pool, town + 1, number) is None
    assert await queue.retry(pool, town, number + 1) is None
    assert await queue.retry(pool, town, number) == "test.fail"
    assert await queue.retry(pool, town, number) is None
    for _ in range(2):
        await bench.work(failing=True)
    assert await bench.lines() == []
    assert len(await done(pool, "fail")) == 5
    await queue.sweep_faults(pool, town)
    assert await pool.fetchval("SELECT count(*) FROM koban.job_fault") == 0


async def test_one_at_a_time_runs_for_a_subject_whoever_works(
    bench: Jobs, pool: asyncpg.Pool, town: int, dsn: str, clock: Clock
) -> None:
    """Two workers with four hands each: of a subject's jobs each ends before the next begins."""
    for run in (1, 1, 1, 2, 2):
        await alone.defer(pool, town, run=run)
    async with worker_of(dsn, clock, JOBS) as other:
        await asyncio.gather(bench.work(), other.work_off())
    await bench.work()
    said = await done(pool, "alone")
    for run, times in ((1, 3), (2, 2)):
        of_run = [what for what in said if what.startswith(f"{run} ")]
        assert of_run == [f"{run} begins", f"{run} ends"] * times
    assert said[:2] == ["1 begins", "2 begins"] or said[:2] == ["2 begins", "1 begins"]


async def test_an_occasion_is_enqueued_once_however_many_look(
    bench: Jobs, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Eight at once, again and again, at ten in the morning of the town: one job."""
    clock.advance(minutes=22 * 60)  # From noon on Wednesday to ten on Thursday.
    profiles = bench.context.profiles
    found = await asyncio.gather(
        *(timekeeper.enqueue_due(pool, JOBS, profiles, clock.now) for _ in range(8))
    )
    assert sorted(found) == [0] * 7 + [1]
    assert await timekeeper.enqueue_due(pool, JOBS, profiles, clock.now) == 0
    await bench.work()
    assert await done(pool, "daily") == [f"{town} 2026-04-02T01:00:00+00:00"]


async def test_a_schedule_begins_when_it_is_first_seen(
    bench: Jobs, pool: asyncpg.Pool, clock: Clock
) -> None:
    """What would have been due before is nobody's."""
    assert await queue.schedules(pool) == {(1, "test.daily"): START}
    assert await bench.work() == []
    assert await done(pool, "daily") == []


async def test_days_that_were_missed_are_caught_up_and_minutes_are_not(
    dsn: str, town: int, pool: asyncpg.Pool, clock: Clock
) -> None:
    """After three days without a worker: three days, and one minute."""
    await pool.execute(TABLE)
    table = (daily, minutely)
    async with worker_of(dsn, clock, table) as worker:
        await worker.enqueue_due()
    clock.advance(days=3)
    async with worker_of(dsn, clock, table) as worker:
        await Jobs(worker, clock).work()
        assert await done(pool, "daily") == [
            f"{town} 2026-04-0{day}T01:00:00+00:00" for day in (2, 3, 4)
        ]
        assert await done(pool, "minutely") == [f"{town} 2026-04-04T03:00:00+00:00"]
        clock.advance(minutes=1)
        await worker.enqueue_due()
        clock.advance(minutes=1)
        await worker.enqueue_due()  # The last minute's has not begun: it will do this one's work.
        await Jobs(worker, clock).work()
        assert (await done(pool, "minutely"))[1:] == [f"{town} 2026-04-04T03:01:00+00:00"]


async def test_each_town_has_its_own_schedule_and_may_have_none(
    bench: Jobs, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """A town loaded later joins at the next look; one whose profile has no schedule has no job."""
    await load_town(pool, read_profile("hirakata"), clock.now)
    await bench.work()
    clock.advance(days=1)
    await bench.work()
    assert await done(pool, "daily") == [f"{town} 2026-04-02T01:00:00+00:00"]
    assert set(await queue.schedules(pool)) == {(town, "test.daily")}


async def test_a_schedule_that_ended_begins_anew(
    bench: Jobs, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """The days between are nobody's."""
    profiles = dict(bench.context.profiles)
    gone = Job(
        "test.daily",
        daily._function,
        retry=Retry(),
        queue="default",
        subject=None,
        schedule=lambda _profile: None,
    )
    await timekeeper.enqueue_due(pool, (gone,), profiles, clock.now)
    assert await queue.schedules(pool) == {}
    clock.advance(days=5)
    await bench.work()
    assert await done(pool, "daily") == []


async def test_jobs_of_a_silent_worker_are_taken_up_once(
    bench: Jobs, pool: asyncpg.Pool, town: int
) -> None:
    """Whoever looks: it waits again, until so many workers ended with it."""
    number = await count_up.defer(pool, town, run=1, to=1)
    taken = "SELECT id FROM jobs.procrastinate_fetch_job_v2(NULL, $1)"
    looks = [queue.take_up_stalled(pool, 20.0, 3, START) for _ in range(4)]
    async with pool.acquire() as connection:
        await connection.execute("SET search_path = jobs")
        living = await connection.fetchval(
            "SELECT worker_id FROM procrastinate_register_worker_v1()"
        )
        assert await connection.fetchval(taken, living) == number
        assert await queue.take_up_stalled(pool, 20.0, 3, START) == []  # It lives.
        await connection.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '21 s'"
        )
        found = [one for look in await asyncio.gather(*looks) for one in look]
        assert [(one.job, one.town, one.name, one.failed) for one in found] == [
            (number, town, "test.count", False)
        ]
        for failed in (False, True):
            assert await connection.fetchval(taken, living) == number
            (one,) = await queue.take_up_stalled(pool, 20.0, 3, START)
            assert one.failed is failed
        await connection.execute("RESET search_path")
    (line,) = await bench.lines()
    assert (line.state, line.fault) == ("failed", "3 workers ended with it")
    assert (await queue.counts(pool))[town] == queue.JobCounts(0, 0, 1)


async def test_what_an_older_worker_did_not_know_is_taken_up(
    bench: Jobs, dsn: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """By one that knows it; what failed with a reason stays."""
    reasoned = await fail.defer(pool, town, times=9)
    for _ in range(3):
        await bench.work(failing=True)
    number = await count_up.defer(pool, town, run=1, to=2)
    async with worker_of(dsn, clock, (alone,)) as older:
        await older.work_off()
        await older.take_up_stalled()
    lines = await bench.lines()
    assert [(line.job, line.state) for line in lines] == [(number, "failed"), (reasoned, "failed")]
    await bench.worker.take_up_stalled()
    await bench.work(failing=True)
    assert await done(pool, "count 1") == ["1", "2"]
    (left,) = await bench.lines()
    assert left.job == reasoned


async def test_a_worker_finishes_its_slice_when_it_is_told_to_stop(
    bench: Jobs, dsn: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """What has begun ends; what waits is left to others."""
    for run in (1, 1):
        await alone.defer(pool, town, run=run)
    async with worker_of(dsn, clock, JOBS) as other:
        working = asyncio.create_task(other.work())
        async with asyncio.timeout(10):
            while not await done(pool, "alone"):
                await asyncio.sleep(0.02)
        other.stop()
        await working
    assert await done(pool, "alone") == ["1 begins", "1 ends"]
    (left,) = await bench.lines()
    assert left.state == "waiting"


async def test_between_slices_a_worker_stops(
    bench: Jobs, dsn: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """What is left of a long job waits for another worker, and nothing of it is lost."""
    await count_up.defer(pool, town, run=1, to=1_000)
    async with worker_of(dsn, clock, JOBS) as other:
        working = asyncio.create_task(other.work())
        async with asyncio.timeout(10):
            while len(await done(pool, "count 1")) < 3:
                await asyncio.sleep(0.01)
        other.stop()
        async with asyncio.timeout(2):
            await working
    assert len(await done(pool, "count 1")) < 1_000
    (left,) = await bench.lines()
    assert (left.state, left.attempts) == ("waiting", 0)
    await bench.work()
    assert await done(pool, "count 1") == [str(number) for number in range(1, 1_001)]


async def test_a_worker_that_waits_hears_at_once(
    bench: Jobs, dsn: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Long before it looks by itself."""
    async with worker_of(dsn, clock, JOBS, WorkerLimits(poll_s=600)) as other:
        working = asyncio.create_task(other.work())
        await asyncio.sleep(1)
        await count_up.defer(pool, town, run=1, to=3)
        async with asyncio.timeout(10):
            while len(await done(pool, "count 1")) < 3:
                await asyncio.sleep(0.02)
        other.stop()
        await working


async def test_the_clock_of_jobs_is_the_workers(bench: Jobs, pool: asyncpg.Pool, town: int) -> None:
    """A job is told the instant; it asks nobody."""
    await count_up.defer(pool, town, run=1, to=1)
    await bench.work()
    assert await pool.fetchval("SELECT at FROM public.done") == START.astimezone(UTC)


async def test_the_jobs_of_the_table_run(jobs: Jobs, pool: asyncpg.Pool, clock: Clock) -> None:
    """A day passes with nothing to do: every scheduled job is due, and none fails."""
    clock.advance(days=1)
    assert await jobs.work() == []
    reached = await queue.schedules(pool)
    assert reached[1, "jobs.sweep"] > START
