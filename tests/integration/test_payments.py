"""Payments through a real gateway: from one screen to the other."""

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Event, Pay, Result, Shown, Stage
from terminal.client import receipt_of
from tests.support.gateways import GatewayProcess
from tests.support.people import PIN, People


async def test_a_payment_reaches_both_screens(gateway: GatewayProcess, people: People) -> None:
    """The payer gets the result, both feeds the event, and each learns that the other saw it."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(gateway) as wallet, shop.client(gateway) as tablet:
        payment = new_id()
        reply = await wallet.command(Pay(id=payment, shop=shop.account, amount=500, pin=PIN))
        assert isinstance(reply, Result), reply
        receipt = receipt_of(reply)
        assert receipt is not None
        assert (receipt.id, receipt.outcome, receipt.amount) == (payment, "done", 500)
        paid, taken = await wallet.next_push(Event), await tablet.next_push(Event)
        assert (paid.kind, paid.sound) == (taken.kind, taken.sound) == ("payment", "paid")
        await tablet.ack(taken.seq, Stage.SHOWN)
        assert await wallet.next_push(Shown) == Shown([payment], shop.role)
        await wallet.ack(paid.seq, Stage.SHOWN)
        assert await tablet.next_push(Shown) == Shown([payment], payer.role)
