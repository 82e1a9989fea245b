"""Whom another company credits when a load order sends value out: its own number of a person.

It says more about somebody than an order needs to, so it is kept as personal data is, apart from
the order, and goes when the wallet's holder is erased. An order whose number is gone can no longer
be told of; `gateway.providers.desk` has it cancelled, and the value comes back.
"""

from collections.abc import Sequence
from uuid import UUID

from ledger.database import Connection, Executor, fetch_rows, load_queries, transaction
from ledger.vault import Vault

SQL = load_queries("members")

FIELD = "member"


async def keep(
    connection: Connection, vault: Vault, town: int, order: UUID, wallet: int, member: str
) -> None:
    """Keeps whom an order credits, in the transaction that opens the order."""
    hidden = vault.encrypt(member, town, _owner(order), FIELD)
    await connection.execute(SQL["keep_member"], town, order, wallet, vault.key_id, hidden)


async def members(
    pool: Executor, vault: Vault, town: int, orders: Sequence[UUID]
) -> dict[UUID, str]:
    """Whom each of these orders credits; nobody where it credits none, or where they were erased.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    rows = await fetch_rows(pool, SQL["members"], town, list(orders))
    return {
        order: vault.decrypt(key, kept, town, _owner(order), FIELD) for order, key, kept in rows
    }


async def member(pool: Executor, vault: Vault, town: int, order: UUID) -> str:
    """Whom an order credits, "" where nobody is known.

    Raises:
        Unreadable: it is under a key that the vault has not.
    """
    return (await members(pool, vault, town, [order])).get(order, "")


async def encrypt_plain(connection: Connection, vault: Vault, step: int) -> None:
    """Encrypts the numbers of a database from before they were encrypted."""
    while await connection.fetchval(SQL["plain_members_are_there"]):
        async with connection.transaction():
            await connection.execute(SQL["lock_plain_members"])
            if not await connection.fetchval(SQL["plain_members_are_there"]):
                return
            rows = await connection.fetch(SQL["take_plain_members"], step)
            for town, order, wallet, plain in rows:
                await keep(connection, vault, town, order, wallet, plain)
            if not rows:
                await connection.execute(SQL["drop_plain_members"])


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some numbers under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["members_under_other_keys"], vault.key_id, step)
        for town, order, key_id, kept in rows:
            hidden = vault.encrypt_again(key_id, kept, town, _owner(order), FIELD)
            await connection.execute(SQL["encrypt_member"], town, order, vault.key_id, hidden)
        return len(rows)


def _owner(order: UUID) -> str:
    """Whose number it is, as the vault wants to know."""
    return f"order:{order}"
