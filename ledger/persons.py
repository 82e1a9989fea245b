"""Who holds a wallet: registration, one account a person, codes by SMS, and being forgotten.

What is personal (phone, name, reading, birth date) is encrypted and found by keyed digests
(`ledger.vault`); who is alike is `ledger.likeness`'s to say. Nothing here is part of the money: a
wallet without a person goes on as it is, and `ledger.verify` sees no difference.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import UniqueViolationError
from msgspec import Struct

from ledger import accounts, applications, reviews
from ledger.database import (
    Connection,
    Executor,
    Pool,
    fetch_row,
    load_queries,
    transaction,
    translated,
)
from ledger.errors import LedgerError
from ledger.identity import digest
from ledger.likeness import Attributes, Likeness, likeness
from ledger.reports.attributes import told_year
from ledger.vault import Vault, owner
from ledger.voices import shop_requests

SQL = load_queries("persons")


class PhoneTaken(LedgerError):
    """Somebody in this town is registered with this phone number already."""


class IdentityTaken(LedgerError):
    """Somebody in this town is registered with this name and birth date already."""


class WalletTaken(LedgerError):
    """The wallet that somebody was to get has a holder."""


class Newcomer(Struct, frozen=True):
    """Somebody who gets a wallet. ``phone`` is normal (`ledger.identity.normal_phone`), ``name``
    as its bearer writes it; ``kana`` and ``birth_date`` are both given or both not.
    """

    phone: str
    name: str
    password_hash: str
    pin_hash: str
    kana: str | None = None
    birth_date: date | None = None


class Person(Struct, frozen=True):
    """A wallet's holder."""

    wallet: int
    phone: str
    name: str
    password_hash: str
    pin_hash: str
    kana: str | None = None
    birth_date: date | None = None

    @property
    def attributes(self) -> Attributes | None:
        """Name, reading and birth date as given; None where they were not asked for."""
        if self.kana is None or self.birth_date is None:
            return None
        return Attributes(self.name, self.kana, self.birth_date)


class Challenge(Struct, frozen=True):
    """A code sent by SMS; ``code_digest`` None where no code can be right."""

    challenge: str
    purpose: str  # register | sign_in | apply
    phone: str
    wallet: int | None
    code_digest: bytes | None
    expires_at: datetime


class Tried(Struct, frozen=True):
    """What came of giving a challenge's code. ``wallet`` is known when signing in."""

    matched: bool
    attempts: int
    phone: str
    wallet: int | None


# -- registration ----------------------------------------------------------------------------------


async def register(
    pool: Executor,
    vault: Vault,
    town: int,
    newcomer: Newcomer,
    now: datetime,
    wallet: int | None = None,
) -> int:
    """Makes somebody the holder of a new wallet, or of ``wallet``, and returns its account number.

    Where the newcomer is like somebody, but not the same, the wallet is opened all the same and
    the pair waits for an operator (`ledger.reviews`). All in one transaction.

    Raises:
        PhoneTaken: the phone number is registered in this town; nothing changed.
        IdentityTaken: so are the name and the birth date; nothing changed.
        WalletTaken: ``wallet`` has a holder; nothing changed.
        ValueError: the reading of the name is no kana.
    """
    async with transaction(pool) as connection:
        return await _register(connection, vault, town, newcomer, now, wallet)


async def _register(
    connection: Connection,
    vault: Vault,
    town: int,
    newcomer: Newcomer,
    now: datetime,
    wallet: int | None,
) -> int:
    await connection.execute(SQL["lock_people"], town)
    phones = vault.digests(town, "phone", newcomer.phone)
    if await connection.fetchval(SQL["phone_taken"], town, phones):
        raise PhoneTaken("this phone number is registered in this town")
    near = await _near(connection, vault, town, newcomer)
    if wallet is None:
        wallet = await accounts.open_wallet(connection, town, now)
    person = Person(
        wallet,
        newcomer.phone,
        newcomer.name,
        newcomer.password_hash,
        newcomer.pin_hash,
        newcomer.kana,
        newcomer.birth_date,
    )
    try:
        await connection.execute(SQL["add_person"], *row_of(vault, town, person, now))
    except UniqueViolationError as error:
        # The look above finds the other two; this is the one that only the key can tell.
        raise WalletTaken(f"wallet {wallet} has a holder") from error
    for other, how in near:
        await reviews.open_review(connection, town, wallet, other, how, now)
    return wallet


