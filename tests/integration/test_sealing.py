"""A gateway seals what was decided, just behind the payments."""

import asyncio

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Pay, Result
from tests.support.gateways import GatewayProcess
from tests.support.people import PIN, People


async def test_payments_are_sealed_soon(gateway: GatewayProcess, people: People) -> None:
    """Within seconds the chain reaches the town's last entry, without gaps between its seals."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(gateway) as wallet:
        pay = Pay(id=new_id(), shop=shop.account, amount=500, pin=PIN)
        assert isinstance(await wallet.command(pay), Result)
    last = await people.pool.fetchval("SELECT koban.last_entry($1::smallint)", people.town)
    assert last >= 2
    async with asyncio.timeout(10):
        while True:
            seals = await people.pool.fetch(
                "SELECT first_entry, last_entry FROM koban.seal WHERE town = $1 ORDER BY seal",
                people.town,
            )
            if seals and seals[-1]["last_entry"] == last:
                break
            await asyncio.sleep(0.05)
    starts = [seal["first_entry"] for seal in seals]
    assert starts == [1, *(seal["last_entry"] + 1 for seal in seals[:-1])]
