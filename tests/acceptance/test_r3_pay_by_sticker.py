"""R3: the payer scans the shop's paper QR, enters the amount, slides, and gives the PIN."""

from gateway.protocol.messages import Receipt
from tests.acceptance.nagaoka import Nagaoka, local


async def test_r3_a_scanned_sticker_is_paid_with_a_sound_amount_and_time(nagaoka: Nagaoka) -> None:
    """The wallet shows whose sticker it is; after the PIN both screens sound and show the same."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(5_000), 5_000)
    await hanako.hears()
    await maruya.hears()

    shop = await hanako.scans_sticker(maruya.sticker)
    assert (shop.name, shop.shop) == ("八百屋 まるや", maruya.account)
    paid = await hanako.pays(shop, 1_280)
    assert (paid.amount, paid.shop_name) == (1_280, "八百屋 まるや")
    assert local(paid.at) == nagaoka.clock.now

    for screen in (hanako, maruya):
        heard = await screen.hears()
        assert heard.sound == "paid"
        assert (heard.receipt.id, heard.receipt.amount) == (paid.id, 1_280)
        assert heard.receipt.at == paid.at
    assert await maruya.seen_by_both(paid.id)


async def test_r3_without_the_pin_nothing_is_paid(nagaoka: Nagaoka) -> None:
    """A wrong PIN is refused in silence for the shop; the right one pays afterwards."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(5_000), 5_000)
    await maruya.hears()
    _, refused = await hanako.tries_to_pay(maruya.shop, 900, pin="0000")
    assert refused == "pin_wrong"
    assert await maruya.hears_nothing()
    _, paid = await hanako.tries_to_pay(maruya.shop, 900)
    assert isinstance(paid, Receipt)
    assert (await maruya.hears()).receipt.id == paid.id
