"""The demo as a newcomer finds it: the first payment, and a town that has lived for two weeks."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import FrameLocator, Page, ViewportSize, expect

from config.profile import read_profile
from scripts import demo
from tests.browser.glass import Glass, Tablet, Wallet
from tests.browser.pictures import take_picture
from tests.browser.stage import DESK, PHONE, TABLET, Stage
from tests.support.gateways import SECRET
from tests.support.people import TOWN

pytestmark = pytest.mark.browser

WIDE = ViewportSize(width=1480, height=900)
_HEARD = "() => window.kobanSounds.heard.map((one) => one.name)"


async def _enter(stage: Stage) -> Glass:
    """Opens the demo in a town where two weeks have passed."""
    pool, profile = stage.people.pool, read_profile(TOWN)
    await demo.seed(pool, profile, SECRET.encode(), datetime.now(UTC), lambda _step: None)
    glass = await stage.open(Glass, "/demo", viewport=WIDE)
    await glass.shows("demo-steps")
    return glass


def _frame(glass: Glass, name: str) -> FrameLocator:
    return glass.page.frame_locator(f'[data-testid="demo-{name}"]')


async def _hears(page: Page, name: str, *sounds: str) -> None:
    """Waits until a frame's page has sounded exactly so."""
    frame = next(frame for frame in page.frames if frame.url.endswith(f"/{name}"))
    await frame.wait_for_function("(count) => kobanSounds.heard.length >= count", arg=len(sounds))
    assert await frame.evaluate(_HEARD) == list(sounds)


async def test_a_newcomer_makes_the_first_payment(stage: Stage) -> None:
    """Three steps: a code in the wallet, handed over, taken at the tablet; all screens tell."""
    glass = await _enter(stage)
    wallet, tablet, console = (_frame(glass, name) for name in ("wallet", "tablet", "console"))
    await expect(glass.see("demo-steps")).to_have_attribute("data-step", "1")
    await wallet.get_by_test_id("open-code").click()
    for digit in "480":
        await wallet.get_by_test_id(f"key-{digit}").click()
    await wallet.get_by_test_id("code-next").click()
    for digit in demo.PIN:
        await wallet.get_by_test_id(f"key-{digit}").click()
    await expect(glass.see("demo-steps")).to_have_attribute("data-step", "2")
    await glass.touch("hand-over")
    await tablet.get_by_test_id("check-go").click()
    await expect(tablet.get_by_test_id("success-amount")).to_have_attribute("data-amount", "480")
    await expect(wallet.get_by_test_id("result-amount")).to_have_attribute("data-amount", "480")
    await expect(wallet.get_by_test_id("shop-shown")).to_have_attribute("data-shown", "true")
    await expect(console.get_by_test_id("event").first).to_contain_text("480")
    await glass.shows("demo-done")
    await _hears(glass.page, "wallet", "paid")
    await _hears(glass.page, "tablet", "paid")
    await take_picture(glass.page, "demo")


async def test_every_screen_of_the_demo_opens_by_itself(stage: Stage) -> None:
    """Whoever entered the demo is signed in at each; the past is there, and all of it was shown."""
    glass = await _enter(stage)
    context = glass.page.context
    # The demo's own frames go: of two windows of one wallet, only the first to hear tells it.
    await glass.page.goto("about:blank")

    wallet = stage.follow(Wallet, await context.new_page())
    await wallet.page.set_viewport_size(PHONE)
    await wallet.page.goto(f"{stage.gateway.url}/{TOWN}/wallet")
    await wallet.connected()
    await wallet.shows("part-point")
    await expect(wallet.see("history-line")).to_have_count(3)
    await take_picture(wallet.page, "wallet")

    tablet = stage.follow(Tablet, await context.new_page())
    await tablet.page.set_viewport_size(TABLET)
    await tablet.page.goto(f"{stage.gateway.url}/{TOWN}/tablet")
    await tablet.connected()
    await expect(tablet.see("mark-shown").first).to_be_visible()
    await tablet.gone("mark-not-shown")
    # A page behind another is slow to touch, and says that it was not seen.
    await wallet.page.bring_to_front()
    code = await _code(wallet, 1_260)
    await tablet.page.bring_to_front()
    await tablet.take(code)
    await tablet.shows("success-amount", 1_260)
    await take_picture(tablet.page, "success")
    await tablet.close_news()
    await wallet.page.bring_to_front()
    await wallet.shows("result-amount", 1_260)
    await expect(tablet.see("feed-line").first.get_by_test_id("mark-shown")).to_be_visible()
    await tablet.page.bring_to_front()
    await take_picture(tablet.page, "tablet")

    console = stage.follow(Glass, await context.new_page())
    await console.page.set_viewport_size(DESK)
    await console.page.goto(f"{stage.gateway.url}/{TOWN}/console")
    await console.connected()
    await expect(console.see("event").first).to_contain_text("1,260")
    await expect(console.see("fig-postgres")).to_have_attribute("data-ok", "true")
    await take_picture(console.page, "console")


async def _code(wallet: Wallet, amount: int) -> str:
    """A code to pay with, by the demo's PIN."""
    await wallet.touch("open-code")
    await wallet.digits(amount)
    await wallet.touch("code-next")
    await wallet.digits(demo.PIN)
    return await wallet.code()
