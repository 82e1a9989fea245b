"""Load orders: value ordered from a provider, or sent out to one, and how far each order is.

An order is opened once under the id that the wallet's screen made; its value is later given by the
authorisation with the same id. What is heard about it goes through `hear`, which holds the order's
row, asks the table (`ledger.load_states`), and logs what moved it and what contradicted. Hearing
the same thing again does nothing, so callbacks, answers and other gateways may all speak at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from ledger import members
from ledger.database import (
    Executor,
    Pool,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
    translated,
)
from ledger.load_states import Direction, Patience, State, Step, Word, step
from ledger.requests import code_digest
from ledger.vault import Vault

SQL = load_queries("loads")

DETAIL_CHARACTERS_MAX = 300
BESIDE = "; "  # Between contradictions that nobody has looked at yet.

# Where money changed hands, though the provider may not say when.
PAYMENTS = frozenset({State.PAID, State.DELIVERED})


class Source(StrEnum):
    """Whose word it was."""

    ANSWER = "answer"  # The provider's, to what we told or asked it.
    CALLBACK = "callback"  # The provider's, of its own accord.
    MACHINE = "machine"  # A cash machine's.
    LEDGER = "ledger"
    CLOCK = "clock"


class NewOrder(Struct, frozen=True):
    """What is ordered. ``amount`` is in yen, ``their_amount`` what moves on the provider's side.

    ``code``: the one-time code by which a cash machine learned the wallet; it opens one order.
    ``member``: whom the other company credits (`ledger.members`); ``machine``: which machine it is.
    """

    id: UUID
    direction: Direction
    way: str
    provider: str
    wallet: int
    amount: int
    their_amount: int
    expires_at: datetime
    member: str = ""
    machine: str = ""
    code: str = ""


class LoadOrder(Struct, frozen=True):
    """An order as it is now; the columns are explained in ``0007_loads.sql``.

    Whom it credits elsewhere is personal and not here: `ledger.members`.
    """

    id: UUID
    direction: Direction
    way: str
    provider: str
    wallet: int
    amount: int
    their_amount: int
    machine: str
    state: State
    reference: str
    url: str
    number: str
    reason: str
    attention: str
    opened_at: datetime
    expires_at: datetime
    changed_at: datetime
    paid_at: datetime | None
    looks: int
    look_at: datetime | None

    def asks_for(self, new: NewOrder) -> bool:
        """Whether it was opened by this very request, as far as the order itself tells."""
        return (self.direction, self.way, self.wallet, self.amount, self.machine) == (
            *(new.direction, new.way, new.wallet, new.amount, new.machine),
        )


class Heard(Struct, frozen=True):
    """A word about an order, and what came with it. Empty texts say nothing new.

    ``paid_at`` is when the provider says that the money changed hands.
    """

    word: Word
    source: Source
    reference: str = ""
    url: str = ""
    number: str = ""
    reason: str = ""
    paid_at: datetime | None = None


class LoggedStep(Struct, frozen=True):
    """A line of an order's log."""

    line: int
    at: datetime
    source: Source
    word: Word
    from_state: State
    to_state: State
    detail: str


async def open_order(
    pool: Pool, vault: Vault, town: int, new: NewOrder, now: datetime, patience: Patience
) -> LoadOrder | None:
    """Opens an order, or gives the one that this same request opened before.

    None where the id, or the one-time code, belongs to another order.
    """
    look_in = patience.look_in(State.REQUESTED, 0)
    assert look_in is not None
    async with transaction(pool) as connection:
        opened = await connection.fetchval(
            SQL["add_order"],
            town,
            new.id,
            new.direction.value,
            new.way,
            new.provider,
            new.wallet,
            new.amount,
            new.their_amount,
            new.machine,
            code_digest(new.code) if new.code else None,
            State.REQUESTED.value,
            now,
            new.expires_at,
            now + look_in,
        )
        if opened is not None and new.member:
            await members.keep(connection, vault, town, new.id, new.wallet, new.member)
    known = await order(pool, town, new.id)
    if known is None or not known.asks_for(new):
        return None
    return known if await members.member(pool, vault, town, new.id) == new.member else None


