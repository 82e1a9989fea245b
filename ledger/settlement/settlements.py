"""Settlements: made by one, looked at, released by another, or discarded.

    made → released → closed    (closed: nothing of it is to move any more, `lines`)
    made → discarded            (its entries are free again)

Making is a handful of statements over whole sets: a million entries take seconds. It reads what
payments have written and writes what they never look at, so it holds none of them up.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from asyncpg import Record
from msgspec import Struct

from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    translated,
)
from ledger.grants import By
from ledger.settlement.lines import PartKind
from ledger.settlement.refusals import SettlementRefused

SQL = load_queries("settlements")
CLOSE = load_queries("settlement_lines")["close"]

# An entry bears the instant of its decision and is seen when it is committed, seconds later at
# most. What was later still carries no mark, and a later settlement finds it.
SETTLED_AFTER_S = 60
STEPS = 3
DISCARDING = ("discard_charges", "discard_parts", "discard_lines", "discard_marks")
MAKING_MAX_S = 600.0  # A statement of it; ten million entries at once are within it.


Scope = Literal["all", "group", "shops"]
State = Literal["made", "released", "closed", "discarded"]
Rounding = Literal["down", "up", "half_up"]


class Terms(Struct, frozen=True):
    """The town's rules of settling: below so many yen an amount is not moved but carried over;
    how a fee's fraction of a yen is rounded.
    """

    payout_min: int
    collection_min: int
    fee_rounding: Rounding


class NewSettlement(Struct, frozen=True):
    """A settlement to make, of [``from_at``, ``until_at``): of all shops, of a group's, or of
    these. Without ``from_at``: from the town's beginning.
    """

    until_at: datetime
    terms: Terms
    from_at: datetime | None = None
    shop_group: str | None = None
    shops: Sequence[int] | None = None
    remark: str = ""

    @property
    def scope(self) -> Scope:
        """Whose it is."""
        if self.shops is not None:
            return "shops"
        return "all" if self.shop_group is None else "group"


class Settlement(Struct, frozen=True):
    """A settlement of [``from_at``, ``until_at``), and its totals in yen.

    ``scope``: all, group (``shop_group``) or shops (these ``shops``). ``state``: made, released,
    closed (nothing of it is to move any more), discarded. ``payouts`` and ``collections`` count the
    lines that move, ``paid_out`` and ``collected`` are their sums; ``carried`` is what goes on to
    the next settlement, of ``carrying`` lines.
    """

    settlement: int
    from_at: datetime
    until_at: datetime
    scope: Scope
    shop_group: str | None
    shops: list[int] | None
    payout_min: int
    collection_min: int
    fee_rounding: Rounding
    remark: str
    state: State
    made_by: int | None
    made_name: str
    made_at: datetime
    released_by: int | None
    released_name: str | None
    released_at: datetime | None
    discarded_name: str | None
    discarded_at: datetime | None
    lines: int
    entries: int
    accepted: int
    topped_up: int
    issued: int
    fees: int
    carried_in: int
    net: int
    payouts: int
    paid_out: int
    collections: int
    collected: int
    carrying: int
    carried: int


class FeeSum(Struct, frozen=True):
    """What moved and its fee, in yen, of what the wanted keys have in common; the other keys are
    None. ``rate`` 0: none was in force; ``shop``: its code.
    """

    day: date | None
    shop: str | None
    shop_group: str | None
    instrument: int | None
    kind: PartKind
    rate: int | None
    entries: int
    amount: int
    fee: int


async def settlement(pool: Executor, town: int, number: int) -> Settlement | None:
    """The settlement with this number, or None."""
    found = await settlements(pool, town, number=number, limit=1)
    return found[0] if found else None


async def settlements(
    pool: Executor,
    town: int,
    *,
    number: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[Settlement]:
    """Settlements, newest first."""
    query, values = chosen(
        SQL["settlements"], town=town, number=number, state=state, before=before, limit=limit
    )
    return [Settlement(*row) for row in await fetch_rows(pool, query, *values)]


async def fees(
    pool: Executor, town: int, number: int, keys: Sequence[str], limit: int
) -> list[FeeSum]:
    """A settlement's fees by some of day, shop, group, instrument and rate; so many at most."""
    rows = await fetch_rows(pool, SQL["fees"], town, number, keys, limit)
    return [FeeSum(*row) for row in rows]