async def _near(
    connection: Connection, vault: Vault, town: int, newcomer: Newcomer
) -> list[tuple[int, Likeness]]:
    """The wallets of those whom the newcomer is like."""
    if newcomer.kana is None or newcomer.birth_date is None:
        return []
    own = Attributes(newcomer.name, newcomer.kana, newcomer.birth_date).normal()
    rows = await connection.fetch(
        SQL["alike"],
        town,
        vault.digests(town, "identity", _identity(own)),
        vault.digests(town, "birth_date", own.birth_date.isoformat()),
        vault.digests(town, "kana", own.kana),
    )
    near: list[tuple[int, Likeness]] = []
    for row in rows:
        person = person_of(vault, town, row)
        how = likeness(own, person.attributes.normal()) if person.attributes else None
        if how is Likeness.SAME:
            raise IdentityTaken("this name and birth date are registered in this town")
        if how is not None:
            near.append((person.wallet, how))
    return near


async def add_people(
    pool: Pool, vault: Vault, town: int, people: Iterable[Person], now: datetime
) -> None:
    """Registers many holders at once, unlooked at: a town that moves here, or a test's crowd."""
    with translated():
        async with pool.acquire() as connection:
            await connection.copy_records_to_table(
                "person",
                schema_name="people",
                columns=COLUMNS,
                records=[row_of(vault, town, person, now) for person in people],
            )


async def person_by_phone(pool: Executor, vault: Vault, town: int, phone: str) -> Person | None:
    """The holder with this (normal) phone number."""
    phones = vault.digests(town, "phone", phone)
    row = await fetch_row(pool, SQL["person_by_phone"], town, phones)
    return person_of(vault, town, row) if row else None


async def person_by_wallet(pool: Executor, vault: Vault, town: int, wallet: int) -> Person | None:
    """The wallet's holder."""
    row = await fetch_row(pool, SQL["person_by_wallet"], town, wallet)
    return person_of(vault, town, row) if row else None


async def first_person(pool: Executor, vault: Vault, town: int) -> Person | None:
    """The holder of the town's first wallet."""
    row = await fetch_row(pool, SQL["first_person"], town)
    return person_of(vault, town, row) if row else None


async def pin_hash(pool: Executor, town: int, wallet: int) -> str | None:
    """What the wallet's PIN is checked against; None where nobody holds it."""
    row = await fetch_row(pool, SQL["pin_hash"], town, wallet)
    return row["pin_hash"] if row else None


async def forget(connection: Connection, vault: Vault, town: int, person: Person) -> list[UUID]:
    """Erases a person within the caller's transaction; the sessions that were open.

    The wallet stays as it is, with all that happened to it. Gone are the person's data and, with
    them, every way to sign in: sessions, tickets, Web Push addresses, codes by SMS, counted guesses
    at the PIN, their numbers at other companies, comparisons that nobody has decided, and what they
    wrote: proposals with their answers, shops they asked for, and answers to surveys with a name.
    """
    phones = vault.digests(town, "phone", person.phone)
    await connection.execute(SQL["forget_challenges"], town, phones)
    await applications.forget_by_phone(connection, vault, town, person.phone)
    await shop_requests.forget(connection, town, person.wallet)
    rows = await connection.fetch(SQL["forget_person"], town, person.wallet)
    return [row["session"] for row in rows]


# -- codes by SMS ----------------------------------------------------------------------------------


