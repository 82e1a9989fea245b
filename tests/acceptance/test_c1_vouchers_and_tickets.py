"""C1: premium vouchers of two kinds: single yen, and tickets for all shops or for small ones."""

from collections import Counter

from gateway.protocol.api_groups import ShopGroups
from gateway.protocol.api_preview import Preview
from gateway.protocol.messages import Receipt
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder
from tests.acceptance.serial_cards import prints, redeems
from tests.acceptance.topping_up import ends, orders
from tests.support.providers import ProviderProcess

TOWN = "digital-coupon"


async def buys(holder: Holder, providers: ProviderProcess, way: str, amount: int) -> None:
    """Orders in the wallet and pays at the convenience store's till."""
    order = await orders(holder, way, amount)
    await providers.act("convenience", order.id, "pay")
    await ends(holder, order.id, "arrived")


def parts(receipt: Receipt) -> dict[str, int]:
    """What a payment was paid with, in yen."""
    return {part.instrument: part.amount for part in receipt.parts}


async def test_c1_vouchers_pay_to_the_yen(visit: Visit, providers: ProviderProcess) -> None:
    """10,000 yen buy 12,000, and 1,234 of them are spent."""
    town = await visit(TOWN)
    mai = await town.registers("券田 舞")
    shop = await town.opens("駅前書店")
    await buys(mai, providers, "convenience", 10_000)
    assert await mai.holds() == {"voucher": 12_000}
    assert parts(await mai.pays(shop.shop, 1_234)) == {"voucher": 1_234}


async def test_c1_a_book_has_ten_tickets_two_of_them_for_small_shops(
    visit: Visit, providers: ProviderProcess
) -> None:
    """4,000 yen buy 500 × 10: eight for every shop, two for small ones. A large shop takes the
    first kind alone, a small shop both, its own first.
    """
    town = await visit(TOWN)
    mai = await town.registers("券田 舞")
    large, small = await town.opens("大型店"), await town.opens("豆腐屋")
    path = f"/console/shops/{small.shop.shop}/groups"
    await town.asks("PUT", path, {"groups": ["small"]}, ShopGroups)
    await buys(mai, providers, "convenience_book", 4_000)
    assert await mai.holds() == {"common_ticket": 4_000, "small_ticket": 1_000}

    assert parts(await mai.pays(large.shop, 1_500)) == {"common_ticket": 1_500}
    assert parts(await mai.pays(small.shop, 1_500)) == {"small_ticket": 1_000, "common_ticket": 500}
    assert await mai.holds() == {"common_ticket": 2_000}


async def test_c1_tickets_give_no_change_and_other_value_pays_the_rest(
    visit: Visit, providers: ProviderProcess
) -> None:
    """1,200 yen with tickets alone are refused, and nothing is lost; with vouchers beside them two
    tickets go and 200 yen.
    """
    town = await visit(TOWN)
    mai = await town.registers("券田 舞")
    shop = await town.opens("駅前書店")
    (card,) = await prints(town, "serial", 5_000)
    await redeems(mai, card)
    _, refused = await mai.tries_to_pay(shop.shop, 1_200)
    assert refused == "ticket_remainder"
    assert await mai.holds() == {"common_ticket": 5_000}
    await buys(mai, providers, "convenience", 1_000)
    assert parts(await mai.pays(shop.shop, 1_200)) == {"common_ticket": 1_000, "voucher": 200}


async def test_c1_what_will_be_used_is_seen_before(
    visit: Visit, providers: ProviderProcess
) -> None:
    """Mai looks first: two tickets and 200 yen of vouchers, with their ends. What she then pays is
    just that, and what is left is what was told.
    """
    town = await visit(TOWN)
    mai = await town.registers("券田 舞")
    shop = await town.opens("駅前書店")
    await buys(mai, providers, "convenience_book", 4_000)
    await buys(mai, providers, "convenience", 1_000)
    path = f"wallet/preview?shop={shop.shop.shop}&amount=1200"
    seen = await mai.looks(path, Preview)
    assert (seen.outcome, seen.asks) == ("done", False)
    assert all(lot.expires_at is not None for lot in seen.lots)
    before = await mai.holds()
    paid = await mai.pays(shop.shop, 1_200)
    used: Counter[str] = Counter()
    for lot in seen.lots:
        used[lot.instrument] += lot.amount
    assert parts(paid) == dict(used) == {"common_ticket": 1_000, "voucher": 200}
    after = await mai.holds()
    assert seen.balance is not None
    assert {code: left for code, left in seen.balance.items() if left} == after
    assert sum(before.values()) - sum(after.values()) == 1_200
    assert (await mai.looks(path, Preview)).asks, "the same again would be asked about"


async def test_c1_a_cancelled_payment_gives_the_tickets_back(
    visit: Visit, providers: ProviderProcess
) -> None:
    """To the same kinds, whole."""
    town = await visit(TOWN)
    mai = await town.registers("券田 舞")
    shop = await town.opens("駅前書店")
    await buys(mai, providers, "convenience_book", 4_000)
    await buys(mai, providers, "convenience", 1_000)
    before = await mai.holds()
    paid = await mai.pays(shop.shop, 1_200)
    await shop.cancels(paid.id, "返品")
    assert await mai.holds() == before
