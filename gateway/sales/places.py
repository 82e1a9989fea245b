"""The ticket that somebody who waits carries: their place in the order, signed.

Redis may forget the queue; whoever shows a ticket stands where they stood. It names one wallet's
place in one sale and opens nothing by itself: it counts with that wallet's session alone, so it may
stand in an address.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import blake2b

_SCORE_BYTES, _DIGEST_BYTES = 8, 16


class Places:
    """Writes and reads the tickets of all sales. ``secret`` is the process's."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(secret, digest_size=32, person=b"koban.place").digest()

    def write(self, town: int, offer: int, wallet: int, score: int) -> str:
        """A ticket for the place with this score (`notifier.waiting_room`)."""
        told = score.to_bytes(_SCORE_BYTES, "big", signed=True)
        return urlsafe_b64encode(told + self._digest(town, offer, wallet, told)).decode()

    def read(self, town: int, offer: int, wallet: int, ticket: str) -> int | None:
        """The ticket's score; None where it was not made here for this wallet in this sale."""
        try:
            raw = urlsafe_b64decode(ticket)
        except (NotBase64, ValueError):
            return None
        told, digest = raw[:_SCORE_BYTES], raw[_SCORE_BYTES:]
        if not hmac.compare_digest(digest, self._digest(town, offer, wallet, told)):
            return None
        return int.from_bytes(told, "big", signed=True)

    def _digest(self, town: int, offer: int, wallet: int, told: bytes) -> bytes:
        message = b"".join(number.to_bytes(8, "big") for number in (town, offer, wallet)) + told
        return hmac.digest(self._key, message, "sha256")[:_DIGEST_BYTES]
