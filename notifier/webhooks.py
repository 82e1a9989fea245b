"""Webhooks: one request to an outside platform's address, which may be trusted as little as any.

An address is checked in its text when the office names it, and in what it resolves to at each
connection (`notifier.subscriptions.PublicOnly`): nobody makes the gateway call servers inside its
own network. A redirect is no delivery, and of an answer only the status is looked at.
"""

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpcore

from notifier.subscriptions import PublicOnly, SubscriptionRefused, not_public

TIMEOUT_S = 5.0  # For all of it, from the name's resolution to the status.
CONNECTIONS_MAX = 8
ADDRESS_CHARACTERS_MAX = 500


class AddressRefused(Exception):
    """The address is none that webhooks may go to; the message says why."""


class NotDelivered(Exception):
    """The receiver did not take it; the message says why, in few words."""


def check_address(address: str, *, loopback: bool = False) -> None:
    """To be asked before an address is kept, and before each sending.

    ``loopback`` allows ``http`` and addresses of this machine, where the gateway itself is only
    reached from it.

    Raises:
        AddressRefused: it is not https on its usual port at a public name.
    """
    try:
        parts = urlsplit(address)
        problem = not_public(parts, loopback=loopback)
    except ValueError as error:
        raise AddressRefused(f"the address is malformed: {error}") from None
    if len(address) > ADDRESS_CHARACTERS_MAX or not address.isascii():
        raise AddressRefused(f"the address has more than {ADDRESS_CHARACTERS_MAX} ASCII characters")
    if parts.username is not None or parts.fragment or not parts.hostname:
        raise AddressRefused("the address has a user, a fragment, or no host")
    if problem:
        raise AddressRefused(f"the address{problem}")


class WebhookSender:
    """Sends to public addresses only; ``loopback`` lets this machine's in too."""

    def __init__(self, *, loopback: bool = False, trust: ssl.SSLContext | None = None) -> None:
        self._loopback = loopback
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust,
            max_connections=CONNECTIONS_MAX,
            max_keepalive_connections=0,  # Receivers are many and seldom told anything.
            network_backend=PublicOnly(loopback=loopback),
        )

    async def close(self) -> None:
        """Closes what is open."""
        await self._pool.aclose()

    async def send(self, address: str, headers: Mapping[str, str], body: bytes) -> None:
        """Posts a body once; returns when the receiver has taken it with a status of 2xx.

        Raises:
            NotDelivered: it has not, or not in `TIMEOUT_S`; whether it was read is not known.
        """
        try:
            check_address(address, loopback=self._loopback)
            async with (
                asyncio.timeout(TIMEOUT_S),
                self._pool.stream(
                    "POST", address, headers=list(headers.items()), content=body
                ) as answer,
            ):
                status = answer.status
        except (AddressRefused, SubscriptionRefused) as error:
            raise NotDelivered(str(error)) from None
        except TimeoutError:
            raise NotDelivered(f"no answer within {TIMEOUT_S:g} s") from None
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise NotDelivered(f"no answer: {type(error).__name__}") from None
        if not 200 <= status < 300:
            raise NotDelivered(f"answered {status}")
