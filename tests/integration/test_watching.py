"""What a gateway says of itself: health, figures, logs; and what it does when the books move."""

import asyncio
import json

import httpx
import pytest

from gateway.health import Verdict, judge
from gateway.protocol.closing import CloseCode
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Charge, Error, Event, Pay, Purpose, Result, ShowCode
from ledger.towns import move_epoch
from tests.support.gateways import GatewayProcess
from tests.support.house import House
from tests.support.people import MANAGER_PIN, PIN, People


@pytest.mark.parametrize(
    ("postgres", "redis", "draining", "verdict"),
    [
        (True, True, False, Verdict.OK),
        (True, False, False, Verdict.DEGRADED),
        (False, True, False, Verdict.UNAVAILABLE),
        (False, False, False, Verdict.UNAVAILABLE),
        (True, True, True, Verdict.DRAINING),
        (False, False, True, Verdict.DRAINING),
    ],
)
def test_the_gravest_is_said_first(
    *, postgres: bool, redis: bool, draining: bool, verdict: Verdict
) -> None:
    """Without Redis the work goes on; without Postgres, or on the way out, it does not."""
    assert judge(postgres=postgres, redis=redis, draining=draining) is verdict


async def test_payments_are_measured(house: House, people: People) -> None:
    """Outcomes, stages and sessions are there for Prometheus."""
    payer, shop = await people.wallet(), await people.tablet()
    async with (
        payer.client(house) as wallet,
        shop.client(house),
        httpx.AsyncClient(base_url=house.url) as http,
    ):
        await wallet.command(Pay(new_id(), shop.account, 500, PIN))
        refused = await wallet.command(Pay(new_id(), shop.account, 90_000, PIN))
        assert isinstance(refused, Error)
        told = (await http.get("/metrics")).text
        for line in (
            'koban_decisions_total{outcome="done"} 1.0',
            'koban_decisions_total{outcome="insufficient_funds"} 1.0',
            'koban_stage_seconds_count{stage="decide"} 2.0',
            'koban_sessions{role="wallet",town="nagaoka"} 1.0',
            'koban_sessions{role="terminal",town="nagaoka"} 1.0',
            'koban_waiting{town="nagaoka"} 0.0',
            'koban_queue_frames{town="nagaoka"} 0.0',
            'koban_unshown{town="nagaoka"} 0.0',
        ):
            assert line in told.splitlines()
        health = (await http.get("/healthz")).json()
        assert (health["postgres"], health["sessions"], health["waiting"]) == (True, 2, 0)


async def test_one_id_ties_a_payment_together_and_nothing_secret_is_logged(
    gateway: GatewayProcess, people: People
) -> None:
    """From the command to both screens; neither PIN nor ticket nor token nor code is there."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(gateway) as wallet, shop.client(gateway) as tablet:
        made = await wallet.command(ShowCode(new_id(), Purpose.PAY, None, PIN))
        assert isinstance(made, Result)
        code = json.loads(bytes(made.result))["code"]
        charge = Charge(new_id(), code, 500)
        assert isinstance(await tablet.command(charge), Result)
        await wallet.next_push(Event)
        await wallet.command(Pay(new_id(), shop.account, 100, "0007"))
    lines = [json.loads(line) for line in gateway.log.read_text().splitlines()]
    trail = [line["event"] for line in lines if line.get("id") == str(charge.id)]
    assert trail[:2] == ["asked", "decided"]
    assert trail.count("handed_out") == 2
    text = gateway.log.read_text()
    for secret in (payer.token, shop.token, code, f'"{PIN}"', '"0007"', f'"{MANAGER_PIN}"'):
        assert secret not in text


async def test_a_restored_database_makes_every_screen_begin_anew(
    house: House, people: People
) -> None:
    """Positions of before count no longer: everybody comes back, and loads afresh."""
    payer, shop = await people.wallet(), await people.tablet()
    async with payer.client(house) as wallet, shop.client(house) as tablet:
        await wallet.settle(Pay(new_id(), shop.account, 500, PIN))
        await tablet.next_push(Event)
        await move_epoch(people.pool, people.town, 2_000_000_000)
        async with asyncio.timeout(10):
            while tablet.resyncs == 0 or wallet.resyncs == 0:
                await asyncio.sleep(0.02)
        assert tablet.close_codes == [CloseCode.INTERNAL_FAULT]
        assert tablet.epoch == 2_000_000_000
        reply = await wallet.settle(Pay(new_id(), shop.account, 600, PIN))
        assert isinstance(reply, Result), reply
        assert (await tablet.next_push(Event)).seq == 2
