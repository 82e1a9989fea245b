"""What was done at each shop in some months: figures that councils join with bank accounts."""

from datetime import date

from msgspec import Struct

from ledger.database import Connection, load_queries
from ledger.reports.snapshot import ANSWER_MAX_S

SQL = load_queries("shop_use")


class Use(Struct, frozen=True):
    """A month (YYYY-MM, the town's) of a shop: ``kind`` payment, top_up or issue, of one kind of
    value. ``count`` entries moved ``amount`` yen; ``refunds`` of that month, whenever the entries
    had been, gave ``refunded`` yen back.
    """

    month: str
    shop: int
    shop_code: str
    shop_name: str
    kind: str
    instrument: int
    count: int
    amount: int
    refunds: int
    refunded: int


async def use(connection: Connection, town: int, since: date, until: date) -> list[Use]:
    """From the day ``since`` up to the day before ``until``, by month, shop, kind and value; on a
    report's own connection (`ledger.reports.snapshot`), so that no payment waits for it.
    """
    rows = await connection.fetch(SQL["use"], town, since, until, timeout=ANSWER_MAX_S)
    return [Use(*row) for row in rows]
