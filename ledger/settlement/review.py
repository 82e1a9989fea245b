"""What the second person looks at before a settlement is released.

Hakodate, 2023: 140 million yen went to wrong accounts; Kakamigahara, 2020: one person keyed alone
and overpaid. So whoever releases is shown the totals, the lines that differ most from what is
usual, and every bank account that is not the one last paid to; and says that this very review was
looked at (`Review.digest`): where anything has changed since, the release is refused.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct

from ledger.database import Executor, Pool, fetch_rows, load_queries, translated
from ledger.grants import By
from ledger.settlement import lines, settlements
from ledger.settlement.lines import Charge
from ledger.settlement.refusals import SettlementRefused
from ledger.settlement.settlements import NewSettlement, Settlement

SQL = load_queries("settlement_review")

CHANGES_SHOWN = 5


class Change(Struct, frozen=True):
    """How far a line is from the shop's usual, in yen: ``now`` without what was carried in, against
    the mean of its last ``settlements`` released ones (three at most; 0: it had none).
    """

    shop_code: str
    shop_name: str
    shop: int
    now: int
    usual: int
    settlements: int

    @property
    def difference(self) -> int:
        """So much more than usual, or less."""
        return self.now - self.usual


class AccountChange(Struct, frozen=True):
    """A line that moves by another bank account than the shop's last one that moved.

    ``old_bank`` None: it is the shop's first; ``version`` None: the shop has none. ``tail``: the
    number's last three digits. ``set_name`` and ``set_at``: who set the account, and when.
    """

    shop_code: str
    shop_name: str
    shop: int
    net: int
    old_bank: str | None
    old_branch: str | None
    old_tail: str | None
    version: int | None
    bank: str | None
    branch: str | None
    tail: str | None
    set_name: str | None
    set_at: datetime | None

    @property
    def what(self) -> Literal["missing", "first", "changed"]:
        """How it is another account."""
        if self.version is None:
            return "missing"
        return "first" if self.old_bank is None else "changed"


class Review(Struct, frozen=True):
    """Totals, what funders owe, the largest changes, and every bank account that has changed."""

    settlement: Settlement
    charges: list[Charge]
    changes: list[Change]
    accounts: list[AccountChange]

    @property
    def digest(self) -> str:
        """Names what is to be looked at, and nothing else: 16 hexadecimal digits."""
        one = self.settlement
        seen = (one.settlement, one.lines, one.paid_out, one.collected, one.carried)
        told = msgspec.json.encode((seen, self.charges, self.changes, self.accounts))
        return sha256(told).hexdigest()[:16]


async def review(pool: Executor, town: int, number: int, now: datetime) -> Review:
    """What there is to look at now; of one that was released, by the accounts of its release.

    Raises:
        SettlementRefused: settlement_unknown.
    """
    found = await settlements.settlement(pool, town, number)
    if found is None:
        raise SettlementRefused("settlement_unknown")
    changes = await fetch_rows(pool, SQL["changes"], town, number, CHANGES_SHOWN)
    accounts = await fetch_rows(pool, SQL["accounts"], town, number, now)
    return Review(
        found,
        await lines.charges(pool, town, number),
        [Change(*row) for row in changes],
        [AccountChange(*row) for row in accounts],
    )


async def preview(
    pool: Pool,
    town: int,
    new: NewSettlement,
    by: By,
    now: datetime,
    at_step: Callable[[int], None] = lambda _: None,
) -> Review:
    """What a settlement would say: it is made, looked at, and undone.

    Raises:
        SettlementRefused: as `settlements.make`.
    """
    with translated():
        async with pool.acquire() as connection:
            undone = connection.transaction()
            await undone.start()
            try:
                number = await settlements.make(connection, town, new, by, now, at_step)
                return await review(connection, town, number, now)
            finally:
                await undone.rollback()
