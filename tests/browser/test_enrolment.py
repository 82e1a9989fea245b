"""A tablet's life with a shop: enrolled by a QR from the console, and taken out of use by it."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.glass import LINE_LOST, STRANGER, Tablet
from tests.browser.stage import TABLET, Stage
from tests.support.people import TOWN

pytestmark = pytest.mark.browser

KEPT = f"koban.{TOWN}.terminal."

# What a page could leave on a device, and what is left of it.
FILL = """async () => {
  sessionStorage.setItem("kept", "1");
  const cache = await caches.open("kept");
  await cache.put("/kept", new Response("1"));
  await new Promise((done) => {
    const opening = indexedDB.open("kept");
    opening.onsuccess = () => { opening.result.close(); done(); };
  });
  await navigator.serviceWorker.register("/TOWN/wallet/sw.js", { scope: "/TOWN/" });
}""".replace("TOWN", TOWN)
LEFT = """async () => [
  Object.keys(localStorage).length,
  sessionStorage.length,
  (await caches.keys()).length,
  (await indexedDB.databases()).length,
  (await navigator.serviceWorker.getRegistrations()).length,
]"""
EMPTY = [0, 0, 0, 0, 0]


async def test_a_tablet_is_enrolled_and_revoked(stage: Stage) -> None:
    """The new tablet reads the console's QR; revoked, it says so at once and keeps nothing."""
    first, console = await stage.tablet(), await stage.console()
    name = await first.see("shop-name").inner_text()
    await console.touch("tab-places", "terminal-add")
    await console.see("new-terminal-shop").select_option(str(first.shop))
    await console.see("new-terminal-label").fill("屋台")
    await console.touch("new-terminal-go")
    await console.shows("enrolment-qr")
    await stage.hold_before_camera(console.page, console.see("enrolment-qr"))

    tablet = await stage.open(Tablet, f"/{TOWN}/tablet", viewport=TABLET)
    await tablet.touch("enrol-scan")
    await tablet.shows("idle")
    await tablet.connected()
    await expect(tablet.see("shop-name")).to_have_text(name)
    payer = await stage.people.wallet()
    await stage.pay(payer, first, 500)
    await tablet.shows("success-amount", 500)
    await tablet.hears("paid")
    await tablet.close_news()
    assert await tablet.kept(KEPT)

    await console.touch("enrolment-done")
    row = console.see("terminals").locator("tr", has_text="屋台")
    number = await row.get_attribute("data-key")
    assert number is not None
    await row.get_by_test_id("terminal-revoke").click()
    await expect(console.see("revoke-go")).to_be_disabled()
    await console.see("revoke-number").fill(number)
    tablet.allowed += [STRANGER, LINE_LOST]
    await tablet.page.route("**/terminal/wiped", lambda route: route.abort())
    async with tablet.page.expect_event("requestfailed"):
        await console.touch("revoke-go")
    await tablet.shows("revoked")
    assert await tablet.kept(KEPT) == []
    # Switched off before the gateway heard that it is wiped, it says so when it comes back. First
    # it is off, or the page before would still try, and could be heard in the place of the next.
    address = tablet.page.url
    await tablet.page.goto("about:blank")
    await tablet.page.unroute("**/terminal/wiped")
    async with tablet.page.expect_response("**/terminal/wiped"):
        await tablet.page.goto(address)
    await tablet.shows("revoked")
    await tablet.page.reload()
    await tablet.shows("enrolment")
    assert await tablet.kept(KEPT) == []
    assert await tablet.page.context.cookies(f"{stage.gateway.url}/api/{TOWN}") == []
    lines = await stage.people.pool.fetch("SELECT terminal, wiped_at FROM koban.terminal")
    assert [line["terminal"] for line in lines if line["wiped_at"]] == [int(number)]
    # The shop's other tablet goes on.
    await first.connected()


async def test_a_lost_tablet_is_wiped_at_its_next_contact(stage: Stage) -> None:
    """It was out of reach when it was revoked. Storage, databases, caches and workers are emptied
    as soon as it hears of it; it says so, and the console shows it.
    """
    tablet, console = await stage.tablet(), await stage.console()
    await tablet.page.evaluate(FILL)
    assert await tablet.page.evaluate(LEFT) != EMPTY
    await tablet.page.context.set_offline(True)
    await tablet.page.wait_for_selector('[data-testid="line-state"]:not([data-state="connected"])')
    await console.touch("tab-places")
    row = console.see("terminals").locator("tr").last
    number = await row.get_attribute("data-key")
    assert number is not None
    await row.get_by_test_id("terminal-revoke").click()
    await console.see("revoke-number").fill(number)
    await console.touch("revoke-go")
    assert await tablet.page.evaluate(LEFT) != EMPTY
    tablet.allowed += [STRANGER, LINE_LOST]
    async with tablet.page.expect_response("**/terminal/wiped"):
        await tablet.page.context.set_offline(False)
    await tablet.shows("revoked")
    async with asyncio.timeout(10):
        while await tablet.page.evaluate(LEFT) != EMPTY:
            await asyncio.sleep(0.05)
    await console.page.reload()
    await console.touch("tab-places")
    await expect(console.see("terminals")).to_contain_text("消去確認済み")
