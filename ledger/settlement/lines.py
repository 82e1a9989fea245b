"""Lines: what a settlement says to each shop, and what became of it.

    made → carried                       the net is too little to move: on to the next settlement
    made → released → in_file → paid | collected
                      in_file → failed   the bank could not; on to the next settlement
           in_file → released            the file was let go of
           released | paid → failed      noted by hand: no account, a transfer sent back (組戻し)

A settlement is closed when none of its lines is to move any more. Money that failed stands in the
next settlement of that shop as ``carried_in``, and the line tells which one it is (``carried_to``).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from asyncpg import Record
from msgspec import Struct

from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries, translated
from ledger.settlement.bank_accounts import BankAccount, by_version
from ledger.settlement.refusals import SettlementRefused
from ledger.vault import Vault

SQL = load_queries("settlement_lines")


State = Literal["made", "carried", "released", "in_file", "paid", "collected", "failed"]
PartKind = Literal["payment", "top_up", "issue"]


class Line(Struct, frozen=True):
    """A shop in a settlement, in yen; see `ledger.settlement` for the sum.

    ``groups``: the shop's when it was made; ``entries``: how many of its entries are in it;
    ``fees`` are all fees, ``transfer_fee`` the one among them for the payment into its account;
    ``carries``: the net is too little to move; ``bank_version``: its account as of the release;
    ``moved_at``: when it came into its state; ``reason``: why it failed; ``carried_to``: the
    settlement that has its amount now.
    """

    settlement: int
    shop: int
    shop_code: str
    shop_name: str
    groups: list[str]
    entries: int
    accepted: int
    topped_up: int
    issued: int
    fees: int
    transfer_fee: int
    carried_in: int
    net: int
    carries: bool
    state: State
    bank_version: int | None
    moved_at: datetime | None
    reason: str | None
    carried_to: int | None


class Part(Struct, frozen=True):
    """Of what a line is made: a day of the town's, ``kind`` payment, top_up or issue, given back
    again where it is a ``reversal`` (``amount`` and ``fee`` are then below zero).

    ``instrument`` and ``funder`` are numbers; ``funder_code`` names the fund. ``rate``: the fee
    rate's number, 0 where none was in force; ``basis_points`` and ``yen`` are that rate's.
    """

    shop: int
    day: date
    kind: PartKind
    reversal: bool
    instrument: int
    funder: int
    funder_code: str
    rate: int
    basis_points: int
    yen: int
    entries: int
    amount: int
    fee: int


class Charge(Struct, frozen=True):
    """What a funder owes for its value that was spent at the settlement's shops, in yen."""

    funder: int
    funder_code: str
    instrument: int
    amount: int


class Transfer(Struct, frozen=True):
    """A line that is to move: ``net`` above 0 is paid to the shop, below 0 collected from it.

    ``account``: as of the release, which somebody looked at; None: the shop had none then, and the
    line is failed by hand, to be paid with the next settlement. ``new_code``, of the 全銀 format:
    1 the first time, 2 after the account has changed, 0 else.
    """

    shop: int
    shop_code: str
    shop_name: str
    net: int
    state: str
    account: BankAccount | None
    new_code: int


# -- looking ---------------------------------------------------------------------------------------


async def lines(pool: Executor, town: int, settlement: int) -> list[Line]:
    """A settlement's lines, by the shops' codes."""
    rows = await fetch_rows(pool, SQL["lines"], town, settlement, None)
    return [Line(*row) for row in rows]


async def line(pool: Executor, town: int, settlement: int, shop: int) -> Line | None:
    """A shop's line, or None."""
    row = await fetch_row(pool, SQL["lines"], town, settlement, shop)
    return Line(*row) if row else None


async def lines_of_shop(
    pool: Executor, town: int, shop: int, before: int | None, limit: int
) -> list[Line]:
    """A shop's lines in settlements that were released, newest first."""
    rows = await fetch_rows(pool, SQL["lines_of_shop"], town, shop, before, limit)
    return [Line(*row) for row in rows]


