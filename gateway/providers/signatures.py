"""How a provider and the gateway know each other: every request is signed, in both directions.

The form is `gateway.protocol.signing`'s (RFC 9421 with a shared key). The signature covers the
instant, so that an old request cannot be sent again later. Within its few minutes a repetition is
let through: everything that is signed here is idempotent by the order's id.
"""

import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from config.providers import ProviderSettings
from gateway.protocol import signing

CLOCK_DIFFERENCE_MAX_S = 300
NONCE_BYTES = 18


class SignatureRefused(Exception):
    """The request is not from whom it says; the message is for whoever sent it."""


def sign(
    key: str, secret: str, now_s: float, method: str, target: str, body: bytes
) -> dict[str, str]:
    """The headers of one request; ``target`` is its path with its query."""
    parts = urlsplit(target)
    return signing.sign(
        method,
        parts.path,
        parts.query,
        body,
        key_id=key,
        secret=secret,
        created=int(now_s),
        nonce=secrets.token_urlsafe(NONCE_BYTES),
    )


def verify(
    keys: Mapping[str, str],
    headers: Mapping[str, str],
    method: str,
    target: str,
    body: bytes,
    now_s: float,
) -> str:
    """The id of the key, one of ``keys``, that a request was signed with.

    Raises:
        SignatureRefused: a header is missing or malformed, the key is unknown, the body or anything
            else is not what was signed, or the time is too far away.
    """
    try:
        signed = signing.read_signature(
            headers.get("signature-input", ""), headers.get("signature", "")
        )
    except signing.NotSigned as error:
        raise SignatureRefused(str(error)) from None
    digest, parts = signing.content_digest(body), urlsplit(target)
    components = signing.covered(method, parts.path, parts.query, digest)
    secret = keys.get(signed.key_id)
    # An unknown key costs the same time as a wrong signature.
    right = signing.matches(signed, secret or "-", components)
    if secret is None:
        raise SignatureRefused("keyid is none of the keys that are known here")
    if headers.get("content-digest", "") != digest:
        raise SignatureRefused("Content-Digest is not the digest of this body")
    if not right:
        raise SignatureRefused("Signature is not the signature of this request")
    if abs(now_s - signed.created) > CLOCK_DIFFERENCE_MAX_S:
        raise SignatureRefused(f"created is more than {CLOCK_DIFFERENCE_MAX_S} s away")
    return signed.key_id


class Party:
    """A provider as somebody who signs; every adapter is one.

    ``clock`` is the real time in seconds, whatever the towns' clocks say: it is between machines.
    """

    def __init__(self, code: str, settings: ProviderSettings, clock: Callable[[], float]) -> None:
        self.code = code
        self.settings = settings
        self.clock = clock

    def sign(self, method: str, target: str, body: bytes) -> dict[str, str]:
        """The headers of a request of ours to it."""
        key = self.settings.key
        return sign(key, self.settings.keys[key], self.clock(), method, target, body)

    def verify(self, headers: Mapping[str, str], method: str, target: str, body: bytes) -> str:
        """The id of the key that a request of its own was signed with.

        Raises:
            SignatureRefused: it is not from there.
        """
        return verify(self.settings.keys, headers, method, target, body, self.clock())
