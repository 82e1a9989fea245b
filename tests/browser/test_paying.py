"""Paying in a shop: what the payer and the clerk do, see and hear, from screen to screen."""

import pytest
from playwright.async_api import expect

from tests.browser.glass import Glass
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


async def test_the_tablets_camera_reads_the_wallets_code(stage: Stage) -> None:
    """A code with its amount, scanned from the phone's own screen; both sides see and hear it."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    await wallet.show_code(1_280)
    await wallet.shows("code-value", 1_280)
    await stage.hold_before_camera(wallet.page)
    await tablet.touch("scan")
    await tablet.shows("check-amount", 1_280)
    await tablet.touch("check-go")
    await tablet.shows("success-amount", 1_280)
    await wallet.shows("result-amount", 1_280)
    await expect(wallet.see("shop-shown")).to_have_attribute("data-shown", "true")
    await wallet.hears("paid")
    await tablet.hears("paid")
    await wallet.close_result()
    # 500 points came with the top-up and are spent first; the 780 coins beside them earn 3 more.
    await wallet.shows("balance", 50_000 + 500 - 1_280 + 3)
    await tablet.close_news()
    await tablet.shows("day-payments", 1_280)
    await expect(tablet.see("feed-line")).to_have_count(1)
    await tablet.shows("mark-shown")


async def test_a_bar_code_is_read_and_the_clerk_enters_the_amount(stage: Stage) -> None:
    """A code without an amount: the clerk types it first, then reads the bars under the QR."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    await wallet.show_code(None)
    await stage.hold_before_camera(wallet.page, wallet.see("bars"))
    await tablet.touch("enter-amount")
    await tablet.digits(640)
    await tablet.touch("amount-go")
    await tablet.shows("success-amount", 640)
    await wallet.shows("result-amount", 640)
    await wallet.hears("paid")
    await tablet.hears("paid")


async def test_the_wallets_camera_reads_the_shops_sticker(stage: Stage) -> None:
    """The sticker printed from the console is scanned; amount, slide, PIN, and the shop sees it."""
    tablet, console = await stage.tablet(), await stage.console()
    assert tablet.screen is not None
    await console.touch("tab-places")
    async with console.page.expect_popup() as opening:
        row = console.see("shops").locator(f'[data-key="{tablet.screen.account}"]')
        await row.get_by_test_id("shop-sticker").click()
    sheet = stage.follow(Glass, await opening.value)
    await expect(sheet.page.locator(".sticker svg")).to_be_visible()
    await stage.hold_before_camera(sheet.page, sheet.page.locator(".sticker"))

    wallet = await stage.wallet()
    await wallet.touch("open-pay")
    name = await tablet.see("shop-name").inner_text()
    await expect(wallet.see("payee")).to_contain_text(name)
    await wallet.pay(2_400)
    await wallet.shows("result-amount", 2_400)
    await expect(wallet.see("result-shop")).to_have_text(name)
    await expect(wallet.see("shop-shown")).to_have_attribute("data-shown", "true")
    await tablet.shows("success-amount", 2_400)
    await wallet.hears("paid")
    await tablet.hears("paid")


async def test_cash_becomes_value_in_the_wallet(stage: Stage) -> None:
    """The clerk scans the wallet's code, takes the cash, and the value and its points are there."""
    wallet, tablet = await stage.wallet(0), await stage.tablet()
    await wallet.show_top_up(5_000)
    await stage.hold_before_camera(wallet.page)
    await tablet.touch("scan")
    await tablet.shows("cash-amount", 5_000)
    await tablet.touch("cash-taken")
    await tablet.shows("success-amount", 5_000)
    await wallet.shows("result-amount", 5_000)
    await expect(wallet.see("result")).to_have_attribute("data-kind", "top_up")
    await wallet.hears("topped_up")
    await tablet.hears("topped_up")
    await wallet.close_result()
    await wallet.shows("balance", 5_050)
