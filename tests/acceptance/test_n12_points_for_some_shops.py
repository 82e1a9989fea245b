"""N12: a kind of points can be limited to some shops."""

from gateway.protocol.api_groups import ShopGroups
from gateway.protocol.messages import Receipt
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.acceptance.serial_cards import prints, redeems


async def joins(town: Nagaoka, tablet: Tablet, *groups: str) -> ShopGroups:
    """The operator puts a shop into these groups of shops."""
    path = f"/console/shops/{tablet.shop.shop}/groups"
    return await town.asks("PUT", path, {"groups": list(groups)}, ShopGroups)


async def holding_street_points(town: Nagaoka) -> Holder:
    """Hanako has 5,000 coins, 50 points and 100 of the streets'."""
    hanako = await town.registers("長岡 花子")
    (card,) = await prints(town, "serial", 5_000)
    await redeems(hanako, card)
    return hanako


def parts(receipt: Receipt) -> dict[str, int]:
    """What a payment was paid with."""
    return {part.instrument: part.amount for part in receipt.parts}


async def test_n12_the_streets_points_pay_in_the_streets_only(nagaoka: Nagaoka) -> None:
    """At a shop outside they stay in the wallet; at a shop of the streets they go first."""
    hanako = await holding_street_points(nagaoka)
    outside, inside = await nagaoka.opens("駅前書店"), await nagaoka.opens("八百屋 まるや")
    assert (await joins(nagaoka, inside, "street")).groups == ["street"]

    assert parts(await hanako.pays(outside.shop, 300)) == {"point": 50, "coin": 250}
    assert parts(await hanako.pays(inside.shop, 300)) == {
        "street_point": 100,
        "point": 1,  # Half a percent of the 250 coins.
        "coin": 199,
    }


async def test_n12_what_a_shop_does_not_take_is_said(nagaoka: Nagaoka) -> None:
    """Enough in the wallet, but not all of it for this shop: nothing is paid. When the shop joins,
    it is; when it leaves, no more.
    """
    hanako = await holding_street_points(nagaoka)
    maruya = await nagaoka.opens("八百屋 まるや")
    _, refused = await hanako.tries_to_pay(maruya.shop, 5_100)
    assert refused == "not_accepted_here"
    await joins(nagaoka, maruya, "street")
    assert parts(await hanako.pays(maruya.shop, 80)) == {"street_point": 80}
    assert (await joins(nagaoka, maruya)).groups == []
    assert parts(await hanako.pays(maruya.shop, 60)) == {"point": 50, "coin": 10}
    assert (await hanako.holds())["street_point"] == 20
