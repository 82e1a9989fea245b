"""What was done at each shop in some months: figures that councils join with bank accounts."""

from datetime import date

from msgspec import Struct

from ledger.database import Executor, fetch_rows, load_queries

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


async def use(pool: Executor, town: int, since: date, until: date) -> list[Use]:
    """From the day ``since`` up to the day before ``until``, by month, shop, kind and value."""
    rows = await fetch_rows(pool, SQL["use"], town, since, until)
    return [Use(*row) for row in rows]
