"""The code that a wallet shows so that somebody beside it can send to it.

It names a wallet for some minutes and gives no power over it, so nothing is kept of it: the number
and the end stand in it in the open, with a keyed digest over both. Nobody makes one for a wallet
that is not theirs, and a picture of an old one names nobody.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from hashlib import blake2b

TTL_S = 600
MARK = "#to="  # In the fragment, which browsers send to no server.

_DIGEST_BYTES = 16


class ReceiveCodes:
    """Writes and reads the codes of all towns. ``secret`` is the process's."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(secret, digest_size=32, person=b"koban.receive").digest()

    def write(self, town: int, wallet: int, now: datetime) -> tuple[str, datetime]:
        """A code for this wallet, and when it ends."""
        expires_at = now + timedelta(seconds=TTL_S)
        told = wallet.to_bytes(8, "big") + int(expires_at.timestamp()).to_bytes(5, "big")
        return urlsafe_b64encode(told + self._digest(town, told)).decode().rstrip("="), expires_at

    def read(self, town: int, text: str, now: datetime) -> int | None:
        """The wallet that a code names, or what a scanner read where the code stands behind `MARK`.

        None where it was not made here for this town, or has ended.
        """
        code = text.rpartition(MARK)[2].strip()
        try:
            raw = urlsafe_b64decode(code + "=" * (-len(code) % 4))
        except (NotBase64, ValueError):
            return None
        told, digest = raw[:-_DIGEST_BYTES], raw[-_DIGEST_BYTES:]
        if len(told) != 13 or not hmac.compare_digest(digest, self._digest(town, told)):
            return None
        if int.from_bytes(told[8:], "big") <= now.timestamp():
            return None
        return int.from_bytes(told[:8], "big")

    def _digest(self, town: int, told: bytes) -> bytes:
        message = town.to_bytes(2, "big") + told
        return blake2b(message, key=self._key, digest_size=_DIGEST_BYTES).digest()
