"""Sends text messages through a provider's HTTP interface.

The interface is one request: ``POST`` to the provider's address with ``{"to", "text"}`` as JSON and
three headers, ``Idempotency-Key`` (one message, however often it is sent), ``Koban-Timestamp``
(seconds since the Unix epoch) and ``Koban-Signature`` (see `signature`). The provider answers
2xx with ``{"id"}`` when it has taken the message, also when it had taken it before under the same
key; 4xx when it never will; 429 or 503 when it did not but may later. Anything else says nothing
about the message.

A message is tried a few times and never endlessly. What is raised tells two things apart: the
message was certainly `NotSent`, or it is `Unknown` whether the provider took it.
"""

import asyncio
import hashlib
import hmac
import random
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx
import msgspec
import structlog
from msgspec import Struct

ATTEMPTS_MAX = 3
TIMEOUT_S = 4.0  # Of one attempt; somebody is looking at a screen that waits for the code.
BACKOFF_S = 0.25  # Before the second attempt; doubles, with jitter.
RETRY_AFTER_MAX_S = 3.0  # A provider that asks for more is given up on at once.
TEXT_CHARACTERS_MAX = 660  # What Japanese carriers deliver as one (concatenated) message.

log = structlog.get_logger(__name__)


class SmsError(Exception):
    """A text message did not certainly go out."""


class NotSent(SmsError):
    """The provider has certainly not taken the message; a new one may be sent."""


class Unknown(SmsError):
    """The provider may have taken the message: no answer came back."""


class Sms(Struct, frozen=True):
    """One text message. ``key`` makes it one, however often it is sent."""

    key: UUID
    to: str
    text: str


class Accepted(Struct, frozen=True):
    """The provider's answer: its own number for the message."""

    id: str


class _Body(Struct, frozen=True):
    to: str
    text: str


def signature(secret: bytes, timestamp_s: int, key: UUID, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256, in hex, of ``timestamp.key.body``.

    The timestamp is inside, so that an old request cannot be sent again by somebody who saw it.
    """
    signed = b"%d.%s.%s" % (timestamp_s, str(key).encode(), body)
    return "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()


def signed_headers(secret: bytes, timestamp_s: int, key: UUID, body: bytes) -> dict[str, str]:
    """The headers of a request with JSON that its receiver can check."""
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": str(key),
        "Koban-Timestamp": str(timestamp_s),
        "Koban-Signature": signature(secret, timestamp_s, key, body),
    }


class SmsSender:
    """The way to the provider. Use it as an async context manager; it holds connections open."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        timeout_s: float = TIMEOUT_S,
        backoff_s: float = BACKOFF_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``url`` is the full address that takes messages; ``secret`` the provider knows too."""
        self._url = url
        self._secret = secret.encode()
        self._backoff_s = backoff_s
        self._clock = clock
        self._client = httpx.AsyncClient(
            timeout=timeout_s,
            follow_redirects=False,  # A signed request goes where it was signed for.
            trust_env=False,
            limits=httpx.Limits(max_connections=10),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections to the provider."""
        await self._client.aclose()

    async def send(self, sms: Sms) -> str:
        """Sends one message and returns the provider's number for it.

        Raises:
            NotSent: the provider refused it, or was never reached.
            Unknown: an attempt left, no answer came, and no later attempt settled it.
            ValueError: the text is longer than a message may be.
        """
        if len(sms.text) > TEXT_CHARACTERS_MAX:
            raise ValueError(f"the text has {len(sms.text)} characters; {TEXT_CHARACTERS_MAX} fit")
        body = msgspec.json.encode(_Body(sms.to, sms.text))
        unknown, problem = False, ""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                answer = await self._post(sms.key, body)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                problem, wait_s = f"not reached ({type(error).__name__})", 0.0
            except httpx.HTTPError as error:
                unknown = True
                problem, wait_s = f"no answer ({type(error).__name__})", 0.0
            else:
                if answer.is_success:
                    return _accepted(answer)
                problem, wait_s = f"answered {answer.status_code}", _retry_after_s(answer)
                if _is_final(answer, wait_s):
                    break
                # Other than 503, a 5xx may hide that the message was taken before the fault.
                unknown = unknown or (answer.status_code >= 500 and answer.status_code != 503)
            log.warning("sms.attempt_failed", key=str(sms.key), attempt=attempt, problem=problem)
            if attempt < ATTEMPTS_MAX:
                await asyncio.sleep(max(wait_s, self._pause_s(attempt)))
        if unknown:
            raise Unknown(f"the SMS provider may have taken the message: it {problem}")
        raise NotSent(f"the SMS provider did not take the message: it {problem}")

    async def _post(self, key: UUID, body: bytes) -> httpx.Response:
        # Signed anew for each attempt: the provider refuses an old timestamp.
        headers = signed_headers(self._secret, int(self._clock()), key, body)
        return await self._client.post(self._url, content=body, headers=headers)

    def _pause_s(self, attempt: int) -> float:
        return self._backoff_s * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311


def _accepted(answer: httpx.Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=Accepted).id
    except msgspec.DecodeError as error:
        raise Unknown("the SMS provider took the message but its answer makes no sense") from error


def _retry_after_s(answer: httpx.Response) -> float:
    """How long the provider asks to wait; a date instead of seconds counts as too long."""
    text = answer.headers.get("Retry-After", "0")
    return float(text) if text.isdecimal() else RETRY_AFTER_MAX_S + 1


def _is_final(answer: httpx.Response, wait_s: float) -> bool:
    """Whether trying again cannot help, or would take too long."""
    if wait_s > RETRY_AFTER_MAX_S:
        return True
    return answer.status_code < 500 and answer.status_code not in (408, 429)
