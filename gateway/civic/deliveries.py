"""What a platform is told, as a signed request to its own address."""

import secrets
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from gateway.protocol.api_civic import WebhookBody
from gateway.protocol.signing import sign
from gateway.signin import milliseconds
from ledger.clients import WebhookAddress
from ledger.webhooks import Webhook
from notifier.webhooks import WebhookSender


def body_of(town_code: str, one: Webhook) -> bytes:
    """What is told; the same bytes at every attempt."""
    return msgspec.json.encode(
        WebhookBody(
            id=one.webhook,
            town=town_code,
            kind=one.kind,
            subject=one.subject,
            at=milliseconds(one.at),
            key=one.reference,
            activity=one.activity,
            amount=one.amount,
            reason=one.reason,
        )
    )


async def send(
    sender: WebhookSender, address: WebhookAddress, town_code: str, one: Webhook, now: datetime
) -> None:
    """Sends it once, signed at this instant.

    Raises:
        NotDelivered: the platform did not take it.
    """
    body, parts = body_of(town_code, one), urlsplit(address.url)
    signature = sign(
        "POST",
        parts.path or "/",
        parts.query,
        body,
        key_id=address.key_id,
        secret=address.secret,
        created=int(now.timestamp()),
        nonce=secrets.token_urlsafe(16),
    )
    await sender.send(address.url, {"Content-Type": "application/json", **signature}, body)
