"""Who takes part (H9, R9): active people by month, and their ways between areas."""

from msgspec import Struct
from msgspec.structs import replace

from ledger.database import Connection
from ledger.reports.periods import Period
from ledger.reports.small_cells import hidden_in_grid
from ledger.reports.snapshot import read_period


class Users(Struct, frozen=True):
    """A month's people. ``active``: who acted; of them ``newcomers`` for the first time ever and
    ``returning`` not. ``opened``: wallets opened.
    """

    month: str
    active: int
    newcomers: int
    returning: int
    opened: int


class HomeFlow(Struct, frozen=True):
    """Payments of people at home in one area (None: not known) at shops in another or the same,
    less what was given back. None elsewhere: too few people to be told.
    """

    home: str | None
    shop_area: str
    people: int | None
    count: int | None
    amount: int | None


class ShopFlow(Struct, frozen=True):
    """From a payment to the same person's next on that day, by the shops' areas. None: too few
    people to be told.
    """

    from_area: str
    to_area: str
    people: int | None
    count: int | None


class Flows(Struct, frozen=True):
    """A period's ways between areas."""

    homes: list[HomeFlow]
    shops: list[ShopFlow]


async def users(connection: Connection, town: int, period: Period) -> list[Users]:
    """The people of each month that the period touches, as far as it does."""
    zone = period.zone.key
    rows = await read_period(connection, "users", town, period, zone)
    return [Users(*row) for row in rows]


async def flows(connection: Connection, town: int, period: Period) -> Flows:
    """Ways between areas in a period."""
    homes = [HomeFlow(*row) for row in await read_period(connection, "home_flows", town, period)]
    shops = [
        ShopFlow(*row)
        for row in await read_period(connection, "shop_flows", town, period, period.zone.key)
    ]
    few_homes = hidden_in_grid(
        [(each.home, each.shop_area) for each in homes], [each.people or 0 for each in homes]
    )
    few_shops = hidden_in_grid(
        [(each.from_area, each.to_area) for each in shops], [each.people or 0 for each in shops]
    )
    return Flows(
        homes=[
            replace(each, people=None, count=None, amount=None) if place in few_homes else each
            for place, each in enumerate(homes)
        ],
        shops=[
            replace(each, people=None, count=None) if place in few_shops else each
            for place, each in enumerate(shops)
        ],
    )
