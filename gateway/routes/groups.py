"""Rows of the table of routes: groups of shops and of citizens."""

from gateway.http import groups
from gateway.http.call import Endpoint
from gateway.http.queries import ShopPath
from gateway.protocol import api_groups
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)

GROUPS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/groups",
        summary="The citizens' groups that can be given to, and what each was given in all.",
        handler=groups.citizens_groups,
        answer=api_groups.CitizensGroups,
    ),
    Endpoint(
        method="POST",
        path="/console/groups",
        summary="Open a citizens' group.",
        handler=groups.open_citizens_group,
        roles=CONSOLE,
        operator=True,
        body=api_groups.NewCitizensGroup,
        answer=api_groups.CitizensGroup,
    ),
    Endpoint(
        method="GET",
        path="/console/shops/{shop}/groups",
        summary="The groups of shops that a shop belongs to.",
        handler=groups.shop_groups,
        roles=CONSOLE,
        path_parts=ShopPath,
        answer=api_groups.ShopGroups,
    ),
    Endpoint(
        method="PUT",
        path="/console/shops/{shop}/groups",
        summary="Put a shop into groups: what only they take can be spent there from now on.",
        handler=groups.set_shop_groups,
        roles=CONSOLE,
        operator=True,
        path_parts=ShopPath,
        body=api_groups.ShopGroups,
        answer=api_groups.ShopGroups,
    ),
)
