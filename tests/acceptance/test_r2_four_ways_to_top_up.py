"""R2: credit card, bank account, Seven Bank ATM, convenience store, each in its own time."""

import datetime as dt

import pytest

from gateway.protocol.ids import new_id
from ledger.database import Pool
from ledger.towns import town_number
from tests.acceptance.conftest import Visit
from tests.acceptance.topping_up import ends, operates, orders, seen, told, winner
from tests.support.providers import ProviderProcess
from tests.support.rights import award_rights


@pytest.mark.parametrize("way", ["card", "bank", "seven_bank", "convenience"])
async def test_r2_what_is_paid_elsewhere_arrives_with_its_premium(
    visit: Visit, pool: Pool, providers: ProviderProcess, way: str
) -> None:
    """Hanako orders 10,000 yen and pays there: the wallet sounds, and 30 % came with it."""
    town = await visit("region-ring")
    hanako = await winner(town, pool, "大町 花子")
    order = await orders(hanako, way, 10_000)
    assert order.state == "accepted"
    if way in {"card", "bank"}:
        assert order.url.startswith(f"{providers.url}/{way}/pay/")
    else:
        assert len(order.number) == 11
    assert await hanako.hears_nothing()

    await providers.act(way, order.id, "pay")
    heard = await hanako.hears()
    assert (heard.kind, heard.sound) == ("top_up", "topped_up")
    assert (heard.receipt.id, heard.receipt.amount) == (order.id, 10_000)
    assert (await ends(hanako, order.id, "arrived")).amount == 10_000
    assert await hanako.holds() == {"voucher": 13_000}


async def test_r2_a_payment_that_fails_there_changes_nothing_here(
    visit: Visit, pool: Pool, providers: ProviderProcess
) -> None:
    """The card is refused, the slip expires: both say so."""
    town = await visit("region-ring")
    hanako = await winner(town, pool, "大町 花子")
    card, slip = await orders(hanako, "card", 5_000), await orders(hanako, "convenience", 5_000)
    await providers.act("card", card.id, "fail")
    await providers.act("convenience", slip.id, "expire")
    await ends(hanako, card.id, "failed")
    await ends(hanako, slip.id, "expired")
    assert (await hanako.balance()).total == 0


async def test_r2_a_lost_confirmation_is_asked_for_and_an_operator_sees_what_hangs(
    visit: Visit, pool: Pool, providers: ProviderProcess
) -> None:
    """The store's till never calls back. The operator sees the order hang, asks again, and the
    value arrives; another one arrives by itself, because the gateway asks.
    """
    town = await visit("region-ring")
    hanako = await winner(town, pool, "大町 花子")
    await providers.behave(callbacks=0)
    first = await orders(hanako, "convenience", 10_000)
    second = await orders(hanako, "bank", 5_000)
    for way, order in (("convenience", first), ("bank", second)):
        await providers.act(way, order.id, "pay")
    hanging = await seen(town, "?state=hanging")
    assert {line.load.id for line in hanging} == {first.id, second.id}
    assert (await hanako.balance()).total == 0

    asked = await operates(town, f"/loads/{first.id}/ask")
    assert asked["load"]["state"] == "arrived"
    assert await told(town, first.id) == [
        ("answer", "accepted"),
        ("answer", "paid"),
        ("ledger", "given"),
    ]
    town.clock.advance(minutes=2)
    await ends(hanako, second.id, "arrived")
    assert (await hanako.balance()).total == 19_500
    assert await seen(town, "?state=hanging") == []


async def test_r2_a_double_late_or_reordered_confirmation_is_one_top_up(
    visit: Visit, pool: Pool, providers: ProviderProcess
) -> None:
    """However it is told, the receipt is one, and so is the sound."""
    town = await visit("region-ring")
    hanako = await winner(town, pool, "大町 花子")
    await providers.behave(callbacks=3, reordered=True, callback_delay_ms=50)
    order = await orders(hanako, "bank", 10_000)
    await providers.act("bank", order.id, "pay")
    assert (await hanako.hears()).receipt.id == order.id
    await ends(hanako, order.id, "arrived")
    again = await orders(hanako, "bank", 10_000, order.id)
    assert (again.id, again.state) == (order.id, "arrived")
    assert await hanako.hears_nothing()
    assert await hanako.holds() == {"voucher": 13_000}


