"""Gateways and providers are killed with money between them: value arrives once or not at all."""

import asyncio
import datetime as dt
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest

from config.profile import read_profile
from gateway.protocol.ids import new_id
from ledger import loads
from ledger.load_states import State, Word
from ledger.loads import Heard, LoadOrder, Source
from ledger.reading import balance
from ledger.towns import load_town
from tests.support.gateways import ROOT, SECRET, GatewayProcess, StartGateway
from tests.support.ledger import problems
from tests.support.people import People, Screen, now
from tests.support.providers import QUICK, ProviderProcess
from tests.support.rights import award_rights

pytestmark = pytest.mark.faults

TOWN = "region-ring"
ORDERS = 12
PATIENCE_S = 90

MAKE_DUE = """
    UPDATE koban.load_order SET look_at = $2, looks = 0 WHERE town = $1 AND state <> 'arrived'
"""


@pytest.fixture
async def providers(tmp_path: Path) -> AsyncIterator[ProviderProcess]:
    """Every provider, in a process that can be killed and remembers."""
    process = ProviderProcess(tmp_path)
    await process.start()
    yield process
    await process.kill()


class Ring:
    """Region Ring with some wallets, and whichever gateways run."""

    def __init__(self, dsn: str, pool: asyncpg.Pool, people: People, wallets: list[Screen]) -> None:
        self.dsn = dsn
        self.pool = pool
        self.people = people
        self.wallets = wallets

    async def order(self, gateway: GatewayProcess, wallet: Screen) -> str:
        """Orders 5,000 yen from the bank; tried until some gateway has taken it."""
        body = {"id": str(new_id()), "way": "bank", "amount": 5_000}
        headers = {"Authorization": f"Bearer {wallet.token}"}
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            answer = await client.post(
                f"{gateway.url}/api/{TOWN}/wallet/loads", json=body, headers=headers
            )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def all(self) -> list[LoadOrder]:
        """Every order."""
        return await loads.orders(self.pool, self.people.town, None, None, 100)

    async def settle(self) -> list[LoadOrder]:
        """Waits until each order has arrived; what hangs is made due, as time would."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await self.all()
                if all(order.state is State.ARRIVED for order in found):
                    return found
                await self.pool.execute(MAKE_DUE, self.people.town, now())
                await asyncio.sleep(0.5)

    async def holds(self) -> list[int]:
        """What is in each wallet."""
        found = []
        for wallet in self.wallets:
            held = await balance(self.pool, self.people.town, wallet.account, now())
            assert held is not None
            found.append(held.total)
        return found


@pytest.fixture
async def ring(dsn: str, pool: asyncpg.Pool) -> AsyncIterator[Ring]:
    """Region Ring, with twelve people in it who may buy."""
    profile = read_profile(TOWN)
    await load_town(pool, profile, now())
    people = People(pool, profile.town.number)
    wallets = [await people.wallet(0) for _ in range(ORDERS)]
    await award_rights(pool, people.town, [wallet.account for wallet in wallets], now())
    yield Ring(dsn, pool, people, wallets)
    people.hashing.close()


async def test_a_gateway_dies_between_the_money_and_the_value(
    ring: Ring, providers: ProviderProcess, start_gateway: StartGateway
) -> None:
    """The provider's word was written down and the gateway killed before the value was given: the
    next one gives it, once.
    """
    gateway = await start_gateway(PROVIDERS=str(providers.file))
    await providers.behave(callbacks=0)
    order = await ring.order(gateway, ring.wallets[0])
    await providers.act("bank", order, "pay")
    await gateway.kill()
    (found,) = await ring.all()
    paid = Heard(Word.PAID, Source.CALLBACK)
    await loads.hear(ring.pool, ring.people.town, found.id, paid, now(), QUICK)
    assert (await ring.holds())[0] == 0
    gateways = [await start_gateway(PROVIDERS=str(providers.file)) for _ in range(2)]
    await ring.settle()
    assert (await ring.holds())[0] == 6_500
    assert await ring.pool.fetchval("SELECT count(*) FROM koban.entry") == 1
    assert await problems(ring.pool) == []
    assert all(each.running() for each in gateways)


async def test_whoever_dies_while_people_pay_every_yen_arrives_once(
    ring: Ring, providers: ProviderProcess, start_gateway: StartGateway
) -> None:
    """Two gateways and the providers are killed in turn while twelve people pay, with callbacks
    double, late and reordered; afterwards the day's file agrees to the last line.
    """
    dice = random.Random(20_260_401)
    first = await start_gateway(PROVIDERS=str(providers.file))
    second = await start_gateway(PROVIDERS=str(providers.file), PUBLIC_URL=first.url)
    await providers.behave(callbacks=2, reordered=True, callback_delay_ms=150)
    orders = [await ring.order(dice.choice([first, second]), each) for each in ring.wallets]

    async def pays(order: str) -> None:
        await asyncio.sleep(dice.uniform(0, 2))
        for _ in range(50):
            try:
                await providers.act("bank", order, "pay")
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
            else:
                return

    async def kills() -> None:
        await asyncio.sleep(0.4)
        await first.kill()
        await asyncio.sleep(0.4)
        await providers.kill()
        await asyncio.sleep(0.3)
        await providers.start()
        await second.kill()

    await asyncio.gather(kills(), *(pays(order) for order in orders))
    await start_gateway(port=first.port, PROVIDERS=str(providers.file))
    await start_gateway(port=second.port, PROVIDERS=str(providers.file), PUBLIC_URL=first.url)
    await ring.settle()
    assert await ring.holds() == [6_500] * ORDERS
    assert await ring.pool.fetchval("SELECT count(*) FROM koban.entry") == ORDERS
    assert await problems(ring.pool) == []
    status, printed = await reconcile(ring, providers)
    assert (status, printed[-1]) == (0, f"{ORDERS} lines, {ORDERS} agree, 0 differ."), printed


async def test_the_command_finds_what_differs(
    ring: Ring, providers: ProviderProcess, start_gateway: StartGateway, tmp_path: Path
) -> None:
    """A payment that nobody told is settled; one that is not ours is left for a person; what is no
    file, no town or no provider is said in a sentence.
    """
    gateway = await start_gateway(PROVIDERS=str(providers.file))
    await providers.behave(callbacks=0)
    order = await ring.order(gateway, ring.wallets[0])
    await providers.act("bank", order, "pay")
    status, printed = await reconcile(ring, providers)
    assert status == 0
    assert printed[0].startswith(f"settled: state_differs: order {order}: ours arrived 5000")
    assert (await ring.holds())[0] == 6_500

    brought = tmp_path / "brought.csv"
    line = f"bank-7,{new_id()},5000,paid,{today()}T12:00:00+09:00"
    brought.write_text(f"reference,order,amount,state,time\r\n{line}\r\n", encoding="utf-8")
    status, printed = await reconcile(ring, providers, file=str(brought))
    assert status == 1
    assert any("LOOK AT IT: theirs_not_ours: reference bank-7" in each for each in printed)
    assert any("LOOK AT IT: ours_not_theirs" in each for each in printed)

    brought.write_text("no file", encoding="utf-8")
    for changes, words in (
        ({"file": str(brought)}, "line 1 must be"),
        ({"file": str(tmp_path / "none.csv")}, "cannot be read"),
        ({"provider": "gold"}, "there is no provider 'gold'"),
        ({"town": "atlantis"}, "there is no town 'atlantis'"),
        ({"provider": "machine"}, "machine gives no file"),
    ):
        status, printed = await reconcile(ring, providers, **changes)
        assert (status, len(printed)) == (2, 1)
        assert words in printed[0]


async def reconcile(
    ring: Ring, providers: ProviderProcess, **changes: Any
) -> tuple[int, list[str]]:
    """What the command prints, and its status."""
    told = {"town": TOWN, "provider": "bank", "file": ""} | changes
    arguments = ["reconcile", told["town"], told["provider"], today()]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.providers", *arguments),
        *([told["file"]] if told["file"] else []),
        cwd=ROOT,
        env={
            "KOBAN_POSTGRES_DSN": ring.dsn,
            "KOBAN_REDIS_URL": "redis://127.0.0.1:9",
            "KOBAN_SECRET": SECRET,
            "KOBAN_PROVIDERS": str(providers.file),
            "PYTHONPATH": str(ROOT),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode().strip().splitlines()


def today() -> str:
    """The day in Region Ring."""
    return dt.datetime.now(ZoneInfo("Asia/Tokyo")).date().isoformat()
