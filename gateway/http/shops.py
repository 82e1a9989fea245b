"""The shop that a path names, and what is said where there is none."""

from gateway.http.call import Call
from gateway.http.queries import ShopPath
from gateway.refused import Refused
from ledger import accounts
from ledger.accounts import Shop


def no_shop() -> Refused:
    """There is no such shop in this town."""
    return Refused("not_found", "There is no shop with this number.", field="shop")


async def shop_of(call: Call) -> Shop:
    """The shop that the path names.

    Raises:
        Refused: not_found.
    """
    number = call.path_as(ShopPath).shop
    shop = await accounts.shop(call.context.pool, call.town.number, number)
    if shop is None:
        raise no_shop()
    return shop
