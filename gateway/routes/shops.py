"""Rows of the table of routes: shops as everybody finds them, and what they tell."""

from gateway.http import finding, listings
from gateway.http.call import Endpoint
from gateway.http.queries import ShopPath
from gateway.protocol import api_shops as api
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)
STAFF = (Role.STAFF,)

SHOPS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/search/shops",
        summary="Shops by name, kind, area, distance, what they take, and whether they are open.",
        handler=finding.shops,
        query=api.ShopSearchQuery,
        answer=api.FoundShops,
    ),
    Endpoint(
        method="GET",
        path="/search/choices",
        summary="The kinds and areas of the town's shops, with how many there are of each.",
        handler=finding.choices,
        answer=api.ShopChoices,
    ),
    # -- what shops tell ---------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/staff/shops/{shop}/listing",
        summary="What one's shop tells everybody about itself.",
        handler=listings.own,
        roles=STAFF,
        path_parts=ShopPath,
        answer=api.ShopListing,
    ),
    Endpoint(
        method="PUT",
        path="/staff/shops/{shop}/listing",
        summary="Tell something else about one's shop from now on; managers and above.",
        handler=listings.change_own,
        roles=STAFF,
        path_parts=ShopPath,
        body=api.ShopListing,
        answer=api.ShopListing,
        errors=("not_allowed",),
    ),
    Endpoint(
        method="GET",
        path="/console/shops/{shop}/listing",
        summary="What a shop tells everybody about itself.",
        handler=listings.of_shop,
        roles=CONSOLE,
        path_parts=ShopPath,
        answer=api.ShopListing,
    ),
    Endpoint(
        method="PUT",
        path="/console/shops/{shop}/listing",
        summary="Tell something else about a shop from now on.",
        handler=listings.change,
        roles=CONSOLE,
        operator=True,
        path_parts=ShopPath,
        body=api.ShopListing,
        answer=api.ShopListing,
    ),
)
