"""Who is signed in, and all that opens a door; who holds a wallet is `ledger.persons`'s.

It lives in the schema ``people``, apart from the money. This module keeps it and judges what has to
be judged in one statement (a ticket redeemed by one only, a guess counted before it is checked);
hashing passwords and PINs is the gateway's, and so is every rule about who may do what. Random
secrets (tokens, tickets, enrolment codes) come in as they are and are stored as SHA-256: they carry
128 bits or more, so nothing slower is needed.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from asyncpg import Record
from msgspec import Struct
from msgspec.structs import astuple, replace

from ledger.database import (
    Executor,
    Pool,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
    translated,
)
from ledger.vault import Vault, owner

SQL = load_queries("identity")
END_SESSIONS_OF = {
    "wallet": SQL["end_wallet_sessions"],
    "console": SQL["end_operator_sessions"],
    "staff": SQL["end_staff_sessions"],
}


class Guarded(StrEnum):
    """What guesses are counted for; the values are those of ``people.guard.kind``."""

    PIN = "pin"
    MANAGER_PIN = "manager_pin"
    PASSWORD = "password"  # noqa: S105 - the name of a kind, not a password.
    OPERATOR = "operator"
    STAFF = "staff"
    RECIPIENT = "recipient"  # Phone numbers that nobody has, asked after by a wallet.
    PURCHASER_NUMBER = "purchaser_number"  # Numbers that are not the wallet's own.


class LockoutPolicy(Struct, frozen=True):
    """Every ``failures``-th wrong guess locks: first for ``lock_s[0]`` seconds, then for longer."""

    failures: int
    lock_s: tuple[int, ...]
    forget_after: timedelta


class Attempt(Struct, frozen=True):
    """A counted guess: how many failures there are with it, and the lock it would bring."""

    failures: int
    locked_until: datetime | None


class Session(Struct, frozen=True):
    """A signed-in screen. ``account`` is a wallet's or shop's, else 0."""

    town: int
    session: UUID
    role: str  # wallet | terminal | console | staff
    account: int
    terminal: int | None
    name: str
    expires_at: datetime
    operator_role: str | None  # operator | ops, at the console.
    operator: int | None
    staff: int | None


class NewSession(Struct, frozen=True):
    """What a session is opened with."""

    session: UUID
    token: str
    role: str
    account: int
    name: str
    opened_at: datetime
    expires_at: datetime
    terminal: int | None = None
    operator: int | None = None
    staff: int | None = None


class Enrolled(Struct, frozen=True):
    """A tablet was let in. ``ended`` are the sessions its earlier device keys had."""

    terminal: int
    shop: int
    shop_name: str
    ended: list[UUID]


class Push(Struct, frozen=True):
    """Where a browser can be reached by Web Push."""

    endpoint: str
    p256dh: str
    auth: str


def digest(secret: str) -> bytes:
    """What is kept of a random secret."""
    return sha256(secret.encode()).digest()


def normal_phone(text: str) -> str:
    """A Japanese phone number as it is kept: digits from the leading 0.

    Accepts full-width digits, hyphens, spaces, brackets and +81.

    Raises:
        ValueError: this is no Japanese phone number.
    """
    digits = re.sub(r"[\s()‐‑‒–—―ー−-]", "", unicodedata.normalize("NFKC", text))
    if digits.startswith("+81"):
        digits = "0" + digits[3:].removeprefix("0")
    if not re.fullmatch(r"0[0-9]{9,10}", digits):
        raise ValueError("a Japanese phone number has 10 or 11 digits and begins with 0")
    return digits


# -- what a holder changes -------------------------------------------------------------------------


async def change_wallet_password(
    pool: Executor, town: int, wallet: int, password_hash: str
) -> None:
    """Gives a wallet's holder a new password."""
    await fetch_row(pool, SQL["change_wallet_password"], town, wallet, password_hash)


async def change_wallet_pin(pool: Executor, town: int, wallet: int, pin_hash: str) -> None:
    """Gives a wallet a new PIN."""
    await fetch_row(pool, SQL["change_wallet_pin"], town, wallet, pin_hash)


# -- guesses ---------------------------------------------------------------------------------------


