"""Who asks: an acquirer's keys, and the signatures made with them (`gateway.protocol.signing`).

A secret has to be read to check a signature, so it cannot be kept as a digest like a password. It
is kept in the vault's encryption, bound to its town and key id; the vault's own keys are not in the
database. An acquirer may have two live keys, so that one takes the place of the other without a
pause.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from gateway.protocol.signing import (
    NotSigned,
    Signed,
    content_digest,
    covered,
    matches,
    read_signature,
)
from gateway.refused import Refused
from ledger import acquirers
from ledger.acquirers import VAULT_FIELD, Acquirer
from ledger.database import Connection, Pool
from ledger.vault import Vault

WINDOW_S = 300  # How far an acquirer's clock may be from ours.


class NewKey(Struct, frozen=True):
    """A key as its acquirer gets it, this once."""

    key_id: str
    secret: str


class Keys:
    """The keys of all acquirers."""

    def __init__(self, vault: Vault, pool: Pool) -> None:
        self._vault = vault
        self._pool = pool

    async def make(
        self, town: int, acquirer: int, now: datetime, connection: Connection | None = None
    ) -> NewKey | None:
        """Makes one more key, perhaps as a part of an open transaction; None where there are as
        many live ones as there may be.
        """
        key = NewKey(secrets.token_hex(8), secrets.token_urlsafe(32))
        kept = self._vault.encrypt(key.secret, town, key.key_id, VAULT_FIELD)
        executor = connection or self._pool
        added = await acquirers.add_key(
            executor, town, acquirer, key.key_id, kept, self._vault.key_id, now
        )
        return key if added else None

    async def verify(
        self,
        town: int,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        now: datetime,
    ) -> Acquirer:
        """Who has signed this request.

        Raises:
            Refused: ``signature_invalid``, ``signature_expired``, ``signature_wrong``,
                ``nonce_used``; nothing was done.
            Unreadable: the secret's vault key is not in the settings any more.
        """
        signed = _read(headers)
        made_at = datetime.fromtimestamp(signed.created, UTC)
        if abs((now - made_at).total_seconds()) > WINDOW_S:
            raise Refused(
                "signature_expired",
                f"The signature says it was made at {made_at:%Y-%m-%dT%H:%M:%SZ} and it is "
                f"{now:%Y-%m-%dT%H:%M:%SZ}; set the clock and sign anew.",
            )
        digest = headers.get("content-digest", "")
        if digest != content_digest(body):
            raise Refused(
                "signature_wrong",
                "Content-Digest is not sha-256=:…: of the body that came; digest the very bytes "
                "that are sent.",
            )
        key = await acquirers.key(self._pool, town, signed.key_id)
        if key is None or not matches(
            signed,
            self._vault.decrypt(key.vault_key, key.secret, town, signed.key_id, VAULT_FIELD),
            covered(method, path, query, digest),
        ):
            raise Refused("signature_wrong")
        expires_at = made_at + timedelta(seconds=WINDOW_S)
        if not await acquirers.see_nonce(
            self._pool, town, signed.key_id, signed.nonce, expires_at, now
        ):
            raise Refused("nonce_used")
        return key.acquirer


def _read(headers: Mapping[str, str]) -> Signed:
    try:
        return read_signature(headers.get("signature-input", ""), headers.get("signature", ""))
    except NotSigned as error:
        raise Refused("signature_invalid", f"{error}.") from None
