"""Groups: of shops, where a kind of value can be spent; and of citizens, who are given to (H6)."""

from config.profile import Profile
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.queries import ShopPath
from gateway.http.shops import no_shop
from gateway.protocol.api_groups import (
    CitizensGroup,
    CitizensGroups,
    NewCitizensGroup,
    ShopGroups,
)
from gateway.refused import Refused
from ledger import accounts


async def shop_groups(call: Call) -> ShopGroups:
    """The groups that a shop belongs to."""
    found = await accounts.shop_groups(
        call.context.pool, call.town.number, call.path_as(ShopPath).shop
    )
    if found is None:
        raise no_shop()
    return ShopGroups(found)


async def set_shop_groups(call: Call) -> ShopGroups:
    """Puts a shop into these groups and no others; what it took before stays as it was."""
    shop, town = call.path_as(ShopPath).shop, call.town
    groups = checked_groups(town.profile, call.body_as(ShopGroups).groups)
    async with acting(call) as act:
        before = await accounts.shop_groups(act.connection, town.number, shop)
        if before is None:
            raise no_shop()
        await accounts.set_shop_groups(act.connection, town.number, shop, groups)
        await act.record(
            "shop.groups_changed",
            f"shop:{shop}",
            before={"groups": ", ".join(before)},
            after={"groups": ", ".join(groups)},
        )
    return ShopGroups(groups)


def checked_groups(profile: Profile, groups: list[str]) -> list[str]:
    """Groups of shops that the town's profile has, each once.

    Raises:
        Refused: ``invalid``: there is no such group.
    """
    known = [group.code for group in profile.groups]
    for group in groups:
        if group not in known:
            there = ", ".join(known) or "none"
            raise Refused(
                "invalid",
                f"There is no group of shops {group!r}; the town's profile has: {there}.",
                field="groups",
            )
    return sorted(set(groups))


async def citizens_groups(call: Call) -> CitizensGroups:
    """The citizens' groups, and what each was given so far."""
    found = await call.context.gifts.accounts(call.context.pool, call.town.number)
    return CitizensGroups(
        [CitizensGroup(each.account, each.name, each.amount, each.entries) for each in found]
    )


async def open_citizens_group(call: Call) -> CitizensGroup:
    """Opens a citizens' group, which can be given to from now on."""
    name = call.body_as(NewCitizensGroup).name
    async with acting(call) as act:
        group = await accounts.open_group(act.connection, call.town.number, name, call.now)
        await act.record("group.opened", f"group:{group}", after={"title": name})
    return CitizensGroup(group, name, 0, 0)
