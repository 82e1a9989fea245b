"""Lines that break and gateways that die: what came meanwhile is told once, and sounds once."""

import os
import signal

import pytest
from playwright.async_api import expect

from tests.browser.glass import LINE_LOST, Wallet
from tests.browser.stage import Stage
from tests.support.gateways import StartGateway

pytestmark = pytest.mark.browser


async def test_a_payment_in_a_tunnel_is_told_once(stage: Stage) -> None:
    """The phone shows its code without a line; back on the line it tells and sounds once."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    code = await wallet.show_code(900)
    await wallet.offline(away=True)
    await wallet.disconnected()
    await tablet.take(code)
    await tablet.shows("success-amount", 900)
    await tablet.hears("paid")
    await wallet.gone("result")
    await wallet.offline(away=False)
    await wallet.shows("result-amount", 900)
    await wallet.hears("paid")

    # A reload tells nothing again: the next thing that sounds is the next payment.
    await wallet.reload()
    await tablet.close_news()
    await tablet.take(await wallet.show_code(350))
    await wallet.shows("result-amount", 350)
    await expect(wallet.see("result")).to_have_count(1)
    await wallet.hears("paid")
    await tablet.hears("paid", "paid")
    await wallet.close_result()
    await tablet.reload()
    await tablet.gone("success")
    await expect(tablet.see("feed-line")).to_have_count(2)
    await tablet.take(await wallet.show_code(120))
    await tablet.shows("success-amount", 120)
    await tablet.hears("paid")


async def test_a_gateway_killed_before_it_answers_pays_once(stage: Stage) -> None:
    """The wallet doesn't know what became of its payment; the same command again finds out."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    for glass in (wallet, tablet):
        glass.allowed.append(LINE_LOST)
    await wallet.open_sticker(await stage.shop_code(tablet))
    os.kill(stage.gateway.pid, signal.SIGSTOP)
    await wallet.pay(1_500)
    await wallet.shows("pay-waiting")
    await stage.gateway.kill()
    await wallet.disconnected()
    await tablet.disconnected()
    await stage.gateway.start()
    await wallet.shows("result-amount", 1_500)
    await tablet.shows("success-amount", 1_500)
    await wallet.hears("paid")
    await tablet.hears("paid")
    await tablet.close_news()
    await tablet.shows("day-payments", 1_500)


async def test_what_a_shop_missed_is_told_as_a_sum_with_one_sound(
    stage: Stage, start_gateway: StartGateway
) -> None:
    """Three payments while the tablet's gateway is dead: no storm of sounds when it is back."""
    tablet = await stage.tablet()
    tablet.allowed.append(LINE_LOST)
    payer, dead = await stage.people.wallet(), stage.gateway
    stage.gateway = await start_gateway()
    await dead.kill()
    await tablet.disconnected()
    await stage.pay(payer, tablet, 100, 200, 300)
    await dead.start()
    await tablet.shows("away-payments", 600)
    await tablet.hears("paid")
    await tablet.see("away").click()
    await tablet.gone("away")
    await expect(tablet.see("feed-line")).to_have_count(3)
    await tablet.shows("day-payments", 600)
    # What comes now comes by itself, and is the second sound.
    await stage.pay(payer, tablet, 400)
    await tablet.shows("success-amount", 400)
    await tablet.hears("paid", "paid")


async def test_two_windows_of_one_wallet_both_tell(stage: Stage) -> None:
    """Whichever window the payer looks at shows the payment; a reload repeats it in neither."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    other = stage.follow(Wallet, await wallet.page.context.new_page())
    await other.page.goto(wallet.page.url)
    await other.connected()
    await wallet.page.bring_to_front()
    await tablet.take(await wallet.show_code(610))
    await wallet.shows("result-amount", 610)
    await other.shows("result-amount", 610)
    await other.page.bring_to_front()
    await other.reload()
    await other.gone("result")
    await expect(other.see("history-line")).to_have_count(2)
    await wallet.page.bring_to_front()
    await wallet.close_result()
