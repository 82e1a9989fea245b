"""A1: coins topped up in yen, points granted free, and 1 % in points on each top-up."""

from datetime import datetime

from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import JAPAN, local
from tests.acceptance.topping_up import ends, orders
from tests.support.providers import ProviderProcess


async def test_a1_a_top_up_brings_one_percent_and_one_is_one_yen(
    visit: Visit, providers: ProviderProcess
) -> None:
    """10,000 yen are 10,000 coins and 100 points; both pay one yen each, the free ones first, and
    both end with the sixth month.
    """
    town = await visit("higashimurayama")
    sayuri = await town.registers("東村山 小百合")
    daruma = await town.opens("だるま堂")
    order = await orders(sayuri, "seven_bank", 10_000)
    await providers.act("seven_bank", order.id, "pay")
    await ends(sayuri, order.id, "arrived")
    (receipt,) = await sayuri.history()
    assert [(grant.instrument, grant.amount) for grant in receipt.granted] == [("point", 100)]
    assert await sayuri.holds() == {"coin": 10_000, "point": 100}

    paid = await sayuri.pays(daruma.shop, 130)
    assert {part.instrument: part.amount for part in paid.parts} == {"point": 100, "coin": 30}
    assert paid.granted == [], "payments bring nothing here"
    assert (await daruma.day()).payments_amount == 130
    balance = await sayuri.balance()
    assert balance.total == 10_100 - 130
    assert [local(lot.expires_at) for part in balance.parts for lot in part.lots] == [
        datetime(2026, 11, 1, tzinfo=JAPAN)
    ]


async def test_a1_a_voucher_has_its_premium_and_no_points(
    visit: Visit, providers: ProviderProcess
) -> None:
    """The premium is the voucher's own: 5,000 yen are 6,000 in vouchers, and coins stay apart."""
    town = await visit("higashimurayama")
    sayuri = await town.registers("東村山 小百合")
    order = await orders(sayuri, "seven_bank_voucher", 5_000)
    await providers.act("seven_bank", order.id, "pay")
    await ends(sayuri, order.id, "arrived")
    assert await sayuri.holds() == {"voucher": 6_000}
