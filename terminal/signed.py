"""Signing requests and hearing answers: what acquirers and departments' systems have in common.

The form of the signature is `gateway.protocol.signing`'s.
"""

import secrets
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec
from msgspec import UNSET, Struct, UnsetType

from gateway.protocol.api import ApiError
from gateway.protocol.signing import sign
from terminal.errors import ClientError, Unanswered

A = TypeVar("A", bound=Struct)

ANSWER_S = 30.0  # No answer for so long is an unknown outcome.


class SignedRefused(ClientError):
    """The gateway refused. ``error`` says what was wrong and what to do.

    With a status of 500 and more the outcome is unknown, not failed.
    """

    def __init__(self, status: int, error: ApiError) -> None:
        super().__init__(f"{status} {error.code}: {error.message}")
        self.status = status
        self.error = error

    @property
    def unknown(self) -> bool:
        """Whether the outcome is open: not known, or the payer is being asked."""
        return self.status >= 500 or self.error.code == "duplicate_suspected"


class SignedClient:
    """Signs and sends requests with one key.

    Args:
        url: scheme, host and port of the gateway.
        base: what every path is below, such as ``/api/nagaoka/acquirer``.
        clock: seconds since 1970.
        transport: another way to the gateway, for tests.
    """

    def __init__(
        self,
        url: str,
        base: str,
        key_id: str,
        secret: str,
        *,
        clock: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base = base
        self._key_id = key_id
        self._secret = secret
        self._clock = clock
        self._http = httpx.AsyncClient(
            base_url=url, timeout=ANSWER_S, transport=transport, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Signs and sends; the answer if it is 200. ``path`` is below the base.

        Raises:
            SignedRefused: any other answer.
            Unanswered: none.
        """
        try:
            answer = await self._http.request(
                method,
                self._base + path,
                content=body,
                headers={**self.signature(method, path, body), **(headers or {})},
            )
        except httpx.TransportError as error:
            raise Unanswered(f"{method} {path}: {error!r}") from error
        if answer.status_code == 200:
            return answer
        try:
            error_body = msgspec.json.decode(answer.content, type=ApiError)
        except msgspec.DecodeError:  # What a balancer says is no answer of the gateway's.
            raise Unanswered(f"{method} {path}: {answer.status_code}") from None
        raise SignedRefused(answer.status_code, error_body)

    def signature(self, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        """The headers of a request, each time with a nonce of its own."""
        where, _, query = path.partition("?")
        signed = sign(
            method,
            self._base + where,
            query,
            body,
            key_id=self._key_id,
            secret=self._secret,
            created=int(self._clock()),
            nonce=secrets.token_hex(16),
        )
        return signed if method == "GET" else {**signed, "Content-Type": "application/json"}

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | UnsetType, kind: type[A]
    ) -> A:
        sent = b"" if body is UNSET else msgspec.json.encode(body)
        return msgspec.json.decode((await self.send(method, path, sent)).content, type=kind)
