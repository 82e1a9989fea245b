"""Clients (A2): outside platforms that citizens link by their consent; kept as systems are.

A client is an acquirer without keys (`ledger.acquirers`): its code is its client id, and closing it
closes every door of it. What it gives, it gives for programmes that it was allowed, as a
department's system does (`ledger.programmes`, `ledger.system_grants`).
"""

import hmac
from datetime import datetime

from msgspec import Struct

from ledger import acquirers
from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries, transaction
from ledger.identity import digest
from ledger.vault import Vault

SQL = load_queries("clients")

VAULT_FIELD = "webhook_secret"  # What the secret of a client's webhooks is called in the vault.


class NewClient(Struct, frozen=True):
    """A client to open. ``secret`` is what it proves itself by; its digest is kept."""

    code: str
    name: str
    redirect_uris: list[str]
    scopes: list[str]
    secret: str


class Client(Struct, frozen=True):
    """A client. ``client`` is its number among the acquirers; ``state``: open, or closed."""

    client: int
    code: str
    name: str
    state: str
    redirect_uris: list[str]
    scopes: list[str]
    webhook_url: str | None


class WebhookAddress(Struct, frozen=True):
    """Where a client is told, as whom it knows the signature, and the secret of that."""

    url: str
    key_id: str
    secret: str


async def open_client(connection: Connection, town: int, new: NewClient, now: datetime) -> bool:
    """Opens a client in the caller's transaction; False where its code is taken."""
    opened = await acquirers.open_acquirer(connection, town, new.code, new.name, now)
    if opened is None:
        return False
    await fetch_row(
        connection,
        SQL["add_client"],
        town,
        opened.acquirer,
        digest(new.secret),
        new.redirect_uris,
        new.scopes,
    )
    return True


async def clients(pool: Executor, town: int) -> list[Client]:
    """All clients of a town, oldest first."""
    return [Client(*row) for row in await fetch_rows(pool, SQL["clients"], town, None)]


async def client(pool: Executor, town: int, code: str) -> Client | None:
    """The client with this code, or None."""
    row = await fetch_row(pool, SQL["clients"], town, code)
    return Client(*row) if row else None


async def secret_is(pool: Executor, town: int, number: int, secret: str) -> bool:
    """Whether this is the client's secret."""
    row = await fetch_row(pool, SQL["secret_digest"], town, number)
    return row is not None and hmac.compare_digest(row["secret_digest"], digest(secret))


async def set_secret(pool: Executor, town: int, number: int, secret: str) -> None:
    """Gives a client another secret; the one before opens nothing any more."""
    await fetch_row(pool, SQL["set_secret"], town, number, digest(secret))


async def set_redirect_uris(pool: Executor, town: int, number: int, uris: list[str]) -> None:
    """Says where browsers may be sent back to."""
    await fetch_row(pool, SQL["set_redirect_uris"], town, number, uris)


async def set_webhook(
    pool: Executor, vault: Vault, town: int, number: int, url: str | None, secret: str
) -> None:
    """Says where a client is told, and what that is signed with; ``url`` None: nowhere."""
    kept = (vault.encrypt(secret, town, _owner(number), VAULT_FIELD), vault.key_id)
    await fetch_row(
        pool, SQL["set_webhook"], town, number, url, *(kept if url is not None else (None, None))
    )


async def webhook_address(
    pool: Executor, vault: Vault, town: int, number: int
) -> WebhookAddress | None:
    """Where a client is told; None where it is not.

    Raises:
        Unreadable: the secret's key is not in the settings any more.
    """
    row = await fetch_row(pool, SQL["webhook_secret"], town, number)
    if row is None:
        return None
    secret = vault.decrypt(
        row["vault_key"], row["webhook_secret"], town, _owner(number), VAULT_FIELD
    )
    return WebhookAddress(row["webhook_url"], row["code"], secret)


async def listens(pool: Executor, town: int, number: int) -> bool:
    """Whether a client is told anything."""
    return await fetch_row(pool, SQL["webhook_secret"], town, number) is not None


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some webhooks' secrets under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["clients_under_other_keys"], vault.key_id, step)
        for town, number, key_id, kept in rows:
            hidden = vault.encrypt_again(key_id, kept, town, _owner(number), VAULT_FIELD)
            await connection.execute(SQL["encrypt_client"], town, number, vault.key_id, hidden)
    return len(rows)


def _owner(number: int) -> str:
    return f"client:{number}"
