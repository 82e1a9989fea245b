"""A worker: takes jobs up, runs them, and sees to it that none is lost. Any number may run.

Start: Postgres → ways to send → the rulebook (every town that was ever loaded: a job waits for
any worker) → the queue. Beside the jobs it looks every second what is due
(`gateway.jobs.timekeeper`), and every few seconds whose worker fell silent. When Postgres is away
it comes back to the queue once that answers. Stop: no job is begun any more; slices at hand are
finished; then the same in reverse.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import procrastinate
import structlog
from msgspec import Struct
from procrastinate.app import WorkerOptions
from procrastinate.jobs import Job as Row

from config.profile import Profile
from config.settings import Settings
from gateway.jobs.context import JobContext
from gateway.jobs.job import Job, Retry
from gateway.jobs.timekeeper import enqueue_due
from gateway.rulebook import Rulebook
from gateway.senders import open_push, open_sms
from gateway.watching.messenger import Messenger
from gateway.watching.sentry import Sentry
from gateway.watching.watchman import Watchman
from ledger import jobs
from ledger.database import Pool, open_pool
from ledger.errors import LedgerError
from ledger.vault import Vault
from notifier.claims import Claims

# A job that ended so often with its worker is what kills them.
STALLS_MAX = 5
# Between two tries to come back to the queue.
AGAIN_S = 1.0

log = structlog.get_logger("gateway.jobs")


class WorkerLimits(Struct, frozen=True):
    """A worker's bounds."""

    concurrency: int = 4  # Jobs at once; each waits for Postgres most of the time.
    schedule_s: float = 1.0  # How late a scheduled job may begin.
    # Nobody is told that a lock is free, so the queue is looked at, too.
    poll_s: float = 1.0
    turn_s: float = 10.0  # So long a job goes on, slice by slice; then others have their turn.
    heartbeat_s: float = 5.0
    silent_s: float = 20.0  # Four heartbeats missed: the worker is gone, its jobs are taken up.
    look_s: float = 5.0
    tell_s: float = 60.0  # How often the log tells that it lives, and what waits.


class Backoff(procrastinate.BaseRetryStrategy):
    """A job's `Retry`, as the queue asks for it."""

    def __init__(self, retry: Retry) -> None:
        self._retry = retry

    def get_retry_decision(
        self, *, exception: BaseException, job: Row
    ) -> procrastinate.RetryDecision | None:
        """When to try again; ``job.attempts`` does not count the one that just failed."""
        del exception
        wait_s = self._retry.wait_s(job.attempts + 1)
        if wait_s is None:
            return None
        return procrastinate.RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=wait_s))


