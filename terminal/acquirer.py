"""An acquirer's side of the API (決済代行): to be read by whoever writes one; the tests use it.

    async with AcquirerClient(url, "nagaoka", key_id, secret) as client:
        paid = await client.settle("order-1", "merchant-7", code, 480)

`settle` is how a POS should behave: it authorises, and while the outcome is unknown it asks by the
same id, and in the end cancels and goes on cancelling until it is told that nothing is paid. So it
always returns the truth, or says that it does not know it.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import date

import httpx
from msgspec import UNSET

from gateway.protocol.api_acquirer import (
    AcquirerPayment,
    AcquirerRefund,
    Reconciliation,
)
from gateway.protocol.messages import State
from terminal.errors import Unanswered
from terminal.signed import SignedClient, SignedRefused

ASK_EVERY_S = 2.0


class AcquirerClient(SignedClient):
    """Signs and sends requests of one acquirer; the arguments are those of `SignedClient`."""

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
        base = f"/api/{town}/acquirer"
        super().__init__(url, base, key_id, secret, clock=clock, transport=transport)

    # -- single requests ---------------------------------------------------------------------------

    async def authorise(
        self, payment_id: str, merchant_id: str, code: str, amount: int
    ) -> AcquirerPayment:
        """Takes a payment. Returns only when it is paid.

        Raises:
            SignedRefused: it is not paid, or not known to be (`SignedRefused.unknown`).
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
            SignedRefused: the request itself was not taken (signature, fields, merchant).
            Unanswered: neither the outcome nor a cancel's was told in ``patience_s`` and as long
                again; go on with `cancel`.
        """
        end = time.monotonic() + patience_s
        try:
            return await self.authorise(payment_id, merchant_id, code, amount)
        except Unanswered:
            pass
        except SignedRefused as refused:
            if not refused.unknown and refused.status != 402:
                raise
        while time.monotonic() < end:
            try:
                found = await self.payment(payment_id)
            except (Unanswered, SignedRefused):
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
            except SignedRefused as refused:
                if not refused.unknown:
                    raise
            await asyncio.sleep(ask_every_s)
        raise Unanswered(f"payment {payment_id}: no outcome and no cancel")