async def hear(
    pool: Pool,
    town: int,
    id: UUID,  # noqa: A002 - the word of the messages.
    heard: Heard,
    now: datetime,
    patience: Patience,
) -> tuple[LoadOrder, Step] | None:
    """Takes a word about an order; the order as it is then, and what the word did. None: no order.

    Raises:
        LedgerUnavailable: nothing was heard; say it again.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL["order_to_move"], town, id)
            if row is None:
                return None
            before = _order(row)
            made = step(before.direction, before.state, heard.word)
            after = _moved(before, heard, made, now, patience)
            if after == before:
                return before, made
            await connection.execute(
                SQL["move_order"],
                town,
                id,
                after.state.value,
                after.reference,
                after.url,
                after.number,
                after.reason,
                after.attention,
                after.changed_at,
                after.paid_at,
                after.looks,
                after.look_at,
            )
            if made.moved or after.attention != before.attention:
                await connection.execute(
                    SQL["add_step"],
                    *(town, id, now, heard.source.value, heard.word.value),
                    *(before.state.value, after.state.value, _detail(heard)),
                )
    return after, made


def _moved(
    before: LoadOrder, heard: Heard, made: Step, now: datetime, patience: Patience
) -> LoadOrder:
    """The order after a word. What only repeats what is known changes nothing at all."""
    if made.contradicts:
        told = f"{heard.source} said {heard.word} while {before.state}"
        known = before.attention.split(BESIDE) if before.attention else []
        return before if told in known else replace(before, attention=BESIDE.join([*known, told]))
    after = replace(
        before,
        reference=before.reference or heard.reference,
        url=before.url or heard.url,
        number=before.number or heard.number,
        paid_at=before.paid_at or heard.paid_at,
    )
    if not made.moved:
        return after
    look_in = patience.look_in(made.state, 0)
    return replace(
        after,
        state=made.state,
        reason=heard.reason or after.reason,
        paid_at=after.paid_at or (now if made.state in PAYMENTS else None),
        changed_at=now,
        looks=0,
        look_at=None if look_in is None else now + look_in,
    )


def _detail(heard: Heard) -> str:
    parts = (heard.reference, heard.number, heard.reason)
    return " ".join(part for part in parts if part)[:DETAIL_CHARACTERS_MAX]


def _order(row: asyncpg.Record) -> LoadOrder:
    fields = dict(row)
    fields["direction"] = Direction(fields["direction"])
    fields["state"] = State(fields["state"])
    return LoadOrder(**fields)


# -- reading and asking ----------------------------------------------------------------------------


async def order(pool: Executor, town: int, id: UUID) -> LoadOrder | None:  # noqa: A002
    """The order with this id, or None."""
    row = await fetch_row(pool, SQL["order"], town, id)
    return _order(row) if row else None


async def steps(pool: Executor, town: int, id: UUID) -> list[LoggedStep]:  # noqa: A002
    """An order's log, oldest first."""
    return [
        LoggedStep(
            row["line"],
            row["at"],
            Source(row["source"]),
            Word(row["word"]),
            State(row["from_state"]),
            State(row["to_state"]),
            row["detail"],
        )
        for row in await fetch_rows(pool, SQL["steps"], town, id)
    ]


async def claim(
    pool: Executor, town: int, now: datetime, limit: int, lease_s: float
) -> list[LoadOrder]:
    """Orders that are due, for this gateway alone; they are due again after ``lease_s``."""
    rows = await fetch_rows(pool, SQL["claim"], town, now, limit, timedelta(seconds=lease_s))
    return [_order(row) for row in rows]


async def put_off(pool: Executor, town: int, order: LoadOrder, until: datetime | None) -> None:
    """An order that was looked at and did not move is due at ``until``; None: not again."""
    await fetch_rows(pool, SQL["put_off"], town, order.id, order.state.value, until)


async def settle_attention(pool: Executor, town: int, order: LoadOrder) -> None:
    """A person has looked at what contradicted. What was heard since that order was read stays."""
    await fetch_rows(pool, SQL["settle_attention"], town, order.id, order.attention)


async def orders_of(
    pool: Executor, town: int, wallet: int, before: LoadOrder | None, limit: int
) -> list[LoadOrder]:
    """A wallet's orders, newest first; ``before``: only older ones than this."""
    query, arguments = chosen(
        SQL["orders_of"], town=town, wallet=wallet, limit=limit, **_place(before)
    )
    return [_order(row) for row in await fetch_rows(pool, query, *arguments)]


async def orders(
    pool: Executor,
    town: int,
    states: Sequence[State] | None,
    before: LoadOrder | None,
    limit: int,
    *,
    attention: bool = False,
    hanging: bool = False,
) -> list[LoadOrder]:
    """The town's orders, newest first: all; those in some states; those a person must see
    (``attention``); those that are not settled (``hanging``).
    """
    query, arguments = chosen(
        SQL["orders"],
        town=town,
        states=None if states is None else [state.value for state in states],
        attention=attention,
        hanging=hanging,
        limit=limit,
        **_place(before),
    )
    return [_order(row) for row in await fetch_rows(pool, query, *arguments)]


def _place(before: LoadOrder | None) -> dict[str, object]:
    """Behind which order a list goes on."""
    if before is None:
        return {"before": None}
    return {"before": before.id, "before_at": before.opened_at}


async def orders_by_id(
    pool: Executor, town: int, provider: str, ids: Sequence[UUID]
) -> dict[UUID, LoadOrder]:
    """Those of a provider's orders that have these ids."""
    rows = await fetch_rows(pool, SQL["orders_by_id"], town, provider, list(ids))
    return {row["id"]: _order(row) for row in rows}


async def paid_between(
    pool: Executor, town: int, provider: str, start: datetime, end: datetime
) -> list[LoadOrder]:
    """A provider's orders that were paid, or credited there, from ``start`` to before ``end``."""
    rows = await fetch_rows(pool, SQL["paid_between"], town, provider, start, end)
    return [_order(row) for row in rows]
