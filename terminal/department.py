"""A department's system (such as a health app) that grants: to be read by whoever writes one.

    async with DepartmentClient(url, "hirakata", key_id, secret) as client:
        granted = await client.grant("walk-2026-05-01-17", "090-1234-5678", "walk", 50)

The id is the system's own and means this grant for ever: where no answer comes, the same is asked
again, and nobody gets it twice.
"""

import time
from collections.abc import Callable

import httpx
from msgspec import UNSET

from gateway.protocol.api_programmes import SystemGrant
from terminal.signed import SignedClient


class DepartmentClient(SignedClient):
    """Signs and sends requests of one system; the arguments are those of `SignedClient`."""

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
        super().__init__(url, f"/api/{town}", key_id, secret, clock=clock, transport=transport)

    async def grant(
        self, grant_id: str, recipient: str, activity: str, amount: int | None = None
    ) -> SystemGrant:
        """Grants to a phone number, a wallet's number or an IC card's; returns only when granted.

        Without ``amount`` it is the activity's own.

        Raises:
            SignedRefused: it is not granted, or not known to be (`SignedRefused.unknown`).
            Unanswered: the outcome is unknown; ask for the same again.
        """
        body = {"id": grant_id, "recipient": recipient, "activity": activity}
        whole = body if amount is None else {**body, "amount": amount}
        return await self._ask("POST", "/grants", whole, SystemGrant)

    async def granted(self, grant_id: str) -> SystemGrant:
        """What became of a grant."""
        return await self._ask("GET", f"/grants/{grant_id}", UNSET, SystemGrant)
