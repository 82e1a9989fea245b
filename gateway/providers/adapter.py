"""A provider that is reached over HTTP: told and asked with time-outs, retries and signatures.

Each act is tried a few times and never endlessly. Two kinds of silence are told apart: the provider
certainly did not hear (``not_reached``), or it is open whether it did (``no_answer``), after which
only asking helps: also a definite no to a later attempt says nothing of an earlier one. An answer
is read for so long and so far only, however slowly it drips. Its connections follow no redirect and
no proxy of the environment: a signed request goes where it was signed for.
"""

import asyncio
import datetime as dt
import random
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from config.providers import ProviderSettings
from gateway.providers.interface import DayFileAbsent, OrderAnswer, OrderBody, heard
from gateway.providers.signatures import Party
from ledger.load_states import Word
from ledger.loads import Heard, LoadOrder, Source

ATTEMPTS_MAX = 3
BACKOFF_S = 0.25  # Before the second attempt; doubles, with jitter.
RETRY_AFTER_MAX_S = 3.0  # A provider that asks for more is asked again by the desk's own rhythm.
# How far an answer is read, and for how many times the provider's time-out, which itself begins
# anew with each byte that comes.
ANSWER_BYTES_MAX = 65_536
ANSWER_TIMEOUTS = 2
FILE_BYTES_MAX = 20_000_000
FILE_TIMEOUTS = 12

log = structlog.get_logger("gateway.providers")


