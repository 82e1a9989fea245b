"""Proposals and reports (提案・通報, A7): what wallets and shops tell the operator; its answers.

People write who they are in such texts, so texts, places, pictures and answers are encrypted and go
with the person. An answer comes to whoever wrote as a notice that says only which one it is to.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger import notices
from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
)
from ledger.errors import LedgerError
from ledger.notices import Added, NewNotice
from ledger.vault import Vault

SQL = load_queries("proposals")

KIND = "answer"  # Of the notice.
DAY_MAX = 10  # What one account may send in a day: more is no help to anybody who reads it.
DAY = timedelta(days=1)

Kind = Literal["proposal", "report"]


class TooMany(LedgerError):
    """As much was sent as may be; ``until`` it is, something may be sent again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too much was sent; wait until {until}")
        self.until = until


class NewProposal(Struct, frozen=True):
    """What is sent. ``id`` is made by the screen; ``place``: where it is about, in words."""

    id: UUID
    kind: Kind
    text: str
    place: str | None


class Proposal(Struct, frozen=True):
    """What was sent. ``closed_at`` with no ``answer``: it was seen to without one."""

    proposal: int
    account: int
    from_shop: bool
    id: UUID
    kind: Kind
    text: str
    place: str | None
    pictured: bool
    answer: str | None
    sent_at: datetime
    closed_at: datetime | None
    closed_by: str | None


class _Texts(Struct, frozen=True):
    """What is encrypted of one, in the clear; the picture in base64."""

    text: str
    place: str | None = None
    picture: str | None = None
    answer: str | None = None


# -- sending ---------------------------------------------------------------------------------------


async def send(
    pool: Executor, vault: Vault, town: int, account: int, new: NewProposal, now: datetime
) -> int:
    """Keeps what an account tells the operator; its number, the same for the same id.

    Raises:
        TooMany: the account has sent `DAY_MAX` within a day.
    """
    async with transaction(pool) as connection:
        await connection.execute(SQL["lock_voice"], town, account)
        before = await connection.fetchrow(SQL["sent_before"], town, account, new.id)
        if before is not None:
            return int(before["proposal"])
        sent = await connection.fetch(SQL["sent_since"], town, account, now - DAY)
        if len(sent) >= DAY_MAX:
            raise TooMany(sent[-DAY_MAX]["sent_at"] + DAY)
        whose = _owner(account, new.id)
        row = await connection.fetchrow(
            SQL["add_proposal"],
            town,
            account,
            new.id,
            new.kind,
            vault.key_id,
            vault.encrypt(new.text, town, whose, "text"),
            None if new.place is None else vault.encrypt(new.place, town, whose, "place"),
            now,
        )
        assert row is not None
        return int(row["proposal"])


async def show(
    pool: Executor, vault: Vault, town: int, account: int, proposal: int, picture: bytes
) -> bool:
    """Puts a JPEG or PNG to what the account has sent; False where it has sent no such thing that
    is open and without a picture.
    """
    async with transaction(pool) as connection:
        row = await connection.fetchrow(SQL["take_proposal"], town, proposal)
        if row is None or row["account"] != account or row["closed_at"] is not None:
            return False
        texts = _read(vault, town, row)
        if texts.picture is not None:
            return False
        kept = msgspec.structs.replace(texts, picture=b64encode(picture).decode())
        await _write(connection, vault, town, row, kept)
        return True


# -- reading ---------------------------------------------------------------------------------------


async def proposals(
    pool: Executor,
    vault: Vault,
    town: int,
    limit: int,
    *,
    account: int | None = None,
    only_open: bool = False,
    kind: Kind | None = None,
    before: int | None = None,
) -> list[Proposal]:
    """What was sent, newest first; of one account, one kind, or only what waits for an answer.

    Raises:
        Unreadable: something is under a key that the vault has not.
    """
    query, arguments = chosen(
        SQL["proposals"],
        town=town,
        proposal=None,
        account=account,
        only_open=only_open,
        kind=kind,
        before=before,
        limit=limit,
    )
    return [_proposal(vault, town, row) for row in await fetch_rows(pool, query, *arguments)]


