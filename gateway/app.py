"""The composition root: what a gateway process is made of, and the order it starts and stops in.

Start: Postgres (the counter's own connections, then everybody else's) → locks and broker (Redis may
be away) → the doors → the rulebook: for each town relay, confirmations, counter → the tickers. The
rulebook goes on looking, so a town that is loaded later is opened in the same way.
Stop, in reverse, after `gateway.drain` has seen the screens off: tickers → counters (what is in
flight gets its answer) → confirmations (what was shown is written) → relays → broker → locks →
hashing threads → Postgres.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from config.limits import Limits
from config.profile import Profile
from config.settings import Settings
from gateway.auth import Auth
from gateway.counter import Counter
from gateway.endpoint import Endpoint
from gateway.figures import Bulletin
from gateway.handlers import Handlers
from gateway.health import health_routes
from gateway.http.context import HttpContext
from gateway.http.headers import SecurityHeaders, allowed_origins
from gateway.http.pages import exception_handlers
from gateway.hub import Hub
from gateway.jobs.watch import JobWatch
from gateway.live import Live
from gateway.metrics import Metrics
from gateway.notice_watch import NoticeWatch
from gateway.providers.desk import Desk
from gateway.providers.opening import open_providers
from gateway.providers.teller import Teller, through
from gateway.rounds import Rounds
from gateway.routes.table import http_routes
from gateway.rulebook import Rulebook
from gateway.sales.lane import Lane
from gateway.sales.office import SalesOffice
from gateway.senders import open_push, open_sms
from gateway.stops import StopWatch
from gateway.tickets import SessionsEnded
from gateway.trail import Trail
from gateway.watching.messenger import Messenger
from gateway.watching.senses import Senses
from gateway.watching.watchman import Watchman
from ledger.authorise import decide
from ledger.database import Pool, open_pool
from ledger.encryption import encrypt_plain
from ledger.reports.snapshot import ReportRoom
from ledger.seal import seal_forever
from ledger.vault import Vault
from notifier.broker import Broker, Ended, Hint, News, Told
from notifier.claims import Claims
from notifier.locks import Locks
from notifier.push import PushSender
from notifier.push import public_key as push_key

POOL_SIZE = 10  # Everything but the counter: tickets, feeds, HTTP.
POOL_CLOSE_S = 5.0

log = structlog.get_logger("gateway.app")


def wall_clock() -> datetime:
    """The present instant; the one place of the gateway that asks the machine."""
    return datetime.now(UTC)


class Gateway:
    """One process's gateway: an ASGI application with a start and a stop of its own."""

    def __init__(
        self,
        settings: Settings,
        limits: Limits | None = None,
        *,
        now: Callable[[], datetime] = wall_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.limits = limits or Limits()
        self.name = secrets.token_hex(4)
        self.metrics = Metrics()
        self.draining = False
        self.hubs: dict[str, Hub] = {}  # By code.
        self._now = now
        self._monotonic = monotonic
        self._trail = Trail(monotonic, everything=settings.log_level == "debug")
        self._endpoint = Endpoint(self.hubs, allowed_origins(settings), lambda: self.draining)
        self._towns: dict[int, Hub] = {}  # The same, by number.
        self._counters: dict[int, Counter] = {}
        self._desks: dict[int, Desk] = {}
        self._sales: SalesOffice | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._closers: list[Callable[[], Awaitable[None]]] = []

    # -- start and stop ----------------------------------------------------------------------------

    async def start(self) -> None:
        """Starts everything, in the order of this module's docstring.

        Raises:
            LedgerError: Postgres cannot be reached, or its schema is not there.
            ProfileError: a town's file is wrong.
            SettingsError: the key of Web Push is none.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        settings, limits = self.settings, self.limits
        counting = await open_pool(settings.postgres_dsn, limits.counter.batches_in_flight)
        self._closers.append(partial(_close_pool, counting))
        pool = await open_pool(settings.postgres_dsn, POOL_SIZE)
        self._closers.append(partial(_close_pool, pool))
        await encrypt_plain(pool, Vault.of(settings))
        rulebook = Rulebook(
            pool, settings.towns, self._now, lambda profile: self._take(profile, pool, counting)
        )
        await rulebook.load_named()

        self._auth = auth = self._open_auth(pool)
        self._locks = Locks(settings.redis_url, self.name, limits.counter.lock_ttl_ms)
        await self._locks.start()
        self._closers.append(self._locks.stop)
        self._broker = Broker(settings.redis_url, self.name, (), self._hear, self._missed)
        self.live = Live(
            self._towns, self._counters, self._locks, self._broker, lambda: self.draining
        )
        bulletin = Bulletin(self.metrics, self._monotonic)
        self._rounds = Rounds(self.hubs.values(), self.live, bulletin)
        self._broker.start()
        self._closers.append(self._broker.stop)
        self._push = self._open_push(pool)
        self.live.measure(self.metrics, self._push)
        self._open_http(pool, auth)
        await self._open_sales()
        self.watchman = self._open_watchman(pool)
        await rulebook.look()
        for name, work in (
            *self._rounds.work(),
            ("sweep", auth.sweep_forever()),
            ("rulebook", rulebook.look_forever()),
            ("jobs", JobWatch(pool, self._towns, self.metrics).look_forever()),
            ("notices", NoticeWatch(pool, self._towns).look_forever()),
            ("stops", StopWatch(pool, self._towns, self._now).look_forever()),
            ("watch", self.watchman.look_forever()),
        ):
            self._begin(name, work)
        log.info("started", gateway=self.name, towns=list(self.hubs), redis=self._locks.healthy)

    def _open_watchman(self, pool: Pool) -> Watchman:
        settings = self.settings
        claims, messenger = Claims(settings.redis_url, self.name), Messenger(settings.alerts)
        self._closers += [claims.close, messenger.close]
        self.metrics.gauge(
            "koban_alerts_unsent",
            "Words to the person in charge not taken.",
            lambda: messenger.unsent,
        )
        senses = Senses(pool, self.live, self._towns, settings.alerts.backup_hours_max)
        return Watchman(pool, senses, claims, messenger, self._code, self._now)

    def _code(self, town: int) -> str | None:
        hub = self._towns.get(town)
        return hub.code if hub is not None else None

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    def _open_auth(self, pool: Pool) -> Auth:
        settings = self.settings
        sms = open_sms(settings)
        if sms is not None:
            self._closers.append(sms.close)
        auth = Auth(settings, pool, on_ended=self._on_ended, sms=sms)

        async def close() -> None:
            auth.close()

        self._closers.append(close)
        return auth

    def _open_push(self, pool: Pool) -> PushSender | None:
        sender = open_push(self.settings, pool)
        if sender is not None:
            sender.start()
            self._closers.append(sender.stop)
        return sender

    async def _take(self, profile: Profile, pool: Pool, counting: Pool) -> None:
        """Serves a new town, or goes by a town's new rules from now on."""
        hub = self._towns.get(profile.town.number)
        if hub is None:
            await self._open_town(profile, pool, counting)
        else:
            hub.take(profile)
        self._context.take(profile)

    async def _open_town(self, profile: Profile, pool: Pool, counting: Pool) -> None:
        auth = self._auth
        self._broker.join(profile.town.number)
        hub = Hub(
            profile,
            pool=pool,
            sessions=auth.sessions,
            broker=self._broker,
            push=self._push,
            metrics=self.metrics,
            trail=self._trail,
            limits=self.limits,
            now=self._now,
            monotonic=self._monotonic,
        )
        counter = Counter(
            hub.town,
            partial(decide, counting, hub.town),
            locks=self._locks,
            broker=self._broker,
            relay=hub.relay,
            metrics=self.metrics,
            trail=self._trail,
            limits=self.limits.counter,
            now=self._now,
            monotonic=self._monotonic,
        )
        hub.handlers = Handlers(
            profile, pool=pool, counter=counter, pins=auth.pins, trail=self._trail
        )
        await hub.relay.start()
        self._closers.append(hub.relay.stop)
        hub.confirmations.start()
        self._closers.append(hub.confirmations.stop)
        if hub.away is not None:
            hub.away.start()
            self._closers.append(hub.away.stop)
        self._closers.append(partial(self._finish, counter))
        self._counters[hub.town] = counter
        self._open_desk(hub, counter, pool)
        self.hubs[hub.code] = self._towns[hub.town] = hub
        self.live.measure_town(self.metrics, hub, counter)
        self._begin("seal", seal_forever(pool, hub.town, self._now))

    def _open_desk(self, hub: Hub, counter: Counter, pool: Pool) -> None:
        teller = Teller(pool, hub.town, through(counter.submit))
        providers = open_providers(self.settings, hub.code)
        desk = self._desks[hub.town] = Desk(
            hub.town, pool, providers, teller, Vault.of(self.settings), now=self._now
        )
        desk.start()
        self._closers.append(desk.stop)

    def _open_http(self, pool: Pool, auth: Auth) -> None:
        settings = self.settings
        key = push_key(settings.vapid_private_key) if settings.vapid_private_key else ""
        replica = settings.replica_dsn
        reports = ReportRoom(replica or settings.postgres_dsn, gives_way=not replica)
        self._closers.append(reports.close)
        self._context = context = HttpContext(
            settings=settings,
            pool=pool,
            auth=auth,
            live=self.live,
            desks=self._desks,
            push_key=key,
            reports=reports,
            clock=self._now,
        )
        self._http = Starlette(
            routes=[*health_routes(self.live.health, self.metrics), *http_routes(context)],
            middleware=[Middleware(SecurityHeaders, settings=settings)],
            exception_handlers=exception_handlers(),
        )

    async def _open_sales(self) -> None:
        """The lane of first-come sales, where it has no process of its own."""
        if self.settings.sales_url:
            return
        self._sales = SalesOffice(
            self.settings,
            self.limits.sales,
            self._context.towns,
            now=self._now,
            monotonic=self._monotonic,
        )
        self._closers.append(self._sales.close)
        await self._sales.open()

    async def stop(self) -> None:
        """Stops what was started, the last first. Nobody may be connected any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._closers:
            close = self._closers.pop()
            try:
                await close()
            except Exception:
                log.exception("stop_fault")
        log.info("stopped", gateway=self.name)

    async def _finish(self, counter: Counter) -> None:
        await counter.finish(self.limits.drain_s)

    async def finish_counters(self, timeout_s: float) -> None:
        """Waits until every command has its answer."""
        await asyncio.gather(*(counter.finish(timeout_s) for counter in self._counters.values()))

    # -- what comes in -----------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] == "websocket":
            await self._endpoint(scope, receive, send)
        elif self._sales is not None and Lane.takes(scope["path"]):
            await self._sales.lane(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    # -- what other gateways say -------------------------------------------------------------------

    def _hear(self, town: int, news: News) -> None:
        hub = self._towns.get(town)
        if hub is None:
            return
        match news:
            case Hint():
                hub.relay.hint(news.number)
            case Told():
                hub.confirmations.heard(news)
            case Ended():
                hub.end(set(news.sessions))

    def _missed(self) -> None:
        """The channel was deaf for a while. Events are polled anyway; the rest is looked up."""
        self._rounds.look_now()

    async def _on_ended(self, ended: SessionsEnded) -> None:
        self._towns[ended.town].end(set(ended.sessions))
        self._broker.tell(ended.town, Ended(self.name, ended.sessions))


async def _close_pool(pool: Pool) -> None:
    try:
        async with asyncio.timeout(POOL_CLOSE_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()