async def test_r2_a_wrong_confirmation_is_not_believed(
    visit: Visit, pool: Pool, providers: ProviderProcess
) -> None:
    """A wrong signature is refused at the door. A wrong amount is asked about; and where another
    amount was really taken, the money goes back.
    """
    town = await visit("region-ring")
    hanako = await winner(town, pool, "大町 花子")
    forged, misread, wrong = new_id(), new_id(), new_id()
    await providers.behave(forged, "bank", wrong_signature=True)
    await providers.behave(misread, "bank", wrong_amount=True)
    await providers.behave(wrong, "bank", mischarge=1)
    for order in (forged, misread, wrong):
        await orders(hanako, "bank", 5_000, order)
        await providers.act("bank", order, "pay")
    await ends(hanako, misread, "arrived")
    back = await ends(hanako, wrong, "refunded")
    assert back.reason == "paid 5001"
    assert (await hanako.looks(f"wallet/loads/{forged}", dict))["state"] == "accepted"
    town.clock.advance(minutes=2)
    await ends(hanako, forged, "arrived")
    assert await hanako.holds() == {"voucher": 13_000}


async def test_r2_value_that_has_no_room_goes_back_to_the_payer(
    visit: Visit, pool: Pool, providers: ProviderProcess
) -> None:
    """Two orders are open, and the wallet has room for one: the second is refunded in full."""
    town = await visit("region-ring")
    hanako = await winner(town, pool, "大町 花子")
    first = await orders(hanako, "bank", 100_000)
    second = await orders(hanako, "seven_bank", 100_000)
    await providers.act("bank", first.id, "pay")
    await ends(hanako, first.id, "arrived")
    await providers.act("seven_bank", second.id, "pay")
    back = await ends(hanako, second.id, "refunded")
    assert back.reason == "over_balance_cap"
    assert {order["state"] for order in await providers.orders()} == {"paid", "refunded"}
    assert (await hanako.balance()).total == 130_000
    answer = await hanako.sends(
        "/wallet/loads", {"id": str(new_id()), "way": "bank", "amount": 5_000}
    )
    assert (answer.status_code, answer.json()["code"]) == (402, "over_balance_cap")


async def test_r2_a_day_is_compared_with_the_providers_file(
    visit: Visit, pool: Pool, providers: ProviderProcess
) -> None:
    """What nobody called back about is found in the day's file, asked about and settled."""
    town = await visit("region-ring")
    hanako = await winner(town, pool, "大町 花子")
    quiet = new_id()
    await providers.behave(quiet, "bank", callbacks=0)
    for order in (new_id(), quiet):
        await orders(hanako, "bank", 5_000, order)
        await providers.act("bank", order, "pay")
    # The provider's day is the real one, whatever day the story plays on.
    tokyo = dt.timezone(dt.timedelta(hours=9))
    today = dt.datetime.now(tokyo).date().isoformat()
    found = await operates(town, "/providers/bank/reconciliation", {"date": today})
    assert (found["lines"], found["agreed"]) == (2, 1)
    assert [
        (each["kind"], each["order"], each["state"], each["settled"])
        for each in found["differences"]
    ] == [("state_differs", str(quiet), "arrived", True)]
    assert (await hanako.balance()).total == 13_000


async def test_r2_who_has_not_won_pays_nobody(
    visit: Visit, providers: ProviderProcess, pool: Pool
) -> None:
    """No right, or more than it is worth: the order is refused before any money is asked for."""
    town = await visit("region-ring")
    taro = await town.registers("大町 太郎")
    body = {"id": str(new_id()), "way": "bank", "amount": 5_000}
    answer = await taro.sends("/wallet/loads", body)
    assert (answer.status_code, answer.json()["code"]) == (402, "right_required")

    number = await town_number(pool, "region-ring")
    assert number is not None
    await award_rights(pool, number, [taro.account], town.clock.now, amount=20_000)
    answer = await taro.sends("/wallet/loads", {**body, "id": str(new_id()), "amount": 25_000})
    assert (answer.status_code, answer.json()["code"]) == (402, "over_right")
    order = await orders(taro, "bank", 20_000)
    await providers.act("bank", order.id, "pay")
    await ends(taro, order.id, "arrived")
    assert await taro.holds() == {"voucher": 26_000}
    answer = await taro.sends("/wallet/loads", {**body, "id": str(new_id())})
    assert (answer.status_code, answer.json()["code"]) == (402, "over_right")
    assert len(await providers.orders()) == 1
