"""A tablet's life with a shop: enrolled by a QR from the console, and taken out of use by it."""

import pytest
from playwright.async_api import expect

from tests.browser.glass import STRANGER, Tablet
from tests.browser.stage import TABLET, Stage
from tests.support.people import TOWN

pytestmark = pytest.mark.browser

KEPT = f"koban.{TOWN}.terminal."


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
    await console.touch("revoke-go")
    await tablet.shows("revoked")
    assert await tablet.kept(KEPT) == []
    tablet.allowed.append(STRANGER)
    await tablet.page.reload()
    await tablet.shows("enrolment")
    assert await tablet.kept(KEPT) == []
    # The shop's other tablet goes on.
    await first.connected()
