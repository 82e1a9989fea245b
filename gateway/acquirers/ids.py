"""Our ids for an acquirer's own: the same for ever, and not to be guessed by anybody else."""

from hashlib import blake2b
from uuid import UUID

from ledger.acquirers import Ids


class IdMaker:
    """Makes our ids.

    The rule: a UUIDv8 (RFC 9562) of 122 bits of BLAKE2b, keyed with the process's secret, over
    ``town/acquirer/kind/reference``. The parts hold no slash. It is keyed because ids are made by
    whoever asks first: a plain hash could be taken by somebody who guesses the acquirer's next id.
    The ledger keeps each id beside the acquirer's own, so a changed secret changes none that was
    named before.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(secret, digest_size=32, person=b"koban.acq.ids").digest()

    def payment(self, town: str, acquirer: str, reference: str) -> Ids:
        """For a payment, and for the reversal that a cancel of it would be."""
        return Ids(
            self._make(town, acquirer, "payment", reference),
            self._make(town, acquirer, "cancel", reference),
        )

    def refund(self, town: str, acquirer: str, reference: str) -> UUID:
        """For a refund."""
        return self._make(town, acquirer, "refund", reference)

    def grant(self, town: str, system: str, reference: str) -> UUID:
        """For a grant that a department's system asks for."""
        return self._make(town, system, "grant", reference)

    def reclaim(self, town: str, system: str, reference: str) -> UUID:
        """For taking that grant back."""
        return self._make(town, system, "reclaim", reference)

    def activity(self, town: str, activity: str, wallet: int, occasion: str, attempt: int) -> UUID:
        """For what a wallet gets for taking part on an occasion, when asked for the nth time."""
        return self._make(town, "activity", activity, str(wallet), occasion, str(attempt))

    def _make(self, *parts: str) -> UUID:
        text = "/".join(parts).encode()
        value = int.from_bytes(blake2b(text, key=self._key, digest_size=16).digest(), "big")
        value = value & ~(0xF << 76) | 0x8 << 76  # Version.
        value = value & ~(0x3 << 62) | 0x2 << 62  # Variant.
        return UUID(int=value)