async def parts(pool: Executor, town: int, settlement: int, shop: int | None = None) -> list[Part]:
    """A settlement's parts, all or one shop's, by shop and day."""
    rows = await fetch_rows(pool, SQL["parts"], town, settlement, shop)
    return [Part(*row) for row in rows]


async def charges(pool: Executor, town: int, settlement: int) -> list[Charge]:
    """What each funder owes, by funder and instrument."""
    return [Charge(*row) for row in await fetch_rows(pool, SQL["charges"], town, settlement)]


async def transfers(pool: Executor, vault: Vault, town: int, settlement: int) -> list[Transfer]:
    """The lines that are to move, or stand in a file already, by the shops' codes."""
    rows = await fetch_rows(pool, SQL["transfers"], town, settlement)
    wanted = [(row["shop"], row["version"]) for row in rows if row["version"] is not None]
    accounts = await by_version(pool, vault, town, wanted)
    return [_transfer(row, accounts.get(row["shop"])) for row in rows]


def _transfer(row: Record, account: BankAccount | None) -> Transfer:
    new_code = 0 if row["before"] == row["version"] else 1 if row["before"] is None else 2
    return Transfer(
        row["shop"],
        row["shop_code"],
        row["shop_name"],
        row["net"],
        row["state"],
        account,
        new_code,
    )


# -- what became of them ---------------------------------------------------------------------------


async def mark_in_file(
    connection: Connection, town: int, settlement: int, shops: Sequence[int], now: datetime
) -> None:
    """Released lines stand in a bank file now.

    Raises:
        SettlementRefused: line_state; nothing was changed.
    """
    await _mark(connection, "in_file", town, settlement, shops, now)


async def mark_released(
    connection: Connection, town: int, settlement: int, shops: Sequence[int], now: datetime
) -> None:
    """The file in which they stood was let go of before anybody had it: they are to move as before.

    Raises:
        SettlementRefused: line_state; nothing was changed.
    """
    await _mark(connection, "released", town, settlement, shops, now)


async def mark_paid(
    connection: Connection, town: int, settlement: int, shops: Sequence[int], now: datetime
) -> None:
    """The bank has moved them (``paid`` or ``collected``), or it was done by hand.

    Raises:
        SettlementRefused: line_state; nothing was changed.
    """
    await _mark(connection, "paid", town, settlement, shops, now)
    await _close(connection, town, settlement)


async def mark_failed(
    connection: Connection, town: int, settlement: int, shop: int, reason: str, now: datetime
) -> None:
    """It did not come to pass, for a ``reason`` that people read; its amount goes into the shop's
    next settlement.

    Raises:
        SettlementRefused: line_state; nothing was changed.
    """
    await _mark(connection, "failed", town, settlement, [shop], now, reason)
    await _close(connection, town, settlement)


async def _mark(
    connection: Connection,
    query: str,
    town: int,
    settlement: int,
    shops: Sequence[int],
    now: datetime,
    *more: object,
) -> None:
    wanted = sorted(set(shops))
    with translated():
        held = {
            row["shop"]: row
            for row in await connection.fetch(SQL["hold"], town, settlement, wanted)
        }
        for shop in wanted:
            found = held.get(shop)
            if found is None or found["state"] not in COMES_FROM[query]:
                raise SettlementRefused("line_state", found["state"] if found else "", shop)
            if found["carried_to"] is not None:
                raise SettlementRefused("line_state", "carried", shop)
        await connection.execute(SQL[query], town, settlement, wanted, now, *more)


async def _close(connection: Connection, town: int, settlement: int) -> None:
    with translated():
        await connection.execute(SQL["close"], town, settlement)


COMES_FROM = {
    "in_file": {"released"},
    "released": {"in_file"},
    "paid": {"in_file", "released"},
    "failed": {"in_file", "released", "paid", "collected"},
}
