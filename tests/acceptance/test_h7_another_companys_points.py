"""H7: exchange from another company's points, in and out, at a rate."""

from gateway.protocol.ids import new_id
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.acceptance.topping_up import ends, operates, orders, seen, sends_out, told
from tests.support.providers import ProviderProcess

TOWN, WAY = "hirakata", "exchange_region"
YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}


async def with_points(town: Nagaoka, providers: ProviderProcess, amount: int) -> Holder:
    """Yoshi, with points that were another company's."""
    yoshi = await town.registers_as(YOSHI, "09012345678")
    order = await orders(yoshi, WAY, amount)
    await providers.act("exchange", order.id, "pay")
    await ends(yoshi, order.id, "arrived")
    assert (await yoshi.hears()).receipt.id == order.id
    return yoshi


async def test_h7_two_of_their_points_are_one_of_ours(
    visit: Visit, providers: ProviderProcess
) -> None:
    """Yoshi gives 2,000 of theirs on their page and has 1,000 of ours, paid for by them."""
    town = await visit(TOWN)
    yoshi = await with_points(town, providers, 1_000)
    (there,) = await providers.orders()
    assert (there["body"]["amount"], there["state"]) == (2_000, "paid")
    balance = await yoshi.balance()
    assert balance.total == 1_000
    assert {lot.funder for part in balance.parts for lot in part.lots} == {"exchange"}


async def test_h7_points_go_out_once_they_have_left_the_wallet(
    visit: Visit, providers: ProviderProcess
) -> None:
    """600 of ours become 1,200 of theirs, on Yoshi's number there; with the PIN only."""
    town = await visit(TOWN)
    yoshi = await with_points(town, providers, 1_000)
    assert await sends_out(yoshi, WAY, 600, pin="0000") == "pin_wrong"
    assert len(await providers.orders()) == 1
    sent = await sends_out(yoshi, WAY, 600)
    assert not isinstance(sent, str)
    assert (sent.state, sent.direction, sent.their_amount) == ("delivered", "out", 1_200)
    there = (await providers.orders())[-1]
    assert (there["body"]["direction"], there["body"]["member"]) == ("out", "REGION-0042")
    assert (await yoshi.balance()).total == 400
    assert await told(town, sent.id) == [("ledger", "taken"), ("answer", "paid")]


async def test_h7_what_the_other_side_refuses_comes_back(
    visit: Visit, providers: ProviderProcess
) -> None:
    """They do not know the number: the points are in the wallet again, to the same lots."""
    town = await visit(TOWN)
    yoshi = await with_points(town, providers, 1_000)
    before = (await yoshi.balance()).parts
    await providers.behave(credits="refused")
    sent = await sends_out(yoshi, WAY, 600)
    assert not isinstance(sent, str)
    assert sent.state == "returned"
    assert (await yoshi.balance()).parts == before


async def test_h7_the_other_side_falls_silent_halfway(
    visit: Visit, providers: ProviderProcess
) -> None:
    """It took the order and never answered: the points are neither here nor surely there, the
    operator sees it hang, and asking finds that they were credited, once.
    """
    town = await visit(TOWN)
    yoshi = await with_points(town, providers, 1_000)
    await providers.behave(silent_next=3, callbacks=0)
    sent = await sends_out(yoshi, WAY, 600)
    assert not isinstance(sent, str)
    assert sent.state == "unknown"
    assert (await yoshi.balance()).total == 400
    assert [line.load.id for line in await seen(town, "?state=unknown")] == [sent.id]
    asked = await operates(town, f"/loads/{sent.id}/ask")
    assert asked["load"]["state"] == "delivered"
    assert len(await providers.orders()) == 2
    assert (await yoshi.balance()).total == 400


async def test_h7_the_other_side_dies_and_comes_back(
    visit: Visit, providers: ProviderProcess
) -> None:
    """It is killed with an order in its hands. While it is away nothing comes back and nothing is
    lost; when it is there again it says no, and the points return.
    """
    town = await visit(TOWN)
    yoshi = await with_points(town, providers, 1_000)
    await providers.behave(credits="held")
    sent = await sends_out(yoshi, WAY, 600)
    assert not isinstance(sent, str)
    assert sent.state == "accepted"
    await providers.kill()
    town.clock.advance(minutes=5)
    asked = await operates(town, f"/loads/{sent.id}/ask")
    assert asked["load"]["state"] == "accepted"
    assert (await yoshi.balance()).total == 400
    away = await sends_out(yoshi, WAY, 100)
    assert not isinstance(away, str)
    assert away.state == "taken"
    await providers.start()
    await providers.act("exchange", sent.id, "fail")
    await ends(yoshi, sent.id, "returned")
    town.clock.advance(minutes=5)
    await ends(yoshi, away.id, "delivered")
    assert (await yoshi.balance()).total == 900


async def test_h7_only_what_the_rate_and_the_wallet_allow(
    visit: Visit, providers: ProviderProcess
) -> None:
    """Steps and bounds of the way; and nobody there is told of what is not here."""
    town = await visit(TOWN)
    yoshi = await with_points(town, providers, 1_000)
    for amount in (50, 150, 10_100):
        assert await sends_out(yoshi, WAY, amount) == "invalid"
    more = await sends_out(yoshi, WAY, 2_000)
    assert not isinstance(more, str)
    assert (more.state, more.reason) == ("failed", "insufficient_funds")
    assert len(await providers.orders()) == 1
    body = {"id": str(new_id()), "way": WAY, "amount": 100, "member": "a b", "pin": "4321"}
    answer = await yoshi.sends("/wallet/unloads", body)
    assert (answer.status_code, answer.json()["field"]) == (422, "member")
