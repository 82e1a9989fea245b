"""Tells an address of the operator's own (a chat, a pager) what needs a person, signed.

``POST`` with JSON and three headers: ``Idempotency-Key`` (one alert's one word, however often it
is sent), ``Koban-Timestamp`` (seconds since the Unix epoch) and ``Koban-Signature``, made like that
of text messages (`notifier.sms.signature`). Whoever gets it checks the signature with the key that
both know, and refuses a timestamp that is minutes old.
"""

import time
from collections.abc import Callable
from uuid import UUID

import httpx

from notifier.sms import signed_headers

TIMEOUT_S = 10.0


class AlertNotTaken(Exception):
    """The address did not answer 2xx; the message says what it did."""


class AlertWebhook:
    """The way to one address."""

    def __init__(self, url: str, key: str, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._key = key.encode()
        self._clock = clock
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_S,
            follow_redirects=False,  # A signed request goes where it was signed for.
            trust_env=False,
        )

    async def send(self, key: UUID, body: bytes) -> None:
        """Sends one word.

        Raises:
            AlertNotTaken: it was not reached or did not answer 2xx.
        """
        headers = signed_headers(self._key, int(self._clock()), key, body)
        try:
            answer = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise AlertNotTaken(type(error).__name__) from error
        if not answer.is_success:
            raise AlertNotTaken(f"it answered {answer.status_code}")

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()
