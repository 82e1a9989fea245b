"""The address a browser gives for a wallet's pushes, and how far it may be trusted: not at all.

Anybody who can sign in can name any address, so an address is checked in its text when it comes,
and in what it resolves to each time it is used. Otherwise the gateway could be made to call
servers inside its own network.
"""

import asyncio
import base64
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

import httpcore
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from config.values import is_loopback

# Their last 32 bits are an address of IPv4 (RFC 6052, RFC 4291).
EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))


class SubscriptionRefused(Exception):
    """The subscription's address or keys are not what a browser's push service would give."""


class Subscription(Struct, frozen=True):
    """What a browser gave for one wallet; keys in base64url."""

    town: int
    wallet: int
    endpoint: str
    p256dh: str
    auth: str


def check_subscription(subscription: Subscription, *, loopback: bool = False) -> None:
    """To be asked before a subscription is kept; asked again before each sending.

    ``loopback`` allows ``http`` and addresses of this machine, for push services in tests.

    Raises:
        SubscriptionRefused: the endpoint is not https on its usual port at a public name, or the
            keys are not a point of P-256 and 16 bytes.
    """
    try:
        point = _bytes_of(subscription.p256dh)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        if len(_bytes_of(subscription.auth)) != 16:
            raise SubscriptionRefused("the subscription's auth secret is not 16 bytes")
        parts = urlsplit(subscription.endpoint)
        problem = not_public(parts, loopback=loopback)
    except ValueError as error:
        raise SubscriptionRefused(f"the subscription is malformed: {error}") from error
    if parts.username is not None or not parts.hostname:
        raise SubscriptionRefused("the endpoint has a user or no host")
    if problem:
        raise SubscriptionRefused(f"the endpoint{problem}")


def not_public(parts: SplitResult, *, loopback: bool) -> str:
    """What keeps an address from being https on its usual port at a public name, as what follows
    its name in a sentence; empty where nothing does. ``loopback``: as `check_subscription`.

    Raises:
        ValueError: its port is none.
    """
    host, port = parts.hostname or "", parts.port
    local = is_loopback(host)
    if loopback and local and parts.scheme in {"http", "https"}:
        return ""
    if parts.scheme != "https" or port not in {None, 443}:
        return " is not https on its usual port"
    if local or _is_address(host) or "." not in host:
        return "'s host is not a public name"
    return ""


def _bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one server of the Internet's. One of IPv6 that a gateway on the way
    makes one of IPv4 (NAT64, 6to4, and the old compatible form) is as public as that.
    """
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return True
    inner = address.sixtofour
    if any(address in network for network in EMBEDDING):
        inner = IPv4Address(int(address) & 0xFFFF_FFFF)
    return inner is None or is_public(inner)


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses only, whatever a name resolves to at that moment.

    The check and the connection use the same resolved address: a name cannot be public when it is
    checked and private when it is used.
    """

    def __init__(self, *, loopback: bool) -> None:
        """``loopback`` allows addresses of this machine too."""
        self._loopback = loopback
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - The signature is httpcore's.
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first of the host's addresses that answers, if all are allowed."""
        try:
            async with asyncio.timeout(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, port, type=socket.SOCK_STREAM
                )
        except (OSError, UnicodeError) as error:  # A name with an empty label is none.
            raise httpcore.ConnectError(str(error)) from error
        addresses = [str(address[4][0]) for address in found]
        for resolved in map(ip_address, addresses):
            if not (is_public(resolved) or (self._loopback and resolved.is_loopback)):
                raise SubscriptionRefused(f"the endpoint's host resolves to {resolved}")
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    async def sleep(self, seconds: float) -> None:
        """Waits; httpcore's own retries would use it."""
        await asyncio.sleep(seconds)
