"""What operator and applicant write to each other about an application, kept encrypted."""

from datetime import datetime

from msgspec import Struct

from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries
from ledger.shops.applicants import NOTE, applicant_owner
from ledger.vault import Vault

SQL = load_queries("shop_applications")

NOTES_MAX = 40  # More than that is a talk, and a talk is held by phone.


class Note(Struct, frozen=True):
    """Something that operator or applicant wrote."""

    by_applicant: bool
    at: datetime
    text: str


async def notes(pool: Executor, vault: Vault, town: int, number: int) -> list[Note]:
    """What was written about an application, oldest first."""
    rows = await fetch_rows(pool, SQL["notes"], town, number)
    whose = applicant_owner(number)
    return [
        Note(by_applicant, at, vault.decrypt(key_id, text, town, whose, NOTE))
        for by_applicant, at, key_id, text in rows
    ]


async def write(
    connection: Connection,
    vault: Vault,
    town: int,
    number: int,
    text: str,
    *,
    by_applicant: bool,
    now: datetime,
) -> None:
    """Adds something to what was written about an application."""
    hidden = vault.encrypt(text, town, applicant_owner(number), NOTE)
    kept = (town, number, by_applicant, now, vault.key_id, hidden)
    await fetch_row(connection, SQL["add_note"], *kept)
