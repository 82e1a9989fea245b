"""Towns, as their people find them: one gateway, an SMS provider, and a clock that can be moved."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from config.alerts import AlertSettings
from config.limits import Limits
from config.openid import OpenidSettings
from config.profile import read_profile
from config.providers import ProviderSettings, load_providers
from config.settings import Settings
from gateway import operators
from ledger.database import Pool
from ledger.towns import load_town, town_number
from notifier.push import public_key
from tests.acceptance.nagaoka import OPERATOR, PASSWORD, Nagaoka
from tests.support.clock import Clock
from tests.support.gateways import SECRET
from tests.support.house import House
from tests.support.mailbox import Mailbox
from tests.support.openid import OpenidProcess
from tests.support.providers import ProviderProcess
from tests.support.push_service import PushService, push_service
from tests.support.simulators import SimulatorProcess

SMS_KEY = "a key between the town and its SMS provider"


@pytest.fixture(scope="session")
def sms_provider() -> Iterator[str]:
    """The address of the SMS simulator, a process of its own."""
    process = SimulatorProcess("scripts.sms_simulator", KOBAN_SMS_KEY=SMS_KEY)
    process.launch()
    yield process.url
    process.end()


@pytest.fixture
def provider_process(tmp_path: Path) -> ProviderProcess:
    """The providers' simulator, not started; its file of keys is there."""
    return ProviderProcess(tmp_path)


@pytest.fixture
async def providers(provider_process: ProviderProcess) -> AsyncIterator[ProviderProcess]:
    """Every provider and machine there is, played by a process of its own."""
    await provider_process.start()
    yield provider_process
    await provider_process.kill()


@pytest.fixture(scope="module")
def private_pem() -> str:
    """The town's key for Web Push."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
async def pushes(private_pem: str) -> AsyncIterator[PushService]:
    """The service of a browser's maker; a gateway beside it takes addresses of this machine."""
    async with push_service(public_key(private_pem)) as service:
        yield service


@pytest.fixture
async def house(
    dsn: str,
    redis_url: str,
    sms_provider: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> AsyncIterator[House]:
    """The gateway of the stories; it serves every town that is loaded."""
    settings = Settings(
        postgres_dsn=dsn,
        redis_url=redis_url,
        secret=SECRET.encode(),
        sms_url=f"{sms_provider}/messages",
        sms_key=SMS_KEY,
        providers=_providers(request),
        openid=_identities(request),
        alerts=_person_in_charge(request),
        demo="pushes" in request.fixturenames,  # A push service on this machine is let in.
    )
    for name, text in (("POSTGRES_DSN", dsn), ("REDIS_URL", redis_url), ("SECRET", SECRET)):
        monkeypatch.setenv(f"KOBAN_{name}", text)
    opened = House(settings, Limits(), clock)
    try:
        await opened.open()
        yield opened
    finally:
        await opened.close()


def _providers(request: pytest.FixtureRequest) -> dict[str, ProviderSettings]:
    """What the gateway knows of providers, in a story that has some."""
    if "providers" not in request.fixturenames:
        return {}
    process: ProviderProcess = request.getfixturevalue("provider_process")
    return load_providers(process.file)


def _person_in_charge(request: pytest.FixtureRequest) -> AlertSettings:
    """Whom it tells when something is amiss, in a story that has somebody."""
    if "mailbox" not in request.fixturenames:
        return AlertSettings()
    mailbox: Mailbox = request.getfixturevalue("mailbox")
    return mailbox.settings


def _identities(request: pytest.FixtureRequest) -> dict[str, OpenidSettings]:
    """What it knows of identity providers, in a story that has some."""
    if "identities" not in request.fixturenames:
        return {}
    process: OpenidProcess = request.getfixturevalue("openid_process")
    return process.settings


class Visit(Protocol):
    """Comes to a town, as soon as the gateway serves it; one that comes with Koban is loaded."""

    async def __call__(self, code: str) -> Nagaoka: ...


@pytest.fixture
async def visit(house: House, pool: Pool, sms_provider: str, clock: Clock) -> AsyncIterator[Visit]:
    """Opens towns by their codes; an operator may sign in there."""
    async with AsyncExitStack() as stack:

        async def come(code: str) -> Nagaoka:
            if await town_number(pool, code) is None:
                await load_town(pool, read_profile(code), clock.now)
            async with asyncio.timeout(10):
                while code not in house.gateway.hubs:
                    await asyncio.sleep(0.05)
            # What `python -m gateway.operators add TOWN ...` does.
            options = Namespace(act="add", town=code, name=OPERATOR, role="operator")
            await operators.run(options, PASSWORD)
            return await stack.enter_async_context(Nagaoka(house, sms_provider, clock, code))

        yield come


@pytest.fixture
async def nagaoka(visit: Visit) -> Nagaoka:
    """The town on its first day: its profile is loaded, an operator may sign in, nobody else."""
    return await visit("nagaoka")
