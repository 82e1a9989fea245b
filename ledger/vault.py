"""Personal data at rest: encrypted with a key that is not in the database, found by keyed digests.

Each text is encrypted by itself with AES-256-GCM under a fresh 96-bit nonce. What it belongs to
(the town, whose it is, which field) is its associated data, so a text that was moved to another
row, another column or another town cannot be read there. Digests (HMAC-SHA-256) find a person by
what the person says without the database knowing it; they are keyed too, because a plain hash of
a phone number is found again by trying all of them.

Keys have numbers. The first key of the settings encrypts, every key decrypts, and each row keeps
its key's number. Changing the key: give every gateway the new one behind the old, then before it,
run ``python -m gateway.personal encrypt``, and take the old one away. Key 0 is ``KOBAN_SECRET``
unless ``KOBAN_PERSONAL_KEY`` names another, and holds where that says nothing.

Assumed: whoever has the database does not have the settings. Whoever has both reads everything.
"""

import hmac
import os
from collections.abc import Mapping
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.settings import Settings
from ledger.errors import LedgerError

NONCE_BYTES = 12  # What GCM is made for (NIST SP 800-38D); random ones last for 2^32 texts a key.


class Unreadable(LedgerError):
    """An encrypted text is not what was encrypted here, or its key is not in the settings."""


class Vault:
    """Encrypts with the first of its keys and decrypts with all; a key is a number and a secret."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        if not keys:
            raise ValueError("a vault needs a key")
        self.key_id = next(iter(keys))
        self._ciphers = {number: AESGCM(_derived(key, b"personal")) for number, key in keys.items()}
        self._digest_keys = {number: _derived(key, b"lookup") for number, key in keys.items()}

    @classmethod
    def of(cls, settings: Settings) -> "Vault":
        """The vault that a process is set up with."""
        keys = dict(settings.personal_keys)
        keys.setdefault(0, settings.secret)
        return cls(keys)

    def encrypt(self, text: str, town: int, owner: str, field: str) -> bytes:
        """The text as it is kept; ``owner`` says whose it is, ``field`` what it is."""
        nonce = os.urandom(NONCE_BYTES)
        about = _about(self.key_id, town, owner, field)
        return nonce + self._ciphers[self.key_id].encrypt(nonce, text.encode(), about)

    def decrypt(self, key_id: int, kept: bytes, town: int, owner: str, field: str) -> str:
        """The text again.

        Raises:
            Unreadable: the key is not known, or this was not encrypted with it for this place.
        """
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Unreadable(
                f"personal data is encrypted with key {key_id}, which is not in KOBAN_PERSONAL_KEY"
            )
        about = _about(key_id, town, owner, field)
        try:
            return cipher.decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], about).decode()
        except (InvalidTag, ValueError):  # The latter where there is no nonce.
            raise Unreadable(
                f"the {field} of {owner} in town {town} was changed or moved"
            ) from None

    def encrypt_again(self, key_id: int, kept: bytes, town: int, owner: str, field: str) -> bytes:
        """The same text under the first key.

        Raises:
            Unreadable: as `decrypt`.
        """
        return self.encrypt(self.decrypt(key_id, kept, town, owner, field), town, owner, field)

    def digest(self, town: int, field: str, text: str) -> bytes:
        """What a text is found by, with the key that encrypts."""
        return self._digest(self.key_id, town, field, text)

    def digests(self, town: int, field: str, text: str) -> list[bytes]:
        """What a text is found by with any of the keys: rows may be under an older one."""
        return [self._digest(number, town, field, text) for number in self._digest_keys]

    def _digest(self, key_id: int, town: int, field: str, text: str) -> bytes:
        message = "\0".join((str(town), field, text)).encode()
        return hmac.digest(self._digest_keys[key_id], message, "sha256")


def owner(wallet: int) -> str:
    """Whose the personal data of a wallet's holder is."""
    return f"wallet:{wallet}"


def _derived(secret: bytes, use: bytes) -> bytes:
    """A key for one use only. The secret has as much chance in it as its 32 characters hold."""
    return blake2b(blake2b(secret).digest(), digest_size=32, person=b"koban." + use).digest()


def _about(key_id: int, town: int, owner: str, field: str) -> bytes:
    return "\0".join((str(key_id), str(town), owner, field)).encode()