async def proposal(pool: Executor, vault: Vault, town: int, number: int) -> Proposal | None:
    """What was sent under this number, or None."""
    query, arguments = chosen(
        SQL["proposals"],
        town=town,
        proposal=number,
        account=None,
        only_open=False,
        kind=None,
        before=None,
        limit=1,
    )
    row = await fetch_row(pool, query, *arguments)
    return _proposal(vault, town, row) if row else None


async def picture(pool: Executor, vault: Vault, town: int, number: int) -> bytes | None:
    """What was shown with it, a JPEG or PNG; None where there is nothing."""
    row = await fetch_row(pool, SQL["picture_of_proposal"], town, number)
    if row is None:
        return None
    return b64decode(_text(vault, town, row, "picture") or "")


async def answers(
    pool: Executor, vault: Vault, town: int, numbers: Sequence[int]
) -> dict[int, tuple[str, str]]:
    """What was sent, and its answer, by number; those that were answered."""
    rows = await fetch_rows(pool, SQL["answers_to_proposals"], town, list(numbers))
    return {
        row["proposal"]: (
            _text(vault, town, row, "text") or "",
            _text(vault, town, row, "answer") or "",
        )
        for row in rows
    }


# -- answering -------------------------------------------------------------------------------------


async def close(
    connection: Connection,
    vault: Vault,
    town: int,
    number: int,
    answer: str | None,
    by: str,
    now: datetime,
) -> list[Added] | None:
    """The operator has seen to it; an ``answer`` comes to whoever sent it as a notice. The new
    notices; None where there is no such thing, or somebody has seen to it before.
    """
    row = await connection.fetchrow(SQL["take_proposal"], town, number)
    if row is None or row["closed_at"] is not None:
        return None
    await connection.execute(SQL["close_proposal"], town, number, now, by)
    if answer is None:
        return []
    texts = msgspec.structs.replace(_read(vault, town, row), answer=answer)
    await _write(connection, vault, town, row, texts)
    body = msgspec.json.encode({"about": "proposal", "number": number}).decode()
    new = NewNotice(row["account"], f"proposal:{number}", body)
    return await notices.add(connection, town, KIND, [new], now)


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some of what was sent under the vault's first key; how many.

    Raises:
        Unreadable: something is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["proposals_under_other_keys"], vault.key_id, step)
        for row in rows:
            await _write(connection, vault, row["town"], row, _read(vault, row["town"], row))
        return len(rows)


# -- between rows and texts ------------------------------------------------------------------------


def _owner(account: int, sent_id: UUID) -> str:
    return f"proposal:{account}:{sent_id}"


def _text(vault: Vault, town: int, row: Record, field: str) -> str | None:
    kept, whose = row[f"{field}_encrypted"], _owner(row["account"], row["id"])
    return None if kept is None else vault.decrypt(row["key_id"], kept, town, whose, field)


def _read(vault: Vault, town: int, row: Record) -> _Texts:
    text, *others = (_text(vault, town, row, field) for field in _Texts.__struct_fields__)
    return _Texts(text or "", *others)


async def _write(connection: Executor, vault: Vault, town: int, row: Record, texts: _Texts) -> None:
    whose = _owner(row["account"], row["id"])
    kept = [
        None if text is None else vault.encrypt(text, town, whose, field)
        for field in _Texts.__struct_fields__
        for text in [getattr(texts, field)]
    ]
    await connection.execute(SQL["write_proposal"], town, row["proposal"], vault.key_id, *kept)


def _proposal(vault: Vault, town: int, row: Record) -> Proposal:
    return Proposal(
        row["proposal"],
        row["account"],
        row["from_shop"],
        row["id"],
        row["kind"],
        _text(vault, town, row, "text") or "",
        _text(vault, town, row, "place"),
        row["pictured"],
        _text(vault, town, row, "answer"),
        row["sent_at"],
        row["closed_at"],
        row["closed_by"],
    )
