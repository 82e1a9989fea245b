"""Looking for shops, as anybody does over HTTP, and what the operator tells of them."""

from typing import Any
from urllib.parse import urlencode

from gateway.protocol import api
from gateway.protocol.api_shops import FoundShop, FoundShops, ShopListing
from tests.acceptance.nagaoka import Nagaoka


async def finds(town: Nagaoka, **wanted: Any) -> list[FoundShop]:
    """Every shop that fits, page after page, for somebody who is not signed in."""
    shops, after = list[FoundShop](), dict[str, str]()
    while True:
        page = await town.get(f"/search/shops?{urlencode({**wanted, **after})}", FoundShops)
        shops += page.shops
        if page.next is None:
            return shops
        after = {"after": page.next}


async def names(town: Nagaoka, **wanted: Any) -> list[str]:
    """The same, by their names."""
    return [shop.name for shop in await finds(town, **wanted)]


async def opens(town: Nagaoka, name: str, kind: str, area: str, **listing: Any) -> api.ShopInfo:
    """The operator opens a shop and tells of it what its owner says."""
    body = {"name": name, "kind": kind, "area": area, "manager_pin": "9753"}
    shop = await town.asks("POST", "/console/shops", body, api.ShopInfo)
    await town.asks("PUT", f"/console/shops/{shop.shop}/listing", listing, ShopListing)
    return shop
