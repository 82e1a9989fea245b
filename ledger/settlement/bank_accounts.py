"""Shops' bank accounts (口座): where a settlement pays to, or collects from.

An account is never changed: another version of it holds from an instant on. Number and holder's
name are encrypted (`ledger.vault`); the number's last three digits are what people are shown.
Whether bank and branch exist, and how a name is written in half-width kana, is the bank files'
business: here only the forms of the codes are sure (CHECKs of the table).
"""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record
from msgspec import Struct

from ledger.database import (
    Connection,
    Executor,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
)
from ledger.grants import By
from ledger.settlement.refusals import SettlementRefused
from ledger.vault import Vault

SQL = load_queries("bank_accounts")

NUMBER, HOLDER = "bank_number", "bank_holder"  # What they are called in the vault.
TAIL_DIGITS = 3


class NewBankAccount(Struct, frozen=True):
    """An account. ``bank_code``: 4 digits, ``branch_code``: 3; ``account_type``: 1 ordinary (普通),
    2 current (当座), 4 savings (貯蓄), 9 other; ``number``: 7 digits; ``holder`` in kana.
    """

    bank_code: str
    branch_code: str
    account_type: int
    number: str
    holder: str


class BankAccount(Struct, frozen=True):
    """A version of a shop's account, which holds from ``valid_from`` until the next one's."""

    shop: int
    version: int
    bank_code: str
    branch_code: str
    account_type: int
    number: str
    holder: str
    valid_from: datetime
    set_name: str
    set_at: datetime

    @property
    def number_tail(self) -> str:
        """What of the number people may be shown."""
        return self.number[-TAIL_DIGITS:]

    def says(self, new: NewBankAccount) -> bool:
        """Whether it is this very account."""
        return new == NewBankAccount(
            self.bank_code, self.branch_code, self.account_type, self.number, self.holder
        )


async def set_account(
    connection: Connection,
    vault: Vault,
    town: int,
    shop: int,
    new: NewBankAccount,
    by: By,
    now: datetime,
    valid_from: datetime | None = None,
) -> BankAccount:
    """Lets a shop have this account from ``valid_from`` (without it: from now) on.

    Where it has this very account at that instant, nothing is changed and that version is given.

    Raises:
        SettlementRefused: shop_unknown.
    """
    at = valid_from or now
    if await fetch_row(connection, SQL["hold_shop"], town, shop) is None:
        raise SettlementRefused("shop_unknown", shop=shop)
    held = await account_at(connection, vault, town, shop, at)
    if held is not None and held.says(new):
        return held
    owner = account_owner(shop)
    row = await fetch_row(
        connection,
        SQL["add"],
        town,
        shop,
        new.bank_code,
        new.branch_code,
        new.account_type,
        vault.encrypt(new.number, town, owner, NUMBER),
        new.number[-TAIL_DIGITS:],
        vault.encrypt(new.holder, town, owner, HOLDER),
        vault.key_id,
        at,
        by.operator,
        by.name,
        now,
    )
    assert row is not None
    return _account(vault, town, row)


async def account_at(
    pool: Executor, vault: Vault, town: int, shop: int, at: datetime
) -> BankAccount | None:
    """A shop's account at an instant; None: it has none."""
    return (await accounts_at(pool, vault, town, [shop], at)).get(shop)


async def accounts_at(
    pool: Executor, vault: Vault, town: int, shops: Sequence[int] | None, at: datetime
) -> dict[int, BankAccount]:
    """The accounts at an instant of these shops, or of all, by shop."""
    found = await fetch_rows(pool, SQL["at"], town, shops, at)
    return {row["shop"]: _account(vault, town, row) for row in found}


async def versions(pool: Executor, vault: Vault, town: int, shop: int) -> list[BankAccount]:
    """Every account that a shop has had, or will have, newest version first."""
    return [_account(vault, town, row) for row in await fetch_rows(pool, SQL["all"], town, shop)]


async def by_version(
    pool: Executor, vault: Vault, town: int, wanted: Sequence[tuple[int, int]]
) -> dict[int, BankAccount]:
    """These versions (shop, version), by shop."""
    shops, numbers = [shop for shop, _ in wanted], [number for _, number in wanted]
    found = await fetch_rows(pool, SQL["by_version"], town, shops, numbers)
    return {row["shop"]: _account(vault, town, row) for row in found}


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some accounts under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["under_other_keys"], vault.key_id, step)
        for row in rows:
            town, shop, owner = row["town"], row["shop"], account_owner(row["shop"])
            number, holder = (
                vault.encrypt_again(row["vault_key"], row[column], town, owner, field)
                for column, field in (("number_encrypted", NUMBER), ("holder_encrypted", HOLDER))
            )
            await connection.execute(
                SQL["encrypt"], town, shop, row["version"], vault.key_id, number, holder
            )
    return len(rows)


def account_owner(shop: int) -> str:
    """Whose an account's encrypted parts are, in the vault."""
    return f"bank_account:{shop}"


def _account(vault: Vault, town: int, row: Record) -> BankAccount:
    shop, key, owner = row["shop"], row["vault_key"], account_owner(row["shop"])
    return BankAccount(
        shop,
        row["version"],
        row["bank_code"],
        row["branch_code"],
        row["account_type"],
        vault.decrypt(key, row["number_encrypted"], town, owner, NUMBER),
        vault.decrypt(key, row["holder_encrypted"], town, owner, HOLDER),
        row["valid_from"],
        row["set_name"],
        row["set_at"],
    )
