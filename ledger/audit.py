"""The audit: who did what with the power they were given; one line an act, never changed.

A line is written in the transaction of the act itself, so there is no act without its line and no
line without its act. Lines are numbered without gaps within the town. No secret stands in them
(`record` blanks what is named like one), and of people they name but those who acted.
"""

import getpass
import os
import socket
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from config.logs import SECRET_WORDS
from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    translated,
)

SQL = load_queries("audit")

NOT_KEPT = "(not kept)"

Facts = Mapping[str, object]


class ActorKind(StrEnum):
    """Who acts; the values are those of ``people.audit.actor``."""

    OPERATOR = "operator"  # Somebody at the console.
    STAFF = "staff"  # Somebody at the shop site.
    COMMAND = "command"  # Somebody at the machine's command line.
    SYSTEM = "system"  # Koban itself, by a rule of the town.


class Actor(Struct, frozen=True):
    """Who acts, and from where. ``number`` is the operator's or the staff's."""

    kind: ActorKind
    number: int | None
    name: str
    origin: str


class Line(Struct, frozen=True):
    """One act. ``before`` and ``after`` are JSON objects, None where there is nothing to tell."""

    number: int
    at: datetime
    actor: str
    who: int | None
    name: str
    origin: str
    act: str
    subject: str
    before: str | None
    after: str | None


class Filter(Struct, frozen=True):
    """Which lines; None lets everything through.

    ``act`` is an act ("shop.opened") or a kind of them ("shop"); ``since`` counts in, ``until``
    does not.
    """

    actor: ActorKind | None = None
    who: int | None = None
    act: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def at_command_line() -> Actor:
    """The user of this machine who runs a command."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # A container's user often has a number and no name.
        name = f"user {os.getuid()}"
    return Actor(ActorKind.COMMAND, None, name, socket.gethostname())


async def record(
    connection: Connection,
    town: int,
    actor: Actor,
    act: str,
    subject: str,
    now: datetime,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
) -> int:
    """Writes the line of an act, in the act's transaction, which is open; its number.

    To be called last: it holds up other acts of the town until the transaction ends. ``act`` is
    what was done ("shop.opened") and ``subject`` to what ("shop:1001"); ``before`` says what was
    so, as far as the act changed it, and ``after`` what is so now.

    Raises:
        RuntimeError: no transaction is open, so the line could stand without its act.
    """
    if not connection.is_in_transaction():
        raise RuntimeError("an act and its line in the audit are written in one transaction")
    with translated():
        await connection.execute(SQL["lock_audit"], town)
        number = await connection.fetchval(
            SQL["record"],
            town,
            now,
            actor.kind.value,
            actor.number,
            actor.name,
            actor.origin,
            act,
            subject,
            _json(before),
            _json(after),
        )
    return int(number)


async def recorded(connection: Executor, town: int, act: str, subject: str) -> bool:
    """Whether this act upon this subject has a line already."""
    row = await fetch_row(connection, SQL["recorded"], town, subject, act)
    assert row is not None
    return bool(row["recorded"])


async def lock(connection: Connection, town: int) -> None:
    """Lets nobody else write a line until the transaction ends; before `recorded` decides."""
    with translated():
        await connection.execute(SQL["lock_audit"], town)


async def lines(
    pool: Executor, town: int, wanted: Filter, before: int | None, limit: int
) -> list[Line]:
    """Lines before line ``before``, newest first."""
    query, arguments = chosen(SQL["lines"], town=town, before=before, limit=limit, **asdict(wanted))
    rows = await fetch_rows(pool, query, *arguments)
    return [Line(*row) for row in rows]


def _json(facts: Facts | None) -> str | None:
    return None if facts is None else msgspec.json.encode(_blanked(facts)).decode()


def _blanked(value: object) -> object:
    """The same without what is named like a secret, however deep it lies."""
    if isinstance(value, Mapping):
        return {
            name: NOT_KEPT if name.removeprefix("new_") in SECRET_WORDS else _blanked(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_blanked(inner) for inner in value]
    return value
