"""A wallet is opened and signed in to with codes that came by text message."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest
from playwright.async_api import expect

from config.profile import towns_folder
from gateway import towns
from scripts.children import Child
from tests.browser.glass import STRANGER, Glass, Wallet
from tests.browser.stage import PHONE, Stage
from tests.support.gateways import START_MAX_S, free_port
from tests.support.people import PIN, TOWN

pytestmark = pytest.mark.browser

NUMBER = "08011112222"
PASSWORD = "a password of some length"
KEY = "what the provider and the town know"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An SMS provider beside the gateway."""
    port = free_port()
    arguments = ["scripts.sms_simulator", "--port", str(port)]
    provider = Child("SMS inbox", arguments, {"KOBAN_SMS_KEY": KEY}, tmp_path / "sms.log")
    provider.wait_until_ready(port, "/inbox.json", START_MAX_S)
    yield {"SMS_URL": f"http://127.0.0.1:{port}/messages", "SMS_KEY": KEY}
    provider.stop()


async def _code(inbox: Glass, messages: int) -> str:
    """The six digits in the newest of so many messages on the inbox's page."""
    to_phone = inbox.page.locator("li", has_text=NUMBER)
    # The page loads itself anew every few seconds; a person would not wait for it either.
    await inbox.page.reload()
    await expect(to_phone).to_have_count(messages)
    found = re.search(r"\b[0-9]{6}\b", await to_phone.first.locator("p").inner_text())
    assert found is not None
    return found[0]


async def test_a_newcomer_opens_a_wallet_and_comes_back(stage: Stage) -> None:
    """Phone, code, name, password, PIN twice; signed out, and in again with another code."""
    wallet = await stage.open(Wallet, f"/{TOWN}/wallet", viewport=PHONE)
    inbox = await stage.open(Glass, "/demo/sms")
    await wallet.touch("open-register")
    await wallet.see("phone").fill(NUMBER)
    await wallet.touch("submit")
    await wallet.see("sms-code").fill(await _code(inbox, 1))
    await wallet.see("name").fill("山田 花")
    await wallet.see("password").fill(PASSWORD)
    await wallet.touch("submit")
    await wallet.digits(PIN)
    await expect(wallet.page.get_by_role("heading", level=1)).to_contain_text("もう一度")
    await wallet.digits(PIN)
    await wallet.shows("home")
    await wallet.connected()
    await wallet.shows("balance", 0)

    await wallet.touch("open-settings", "sign-out", "sign-out-yes")
    await wallet.touch("open-sign-in")
    await wallet.see("phone").fill(NUMBER)
    await wallet.see("password").fill(PASSWORD)
    await wallet.touch("submit")
    await wallet.see("sms-code").fill("000000")
    wallet.allowed.append(STRANGER)
    await wallet.touch("submit")
    await wallet.shows("trouble")
    await wallet.see("sms-code").fill(await _code(inbox, 2))
    await wallet.touch("submit")
    await wallet.shows("home")
    await wallet.connected()


async def test_a_town_that_asks_who_somebody_is_asks_on_the_screen(
    stage: Stage, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    """Reading and birth date stand beside the name; a wrong one is told, a right one gets in."""
    text = (towns_folder() / f"{TOWN}.toml").read_text(encoding="utf-8")
    file = tmp_path / f"{TOWN}.toml"
    asked = '[people]\nidentity = "name_and_birth_date"\n\n'
    file.write_text(text.replace("[payments]", f"{asked}[payments]"), encoding="utf-8")
    await towns.load(pool, file, None, datetime.now(UTC))
    # The gateway takes the rules when it looks again.
    town = f"{stage.gateway.url}/api/{TOWN}/town"
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(20):
        while (await http.get(town)).json()["identity"] == "phone":
            await asyncio.sleep(0.05)
    wallet = await stage.open(Wallet, f"/{TOWN}/wallet", viewport=PHONE)
    inbox = await stage.open(Glass, "/demo/sms")
    await wallet.touch("open-register")
    await wallet.see("phone").fill(NUMBER)
    await wallet.touch("submit")
    await wallet.see("sms-code").fill(await _code(inbox, 1))
    await wallet.see("name").fill("山田 花")
    await wallet.see("password").fill(PASSWORD)
    await expect(wallet.see("submit")).to_be_disabled()
    await wallet.see("kana").fill("山田 花")
    await wallet.see("birth-date").fill("1980-02-01")
    await wallet.touch("submit")
    await wallet.digits(PIN)
    await expect(wallet.page.get_by_role("heading", level=1)).to_contain_text("もう一度")
    wallet.allowed.append(r"Failed to load resource: .* 422 ")
    await wallet.digits(PIN)
    await wallet.shows("trouble")
    await wallet.see("kana").fill("やまだ はな")
    await wallet.touch("submit")
    await wallet.digits(PIN)
    await expect(wallet.page.get_by_role("heading", level=1)).to_contain_text("もう一度")
    await wallet.digits(PIN)
    await wallet.shows("home")
    await wallet.connected()
