"""Identities at providers (OpenID Connect): whose wallet each is, and browsers on their way.

An identity is an issuer and its name for somebody, kept encrypted and found by a keyed digest. In a
town it is one wallet's, so whoever comes a second time is known (N13, C4).
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.database import Executor, Pool, fetch_row, fetch_rows, load_queries, transaction
from ledger.errors import LedgerError
from ledger.identity import digest
from ledger.vault import Vault, owner

SQL = load_queries("openid")


class IdentityElsewhere(LedgerError):
    """The identity is another wallet's in this town."""


class AnotherIdentity(LedgerError):
    """The wallet has another identity of this provider."""


class SessionOver(LedgerError):
    """The wallet that went to link is signed in there no longer."""


class Identity(Struct, frozen=True):
    """Somebody at a provider: ``issuer`` says who calls them ``subject``."""

    provider: str
    issuer: str
    subject: str

    @property
    def text(self) -> str:
        """What is kept of it, as one text."""
        return f"{self.issuer}\0{self.subject}"


class Attempt(Struct, frozen=True):
    """A browser that goes to a provider: to ``link`` (``wallet`` and ``session`` are whose), or to
    ``sign_in``.
    """

    purpose: str
    wallet: int | None = None
    session: UUID | None = None


async def add_attempt(
    pool: Executor,
    town: int,
    state: str,
    browser: str,
    provider: str,
    attempt: Attempt,
    expires_at: datetime,
) -> None:
    """Remembers a browser that goes to a provider; ``browser`` is the secret in its cookie."""
    await fetch_row(
        pool,
        SQL["add_attempt"],
        town,
        digest(state),
        digest(browser),
        provider,
        attempt.purpose,
        attempt.wallet,
        attempt.session,
        expires_at,
    )


async def take_attempt(
    pool: Executor, town: int, state: str, browser: str, provider: str, now: datetime
) -> Attempt | None:
    """The attempt that comes back, once; None where there is none of this browser's, or not now."""
    row = await fetch_row(
        pool, SQL["take_attempt"], town, digest(state), digest(browser), provider, now
    )
    return Attempt(*row) if row else None


async def link(
    pool: Pool,
    vault: Vault,
    town: int,
    wallet: int,
    session: UUID,
    identity: Identity,
    now: datetime,
) -> None:
    """Makes an identity the wallet's; nothing changes where it is already.

    Raises:
        SessionOver: the wallet's screen was signed out meanwhile, or its holder erased.
        IdentityElsewhere: the identity is another wallet's.
        AnotherIdentity: the wallet has another one of this provider.
    """
    digests = vault.digests(town, "identity_subject", identity.text)
    async with transaction(pool) as connection:
        await connection.execute(SQL["lock_identities"], town)
        if not await connection.fetchval(SQL["session_is_open"], town, session, wallet, now):
            raise SessionOver(f"wallet {wallet} is signed out")
        known = await connection.fetchval(SQL["wallet_of_identity"], town, digests)
        if known == wallet:
            return
        if known is not None:
            raise IdentityElsewhere("this identity is another wallet's")
        linked = await connection.fetchval(
            SQL["link"],
            town,
            wallet,
            identity.provider,
            vault.key_id,
            digests[0],
            vault.encrypt(identity.text, town, owner(wallet), _field(identity.provider)),
            now,
        )
        if not linked:
            raise AnotherIdentity(f"wallet {wallet} has another identity of {identity.provider}")


async def unlink(pool: Executor, town: int, wallet: int, provider: str) -> bool:
    """The wallet's identity of this provider opens it no longer; False where there was none."""
    return await fetch_row(pool, SQL["unlink"], town, wallet, provider) is not None


async def wallet_of(pool: Executor, vault: Vault, town: int, identity: Identity) -> int | None:
    """The wallet that an identity is linked to."""
    digests = vault.digests(town, "identity_subject", identity.text)
    row = await fetch_row(pool, SQL["wallet_of_identity"], town, digests)
    return row["wallet"] if row else None


async def linked(pool: Pool, town: int, wallet: int) -> list[tuple[str, datetime]]:
    """The providers that a wallet has linked, and since when."""
    rows = await fetch_rows(pool, SQL["identities"], town, wallet)
    return [(row["provider"], row["linked_at"]) for row in rows]


async def sweep(pool: Executor, now: datetime) -> None:
    """Forgets browsers that did not come back."""
    await fetch_row(pool, SQL["sweep_attempts"], now)


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some identities under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["identities_under_other_keys"], vault.key_id, step)
        for town, wallet, provider, key_id, kept in rows:
            whose, field = owner(wallet), _field(provider)
            text = vault.decrypt(key_id, kept, town, whose, field)
            await connection.execute(
                SQL["encrypt_identity"],
                town,
                wallet,
                provider,
                vault.key_id,
                vault.digest(town, "identity_subject", text),
                vault.encrypt(text, town, whose, field),
            )
        return len(rows)


def _field(provider: str) -> str:
    return f"identity:{provider}"
