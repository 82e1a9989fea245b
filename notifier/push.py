"""Web Push: tells a phone whose wallet is not open.

Encrypted for the phone (RFC 8291), signed by the town (VAPID, RFC 8292), sent to the push service
that the phone's browser named (see `notifier.subscriptions` for what may be named).

Nothing waits for a push: `PushSender.offer` puts it into a bounded queue or drops it, and a few
workers empty the queue. A push that is lost costs nothing but a push; the money, and the feed
that the wallet reads when it opens, know better.
"""

import asyncio
import base64
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import httpcore
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from msgspec import Struct
from py_vapid import Vapid02
from pywebpush import WebPusher

from notifier.push_messages import PushMessage
from notifier.subscriptions import (
    PublicOnly,
    Subscription,
    SubscriptionRefused,
    check_subscription,
)

QUEUE_MAX = 2_000  # Pushes; at 8 workers and 100 ms each, 25 s of work: older ones are stale.
WORKERS = 8
ATTEMPTS_MAX = 3
BACKOFF_S = 1.0
RETRY_AFTER_MAX_S = 10.0
TIMEOUT_S = 10.0  # Of each step: connect, write, read.
TTL_S = 6 * 3_600  # How long the push service keeps it for a phone that is off.
CLAIMS_TTL_S = 12 * 3_600  # RFC 8292 allows 24 h.
ANSWER_BYTES_MAX = 4_096  # Of a push service's answer we only need the status.

log = structlog.get_logger(__name__)


class PushCounts(Struct):
    """What became of the pushes since the start; for the metrics."""

    delivered: int = 0
    gone: int = 0
    failed: int = 0
    dropped: int = 0


def _load_key(private_pem: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(private_pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ValueError("the VAPID key is not on the P-256 curve")
    return key


def public_key(private_pem: str) -> str:
    """The VAPID public key that screens subscribe with, in base64url.

    Raises:
        ValueError: the text is not a PEM private key on the P-256 curve.
    """
    point = _load_key(private_pem).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class _Job(Struct, frozen=True):
    subscription: Subscription
    payload: bytes


class PushSender:
    """The queue of pushes and the workers that empty it."""

    def __init__(
        self,
        private_pem: str,
        subject: str,
        on_gone: Callable[[Subscription], Awaitable[None]],
        *,
        loopback: bool = False,
        trust: ssl.SSLContext | None = None,
        queue_max: int = QUEUE_MAX,
        backoff_s: float = BACKOFF_S,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """``subject`` is the town's contact (``mailto:`` or ``https:``) that push services may use.

        ``on_gone`` is told of a subscription that has ended, so that it is removed; ``trust`` is
        what TLS is checked against, the usual authorities unless told.
        """
        self._vapid = Vapid02(_load_key(private_pem))
        self._subject = subject
        self._on_gone = on_gone
        self._loopback = loopback
        self._backoff_s = backoff_s
        self._timeouts = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
        self._queue: asyncio.Queue[_Job] = asyncio.Queue(queue_max)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust,
            max_connections=WORKERS,
            keepalive_expiry=30.0,
            network_backend=PublicOnly(loopback=loopback),
        )
        self._workers: list[asyncio.Task[None]] = []
        self.counts = PushCounts()

    def start(self) -> None:
        """Starts the workers; call it once, with the event loop running."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(WORKERS)]

    async def stop(self, grace_s: float = 2.0) -> None:
        """Gives the queue a moment to empty, then ends the workers and the connections."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.emptied(), grace_s)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._pool.aclose()

    async def emptied(self) -> None:
        """Waits until all that was offered is delivered or given up."""
        await self._queue.join()

    @property
    def waiting(self) -> int:
        """How many pushes stand in the queue."""
        return self._queue.qsize()

    def offer(self, subscription: Subscription, message: PushMessage) -> bool:
        """Puts a push into the queue, or drops it when the queue is full. Never waits."""
        try:
            self._queue.put_nowait(_Job(subscription, msgspec.json.encode(message)))
        except asyncio.QueueFull:
            self.counts.dropped += 1
            return False
        return True

    async def _work(self) -> None:
        while True:
            job = await self._queue.get()
            try:
                await self._deliver(job)
            except Exception:
                # One odd subscription or callback must not end the worker for all others.
                self.counts.failed += 1
                log.exception("push.fault", wallet=job.subscription.wallet)
            finally:
                self._queue.task_done()

    async def _deliver(self, job: _Job) -> None:
        subscription = job.subscription
        problem = ""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            wait_s = self._backoff_s * 2.0 ** (attempt - 1)
            try:
                status, retry_after_s = await self._post(job)
            except SubscriptionRefused as error:
                problem = str(error)
                break
            except (httpcore.NetworkError, httpcore.TimeoutException, TimeoutError) as error:
                problem = type(error).__name__
            except httpcore.ProtocolError as error:
                problem = type(error).__name__
                break
            else:
                if 200 <= status < 300:
                    self.counts.delivered += 1
                    return
                if status in (404, 410):
                    self.counts.gone += 1
                    await self._on_gone(subscription)
                    return
                problem = f"answered {status}"
                if status not in (408, 429) and status < 500:
                    break
                wait_s = max(wait_s, retry_after_s)
            if attempt == ATTEMPTS_MAX or wait_s > RETRY_AFTER_MAX_S:
                break
            await asyncio.sleep(wait_s)
        self.counts.failed += 1
        log.warning("push.failed", wallet=subscription.wallet, problem=problem)

    async def _post(self, job: _Job) -> tuple[int, float]:
        """Sends once; the status and the seconds the push service asks to wait."""
        subscription = job.subscription
        check_subscription(subscription, loopback=self._loopback)
        parts = urlsplit(subscription.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "sub": self._subject,
            "exp": int(time.time()) + CLAIMS_TTL_S,
        }
        keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
        # Encrypting and signing takes 0.3 ms: not worth a thread at what the workers can send.
        body: bytes = WebPusher({"endpoint": subscription.endpoint, "keys": keys}).encode(
            job.payload
        )["body"]
        headers = {
            **self._vapid.sign(claims),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(TTL_S),
            "Urgency": "high",
        }
        async with self._pool.stream(
            "POST",
            subscription.endpoint,
            headers=headers,
            content=body,
            extensions={"timeout": self._timeouts},
        ) as answer:
            retry_after = dict(answer.headers).get(b"Retry-After", b"0")
            received = 0
            async for chunk in answer.aiter_stream():
                received += len(chunk)
                if received > ANSWER_BYTES_MAX:
                    break
            return answer.status, float(retry_after) if retry_after.isdigit() else 0.0