async def attempt(
    pool: Executor, town: int, kind: Guarded, subject: str, policy: LockoutPolicy, now: datetime
) -> Attempt | None:
    """Counts a guess as wrong before it is checked; None where the subject is locked already.

    When the guess turns out right, `clear_guard`: otherwise it stays counted, and the lock it
    brought stays.
    """
    row = await fetch_row(
        pool,
        SQL["attempt"],
        town,
        kind.value,
        subject,
        now,
        policy.failures,
        list(policy.lock_s),
        policy.forget_after,
    )
    return Attempt(*row) if row else None


async def locked_until(
    pool: Executor, town: int, kind: Guarded, subject: str, now: datetime
) -> datetime | None:
    """Until when guesses at the subject are refused; None when they are not."""
    row = await fetch_row(pool, SQL["locked_until"], town, kind.value, subject, now)
    return row["locked_until"] if row else None


async def clear_guard(pool: Executor, town: int, kind: Guarded, subject: str) -> None:
    """The guess was right: earlier failures no longer count."""
    await fetch_row(pool, SQL["clear_guard"], town, kind.value, subject)


# -- signed-in screens -----------------------------------------------------------------------------


async def open_session(pool: Executor, town: int, new: NewSession) -> None:
    """Signs a screen in."""
    await fetch_row(
        pool,
        SQL["open_session"],
        town,
        digest(new.token),
        new.session,
        new.role,
        new.account,
        new.terminal,
        new.operator,
        new.staff,
        "" if new.role == "wallet" else new.name,
        new.opened_at,
        new.expires_at,
    )


async def session_by_token(
    pool: Executor, vault: Vault, town: int, token: str, now: datetime
) -> Session | None:
    """The open session that has this token."""
    row = await fetch_row(pool, SQL["session_by_token"], town, digest(token), now)
    return _session(vault, town, row) if row else None


async def end_session(pool: Executor, town: int, session: UUID, now: datetime) -> bool:
    """Signs a screen out; False where it was out already. Its Web Push address goes with it."""
    row = await fetch_row(pool, SQL["end_session"], town, session, now)
    await fetch_row(pool, SQL["forget_push"], town, session)
    return row is not None


async def end_terminal_sessions(
    pool: Executor, town: int, terminal: int, now: datetime
) -> list[UUID]:
    """Voids a tablet's device keys and enrolment codes; the sessions that ended."""
    await fetch_row(pool, SQL["void_enrolments"], town, terminal)
    return [
        row["session"]
        for row in await fetch_rows(pool, SQL["end_terminal_sessions"], town, terminal, now)
    ]


async def end_sessions_of(
    pool: Executor, town: int, role: str, number: int, now: datetime, keep: UUID | None = None
) -> list[UUID]:
    """Signs somebody out everywhere but at ``keep``; the sessions that ended.

    ``number`` is the wallet's, the operator's (role console) or the staff's.
    """
    rows = await fetch_rows(pool, END_SESSIONS_OF[role], town, number, now, keep)
    return [row["session"] for row in rows]


