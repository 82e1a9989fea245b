"""The sounds really sound: heard at the end of each page's audio graph, and only when wanted."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.glass import Glass
from tests.browser.stage import Stage
from tests.support.pictures import LaunchBrowser

pytestmark = pytest.mark.browser

AUDIBLE = 0.05  # Of full scale; what a silent graph shows is a thousandth of it.
# Where a shop's noise is behind and old ears still hear.
CARRIES_HZ = (500, 5_000)


async def _listen_to_all(glass: Glass, *names: str) -> dict[str, float]:
    """Hears each sound out, and returns where each is loudest."""
    loudest = {}
    for name in names:
        heard = await glass.listen(name)
        assert heard["sounded"], (name, heard)
        assert heard["peak"] > AUDIBLE, (name, heard)
        assert CARRIES_HZ[0] < heard["loudest_hz"] < CARRIES_HZ[1], (name, heard)
        loudest[name] = heard["loudest_hz"]
    await glass.hears(*names)
    return loudest


async def test_every_sound_is_heard_at_both_ends(stage: Stage) -> None:
    """An analyser of the test's own hears each sound on the phone and on the tablet."""
    names = ("paid", "topped_up", "refused", "attention")
    both = await stage.wallet(), await stage.tablet()
    for loudest in await asyncio.gather(*(_listen_to_all(glass, *names) for glass in both)):
        assert len({round(hz / 50) for hz in loudest.values()}) > 2, loudest


async def test_a_refusal_sounds_where_it_was_tried(stage: Stage) -> None:
    """Too little in the wallet at the tablet, a closed shop at the phone: both hear "refused"."""
    wallet, tablet = await stage.wallet(1_000), await stage.tablet()
    await tablet.touch("enter-amount")
    await tablet.digits(5_000)
    await tablet.touch("amount-go", "scan-switch")
    await tablet.see("scan-digits").fill(await wallet.show_code(None))
    await tablet.touch("scan-use")
    await expect(tablet.see("refused")).to_have_attribute("data-code", "insufficient_funds")
    await tablet.hears("refused")

    await wallet.open_sticker(await stage.shop_code(tablet))
    closed = "UPDATE koban.account SET state = 'closed' WHERE town = $1 AND account = $2"
    await stage.people.pool.execute(closed, stage.people.town, tablet.shop)
    await wallet.pay(300)
    await wallet.shows("pay-refused")
    await wallet.hears("refused")


async def _mute(glass: Glass, verdict: str) -> None:
    """Chooses another voice, then turns the sound off; the settings say that nothing came out."""
    await glass.touch("voice-pip")
    await glass.hears("paid")
    await glass.see("volume").fill("0")
    await expect(glass.see(verdict)).to_have_attribute("data-heard", "false")
    silent = await glass.listen("paid")
    assert silent["looks"] > 10
    assert silent["peak"] < AUDIBLE / 1_000, silent
    assert not silent["sounded"]


async def test_volume_and_voice_are_respected(stage: Stage) -> None:
    """At volume 0 nothing comes out and the till says so; the chosen voice stays chosen."""
    wallet, tablet = await stage.wallet(), await stage.tablet()
    await wallet.touch("open-settings")
    await tablet.touch("settings")
    await asyncio.gather(_mute(wallet, "sound-heard"), _mute(tablet, "heard"))
    await wallet.touch("back")
    await tablet.touch("back")
    await tablet.shows("sound-hint")
    assert wallet.screen is not None
    await stage.pay(wallet.screen, tablet, 800)
    await tablet.shows("success-amount", 800)
    await wallet.shows("result-amount", 800)
    await tablet.close_news()
    await wallet.close_result()

    # Loud again after a reload: the voice was kept, and the silent payment makes no sound late.
    await tablet.reload()
    await tablet.touch("settings")
    await expect(tablet.see("voice-pip")).to_have_attribute("aria-pressed", "true")
    await tablet.see("volume").fill("100")
    await tablet.hears("paid")
    voices = await tablet.page.evaluate("kobanSounds.heard.map((one) => one.voice)")
    assert voices == ["pip"]


async def test_the_first_touch_lets_the_sound_out(
    stage: Stage, launch_browser: LaunchBrowser
) -> None:
    """Browsers keep a page silent until it is touched: the screens say so, and then sound."""
    policy = "--autoplay-policy=document-user-activation-required"
    stage.browser = await launch_browser(flags=[policy])
    wallet, tablet = await stage.wallet(), await stage.tablet()
    assert wallet.screen is not None
    await expect(tablet.see("sound-hint")).to_have_attribute("data-sound", "locked")
    await stage.pay(wallet.screen, tablet, 300)
    await tablet.shows("success-amount", 300)
    await wallet.shows("result-amount", 300)
    assert await wallet.heard() == await tablet.heard() == []
    await tablet.close_news()
    await wallet.close_result()
    await tablet.gone("sound-hint")
    await stage.pay(wallet.screen, tablet, 500)
    await tablet.hears("paid")
    await wallet.hears("paid")
