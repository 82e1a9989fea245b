"""C3: the shop is known by its QR, from the list, or by a store code, a device or a stamp."""

import csv
import io
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.protocol import api
from gateway.protocol.ids import new_id
from tests.acceptance.conftest import Visit
from tests.acceptance.marks import attaches, reads, unified_sticker
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet

Finding = Callable[[Nagaoka, Holder, Tablet], Awaitable[api.ShopInfo | str]]


async def by_its_sticker(town: Nagaoka, holder: Holder, tablet: Tablet) -> api.ShopInfo | str:
    """The QR beside the till."""
    return await reads(town, holder, tablet.sticker)


async def by_its_standard_sticker(
    town: Nagaoka, holder: Holder, tablet: Tablet
) -> api.ShopInfo | str:
    """The same as an EMV code."""
    return await reads(town, holder, await unified_sticker(town, tablet.shop))


async def from_the_list(town: Nagaoka, holder: Holder, tablet: Tablet) -> api.ShopInfo | str:
    """The town's shops by their names."""
    listed = await town.get("/shops", api.Shops)
    [found] = [shop for shop in listed.shops if shop.name == tablet.shop.name]
    return found


async def by_its_store_code(town: Nagaoka, holder: Holder, tablet: Tablet) -> api.ShopInfo | str:
    """The code that the programme gave it, typed in full width with a hyphen."""
    await attaches(town, tablet.shop, "store_code", "A-0017")
    return await reads(town, holder, "Ａ－００１７")


async def by_a_touch(town: Nagaoka, holder: Holder, tablet: Tablet) -> api.ShopInfo | str:
    """The tag beside the till; operators and phones write its id differently."""
    await attaches(town, tablet.shop, "device", "04A2245BC81190")
    return await reads(town, holder, "04:a2:24:5b:c8:11:90", by="device")


async def by_a_stamp(town: Nagaoka, holder: Holder, tablet: Tablet) -> api.ShopInfo | str:
    """The clerk presses the stamp on the phone."""
    await attaches(town, tablet.shop, "stamp", "st-9f3c-0017")
    return await reads(town, holder, "ST9F3C0017", by="stamp")


async def redeems_a_card(town: Nagaoka, holder: Holder, amount: int) -> None:
    """The city has sent a serial card; its value is in the wallet."""
    batch = {"way": "serial", "amount": amount, "count": 1, "expires_on": "2027-03-31"}
    made = await town.tries("POST", "/console/serial-cards", batch)
    assert made.status_code == 200, made.text
    [card] = csv.DictReader(io.StringIO(made.text.removeprefix("\ufeff")))
    body: dict[str, Any] = {"id": str(new_id()), "digits": card["digits"]}
    redeemed = await holder.sends("/wallet/cards/redeem", body)
    assert redeemed.status_code == 200, redeemed.text


@pytest.mark.parametrize(
    "finds",
    [
        by_its_sticker,
        by_its_standard_sticker,
        from_the_list,
        by_its_store_code,
        by_a_touch,
        by_a_stamp,
    ],
    ids=lambda finds: finds.__name__,
)
async def test_c3_however_the_shop_is_found_it_is_paid(visit: Visit, finds: Finding) -> None:
    """The wallet shows the shop that stands there and not its neighbour; both ends hear it."""
    town = await visit("digital-coupon")
    hanako = await town.registers("券野 花子")
    neighbour, bookshop = await town.opens("となり屋"), await town.opens("本のすみれ", kind="書店")
    await redeems_a_card(town, hanako, 5_000)
    assert (await hanako.hears()).receipt.amount == 5_000

    shop = await finds(town, hanako, bookshop)
    assert shop == bookshop.shop
    assert isinstance(shop, api.ShopInfo)
    paid = await hanako.pays(shop, 1_500)
    assert paid.shop_name == "本のすみれ"
    for screen in (hanako, bookshop):
        heard = await screen.hears()
        assert (heard.kind, heard.receipt.id) == ("payment", paid.id)
    assert await neighbour.hears_nothing()


async def test_c3_what_identifies_no_shop_is_refused_with_its_reason(visit: Visit) -> None:
    """A code nobody has, another town's sticker, an id that is none, and a wallet's own code."""
    town = await visit("digital-coupon")
    hanako, bookshop = await town.registers("券野 花子"), await town.opens("本のすみれ")
    await attaches(town, bookshop.shop, "device", "04A2245B")
    table = {
        "a store code of nobody": ("B-0001", "code", "scan_unknown"),
        "a tag of nobody": ("04:00:00:00", "device", "scan_unknown"),
        "a tag's id, pressed as a stamp": ("04A2245B", "stamp", "scan_unknown"),
        "no id": ("?", "stamp", "scan_broken"),
        "a sticker misread": (f"{town.url}/digital-coupon/s/1234567", "code", "scan_broken"),
        "another town's sticker": (f"{town.url}/nagaoka/s/1234566", "code", "scan_other_town"),
        "this town's own wallet": ("82040000000000000000", "code", "scan_not_shop"),
        "a household's serial card": (
            f"{town.url}/digital-coupon/wallet#card={'1' * 20}",
            *("code", "scan_not_shop"),
        ),
    }
    told = {name: await reads(town, hanako, text, by) for name, (text, by, _) in table.items()}
    assert told == {name: code for name, (*_, code) in table.items()}
