"""H6: give points to a citizens' group or NPO; what was given is public."""

from gateway.protocol.api_groups import CitizensGroup, CitizensGroups
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Give, Receipt
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import PIN, Holder, Nagaoka
from tests.acceptance.topping_up import ends, orders
from tests.support.providers import ProviderProcess

YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}


async def gives(holder: Holder, group: int, amount: int) -> Receipt | str:
    """Chooses a group, an amount, and gives the PIN."""
    return await holder._asks(Give(new_id(), group, amount, PIN))


async def with_points(town: Nagaoka, providers: ProviderProcess) -> Holder:
    """Yoshi, with 1,000 points."""
    yoshi = await town.registers_as(YOSHI, "09012345678")
    order = await orders(yoshi, "exchange_region", 1_000)
    await providers.act("exchange", order.id, "pay")
    await ends(yoshi, order.id, "arrived")
    await yoshi.hears()
    return yoshi


async def test_h6_points_are_given_and_the_sum_is_public(
    visit: Visit, providers: ProviderProcess
) -> None:
    """The operator has let a group in; Yoshi gives 300 and 200; everybody may see 500 in two gifts,
    and nobody whose.
    """
    town = await visit("hirakata")
    body = {"name": "里山を守る会"}
    group = await town.asks("POST", "/console/groups", body, CitizensGroup)
    assert (group.given, group.gifts) == (0, 0)
    yoshi = await with_points(town, providers)

    receipt = await gives(yoshi, group.group, 300)
    assert isinstance(receipt, Receipt)
    assert (receipt.kind, receipt.shop_name, receipt.amount) == ("gift", "里山を守る会", 300)
    heard = await yoshi.hears()
    assert (heard.kind, heard.sound) == ("gift", "paid")
    assert isinstance(await gives(yoshi, group.group, 200), Receipt)
    assert (await yoshi.balance()).total == 500

    public = await town.get("/groups", CitizensGroups)
    assert public.groups == [CitizensGroup(group.group, "里山を守る会", 500, 2)]


async def test_h6_what_cannot_be_given(visit: Visit, providers: ProviderProcess) -> None:
    """More than there is, or to what is no group, a shop for example: nothing has moved."""
    town = await visit("hirakata")
    group = await town.asks("POST", "/console/groups", {"name": "里山を守る会"}, CitizensGroup)
    yoshi = await with_points(town, providers)
    shop = await town.opens("くずは書房")
    assert await gives(yoshi, group.group, 1_001) == "insufficient_funds"
    assert await gives(yoshi, shop.account, 100) == "recipient_unknown"
    assert await gives(yoshi, yoshi.account, 100) == "recipient_unknown"
    assert (await yoshi.balance()).total == 1_000
    assert (await town.get("/groups", CitizensGroups)).groups[0].given == 0