class _Answer(Struct, frozen=True):
    """What was answered. ``alone``: no earlier attempt may have been heard."""

    status: int
    content: bytes
    retry_after_s: float
    alone: bool = True

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class HttpProvider(Party):
    """One provider, for one town."""

    def __init__(
        self,
        code: str,
        settings: ProviderSettings,
        *,
        town: str,
        callback: str,
        backoff_s: float = BACKOFF_S,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``callback`` is our own address that the provider calls back."""
        super().__init__(code, settings, clock)
        self._town = town
        self._callback = callback
        self._backoff_s = backoff_s
        self._path = urlsplit(settings.url).path.rstrip("/")
        self._client = httpx.AsyncClient(
            base_url=f"{settings.url.rstrip('/')}/",
            timeout=settings.timeout_s,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
            limits=httpx.Limits(max_connections=20),
        )

    async def close(self) -> None:
        """Closes the connections to it."""
        await self._client.aclose()

    async def request(self, order: LoadOrder, member: str = "") -> Heard | None:
        """Tells it of an order. Its definite no is ``failed``."""
        body = OrderBody(
            order=order.id,
            town=self._town,
            direction=order.direction.value,
            amount=order.their_amount,
            callback=self._callback,
            expires_at=_milliseconds(order.expires_at),
            member=member,
        )
        return await self._tell(order, "orders", msgspec.json.encode(body), refused=Word.FAILED)

    async def ask(self, order: LoadOrder) -> Heard | None:
        """Asks how far an order is."""
        return await self._tell(order, f"orders/{order.id}", None, refused=Word.NO_ANSWER)

    async def cancel(self, order: LoadOrder) -> Heard | None:
        """Has an order fail for good, unless it was paid."""
        return await self._tell(order, f"orders/{order.id}/cancel", b"{}", refused=Word.NO_ANSWER)

    async def refund(self, order: LoadOrder) -> Heard | None:
        """Has it give back what was paid. Its definite no contradicts, and a person hears of it."""
        return await self._tell(order, f"orders/{order.id}/refund", b"{}", refused=Word.FAILED)

    async def day_file(self, date: dt.date) -> str:
        """Its file of a day.

        Raises:
            DayFileAbsent: it did not give one.
        """
        answer = await self._send(None, f"days/{date.isoformat()}.csv", None)
        if isinstance(answer, Word):
            raise DayFileAbsent(f"{self.code} did not answer ({answer})")
        if not answer.is_success:
            raise DayFileAbsent(f"{self.code} answered {answer.status}")
        if len(answer.content) > FILE_BYTES_MAX:
            raise DayFileAbsent(f"{self.code}'s file has more than {FILE_BYTES_MAX} bytes")
        try:
            return answer.content.decode()
        except UnicodeDecodeError:
            raise DayFileAbsent(f"{self.code}'s file is not UTF-8") from None

    async def _tell(
        self, order: LoadOrder, path: str, body: bytes | None, *, refused: Word
    ) -> Heard | None:
        """One act and what it says. ``refused``: what a definite no means."""
        answer = await self._send(order.id, path, body)
        if isinstance(answer, Word):
            return Heard(answer, Source.ANSWER)
        if answer.status == 404:
            return Heard(Word.NOT_FOUND, Source.ANSWER)
        # 409: our id stands for something else there; only a person can tell how.
        if not answer.is_success:
            word = refused if answer.alone and answer.status != 409 else Word.NO_ANSWER
            return Heard(word, Source.ANSWER, reason=f"answered {answer.status}")
        try:
            said = msgspec.json.decode(answer.content, type=OrderAnswer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            log.warning("provider.senseless", provider=self.code, order=str(order.id))
            return Heard(Word.NO_ANSWER, Source.ANSWER)
        if said.order != order.id:
            log.warning("provider.other_order", provider=self.code, order=str(order.id))
            return Heard(Word.NO_ANSWER, Source.ANSWER)
        return heard(said, order, Source.ANSWER)

    async def _send(self, order: UUID | None, path: str, body: bytes | None) -> _Answer | Word:
        """An answer that settles it, or which kind of silence there was."""
        silence = Word.NOT_REACHED
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                answer = await self._once(order, path, body)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                problem, wait_s = type(error).__name__, 0.0
            except (httpx.HTTPError, TimeoutError) as error:
                silence = Word.NO_ANSWER
                problem, wait_s = type(error).__name__, 0.0
            else:
                if answer.status < 500 and answer.status not in (408, 429):
                    return replace(answer, alone=silence is Word.NOT_REACHED)
                # Other than 503, a 5xx may hide that it was heard before the fault.
                if answer.status not in (429, 503):
                    silence = Word.NO_ANSWER
                problem, wait_s = f"answered {answer.status}", answer.retry_after_s
            log.warning(
                "provider.attempt_failed",
                provider=self.code,
                path=path,
                attempt=attempt,
                problem=problem,
            )
            if attempt == ATTEMPTS_MAX or wait_s > RETRY_AFTER_MAX_S:
                break
            pause_s = self._backoff_s * 2.0 ** (attempt - 1)
            await asyncio.sleep(max(wait_s, pause_s * random.uniform(0.75, 1.25)))  # noqa: S311
        return silence

    async def _once(self, order: UUID | None, path: str, body: bytes | None) -> _Answer:
        # Signed anew for each attempt: the provider refuses an old timestamp.
        method = "GET" if body is None else "POST"
        target = f"{self._path}/{path}"
        headers = self.sign(method, target, body or b"")
        if body is not None:
            headers["Content-Type"] = "application/json"
            headers["Idempotency-Key"] = str(order)
        bytes_max, timeouts = (
            (FILE_BYTES_MAX, FILE_TIMEOUTS)
            if order is None
            else (ANSWER_BYTES_MAX, ANSWER_TIMEOUTS)
        )
        request = self._client.build_request(method, path, content=body, headers=headers)
        content = bytearray()
        async with asyncio.timeout(self.settings.timeout_s * timeouts):
            answer = await self._client.send(request, stream=True)
            async with aclosing(answer):
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > bytes_max:
                        break
        return _Answer(answer.status_code, bytes(content), _retry_after_s(answer))


def _retry_after_s(answer: httpx.Response) -> float:
    """How long the provider asks to wait; a date instead of seconds counts as too long."""
    text = answer.headers.get("Retry-After", "0")
    return float(text) if text.isdecimal() else RETRY_AFTER_MAX_S + 1


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