async def ended_sessions(
    pool: Executor, town: int, sessions: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Which of these sessions are no longer open: signed out, revoked or expired."""
    return [
        row["session"] for row in await fetch_rows(pool, SQL["ended_sessions"], town, sessions, now)
    ]


async def add_ticket(
    pool: Executor, town: int, ticket: str, session: UUID, expires_at: datetime
) -> None:
    """Keeps a websocket ticket of an open session."""
    await fetch_row(pool, SQL["add_ticket"], town, digest(ticket), session, expires_at)


async def redeem_ticket(
    pool: Executor, vault: Vault, town: int, ticket: str, now: datetime
) -> Session | None:
    """The ticket's session, once; None where it was used, is too old, or the session has ended."""
    row = await fetch_row(pool, SQL["redeem_ticket"], town, digest(ticket), now)
    return _session(vault, town, row) if row else None


def _session(vault: Vault, town: int, row: Record) -> Session:
    """A kept session; a wallet's is called by its holder's name, which is kept once, encrypted."""
    session = Session(town, *row[:-2])
    key_id, name = row[-2:]
    if name is None:
        return session
    return replace(session, name=vault.decrypt(key_id, name, town, owner(session.account), "name"))


# -- tablets and managers --------------------------------------------------------------------------


async def add_enrolment(
    pool: Executor, town: int, terminal: int, code: str, expires_at: datetime
) -> None:
    """Keeps an enrolment code; the terminal's older codes work no longer."""
    async with transaction(pool) as connection:
        await connection.execute(SQL["void_enrolments"], town, terminal)
        await connection.execute(SQL["add_enrolment"], town, digest(code), terminal, expires_at)


async def enrol(
    pool: Pool, town: int, code: str, token: str, session: UUID, now: datetime, life: timedelta
) -> Enrolled | None:
    """Lets a tablet in with a one-time code; ``token`` becomes its device key.

    The device keys it had before end in the same transaction. None where the code was used, is too
    old or unknown, or the terminal is revoked.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL["use_enrolment"], town, digest(code), now)
            if row is None:
                return None
            terminal, shop, shop_name = row
            ended = await connection.fetch(SQL["end_terminal_sessions"], town, terminal, now)
            new = NewSession(
                session=session,
                token=token,
                role="terminal",
                account=shop,
                name=shop_name,
                opened_at=now,
                expires_at=now + life,
                terminal=terminal,
            )
            await open_session(connection, town, new)
    return Enrolled(terminal, shop, shop_name, [row["session"] for row in ended])


async def set_manager_pin(pool: Executor, town: int, shop: int, pin_hash: str) -> None:
    """Sets or changes the PIN of a shop's manager."""
    await fetch_row(pool, SQL["set_manager_pin"], town, shop, pin_hash)


async def manager_pin_hash(pool: Executor, town: int, shop: int) -> str | None:
    """The hash of the PIN of a shop's manager; None where the shop has none."""
    row = await fetch_row(pool, SQL["manager_pin_hash"], town, shop)
    return row["pin_hash"] if row else None


# -- Web Push --------------------------------------------------------------------------------------


async def save_push(
    pool: Pool, town: int, session: UUID, wallet: int, push: Push, now: datetime
) -> None:
    """Keeps where the session's browser can be reached, instead of what was known before."""
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["leave_endpoint"], town, session, push.endpoint)
            await connection.execute(SQL["save_push"], town, session, wallet, *astuple(push), now)


async def forget_push(pool: Executor, town: int, session: UUID) -> None:
    """The session's browser wants no more pushes."""
    await fetch_row(pool, SQL["forget_push"], town, session)


async def forget_endpoint(pool: Executor, town: int, endpoint: str) -> None:
    """The push service said that nobody is at this address any more."""
    await fetch_row(pool, SQL["forget_endpoint"], town, endpoint)


async def pushes(pool: Executor, town: int, wallet: int, now: datetime) -> list[Push]:
    """Where the wallet's browsers can be reached; sessions that ended are left out."""
    return [Push(*row) for row in await fetch_rows(pool, SQL["pushes"], town, wallet, now)]


async def pushes_of_many(
    pool: Executor, town: int, wallets: Sequence[int], now: datetime
) -> list[tuple[int, Push]]:
    """Where the browsers of these wallets can be reached, each with its wallet."""
    rows = await fetch_rows(pool, SQL["pushes_of_many"], town, wallets, now)
    return [(row["wallet"], Push(*row[1:])) for row in rows]


async def away_pushes(
    pool: Executor, town: int, places: Sequence[tuple[int, int]], now: datetime
) -> list[tuple[int, int, Push]]:
    """Where the browsers of wallets can be reached that have not shown their feed so far.

    ``places`` are wallets and positions in their feeds; those not shown come back, with a `Push`
    for each of the wallet's browsers.
    """
    rows = await fetch_rows(
        pool,
        SQL["away_pushes"],
        town,
        [wallet for wallet, _ in places],
        [seq for _, seq in places],
        now,
    )
    return [(row["wallet"], row["seq"], Push(*row[2:])) for row in rows]


# -- housekeeping ----------------------------------------------------------------------------------


async def sweep(pool: Executor, now: datetime) -> None:
    """Deletes what can open nothing any more: personal data is not hoarded."""
    await fetch_row(pool, SQL["sweep_tickets"], now - timedelta(minutes=5))
    await fetch_row(pool, SQL["sweep_challenges"], now - timedelta(days=2))
    await fetch_row(pool, SQL["sweep_guards"], now - timedelta(days=30))
    await fetch_row(pool, SQL["sweep_sessions"], now - timedelta(days=30))