async def open_challenge(
    pool: Executor,
    vault: Vault,
    town: int,
    challenge: Challenge,
    codes_max: int,
    window: timedelta,
    now: datetime,
) -> bool:
    """Keeps a challenge; False where the phone was sent ``codes_max`` codes within ``window``."""
    key, phone = digest(challenge.challenge), challenge.phone
    phones = vault.digests(town, "phone", phone)  # The first is under the key that encrypts.
    async with transaction(pool) as connection:
        await connection.fetchrow(SQL["lock_phone"], town, phones[0])
        opened = await connection.fetchval(
            SQL["open_challenge"],
            town,
            key,
            challenge.purpose,
            vault.key_id,
            vault.encrypt(phone, town, _challenge(key), "phone"),
            challenge.wallet,
            challenge.code_digest,
            now,
            challenge.expires_at,
            codes_max,
            now - window,
            phones,
        )
    return bool(opened)


async def try_challenge(
    pool: Executor,
    vault: Vault,
    town: int,
    challenge: str,
    purpose: str,
    code_digest: bytes,
    attempts_max: int,
    now: datetime,
) -> Tried | None:
    """Gives a challenge's code; None where there is no such challenge, or not any more."""
    key = digest(challenge)
    row = await fetch_row(
        pool, SQL["try_challenge"], town, key, purpose, code_digest, now, attempts_max
    )
    if row is None:
        return None
    matched, attempts, key_id, kept, wallet = row
    return Tried(
        matched, attempts, vault.decrypt(key_id, kept, town, _challenge(key), "phone"), wallet
    )


def _challenge(key: bytes) -> str:
    return f"challenge:{key.hex()}"


# -- between rows and persons ----------------------------------------------------------------------

COLUMNS = [
    *("town", "wallet", "key_id", "phone_digest", "phone_encrypted", "name_encrypted"),
    *("kana_encrypted", "birth_date_encrypted", "identity_digest", "kana_digest"),
    *("birth_date_digest", "password_hash", "pin_hash", "registered_at", "birth_year"),
]


def row_of(vault: Vault, town: int, person: Person, registered_at: datetime) -> tuple[object, ...]:
    """A person as they are kept, in the order of `COLUMNS`.

    Raises:
        ValueError: the reading of the name is no kana.
    """
    whose = owner(person.wallet)
    attributes = person.attributes
    kept: tuple[bytes | None, ...] = (None,) * 5
    if attributes is not None:
        normal, born = attributes.normal(), attributes.birth_date.isoformat()
        kept = (
            vault.encrypt(attributes.kana, town, whose, "kana"),
            vault.encrypt(born, town, whose, "birth_date"),
            vault.digest(town, "identity", _identity(normal)),
            vault.digest(town, "kana", normal.kana),
            vault.digest(town, "birth_date", born),
        )
    return (
        town,
        person.wallet,
        vault.key_id,
        vault.digest(town, "phone", person.phone),
        vault.encrypt(person.phone, town, whose, "phone"),
        vault.encrypt(person.name, town, whose, "name"),
        *kept,
        person.password_hash,
        person.pin_hash,
        registered_at,
        None if attributes is None else told_year(attributes.birth_date, registered_at.date()),
    )


def person_of(vault: Vault, town: int, row: Iterable[Any]) -> Person:
    """A kept row as the person it is.

    Raises:
        Unreadable: it was changed, or its key is not in the settings.
    """
    wallet, key_id, phone, name, password_hash, pin, kana, born = row
    whose = owner(wallet)

    def read(kept: bytes | None, field: str) -> str | None:
        return None if kept is None else vault.decrypt(key_id, kept, town, whose, field)

    birth_date = read(born, "birth_date")
    return Person(
        wallet=wallet,
        phone=vault.decrypt(key_id, phone, town, whose, "phone"),
        name=vault.decrypt(key_id, name, town, whose, "name"),
        password_hash=password_hash,
        pin_hash=pin,
        kana=read(kana, "kana"),
        birth_date=date.fromisoformat(birth_date) if birth_date else None,
    )


def _identity(normal: Attributes) -> str:
    return f"{normal.name}\0{normal.kana}\0{normal.birth_date.isoformat()}"
