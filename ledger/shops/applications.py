"""Applications to join (加盟申込, C8): made by whoever has proved a phone, decided by an operator.

    waiting ⇄ asked       an operator asked something; the applicant answered, or corrected
    waiting, asked → accepted | declined | withdrawn

Who applied, their phone and their bank account are encrypted (`ledger.shops.applicants`); the phone
is found by a keyed digest, and so is the receipt number, by which the applicant comes back.
What they and the operator write to each other is in `ledger.shops.notes`.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger.addresses import normal_address
from ledger.database import Connection, Executor, chosen, fetch_row, fetch_rows, load_queries
from ledger.digits import make_digits, read_digits
from ledger.errors import LedgerError
from ledger.names import normal_name
from ledger.shops import notes
from ledger.shops.applicants import Contact, contact_of, kept_contact
from ledger.shops.listings import Listing
from ledger.vault import Vault

SQL = load_queries("shop_applications")

RECEIPT_DIGITS = 12  # 11 random ones and a check digit; of use only with the phone number.
OPEN_PER_PHONE_MAX = 5  # A chain's owner applies for a few shops at once; a program for hundreds.
OPEN_MAX = 2_000  # Five times the largest town's shops: what a town's people can look through.


class State(StrEnum):
    """How far an application is."""

    WAITING = "waiting"  # For an operator.
    ASKED = "asked"  # For the applicant.
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


OPEN = (State.WAITING, State.ASKED)


class Details(Struct, frozen=True):
    """What a shop applies with. ``accepts``: codes of kinds of value that it wants to take."""

    name: str
    kind: str
    area: str
    listing: Listing
    accepts: list[str]

    def is_at(self, name: str, address: str) -> bool:
        """Whether a shop of this name at this address is this one, however they are written."""
        same_name = normal_name(self.name) == normal_name(name)
        return same_name and normal_address(self.listing.address) == normal_address(address)


class Application(Struct, frozen=True):
    """An application. ``contact`` is None where it was erased."""

    application: int
    state: State
    details: Details
    contact: Contact | None
    applied_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    shop: int | None


class WhyNot(StrEnum):
    """Why nothing was done; the first that applies is told."""

    UNKNOWN = "unknown"  # No such application, or not this phone's.
    TWICE = "twice"  # This phone has applied for this shop, and that is open.
    TOO_MANY = "too_many"  # So many of this phone's, or of the town's, are open.
    DECIDED = "decided"  # It was accepted, declined or withdrawn; nothing changes any more.
    OPEN = "open"  # It is to be decided first.
    NOTES = "notes"  # So much was written about it already.


class ShopApplicationRefused(LedgerError):
    """It was not done and nothing changed."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


# -- the applicant's side --------------------------------------------------------------------------


async def apply(
    connection: Connection,
    vault: Vault,
    town: int,
    details: Details,
    contact: Contact,
    now: datetime,
) -> str:
    """Makes an application; its receipt number.

    Raises:
        ShopApplicationRefused: ``twice``, ``too_many``.
    """
    await fetch_row(connection, SQL["lock"], town)
    phones = vault.digests(town, "shop_phone", contact.phone)
    mine = await fetch_rows(connection, SQL["open_of_phone"], town, phones)
    if any(details.is_at(row["name"], row["address"] or "") for row in mine):
        raise ShopApplicationRefused(WhyNot.TWICE)
    waiting = await fetch_row(connection, SQL["waiting"], town)
    if len(mine) >= OPEN_PER_PHONE_MAX or (waiting and waiting["applications"] >= OPEN_MAX):
        raise ShopApplicationRefused(WhyNot.TOO_MANY)
    receipt = make_digits(RECEIPT_DIGITS)
    row = await fetch_row(connection, SQL["next_number"])
    assert row is not None
    number = int(row["application"])
    kept = kept_contact(vault, town, number, msgspec.structs.replace(contact, receipt=receipt))
    await fetch_row(connection, SQL["add"], town, number, *_told(details), *kept, now)
    return receipt


async def by_receipt(
    connection: Connection, vault: Vault, town: int, receipt: str, phone: str
) -> Application:
    """The application that a receipt number and a phone ask for; nobody else changes it meanwhile.

    Raises:
        ShopApplicationRefused: ``unknown``.
    """
    digits = read_digits(receipt, RECEIPT_DIGITS)
    if digits is None:
        raise ShopApplicationRefused(WhyNot.UNKNOWN)
    receipts = vault.digests(town, "shop_receipt", digits)
    phones = vault.digests(town, "shop_phone", phone)
    row = await fetch_row(connection, SQL["by_receipt"], town, receipts, phones)
    if row is None:
        raise ShopApplicationRefused(WhyNot.UNKNOWN)
    return _application(vault, town, row)


