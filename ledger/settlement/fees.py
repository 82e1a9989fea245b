"""Fee rates (手数料, N9): what shops pay for what was moved, from an instant on.

A rate is for one kind of fee: ``redemption`` (換金手数料: of what was paid at the shop), ``issue``
(of points the shop gave), ``top_up`` (of cash it took), or ``transfer`` (for a payment into its
bank account). It is a shop's, a group's or everybody's, for one kind of value or every one. The
most specific one that holds counts, and of those the newest (``koban.fee_at``). A rate is never
changed, only followed by another that begins now or later; so no settlement's rates change behind
it. A reversal gives back the fee at the rate that what it reverses had. Which groups a shop is of
is asked when it is settled, and kept with its line.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries
from ledger.grants import By
from ledger.settlement.refusals import SettlementRefused

SQL = load_queries("fees")

Kind = Literal["redemption", "issue", "top_up", "transfer"]
KINDS: tuple[Kind, ...] = ("redemption", "issue", "top_up", "transfer")
BASIS_POINTS_MAX = 10_000  # All of it.
YEN_MAX = 100_000


class NewFeeRate(Struct, frozen=True):
    """A rate that begins at ``valid_from``. ``basis_points`` (1/10,000 of what was moved) and
    ``yen`` an entry are both said, or neither: then the more general rate holds from there on.
    """

    kind: Kind
    basis_points: int | None
    yen: int | None
    valid_from: datetime
    shop: int | None = None
    shop_group: str | None = None
    instrument: int | None = None


class FeeRate(Struct, frozen=True):
    """A rate. ``shop_code``: its shop's; ``until``: when another takes its place (None: nothing
    does yet).
    """

    rate: int
    kind: Kind
    shop: int | None
    shop_code: str | None
    shop_group: str | None
    instrument: int | None
    basis_points: int | None
    yen: int | None
    valid_from: datetime
    until: datetime | None
    set_name: str
    set_at: datetime


class Due(Struct, frozen=True):
    """What a shop pays at an instant: by the rate with this number."""

    rate: int
    basis_points: int
    yen: int


async def set_rate(
    connection: Connection, town: int, new: NewFeeRate, by: By, now: datetime
) -> int:
    """Sets a rate, in the caller's transaction; its number.

    Raises:
        SettlementRefused: rate_past (it would begin before now), shop_unknown.
    """
    if new.valid_from < now:
        raise SettlementRefused("rate_past")
    row = await fetch_row(
        connection,
        SQL["set"],
        town,
        new.kind,
        new.shop,
        new.shop_group,
        new.instrument,
        new.basis_points,
        new.yen,
        new.valid_from,
        by.operator,
        by.name,
        now,
    )
    if row is None:
        raise SettlementRefused("shop_unknown", shop=new.shop)
    return int(row["rate"])


async def rates(pool: Executor, town: int) -> list[FeeRate]:
    """Every rate that was ever set: by kind, the general ones first, the newest first."""
    return [FeeRate(*row) for row in await fetch_rows(pool, SQL["rates"], town)]


async def due(
    pool: Executor, town: int, kind: Kind, shop: int, instrument: int | None, at: datetime
) -> Due | None:
    """What a shop pays at an instant; None: nothing."""
    row = await fetch_row(pool, SQL["due"], town, kind, shop, instrument, at)
    return Due(*row) if row else None
