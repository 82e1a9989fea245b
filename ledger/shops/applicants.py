"""Who applied for a shop to join: kept encrypted (`ledger.vault`), found by keyed digests."""

import msgspec
from msgspec import Struct

from ledger.database import Executor, load_queries, transaction
from ledger.settlement.bank_accounts import NewBankAccount
from ledger.vault import Vault

SQL = load_queries("shop_applications")

CONTACT, NOTE = "contact", "note"  # What they are called in the vault.


class Contact(Struct, frozen=True):
    """What is personal: who is responsible, how they are reached, and their bank account."""

    person: str
    phone: str
    email: str
    bank_account: NewBankAccount | None
    receipt: str = ""


def applicant_owner(application: int) -> str:
    """Whose the personal data of an application is, in the vault."""
    return f"shop_application:{application}"


def kept_contact(
    vault: Vault, town: int, application: int, contact: Contact
) -> tuple[int, bytes, bytes, bytes]:
    """Key, text and the digests of phone and receipt, as they are kept."""
    text = msgspec.json.encode(contact).decode()
    return (
        vault.key_id,
        vault.encrypt(text, town, applicant_owner(application), CONTACT),
        vault.digest(town, "shop_phone", contact.phone),
        vault.digest(town, "shop_receipt", contact.receipt),
    )


def contact_of(vault: Vault, town: int, application: int, key_id: int, kept: bytes) -> Contact:
    """Who applied.

    Raises:
        Unreadable: it is under a key that the vault has not.
    """
    text = vault.decrypt(key_id, kept, town, applicant_owner(application), CONTACT)
    return msgspec.json.decode(text, type=Contact)


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some applicants and notes under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["under_other_keys"], vault.key_id, step)
        for town, application, key_id, kept in rows:
            contact = contact_of(vault, town, application, key_id, kept)
            again = kept_contact(vault, town, application, contact)
            await connection.execute(SQL["encrypt_contact"], town, application, *again)
        written = await connection.fetch(SQL["notes_under_other_keys"], vault.key_id, step)
        for town, application, note, key_id, kept in written:
            whose = applicant_owner(application)
            hidden = vault.encrypt_again(key_id, kept, town, whose, NOTE)
            await connection.execute(
                SQL["encrypt_note"], town, application, note, vault.key_id, hidden
            )
        return len(rows) + len(written)
