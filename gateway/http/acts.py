"""Acts of people with power: each is one transaction, with its line in the audit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.http.call import Call
from gateway.protocol.messages import Role
from ledger import audit
from ledger.audit import Actor, ActorKind, Facts
from ledger.database import Connection, transaction


class Act:
    """An act under way. Everything it changes goes through ``connection``."""

    def __init__(self, connection: Connection, call: Call) -> None:
        self.connection = connection
        self._call = call

    async def record(
        self, act: str, subject: str, *, before: Facts | None = None, after: Facts | None = None
    ) -> None:
        """Writes the act's line; see `ledger.audit.record`. To be called once, and last."""
        call = self._call
        await audit.record(
            self.connection,
            call.town.number,
            actor(call),
            act,
            subject,
            call.now,
            before=before,
            after=after,
        )

    async def alone(self) -> None:
        """Waits until no other act of the town is under way, and keeps others out until the end."""
        await audit.lock(self.connection, self._call.town.number)


@asynccontextmanager
async def acting(call: Call) -> AsyncIterator[Act]:
    """A transaction for an act: what is done in it and its line are kept together, or neither is.

    A refusal raised inside undoes everything.
    """
    async with transaction(call.context.pool) as connection:
        yield Act(connection, call)


def actor(call: Call) -> Actor:
    """Who acts by a request; only where an operator or somebody of a shop's staff is signed in."""
    session, client = call.session, call.request.client
    origin = client.host if client else "unknown"
    if session.role == Role.CONSOLE:
        return Actor(ActorKind.OPERATOR, session.operator, session.name, origin)
    assert session.role == Role.STAFF
    return Actor(ActorKind.STAFF, session.staff, session.name, origin)
