"""What may have been a mistake: the question about a second payment, and taking a payment back."""

import pytest
from playwright.async_api import expect

from tests.browser.glass import Tablet, Wallet
from tests.browser.stage import Stage
from tests.support.people import MANAGER_PIN, PIN

pytestmark = pytest.mark.browser


async def _paid(stage: Stage, wallet: Wallet, tablet: Tablet, amount: int) -> None:
    """A payment that both screens have told and put away."""
    assert wallet.screen is not None
    await stage.pay(wallet.screen, tablet, amount)
    await wallet.shows("result-amount", amount)
    await wallet.close_result()
    await tablet.shows("success-amount", amount)
    await wallet.hears("paid")
    await tablet.hears("paid")
    await tablet.close_news()


async def test_a_second_payment_is_asked_about_and_declined(stage: Stage) -> None:
    """The payer says no: nothing was paid, and the shop's feed tells that it was asked."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    await _paid(stage, wallet, tablet, 700)
    before = await wallet.see("balance").get_attribute("data-amount")
    await wallet.open_sticker(await stage.shop_code(tablet))
    await wallet.pay(700)
    await wallet.shows("question")
    await wallet.hears("attention")
    await tablet.hears("paid", "attention")
    await expect(tablet.see("mark-asking")).to_have_count(1)
    await wallet.touch("question-no")
    await wallet.gone("question")
    await wallet.shows("home")
    await expect(wallet.see("balance")).to_have_attribute("data-amount", str(before))
    await tablet.shows("day-payments", 700)
    await wallet.gone("result")


async def test_a_second_payment_is_asked_about_and_wanted(stage: Stage) -> None:
    """Two coffees: the tablet says that the payer is asked, and yes with the PIN pays."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    await _paid(stage, wallet, tablet, 450)
    await tablet.take(await wallet.show_code(450))
    await tablet.shows("asking")
    await wallet.shows("question")
    await wallet.touch("question-yes")
    await wallet.digits(PIN)
    await wallet.shows("result-amount", 450)
    await tablet.shows("success-amount", 450)
    await tablet.gone("asking")
    await wallet.hears("paid", "attention", "paid")
    await tablet.hears("paid", "attention", "paid")
    await tablet.close_news()
    await tablet.shows("day-payments", 900)


async def test_the_clerk_takes_a_payment_back(stage: Stage) -> None:
    """Two touches and a reason; both sides see it, and the payer has everything again."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    before = await wallet.see("balance").get_attribute("data-amount")
    await _paid(stage, wallet, tablet, 3_000)
    await tablet.touch("feed-line", "cancel")
    await expect(tablet.see("cancel-do")).to_be_disabled()
    await tablet.touch("reason-returned", "cancel-do")
    await tablet.shows("success-amount", 3_000)
    await expect(tablet.see("success-receipt")).to_have_attribute("data-kind", "reversal")
    await wallet.shows("result-amount", 3_000)
    await expect(wallet.see("result")).to_have_attribute("data-kind", "reversal")
    await wallet.hears("paid", "attention")
    await tablet.hears("paid", "attention")
    await wallet.close_result()
    await expect(wallet.see("balance")).to_have_attribute("data-amount", str(before))
    await tablet.close_news()
    await tablet.shows("mark-reversed")
    await tablet.shows("day-reversals", 3_000)
    await tablet.shows("day-net", 0)


async def test_above_the_clerks_limit_the_manager_is_needed(stage: Stage) -> None:
    """More than the clerk may give back: a wrong PIN is refused, the manager's is taken."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    await _paid(stage, wallet, tablet, 12_000)
    await tablet.touch("feed-line", "cancel", "reason-other")
    await tablet.see("reason-text").fill("配達の遅れ")
    await tablet.touch("cancel-do")
    await tablet.shows("manager-pin-screen")
    await tablet.digits(PIN)
    await expect(tablet.see("refused")).to_have_attribute("data-code", "pin_wrong")
    await tablet.touch("refused-next")
    await tablet.shows("manager-pin-screen")
    await tablet.digits(MANAGER_PIN)
    await tablet.shows("success-amount", 12_000)
    await wallet.shows("result-amount", 12_000)
    await tablet.hears("paid", "refused", "attention")
    await wallet.hears("paid", "attention")