class Worker:
    """One process's worker. Use it as an async context manager; `work` runs until `stop`."""

    def __init__(
        self,
        settings: Settings,
        table: Sequence[Job],
        *,
        now: Callable[[], datetime],
        queues: Iterable[str] = (),
        limits: WorkerLimits | None = None,
    ) -> None:
        self._settings = settings
        self._table = table
        self._now = now
        self._queues = list(queues) or None  # None: all.
        self._limits = limits or WorkerLimits()
        self._profiles: dict[int, Profile] = {}
        self._closing = contextlib.AsyncExitStack()
        self._working: asyncio.Task[None] | None = None
        self._stopping = False
        self._watchman: Watchman | None = None
        self._app = self._queue()

    async def __aenter__(self) -> Self:
        """Starts everything but the work.

        Raises:
            LedgerError: Postgres cannot be reached, or its schema is not there.
            SettingsError: the key of Web Push is none.
        """
        async with contextlib.AsyncExitStack() as stack:
            settings = self._settings
            pool = await open_pool(settings.postgres_dsn, self._limits.concurrency + 2)
            stack.push_async_callback(pool.close)
            sms = open_sms(settings)
            if sms is not None:
                stack.push_async_callback(sms.close)
            push = open_push(settings, pool)
            if push is not None:
                push.start()
                stack.push_async_callback(push.stop)
            self._rulebook = Rulebook(pool, (), self._now, self._take)
            await self._rulebook.look()
            self.context = JobContext(
                settings=settings,
                pool=pool,
                profiles=self._profiles,
                clock=self._now,
                vault=Vault.of(settings),
                sms=sms,
                push=push,
            )
            self._watchman = self._open_watchman(stack, pool)
            self._closing = stack.pop_all()
        return self

    def _open_watchman(self, stack: contextlib.AsyncExitStack, pool: Pool) -> Watchman | None:
        """Who looks whether the gateways answer, where the settings say how."""
        alerts = self._settings.alerts
        if not alerts.watch_url:
            return None
        sentry, messenger = Sentry(alerts.watch_url), Messenger(alerts)
        claims = Claims(self._settings.redis_url, f"worker-{secrets.token_hex(4)}")
        for close in (sentry.close, messenger.close, claims.close):
            stack.push_async_callback(close)
        return Watchman(pool, sentry, claims, messenger, lambda _town: None, self._now)

    async def __aexit__(self, *_fault: object) -> None:
        """Closes what was opened."""
        await self._closing.aclose()

    async def work(self) -> None:
        """Runs jobs as they come, until `stop`; then finishes the slices at hand and returns."""
        self._working = asyncio.current_task()
        watching = [self._watchman.look_forever()] if self._watchman is not None else []
        beside = [
            asyncio.create_task(self._rulebook.look_forever()),
            *(asyncio.create_task(look) for look in watching),
            *(
                asyncio.create_task(self._every(seconds, look))
                for seconds, look in (
                    (self._limits.schedule_s, self.enqueue_due),
                    (self._limits.look_s, self.take_up_stalled),
                    (self._limits.tell_s, self._tell),
                )
            ),
        ]
        try:
            await self._work_on()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    def stop(self) -> None:
        """Begins no job and no slice any more; `work` returns soon."""
        self._stopping = True
        if self._working is not None:
            self._working.cancel()

    async def work_off(self) -> None:
        """Enqueues what is due by the rules of now, does all that waits, and returns."""
        await self._rulebook.look()
        await self.enqueue_due()
        async with self._app.open_async():
            await self._run(wait=False)

    async def enqueue_due(self) -> None:
        """Enqueues the scheduled jobs that are due.

        Raises:
            LedgerError: not all was enqueued.
        """
        await enqueue_due(self.context.pool, self._table, self._profiles, self._now())

    async def take_up_stalled(self) -> None:
        """Puts back into the queue what workers had that fell silent, and what older ones did not
        know: gateways and workers are not all brought to a new version in the same moment.

        Raises:
            LedgerError: they are found by the next look.
        """
        names = [job.name for job in self._table]
        for number in await jobs.take_up_unknown(self.context.pool, names):
            log.warning("job_taken_up", job=number, lost=False)
        for one in await jobs.take_up_stalled(
            self.context.pool, self._limits.silent_s, STALLS_MAX, self._now()
        ):
            log.warning("job_taken_up", job=one.job, town=one.town, name=one.name, lost=one.failed)

    # -- the queue ---------------------------------------------------------------------------------

    def _queue(self) -> procrastinate.App:
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=self._settings.postgres_dsn,
                kwargs={"options": "-c search_path=jobs", "application_name": "koban-jobs"},
                min_size=1,
                max_size=self._limits.concurrency + 2,
                timeout=10.0,
            )
        )
        for job in self._table:
            task = app.task(
                name=job.name, queue=job.queue, retry=Backoff(job.retry), pass_context=True
            )
            task(self._runner(job))
        return app

    def _runner(self, job: Job) -> Callable[..., Coroutine[Any, Any, None]]:
        async def run(row: procrastinate.JobContext, *, town: int, **plain: object) -> None:
            assert row.job.id is not None
            await self._turn(job, row.job.id, row.job.attempts + 1, town, plain)

        return run

    async def _turn(
        self, job: Job, number: int, attempt: int, town: int, plain: dict[str, object]
    ) -> None:
        """Runs slices of a job while it is its turn. Where there is more to do it is enqueued anew
        before this one ends: were this one lost in between, it would find its follower waiting.
        """
        pool, said = self.context.pool, log.bind(job=number, name=job.name, town=town)
        began = asyncio.get_running_loop().time()
        slices, more, took_s = 0, True, 0.0
        try:
            while more and not self._stopping and (not slices or took_s < self._limits.turn_s):
                more = await job(self.context, town, now=self._now(), **job.told(plain))
                slices += 1
                took_s = asyncio.get_running_loop().time() - began
            if more:
                lock = job.lock(town, plain)
                await jobs.defer(pool, job.queue, job.name, lock, town, plain, unless_waiting=True)
        except Exception as fault:
            text = f"{type(fault).__name__}: {fault}"[: jobs.FAULT_CHARACTERS_MAX]
            said.warning("job_failed", attempt=attempt, fault=text)
            with contextlib.suppress(LedgerError):
                await jobs.note_fault(pool, town, number, text, self._now())
            raise
        said.info("job_done", attempt=attempt, slices=slices, more=more, took_s=round(took_s, 3))

    async def _work_on(self) -> None:
        """Takes jobs up; goes back to the queue whenever Postgres was away."""
        while True:
            try:
                async with self._app.open_async():
                    log.info("queue_open", queues=self._queues or "all")
                    await self._run(wait=True)
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
                return
            except Exception:
                log.exception("queue_lost")
            await asyncio.sleep(AGAIN_S)

    async def _run(self, *, wait: bool) -> None:
        options: WorkerOptions = {
            "wait": wait,
            "concurrency": self._limits.concurrency,
            "fetch_job_polling_interval": self._limits.poll_s,
            "update_heartbeat_interval": self._limits.heartbeat_s,
            "stalled_worker_timeout": self._limits.silent_s,
            "delete_jobs": "successful",  # What was done stands in our own tables.
            "install_signal_handlers": False,
            "listen_notify": wait,
        }
        if self._queues:
            options["queues"] = self._queues
        await self._app.run_worker_async(**options)

    # -- beside the jobs ---------------------------------------------------------------------------

    async def _take(self, profile: Profile) -> None:
        self._profiles[profile.town.number] = profile

    async def _every(self, seconds: float, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await look()
            except LedgerError as error:
                log.warning("queue_not_looked_at", error=str(error))
            except Exception:
                log.exception("look_fault")

    async def _tell(self) -> None:
        counts = await jobs.counts(self.context.pool)
        log.info(
            "alive",
            towns=len(self._profiles),
            waiting=sum(count.waiting for count in counts.values()),
            running=sum(count.running for count in counts.values()),
            failed=sum(count.failed for count in counts.values()),
        )
