"""Signed-in screens: their tokens, their websocket tickets, and how they end.

A session's token stands in an HttpOnly cookie (or a program's ``Authorization`` header) and nowhere
else; at rest there is its digest. A websocket is opened with a ticket instead, which is got over
HTTPS, works once, and for half a minute: it may stand in a frame, but opens nothing afterwards.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Literal
from uuid import UUID

from msgspec import Struct

from gateway.protocol.messages import Role
from ledger import identity
from ledger.database import Pool
from ledger.identity import NewSession, Session
from ledger.ids import uuid7
from ledger.vault import Vault

TICKET_TTL_S = 30

# How long a screen stays signed in. A wallet asks for its PIN at each payment; a tablet can be
# revoked from the console (and browsers keep no cookie longer than 400 days); the console shows
# everything and the shop site gives back money, so a working day is enough.
SESSION_LIFE = {
    Role.WALLET: timedelta(days=90),
    Role.TERMINAL: timedelta(days=400),
    Role.CONSOLE: timedelta(hours=12),
    Role.STAFF: timedelta(hours=12),
}


class SessionsEnded(Struct, frozen=True):
    """These sessions are over in Postgres; whoever holds their sockets closes them."""

    town: int
    sessions: list[UUID]
    reason: Literal["signed_out", "revoked"]


OnEnded = Callable[[SessionsEnded], Awaitable[None]]


class Opened(Struct, frozen=True):
    """A new session, with the only copy of its token."""

    session: UUID
    token: str
    expires_at: datetime


def new_token() -> str:
    """256 random bits that fit into cookies, headers and fragments."""
    return token_urlsafe(32)


class Sessions:
    """``on_ended`` is told when a session ends, after Postgres knows."""

    def __init__(self, pool: Pool, vault: Vault, on_ended: OnEnded) -> None:
        self._pool = pool
        self._vault = vault
        self._on_ended = on_ended

    async def open(
        self,
        town: int,
        role: Role,
        account: int,
        name: str,
        now: datetime,
        *,
        terminal: int | None = None,
        operator: int | None = None,
        staff: int | None = None,
    ) -> Opened:
        """Signs a screen in; who it is was checked before."""
        opened = Opened(uuid7(), new_token(), now + SESSION_LIFE[role])
        new = NewSession(
            session=opened.session,
            token=opened.token,
            role=role.value,
            account=account,
            name=name,
            opened_at=now,
            expires_at=opened.expires_at,
            terminal=terminal,
            operator=operator,
            staff=staff,
        )
        await identity.open_session(self._pool, town, new)
        return opened

    async def find(self, town: int, token: str, now: datetime) -> Session | None:
        """The open session with this token."""
        return await identity.session_by_token(self._pool, self._vault, town, token, now)

    async def issue_ticket(self, session: Session, now: datetime) -> tuple[str, datetime]:
        """A ticket that opens one websocket for this session, and until when."""
        ticket, expires_at = new_token(), now + timedelta(seconds=TICKET_TTL_S)
        await identity.add_ticket(self._pool, session.town, ticket, session.session, expires_at)
        return ticket, expires_at

    async def redeem_ticket(self, town: int, ticket: str, now: datetime) -> Session | None:
        """The ticket's session; None where it was redeemed, is too old, or its session is over.

        Of several who bring the same ticket at the same instant, on any gateways, one gets it.
        """
        return await identity.redeem_ticket(self._pool, self._vault, town, ticket, now)

    async def sign_out(self, session: Session, now: datetime) -> None:
        """Ends a session and closes its sockets."""
        await identity.end_session(self._pool, session.town, session.session, now)
        await self.told_ended(session.town, [session.session], "signed_out")

    async def revoke_terminal(self, town: int, terminal: int, now: datetime) -> None:
        """Voids a tablet's device key and enrolment codes and closes its sockets."""
        ended = await identity.end_terminal_sessions(self._pool, town, terminal, now)
        await self.told_ended(town, ended, "revoked")

    async def told_ended(
        self, town: int, sessions: list[UUID], reason: Literal["signed_out", "revoked"]
    ) -> None:
        """Tells the holder of the sockets about sessions that Postgres knows to be over."""
        if sessions:
            await self._on_ended(SessionsEnded(town, sessions, reason))
