"""An acquirer's side of the API (決済代行): to be read by whoever writes one; the tests use it.

    async with AcquirerClient(url, "nagaoka", key_id, secret) as client:
        paid = await client.settle("order-1", "merchant-7", code, 480)

`settle` is how a POS should behave: it authorises, and while the outcome is unknown it asks by the
same id, and in the end cancels and goes on cancelling until it is told that nothing is paid. So it
always returns the truth, or says that it does not know it.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import date
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec
from msgspec import UNSET, Struct, UnsetType

from gateway.protocol.api import ApiError
from gateway.protocol.api_acquirer import (
    AcquirerPayment,
    AcquirerRefund,
    Reconciliation,
)
from gateway.protocol.messages import State
from gateway.protocol.signing import sign
from terminal.errors import ClientError, Unanswered

A = TypeVar("A", bound=Struct)

ANSWER_S = 30.0  # No answer for so long is an unknown outcome.
ASK_EVERY_S = 2.0


class AcquirerRefused(ClientError):
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


class AcquirerClient:
    """Signs and sends requests of one acquirer.

    Args:
        url: scheme, host and port of the gateway.
        clock: seconds since 1970.
        transport: another way to the gateway, for tests.
    """

    def __init__(
        self,
        url: str,
        town: str,
        key_id: str,
        secret: str,
        *,
        clock: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base = f"/api/{town}/acquirer"
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

    # -- single requests ---------------------------------------------------------------------------

    async def authorise(
        self, payment_id: str, merchant_id: str, code: str, amount: int
    ) -> AcquirerPayment:
        """Takes a payment. Returns only when it is paid.

        Raises:
            AcquirerRefused: it is not paid, or not known to be (`AcquirerRefused.unknown`).
            Unanswered: the outcome is unknown.
        """
        body = {
            "payment_id": payment_id,
            "merchant_id": merchant_id,
            "code": code,
            "amount": amount,
        }
        return await self._ask("POST", "/payments", body, AcquirerPayment)

    async def payment(self, payment_id: str) -> AcquirerPayment:
        """What became of a payment."""
        return await self._ask("GET", f"/payments/{payment_id}", UNSET, AcquirerPayment)

    async def cancel(self, payment_id: str) -> AcquirerPayment:
        """Makes sure that nothing is paid under an id; returns only when that is so."""
        return await self._ask("POST", f"/payments/{payment_id}/cancel", {}, AcquirerPayment)

    async def refund(
        self, payment_id: str, refund_id: str, amount: int | None = None, reason: str = "返金"
    ) -> AcquirerRefund:
        """Gives back a part of a payment, or without ``amount`` all that is left."""
        body = {"refund_id": refund_id, "reason": reason}
        whole = body if amount is None else {**body, "amount": amount}
        return await self._ask("POST", f"/payments/{payment_id}/refunds", whole, AcquirerRefund)

    async def refunded(self, refund_id: str) -> AcquirerRefund:
        """What became of a refund."""
        return await self._ask("GET", f"/refunds/{refund_id}", UNSET, AcquirerRefund)

    async def reconciliation(self, on: date) -> Reconciliation:
        """A day's entries and sums."""
        return await self._ask("GET", f"/reconciliation/{on}", UNSET, Reconciliation)

    async def file(self, on: date) -> str:
        """The same as a CSV file."""
        return (await self.send("GET", f"/reconciliation/{on}/file")).text

    # -- until the truth is known ------------------------------------------------------------------

    async def settle(
        self,
        payment_id: str,
        merchant_id: str,
        code: str,
        amount: int,
        *,
        patience_s: float = 60,
        ask_every_s: float = ASK_EVERY_S,
    ) -> AcquirerPayment:
        """Takes a payment and finds out what became of it: paid, refused, or cancelled.

        Raises:
            AcquirerRefused: the request itself was not taken (signature, fields, merchant).
            Unanswered: neither the outcome nor a cancel's was told in ``patience_s`` and as long
                again; go on with `cancel`.
        """
        end = time.monotonic() + patience_s
        try:
            return await self.authorise(payment_id, merchant_id, code, amount)
        except Unanswered:
            pass
        except AcquirerRefused as refused:
            if not refused.unknown and refused.status != 402:
                raise
        while time.monotonic() < end:
            try:
                found = await self.payment(payment_id)
            except (Unanswered, AcquirerRefused):
                found = None
            if found is not None and found.state is State.PROCESSED:
                return found
            await asyncio.sleep(ask_every_s)
        end += patience_s
        while time.monotonic() < end:
            try:
                return await self.cancel(payment_id)
            except Unanswered:
                pass
            except AcquirerRefused as refused:
                if not refused.unknown:
                    raise
            await asyncio.sleep(ask_every_s)
        raise Unanswered(f"payment {payment_id}: no outcome and no cancel")

    # -- the wire ----------------------------------------------------------------------------------

    async def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Signs and sends; the answer if it is 200. ``path`` is below ``/api/{town}/acquirer``.

        Raises:
            AcquirerRefused: any other answer.
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
        raise AcquirerRefused(answer.status_code, error_body)

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
