"""A new name or bank account that a shop's manager asks for, and an operator decides.

Both reach money: the name stands on receipts and statements, the account gets the shop's yen. So
neither holds before an operator, who has the shop's letter or its passbook, has said yes. The wish
is kept encrypted; a newer one takes the place of one that waits.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
)
from ledger.grants import By
from ledger.settlement import bank_accounts
from ledger.settlement.bank_accounts import NewBankAccount
from ledger.shops import listings
from ledger.vault import Vault

SQL = load_queries("shop_changes")


class Kind(StrEnum):
    """What is to be changed."""

    NAME = "name"
    BANK_ACCOUNT = "bank_account"


class Wish(Struct, frozen=True):
    """What a shop wants to be called, or its bank account to be: one of the two."""

    name: str | None = None
    bank_account: NewBankAccount | None = None

    @property
    def kind(self) -> Kind:
        """Which of the two."""
        return Kind.NAME if self.name is not None else Kind.BANK_ACCOUNT


class Change(Struct, frozen=True):
    """A wish and what became of it: waiting | accepted | declined | replaced (by a newer one)."""

    change: int
    shop: int
    shop_name: str
    kind: Kind
    wish: Wish
    state: str
    staff: int
    staff_name: str
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None


async def ask(
    connection: Connection,
    vault: Vault,
    town: int,
    shop: int,
    wish: Wish,
    staff: int,
    now: datetime,
) -> int:
    """Keeps a wish, in the place of one of the same kind that waits; its number."""
    await fetch_row(connection, SQL["replace"], town, shop, wish.kind.value, now)
    row = await fetch_row(connection, SQL["next_number"])
    assert row is not None
    number = int(row["change"])
    hidden = _hidden(vault, town, number, wish)
    kept = (town, number, shop, wish.kind.value, vault.key_id, hidden, staff, now)
    await fetch_row(connection, SQL["add"], *kept)
    return number


async def changes(
    pool: Executor, vault: Vault, town: int, *, shop: int | None, waiting: bool, limit: int
) -> list[Change]:
    """Wishes of a shop, or of all; newest first."""
    sql, values = chosen(SQL["changes"], town=town, shop=shop, waiting=waiting, most=limit)
    return [_change(vault, town, row) for row in await fetch_rows(pool, sql, *values)]


async def change(connection: Connection, vault: Vault, town: int, number: int) -> Change | None:
    """One wish; nobody else decides it before the end of the transaction."""
    row = await fetch_row(connection, SQL["change"], town, number)
    return _change(vault, town, row) if row else None


async def decide(
    connection: Connection,
    vault: Vault,
    town: int,
    found: Change,
    by: By,
    now: datetime,
    *,
    accepted: bool,
    reason: str | None,
) -> None:
    """Lets a wish that waits hold from now on, or not."""
    state = "accepted" if accepted else "declined"
    await fetch_row(connection, SQL["decide"], town, found.change, state, now, by.name, reason)
    if not accepted:
        return
    wish = found.wish
    if wish.name is not None:
        await fetch_row(connection, SQL["rename"], town, found.shop, wish.name)
        listing = await listings.listing(connection, town, found.shop)
        assert listing is not None
        await listings.keep(connection, town, found.shop, wish.name, listing)
    if wish.bank_account is not None:
        await bank_accounts.set_account(
            connection, vault, town, found.shop, wish.bank_account, by, now
        )


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some wishes under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["under_other_keys"], vault.key_id, step)
        for town, number, key_id, kept in rows:
            hidden = _hidden(vault, town, number, _wish(vault, town, number, key_id, kept))
            await connection.execute(SQL["encrypt"], town, number, vault.key_id, hidden)
        return len(rows)


def _hidden(vault: Vault, town: int, number: int, wish: Wish) -> bytes:
    return vault.encrypt(msgspec.json.encode(wish).decode(), town, _owner(number), "wish")


def _wish(vault: Vault, town: int, number: int, key_id: int, kept: bytes) -> Wish:
    text = vault.decrypt(key_id, kept, town, _owner(number), "wish")
    return msgspec.json.decode(text, type=Wish)


def _owner(number: int) -> str:
    return f"shop_change:{number}"


def _change(vault: Vault, town: int, row: Record) -> Change:
    number = row["change"]
    return Change(
        number,
        row["shop"],
        row["shop_name"],
        Kind(row["kind"]),
        _wish(vault, town, number, row["key_id"], row["wish_encrypted"]),
        row["state"],
        row["staff"],
        row["staff_name"],
        row["asked_at"],
        row["decided_at"],
        row["decided_by"],
        row["reason"],
    )
