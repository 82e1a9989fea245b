"""Applicants: who applied, kept encrypted (`ledger.vault`) apart from the application.

The digests find the same person again and whom a newcomer is to be compared with; erased, they
leave the application, which names nobody, as it is.
"""

from datetime import date

from msgspec import Struct

from ledger.addresses import normal_address, normal_postal_code
from ledger.database import Executor, fetch_row, load_queries, transaction
from ledger.likeness import Attributes
from ledger.vault import Vault

SQL = load_queries("applications")

FIELDS = ("phone", "name", "kana", "birth_date", "postal_code", "address")


class Applicant(Struct, frozen=True):
    """Who applies. ``phone`` is normal, and proved to be theirs."""

    phone: str
    name: str
    kana: str
    birth_date: date
    postal_code: str
    address: str

    @property
    def attributes(self) -> Attributes:
        """Name, reading and birth date in the form that is compared.

        Raises:
            ValueError: the reading is no kana.
        """
        return Attributes(self.name, self.kana, self.birth_date).normal()


async def applicant(pool: Executor, vault: Vault, town: int, application: int) -> Applicant | None:
    """Who applied; None where they were erased."""
    row = await fetch_row(pool, SQL["applicant"], town, application)
    if row is None:
        return None
    key_id, *kept = row
    phone, name, kana, birth_date, postal_code, address = (
        vault.decrypt(key_id, text, town, applicant_owner(application), field)
        for text, field in zip(kept, FIELDS, strict=True)
    )
    return Applicant(phone, name, kana, date.fromisoformat(birth_date), postal_code, address)


def row_of(vault: Vault, town: int, whose: str, one: Applicant, receipt: str) -> tuple[bytes, ...]:
    """An applicant as they are kept, from ``phone_digest`` to ``receipt_encrypted``."""
    normal, born = one.attributes, one.birth_date.isoformat()
    texts = (one.name, one.kana, born, one.postal_code, one.address)
    return (
        vault.digest(town, "phone", one.phone),
        vault.encrypt(one.phone, town, whose, "phone"),
        *(
            vault.encrypt(text, town, whose, field)
            for text, field in zip(texts, FIELDS[1:], strict=True)
        ),
        vault.digest(town, "identity", f"{normal.name}\0{normal.kana}\0{born}"),
        vault.digest(town, "kana", normal.kana),
        vault.digest(town, "birth_date", born),
        vault.digest(town, "address", place_of(one)),
        vault.digest(town, "receipt", receipt),
        vault.encrypt(receipt, town, whose, "receipt"),
    )


def place_of(one: Applicant) -> str:
    """The address in the one form that is compared."""
    return f"{normal_postal_code(one.postal_code)}\0{normal_address(one.address)}"


def applicant_owner(application: int) -> str:
    """Whose the personal data of an applicant is."""
    return f"application:{application}"


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some applicants under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["applicants_under_other_keys"], vault.key_id, step)
        for town, application, key_id, *kept, receipt, under, number in rows:
            whose = applicant_owner(application)
            phone, name, kana, born, postal_code, address = (
                vault.decrypt(key_id, text, town, whose, field)
                for text, field in zip(kept, FIELDS, strict=True)
            )
            one = Applicant(phone, name, kana, date.fromisoformat(born), postal_code, address)
            digits = vault.decrypt(key_id, receipt, town, whose, "receipt")
            own = number and vault.decrypt(under, number, town, whose, "purchaser_number")
            await connection.execute(
                SQL["encrypt_applicant"],
                *(town, application, vault.key_id),
                *row_of(vault, town, whose, one, digits),
                own and vault.digest(town, "purchaser_number", own),
                vault.key_id if own else None,
                own and vault.encrypt(own, town, whose, "purchaser_number"),
            )
        return len(rows)
