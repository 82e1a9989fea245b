"""N17: the shop's JPQR sticker (統一QR) pays; what is no shop's here is refused with its reason."""

import pytest

from gateway.protocol import api
from tests.acceptance.marks import attaches, detaches, reads, unified_sticker
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.support.codes import EMVCO_EXAMPLE, JPQR_EXAMPLE, jpqr_account, jpqr_sticker

STICKER = jpqr_sticker()


async def with_coins(nagaoka: Nagaoka) -> tuple[Holder, Tablet]:
    """Hanako has 5,000 coins; the shop has had a JPQR sticker for years and now takes part."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(5_000), 5_000)
    for screen in (hanako, maruya):
        assert (await screen.hears()).kind == "top_up"
    return hanako, maruya


@pytest.mark.parametrize("sticker", [STICKER, JPQR_EXAMPLE], ids=["ours", "the council's example"])
async def test_n17_a_shops_jpqr_sticker_pays(nagaoka: Nagaoka, sticker: str) -> None:
    """The operator scans the sticker once; from then on it leads to the shop, and it is paid."""
    hanako, maruya = await with_coins(nagaoka)
    await attaches(nagaoka, maruya.shop, "jpqr", sticker)

    shop = await reads(nagaoka, hanako, sticker)
    assert shop == maruya.shop
    assert isinstance(shop, api.ShopInfo)
    paid = await hanako.pays(shop, 1_280)
    assert (paid.amount, paid.shop_name) == (1_280, "八百屋 まるや")
    for screen in (hanako, maruya):
        heard = await screen.hears()
        assert (heard.kind, heard.sound, heard.receipt.id) == ("payment", "paid", paid.id)
    assert await maruya.seen_by_both(paid.id)


async def test_n17_our_own_sticker_in_the_standards_form_pays(nagaoka: Nagaoka) -> None:
    """A town that is not in the council's register prints codes under an id of its own."""
    hanako, maruya = await with_coins(nagaoka)
    sticker = await unified_sticker(nagaoka, maruya.shop)
    assert sticker.startswith("000201")
    assert "paymentsjapan" not in sticker
    shop = await reads(nagaoka, hanako, sticker)
    assert isinstance(shop, api.ShopInfo)
    assert (await hanako.pays(shop, 900)).shop_name == "八百屋 まるや"
    assert (await maruya.hears()).receipt.amount == 900


async def test_n17_what_is_no_shops_sticker_here_is_refused_with_its_reason(
    nagaoka: Nagaoka,
) -> None:
    """Foreign, broken, altered, somebody else's: each has its word, and nobody is paid."""
    hanako, maruya = await with_coins(nagaoka)
    await attaches(nagaoka, maruya.shop, "jpqr", STICKER)
    elsewhere = jpqr_sticker(jpqr_account(store="000002"))
    changed = STICKER.replace("0406000001", "0406000002")
    assert changed != STICKER
    table = {
        "a card network's code from Beijing": (EMVCO_EXAMPLE, "scan_foreign"),
        "another service's address": ("https://pay.example.ne.jp/2818", "scan_foreign"),
        "a shop that takes no part": (elsewhere, "scan_unknown"),
        "a digit scratched over": (changed, "scan_altered"),
        "a corner torn off": (STICKER[:-6], "scan_broken"),
        "a wallet of another service": ("hQVKUFFSMWEMTwIxMlcGMTIzNDU2", "scan_not_shop"),
        "a card in a phone": ("hQVDUFYwMWETTwegAAAAVVVV", "scan_card"),
        "another town's shop": (f"{nagaoka.url}/hirakata/s/1234566", "scan_other_town"),
    }
    told = {name: await reads(nagaoka, hanako, text) for name, (text, _) in table.items()}
    assert told == {name: code for name, (_, code) in table.items()}
    assert await maruya.hears_nothing()
    assert (await hanako.holds())["coin"] == 5_000


async def test_n17_a_sticker_that_was_taken_off_leads_nowhere(nagaoka: Nagaoka) -> None:
    """The shop has moved: its old sticker is taken off, and then belongs to whoever has it now."""
    hanako, maruya = await with_coins(nagaoka)
    successor = await nagaoka.opens("喫茶 しなの川", kind="喫茶")
    await attaches(nagaoka, maruya.shop, "jpqr", STICKER)
    await detaches(nagaoka, maruya.shop, "jpqr", STICKER)
    assert await reads(nagaoka, hanako, STICKER) == "scan_unknown"
    await attaches(nagaoka, successor.shop, "jpqr", STICKER)
    assert await reads(nagaoka, hanako, STICKER) == successor.shop
