"""The broker: what gateways tell each other, over Redis pub/sub, one channel a town.

A message may be lost; nothing depends on one arriving (the relay polls, revocations are looked up
again). What must be known is whether the channel is deaf, because a killed pub/sub connection says
nothing by itself: every gateway publishes a beat and must hear its own within `DEAF_S`; otherwise
it connects anew, and whoever listens is told that something may have been missed.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

BEAT_S = 1.0
DEAF_S = 3.5
AGAIN_S = 0.5
# A gateway that was not heard for so long is not reckoned with: what would be said to it is not
# said, and when it is back it reads (the relay) and looks up (sessions that ended).
PEER_S = 5.0
# Publishing waits at most so long; a message that cannot leave by then is dropped (see above).
SEND_S = 1.0
# Messages waiting to be published; past it the oldest news is dropped, because it is old.
WAITING_MAX = 10_000

log = structlog.get_logger("notifier.broker")


class Hint(Struct, frozen=True, tag="hint"):
    """The town's events now reach to ``number``."""

    gateway: str
    number: int


class ShownBy(Struct, frozen=True, array_like=True):
    """``by`` (wallet or terminal) has shown these payments; ``account`` is the other party."""

    account: int
    by: str
    payments: list[UUID]


class Told(Struct, frozen=True, tag="shown"):
    """What was shown in the last moment at this gateway's screens."""

    gateway: str
    shown: list[ShownBy]


class Ended(Struct, frozen=True, tag="ended"):
    """These sign-ins are over: their sockets are closed at once, on every gateway."""

    gateway: str
    sessions: list[UUID]


class Beat(Struct, frozen=True, tag="beat"):
    """This gateway is there, and hears itself."""

    gateway: str


News = Hint | Told | Ended
_decode = msgspec.json.Decoder(News | Beat).decode
_encode = msgspec.json.Encoder().encode


def channel(town: int) -> str:
    """The town's channel. The braces keep a town's keys on one node of a cluster."""
    return f"koban:{{{town}}}:news"


def encode(news: News) -> bytes:
    """A message as it travels."""
    return _encode(news)


def client(url: str, socket_timeout_s: float | None, *, single: bool = False) -> Redis:
    """A Redis client that fails at once instead of trying again by itself."""
    return Redis.from_url(
        url,
        socket_timeout=socket_timeout_s,
        socket_connect_timeout=1.0,
        retry=Retry(NoBackoff(), 0),
        single_connection_client=single,
    )


class Broker:
    """This gateway's ear and mouth on the channels of its towns.

    Args:
        hear: is given what other gateways say, with the town. Own messages are left out.
        missed: is called after each time the channel was deaf and hears again.
    """

    def __init__(
        self,
        url: str,
        gateway: str,
        towns: Iterable[int],
        hear: Callable[[int, News], None],
        missed: Callable[[], None],
    ) -> None:
        self._url = url
        self.gateway = gateway
        self._towns: dict[str, int] = {}
        self._peers: dict[int, dict[str, float]] = {}
        self._joined = asyncio.Event()  # There is a channel to listen to.
        for town in towns:
            self.join(town)
        self._hear = hear
        self._missed = missed
        self._waiting: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(WAITING_MAX)
        self._tasks: list[asyncio.Task[None]] = []
        self._heard_at = 0.0
        self.healthy = False
        self.dropped = 0  # News that never left; for the metrics.

    def start(self) -> None:
        """Begins to listen. Returns at once; ``healthy`` tells when the channels are heard."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="broker listen"),
            asyncio.create_task(self._speak(), name="broker speak"),
            asyncio.create_task(self._beat(), name="broker beat"),
        ]

    def join(self, town: int) -> None:
        """Listens to one more town's channel, from a moment later on."""
        self._towns[channel(town)] = town
        self._peers.setdefault(town, {})
        self._joined.set()

    async def stop(self) -> None:
        """Says what is still to be said, within a second, and leaves."""
        if self.healthy:
            with suppress(TimeoutError):
                async with asyncio.timeout(SEND_S):
                    await self._waiting.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def peers(self, town: int) -> int:
        """How many other gateways serve the town, as far as they were heard lately."""
        return len(self._peers[town])

    def tell(self, town: int, news: News) -> None:
        """Tells the other gateways, soon. Never waits; news is dropped while Redis is gone.

        Nothing is said to nobody, except the end of a session: a gateway that is just starting
        and was not heard yet should not miss that.
        """
        if self._peers[town] or isinstance(news, Ended):
            self._put(channel(town), _encode(news))

    def _put(self, name: str, message: bytes) -> None:
        if self._waiting.full():
            self._waiting.get_nowait()
            self._waiting.task_done()
            self.dropped += 1
        self._waiting.put_nowait((name, message))

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        beat = _encode(Beat(self.gateway))
        await self._joined.wait()
        while True:
            if self.healthy or self._waiting.empty():
                for name in self._towns:
                    self._put(name, beat)
            now = loop.time()
            if self.healthy and now - self._heard_at > DEAF_S:
                self.healthy = False
                log.warning("redis_deaf")
            for peers in self._peers.values():
                for gateway in [name for name, at in peers.items() if now - at > PEER_S]:
                    del peers[gateway]
            await asyncio.sleep(BEAT_S)

    async def _speak(self) -> None:
        redis = client(self._url, SEND_S)
        try:
            while True:
                name, message = await self._waiting.get()
                try:
                    await redis.publish(name, message)
                except (RedisError, OSError, TimeoutError):
                    self.dropped += 1
                    await asyncio.sleep(AGAIN_S)
                finally:
                    self._waiting.task_done()
        finally:
            await redis.aclose()

    async def _listen(self) -> None:
        """Listens until deaf, then begins again on a new connection."""
        while True:
            await self._joined.wait()
            # No time-out of the socket's own: a quiet channel is no fault, a deaf one is noticed
            # by the missing beat.
            redis = client(self._url, None)
            try:
                await self._hear_out(redis)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("redis_gone", error=str(error) or type(error).__name__)
            finally:
                self.healthy = False
                with suppress(RedisError, OSError, TimeoutError):
                    await redis.aclose()
            await asyncio.sleep(AGAIN_S)

    async def _hear_out(self, redis: Redis) -> None:
        """Hears messages until the connection breaks or has been deaf for too long."""
        loop = asyncio.get_running_loop()
        pubsub = redis.pubsub(ignore_subscribe_messages=True)
        try:
            heard: set[str] = set()
            self._heard_at = loop.time()
            while loop.time() - self._heard_at <= DEAF_S:
                if new := self._towns.keys() - heard:
                    await pubsub.subscribe(*new)
                    heard |= new
                message = await pubsub.get_message(timeout=BEAT_S)
                if message is None:
                    continue
                self._message(message["channel"].decode(), message["data"], loop.time())
        finally:
            with suppress(RedisError, OSError, TimeoutError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    def _message(self, name: str, data: bytes, now: float) -> None:
        try:
            news = _decode(data)
        except msgspec.DecodeError:
            # A gateway of another version may say things that this one does not know.
            log.warning("news_unknown", channel=name)
            return
        town = self._towns[name]
        if news.gateway != self.gateway:
            self._peers[town][news.gateway] = now
            if not isinstance(news, Beat):
                self._hear(town, news)
        elif isinstance(news, Beat):
            self._heard_at = now
            if not self.healthy:
                self.healthy = True
                log.info("redis_heard")
                self._missed()
