"""The composition root: what a gateway process is made of, and the order it starts and stops in.

Start: Postgres (the counter's own connections, then everybody else's) → towns' rules → locks and
broker (Redis may be away) → for each town relay, confirmations, counter → the tickers → the doors.
Stop, in reverse, after `gateway.drain` has seen the screens off: tickers → counters (what is in
flight gets its answer) → confirmations (what was shown is written) → relays → broker → locks →
hashing threads → Postgres.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from config.limits import Limits
from config.profile import Profile, read_profile
from config.settings import Settings, SettingsError
from gateway.auth import Auth
from gateway.connection import Connection
from gateway.counter import Counter
from gateway.figures import Bulletin
from gateway.handlers import Handlers
from gateway.health import Health, health_routes, judge
from gateway.http.context import HttpContext
from gateway.http.headers import SecurityHeaders, allowed_origins
from gateway.http.pages import exception_handlers
from gateway.hub import Hub
from gateway.metrics import Metrics
from gateway.protocol.api import AlertLine, SessionLine
from gateway.protocol.closing import CloseCode
from gateway.protocol.messages import SUBPROTOCOL, Role
from gateway.routes import http_routes
from gateway.tickets import SessionsEnded
from gateway.trail import Trail
from gateway.wire import EXTENSION
from ledger.authorise import decide
from ledger.database import Pool, open_pool
from ledger.errors import LedgerError
from ledger.identity import forget_endpoint
from ledger.seal import seal_forever
from ledger.towns import load_town
from notifier.broker import Broker, Ended, Hint, News, Told
from notifier.locks import Locks
from notifier.push import PushSender
from notifier.push import public_key as push_key
from notifier.sms import SmsSender
from notifier.subscriptions import Subscription

POOL_SIZE = 10  # Everything but the counter: tickets, feeds, HTTP.
TAIL_S = 0.1
FIGURES_S = 1.0
TICK_SHARES = 10  # Sessions are looked at in so many parts, each once a second.
ENDED_LOOK_S = 15.0
ENDED_AGAIN_S = 1.0
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
        self.hubs: dict[str, Hub] = {}
        self._now = now
        self._monotonic = monotonic
        self._trail = Trail(monotonic, everything=settings.log_level == "debug")
        self._origins = allowed_origins(settings)
        self._by_number: dict[int, str] = {}
        self._counters: dict[int, Counter] = {}
        self._look = asyncio.Event()
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
        profiles = {code: read_profile(code) for code in settings.towns}
        for profile in profiles.values():
            await load_town(pool, profile, self._now())
        self._by_number.update({one.town.number: code for code, one in profiles.items()})

        auth = self._open_auth(pool)
        self._locks = Locks(settings.redis_url, self.name, limits.counter.lock_ttl_ms)
        await self._locks.start()
        self._closers.append(self._locks.stop)
        self._broker = Broker(
            settings.redis_url, self.name, list(self._by_number), self._hear, self._missed
        )
        self._broker.start()
        self._closers.append(self._broker.stop)
        self._push = self._open_push(pool)
        for code, profile in profiles.items():
            await self._open_town(code, profile, pool, counting, auth)
        self._bulletin = Bulletin(self.metrics, self._monotonic)
        self._measure()
        self._tasks = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("tick", self._tick()),
                ("tail", self._every(TAIL_S, self._send_tails)),
                ("figures", self._every(FIGURES_S, self._publish)),
                ("ended", self._look_up_ended()),
                ("sweep", auth.sweep_forever()),
                *(("seal", seal_forever(pool, town, self._now)) for town in self._by_number),
            )
        ]
        self._http = self._open_http(pool, profiles, auth)
        log.info("started", gateway=self.name, towns=list(profiles), redis=self._locks.healthy)

    def _open_auth(self, pool: Pool) -> Auth:
        settings = self.settings
        sms = SmsSender(settings.sms_url, settings.sms_key) if settings.sms_url else None
        if sms is not None:
            self._closers.append(sms.close)
        auth = Auth(settings, pool, on_ended=self._on_ended, sms=sms)

        async def close() -> None:
            auth.close()

        self._closers.append(close)
        return auth

    def _open_push(self, pool: Pool) -> PushSender | None:
        settings = self.settings
        if not settings.vapid_private_key:
            return None

        async def forget(gone: Subscription) -> None:
            await forget_endpoint(pool, gone.town, gone.endpoint)

        # The demo's browsers may name a push service on this machine, as the tests do.
        try:
            sender = PushSender(
                settings.vapid_private_key, settings.vapid_subject, forget, loopback=settings.demo
            )
        except ValueError as error:
            raise SettingsError(
                f"KOBAN_VAPID_PRIVATE_KEY is no PEM key on P-256: {error}"
            ) from None
        sender.start()
        self._closers.append(sender.stop)
        return sender

    async def _open_town(
        self, code: str, profile: Profile, pool: Pool, counting: Pool, auth: Auth
    ) -> None:
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
        self.hubs[code] = hub
        self._counters[hub.town] = counter

    def _open_http(self, pool: Pool, profiles: dict[str, Profile], auth: Auth) -> Starlette:
        settings = self.settings
        key = push_key(settings.vapid_private_key) if settings.vapid_private_key else ""
        context = HttpContext(
            settings=settings,
            pool=pool,
            profiles=profiles,
            auth=auth,
            live=self,
            push_key=key,
            clock=self._now,
        )
        return Starlette(
            routes=[*health_routes(self.health, self.metrics), *http_routes(context)],
            middleware=[Middleware(SecurityHeaders, settings=settings)],
            exception_handlers=exception_handlers(),
        )

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
            await self._websocket(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        hub = self.hubs.get(scope["path"].removeprefix("/ws/"))
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        if hub is None:
            await _reject(send, 404)
        elif origin is not None and origin.decode("latin-1") not in self._origins:
            # A program sends no origin, and has no cookies that a page could misuse either.
            await _reject(send, 403)
        elif self.draining or len(hub.connections) >= self.limits.sockets.sessions_max:
            await _reject(send, 503)
        elif SUBPROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            code = CloseCode.WRONG_SUBPROTOCOL
            await send({"type": "websocket.close", "code": code, "reason": f"use {SUBPROTOCOL}"})
        else:
            await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
            wire = scope["extensions"].pop(EXTENSION, None)
            connection = Connection(hub, hub.session(), send, wire, hub.now_ms())
            hub.connections.add(connection)
            await connection.serve(receive)

    # -- what other gateways say -------------------------------------------------------------------

    def _hear(self, town: int, news: News) -> None:
        hub = self.hubs.get(self._by_number[town])
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
        self._look.set()

    async def _on_ended(self, ended: SessionsEnded) -> None:
        self.hubs[self._by_number[ended.town]].end(set(ended.sessions))
        self._broker.tell(ended.town, Ended(self.name, ended.sessions))

    async def _look_up_ended(self) -> None:
        while True:
            try:
                async with asyncio.timeout(ENDED_LOOK_S):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            for hub in self.hubs.values():
                try:
                    await hub.look_up_ended()
                except LedgerError as error:
                    log.warning("ended_not_looked_up", error=str(error))
                    await asyncio.sleep(ENDED_AGAIN_S)
                    self._look.set()

    # -- time --------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        share = 0
        while True:
            await asyncio.sleep(1 / TICK_SHARES)
            share = (share + 1) % TICK_SHARES
            for hub in self.hubs.values():
                hub.tick(share, TICK_SHARES)

    async def _every(self, seconds: float, act: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                act()
            except Exception:
                log.exception("ticker_fault")

    def _send_tails(self) -> None:
        for hub in self.hubs.values():
            hub.tail.send()

    def _publish(self) -> None:
        health = self.health()
        self._bulletin.look()
        for hub in self.hubs.values():
            self._bulletin.publish(hub, redis=health.redis, postgres=health.postgres)

    # -- what is asked -----------------------------------------------------------------------------

    def health(self) -> Health:
        """How this gateway is."""
        postgres = all(hub.relay.healthy for hub in self.hubs.values())
        redis = self._locks.healthy and self._broker.healthy
        return Health(
            status=judge(postgres=postgres, redis=redis, draining=self.draining),
            gateway=self.name,
            postgres=postgres,
            redis=redis,
            sessions=sum(len(hub.connections) for hub in self.hubs.values()),
            waiting=sum(counter.waiting for counter in self._counters.values()),
        )

    def _measure(self) -> None:
        gauge = self.metrics.gauge
        for code, hub in self.hubs.items():
            counter = self._counters[hub.town]
            for role in Role:
                count = partial(hub.count, role)
                gauge("koban_sessions", "Sessions, by role.", count, town=code, role=role)
            gauge("koban_waiting", "Commands not in a batch yet.", _of(counter), town=code)
            frames = partial(getattr, hub, "queue_frames")
            gauge("koban_queue_frames", "Frames that screens have not read.", frames, town=code)
            gauge("koban_unshown", "Not shown to a party.", partial(_unshown, hub), town=code)
        if (push := self._push) is not None:
            for result in ("delivered", "gone", "failed", "dropped"):
                count = partial(getattr, push.counts, result)
                gauge("koban_pushes", "Web Push notices, by what came of it.", count, result=result)
            gauge("koban_pushes_waiting", "Notices in the queue.", lambda: push.waiting)
        gauge("koban_redis_up", "1 while Redis works.", lambda: self.health().redis)
        gauge("koban_postgres_up", "1 while Postgres works.", lambda: self.health().postgres)

    def connected_terminals(self, town: int) -> AbstractSet[int]:
        """Terminals with an open socket here."""
        hub = self.hubs[self._by_number[town]]
        return {
            one.who.terminal
            for one in hub.connections
            if one.who is not None and one.who.terminal is not None
        }

    def session_lines(self, town: int) -> list[SessionLine]:
        """Every open socket of the town."""
        return self.hubs[self._by_number[town]].lines()

    def alert_lines(self, town: int) -> list[AlertLine]:
        """What needs a person now, newest first."""
        return self.hubs[self._by_number[town]].alerts.lines()

    def in_progress(self, town: int, payment: UUID) -> bool:
        """Whether a command with this id waits or is being decided here."""
        return self._counters[town].in_progress(payment)


async def _reject(send: Send, status: int) -> None:
    await send({"type": "websocket.http.response.start", "status": status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})


async def _close_pool(pool: Pool) -> None:
    try:
        async with asyncio.timeout(POOL_CLOSE_S):
            await pool.close()
    except TimeoutError:
        pool.terminate()


def _of(counter: Counter) -> Callable[[], float]:
    return lambda: counter.waiting


def _unshown(hub: Hub) -> float:
    return len(hub.confirmations.unshown)
