"""What a shop's statement (精算書) is made of: its line in a settlement, as it was settled.

All sums were kept when the settlement was made (`ledger.settlement`); none is made again here. Only
what became of the line, and where it goes, may still change.
"""

from datetime import date

from msgspec import Struct

from ledger.database import Pool, fetch_row, load_queries, translated
from ledger.settlement.lines import Line, Part, line, parts
from ledger.settlement.settlements import Settlement, settlement

SQL = load_queries("statements")


class Destination(Struct, frozen=True):
    """A bank account as a statement shows it; ``number_tail``: the last three digits."""

    bank_code: str
    branch_code: str
    account_type: int
    number_tail: str


class Statement(Struct, frozen=True):
    """A shop in a settlement. ``destination``: the shop's account as of the release; ``moves_on``:
    the banks' day on which the money moves; each None while that is not known.
    """

    settlement: Settlement
    line: Line
    parts: list[Part]
    destination: Destination | None
    moves_on: date | None


async def statement(pool: Pool, town: int, number: int, shop: int) -> Statement | None:
    """What a settlement says to a shop; None where the shop is not in it.

    Raises:
        LedgerUnavailable: the database is away.
    """
    with translated():
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = await settlement(connection, town, number)
            of_shop = await line(connection, town, number, shop)
            if found is None or of_shop is None:
                return None
            details = await parts(connection, town, number, shop)
            movement = await fetch_row(connection, SQL["movement"], town, number, shop)
    assert movement is not None
    *account, moves_on = movement
    known = None not in account
    return Statement(found, of_shop, details, Destination(*account) if known else None, moves_on)