async def make(
    connection: Connection,
    town: int,
    new: NewSettlement,
    by: By,
    now: datetime,
    at_step: Callable[[int], None] = lambda _: None,
) -> int:
    """Settles what no settlement has, in the caller's transaction; the new one's number.

    ``at_step`` is told after each of the `STEPS` that take their time.

    Raises:
        SettlementRefused: too_soon, shop_unknown, settlement_empty; the transaction is then undone.
    """
    if new.until_at > now - timedelta(seconds=SETTLED_AFTER_S):
        raise SettlementRefused("too_soon")
    with translated():
        await connection.execute(SQL["prepare"], town)
        shops = await _shops(connection, town, new)
        from_at = new.from_at or await connection.fetchval(SQL["first_instant"], town)
        if new.until_at <= from_at:
            raise SettlementRefused("settlement_empty")
        number = await connection.fetchval(
            SQL["open"],
            town,
            from_at,
            new.until_at,
            new.scope,
            new.shop_group,
            None if new.shops is None else shops,
            new.terms.payout_min,
            new.terms.collection_min,
            new.terms.fee_rounding,
            new.remark,
            by.operator,
            by.name,
            now,
        )
        await connection.execute(SQL["carry"], town, number, shops)
        await connection.execute(
            SQL["mark"], town, number, shops, from_at, new.until_at, timeout=MAKING_MAX_S
        )
        at_step(1)
        await connection.execute(SQL["learn"])
        at_step(2)
        settled = await connection.execute(SQL["settle"], town, number, shops, timeout=MAKING_MAX_S)
        if settled.endswith(" 0"):
            raise SettlementRefused("settlement_empty")
        at_step(STEPS)
        await connection.execute(SQL["leave"], town, number, shops)
    return int(number)


async def _shops(connection: Connection, town: int, new: NewSettlement) -> list[int]:
    wanted = None if new.shops is None else sorted(set(new.shops))
    found = [
        row["shop"] for row in await connection.fetch(SQL["shops"], town, new.shop_group, wanted)
    ]
    if wanted is not None and wanted != found:
        unknown = next(shop for shop in wanted if shop not in found)
        raise SettlementRefused("shop_unknown", shop=unknown)
    return found


async def hold(connection: Connection, town: int, number: int) -> None:
    """Lets nobody else change a made settlement until the caller's transaction ends.

    Raises:
        SettlementRefused: settlement_unknown, settlement_state.
    """
    await _held(connection, town, number)


async def release(connection: Connection, town: int, number: int, by: By, now: datetime) -> None:
    """Lets a made settlement's amounts move, each by the bank account of this instant; by somebody
    else than who made it.

    Raises:
        SettlementRefused: settlement_unknown, settlement_state, same_operator.
    """
    held = await _held(connection, town, number)
    if by.name == held["made_name"] or by.operator == held["made_by"] is not None:
        raise SettlementRefused("same_operator")
    with translated():
        await connection.execute(SQL["release"], town, number, by.operator, by.name, now)
        await connection.execute(SQL["release_lines"], town, number, now)
        await connection.execute(CLOSE, town, number)


async def discard(connection: Connection, town: int, number: int, by: By, now: datetime) -> None:
    """Lets go of a made settlement: its entries, and what was carried to it, are free again.

    Raises:
        SettlementRefused: settlement_unknown, settlement_state.
    """
    await _held(connection, town, number)
    with translated():
        for query in DISCARDING:
            await connection.execute(SQL[query], town, number, timeout=MAKING_MAX_S)
        await connection.execute(SQL["discard"], town, number, by.name, now)


async def _held(connection: Connection, town: int, number: int) -> Record:
    """A made settlement that nobody else changes until the transaction ends."""
    held = await fetch_row(connection, SQL["hold"], town, number)
    if held is None:
        raise SettlementRefused("settlement_unknown")
    if held["state"] != "made":
        raise SettlementRefused("settlement_state", held["state"])
    return held