async def answer(
    connection: Connection,
    vault: Vault,
    town: int,
    found: Application,
    text: str,
    corrected: tuple[Details, Contact] | None,
    now: datetime,
) -> None:
    """Answers what was asked, or adds something; ``corrected``: everything anew, but the phone.

    Raises:
        ShopApplicationRefused: ``decided``, ``notes``.
    """
    _check_open(found)
    if corrected is not None:
        details, contact = corrected
        assert found.contact is not None
        kept = msgspec.structs.replace(
            contact, phone=found.contact.phone, receipt=found.contact.receipt
        )
        number = found.application
        texts = (*_told(details), *kept_contact(vault, town, number, kept))
        await fetch_row(connection, SQL["correct"], town, number, *texts)
    await _write(connection, vault, town, found, text, by_applicant=True, now=now)
    await _set(connection, town, found, State.WAITING)


async def withdraw(connection: Connection, town: int, found: Application, now: datetime) -> None:
    """Takes an application back.

    Raises:
        ShopApplicationRefused: ``decided``.
    """
    _check_open(found)
    await _set(connection, town, found, State.WITHDRAWN, now)


# -- the operator's side ---------------------------------------------------------------------------


async def applications(
    pool: Executor, vault: Vault, town: int, state: str | None, before: int | None, limit: int
) -> list[Application]:
    """A page of applications, newest first."""
    sql, values = chosen(SQL["applications"], town=town, state=state, before=before, most=limit)
    return [_application(vault, town, row) for row in await fetch_rows(pool, sql, *values)]


async def application(
    connection: Connection, vault: Vault, town: int, number: int
) -> Application | None:
    """One application; nobody else changes it before the end of the transaction."""
    row = await fetch_row(connection, SQL["application"], town, number)
    return _application(vault, town, row) if row else None


async def decided_before(pool: Executor, town: int, until: datetime) -> list[int]:
    """Applications that were decided before then and whose applicants are not forgotten."""
    rows = await fetch_rows(pool, SQL["decided_before"], town, until)
    return [row["application"] for row in rows]


async def ask(
    connection: Connection, vault: Vault, town: int, found: Application, text: str, now: datetime
) -> None:
    """Asks the applicant something.

    Raises:
        ShopApplicationRefused: ``decided``, ``notes``.
    """
    _check_open(found)
    await _write(connection, vault, town, found, text, by_applicant=False, now=now)
    await _set(connection, town, found, State.ASKED)


async def decline(
    connection: Connection,
    vault: Vault,
    town: int,
    found: Application,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Declines, with a reason that the applicant reads.

    Raises:
        ShopApplicationRefused: ``decided``.
    """
    _check_open(found)
    await notes.write(
        connection, vault, town, found.application, reason, by_applicant=False, now=now
    )
    await _set(connection, town, found, State.DECLINED, now, by)


async def accept(
    connection: Connection, town: int, found: Application, shop: int, by: str, now: datetime
) -> None:
    """The application became this shop.

    Raises:
        ShopApplicationRefused: ``decided``.
    """
    _check_open(found)
    await _set(connection, town, found, State.ACCEPTED, now, by, shop)


async def erase(connection: Connection, town: int, found: Application) -> None:
    """Forgets who applied and what was written, once it is decided.

    Raises:
        ShopApplicationRefused: ``open``.
    """
    if found.state in OPEN:
        raise ShopApplicationRefused(WhyNot.OPEN)
    await fetch_row(connection, SQL["erase"], town, found.application)
    await fetch_row(connection, SQL["erase_notes"], town, found.application)


def _check_open(found: Application) -> None:
    if found.state not in OPEN:
        raise ShopApplicationRefused(WhyNot.DECIDED)


async def _set(
    connection: Connection,
    town: int,
    found: Application,
    state: State,
    at: datetime | None = None,
    by: str | None = None,
    shop: int | None = None,
) -> None:
    number = found.application
    await fetch_row(connection, SQL["set_state"], town, number, state.value, at, by, shop)


async def _write(
    connection: Connection,
    vault: Vault,
    town: int,
    found: Application,
    text: str,
    *,
    by_applicant: bool,
    now: datetime,
) -> None:
    number = found.application
    if len(await notes.notes(connection, vault, town, number)) >= notes.NOTES_MAX:
        raise ShopApplicationRefused(WhyNot.NOTES)
    await notes.write(connection, vault, town, number, text, by_applicant=by_applicant, now=now)


def _told(details: Details) -> tuple[object, ...]:
    listing = msgspec.json.encode(details.listing).decode()
    return details.name, details.kind, details.area, listing, details.accepts


def _application(vault: Vault, town: int, row: Record) -> Application:
    number, key_id, contact = row["application"], row["key_id"], None
    if key_id is not None:
        contact = contact_of(vault, town, number, key_id, row["contact_encrypted"])
    listing = msgspec.json.decode(row["listing"], type=Listing)
    details = Details(row["name"], row["kind"], row["area"], listing, list(row["accepts"]))
    return Application(
        number,
        State(row["state"]),
        details,
        contact,
        row["applied_at"],
        row["decided_at"],
        row["decided_by"],
        row["shop"],
    )
