"""Nagaoka, as its people find it: one gateway, an SMS provider, and a clock that can be moved."""

import asyncio
import subprocess
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import httpx
import pytest

from config.limits import Limits
from config.settings import Settings
from gateway import operators
from tests.acceptance.nagaoka import OPERATOR, PASSWORD, Nagaoka
from tests.support.clock import Clock
from tests.support.gateways import ROOT, SECRET, free_port
from tests.support.house import House

SMS_KEY = "a key between the town and its SMS provider"


@pytest.fixture(scope="session")
def sms_provider() -> Iterator[str]:
    """The address of the SMS simulator, a process of its own."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.sms_simulator", "--port", str(port)],
        cwd=ROOT,
        env={"KOBAN_SMS_KEY": SMS_KEY, "PYTHONPATH": str(ROOT)},
    )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(verify=False, trust_env=False) as http, asyncio.timeout(30):
        while True:
            with suppress(httpx.TransportError):
                await http.get(f"{url}/inbox.json")
                return
            await asyncio.sleep(0.05)


@pytest.fixture
async def nagaoka(
    dsn: str, redis_url: str, sms_provider: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Nagaoka]:
    """The town on its first day: its profile is loaded, an operator may sign in, nobody else."""
    settings = Settings(
        postgres_dsn=dsn,
        redis_url=redis_url,
        secret=SECRET.encode(),
        sms_url=f"{sms_provider}/messages",
        sms_key=SMS_KEY,
    )
    await _answers(sms_provider)
    house = House(settings, Limits(), clock)
    try:
        await house.open()
        for name, text in (("POSTGRES_DSN", dsn), ("REDIS_URL", redis_url), ("SECRET", SECRET)):
            monkeypatch.setenv(f"KOBAN_{name}", text)
        # What `python -m gateway.operators add nagaoka ...` does.
        options = Namespace(act="add", town="nagaoka", name=OPERATOR, role="operator")
        await operators.run(options, PASSWORD)
        async with Nagaoka(house, sms_provider, clock) as town:
            yield town
    finally:
        await house.close()
