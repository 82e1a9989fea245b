"""Anybody can use the screens: small glass, big letters, two languages, and without eyes."""

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.glass import Glass, Tablet, Wallet
from tests.browser.stage import DESK, PHONE, TABLET, Stage
from tests.support.people import TOWN
from tests.support.pictures import ROOT, LaunchBrowser

pytestmark = pytest.mark.browser

AXE = ROOT / "terminal" / "web" / "node_modules" / "axe-core" / "axe.min.js"
SMALLEST = ViewportSize(width=320, height=640)


async def _violations(glass: Glass) -> list[str]:
    """What axe-core finds to be serious or critical."""
    await glass.page.evaluate(AXE.read_text())
    found: list[str] = await glass.page.evaluate(
        """async () => (await axe.run({ resultTypes: ["violations"] })).violations
          .filter((one) => ["serious", "critical"].includes(one.impact))
          .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html} ${node.any.map(
            (why) => why.message).join(" ")}`))"""
    )
    return found


class Look:
    """Looks at one page after the other and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    async def at(self, glass: Glass, where: str) -> None:
        """Looks at a page as it is now."""
        found = [f"too wide: {part}" for part in await glass.overflow()]
        self.wrong += [f"{where}: {each}" for each in found + await _violations(glass)]


async def _tour_wallet(look: Look, stage: Stage, wallet: Wallet, tablet: Tablet) -> None:
    """Every main page of the wallet, looked at."""
    assert wallet.screen is not None
    await look.at(wallet, "wallet: home")
    await wallet.touch("open-code")
    await wallet.digits(1_280)
    await look.at(wallet, "wallet: amount")
    await wallet.touch("code-next")
    await look.at(wallet, "wallet: PIN")
    await wallet.touch("back", "back", "open-top-up", "quick-5000", "top-up-show")
    await wallet.code()
    await look.at(wallet, "wallet: code")
    await stage.pay(wallet.screen, tablet, 1_280)
    await wallet.shows("result-amount", 1_280)
    await look.at(wallet, "wallet: result")
    await wallet.close_result()
    for door, room in (("open-history", "history"), ("open-parts", "parts")):
        await wallet.touch(door)
        await wallet.shows(room)
        await look.at(wallet, f"wallet: {room}")
        await wallet.touch("back")
    await wallet.touch("open-settings")
    await look.at(wallet, "wallet: settings")
    await wallet.touch("back")
    await wallet.open_sticker(await stage.shop_code(tablet))
    await wallet.digits(900)
    await look.at(wallet, "wallet: pay")


async def _tour_tablet(look: Look, tablet: Tablet) -> None:
    """Every main page of the tablet; it begins with a success on the glass."""
    await tablet.shows("success")
    await look.at(tablet, "tablet: success")
    await tablet.close_news()
    await look.at(tablet, "tablet: idle")
    await tablet.touch("enter-amount")
    await tablet.digits(98_000)
    await look.at(tablet, "tablet: amount")
    await tablet.touch("back", "scan", "scan-switch")
    await look.at(tablet, "tablet: scan")
    await tablet.touch("back", "feed-line", "cancel")
    await look.at(tablet, "tablet: cancel")
    await tablet.touch("back", "settings")
    await look.at(tablet, "tablet: settings")


async def test_the_smallest_glass_needs_no_sideways_scrolling(stage: Stage) -> None:
    """At 320 pixels everything is there and axe-core finds nothing serious."""
    tablet = await stage.tablet(viewport=SMALLEST)
    wallet = await stage.wallet(viewport=SMALLEST)
    look = Look()
    await _tour_wallet(look, stage, wallet, tablet)
    await _tour_tablet(look, tablet)
    assert not look.wrong, "\n".join(look.wrong)


async def test_letters_twice_as_big_need_no_sideways_scrolling(
    stage: Stage, launch_browser: LaunchBrowser
) -> None:
    """A browser set to letters of 200 %, on a phone and on a tablet."""
    stage.browser = await launch_browser(flags=["--blink-settings=defaultFontSize=32"])
    tablet, wallet = await stage.tablet(), await stage.wallet()
    size = await wallet.page.evaluate("getComputedStyle(document.documentElement).fontSize")
    assert size == "32px"
    look = Look()
    await _tour_wallet(look, stage, wallet, tablet)
    await _tour_tablet(look, tablet)
    assert not look.wrong, "\n".join(look.wrong)


async def test_doors_and_desk_are_for_everybody(stage: Stage) -> None:
    """The pages before signing in, the console and the stickers, by axe-core."""
    look = Look()
    wallet = await stage.open(Wallet, f"/{TOWN}/wallet", viewport=PHONE)
    await wallet.shows("open-register")
    await look.at(wallet, "wallet: welcome")
    await wallet.touch("open-register")
    await look.at(wallet, "wallet: register")
    tablet = await stage.open(Tablet, f"/{TOWN}/tablet", viewport=TABLET)
    await tablet.shows("enrolment")
    await look.at(tablet, "tablet: enrolment")
    desk = await stage.open(Glass, f"/{TOWN}/console", viewport=DESK)
    await desk.shows("console-sign-in")
    await look.at(desk, "console: sign in")
    shop = await stage.tablet()
    console = await stage.console()
    await stage.pay(await stage.people.wallet(), shop, 500)
    await expect(console.see("event").first).to_be_visible()
    for view in ("live", "sessions", "places"):
        await console.touch(f"tab-{view}")
        await look.at(console, f"console: {view}")
    landing = await stage.open(Glass, f"/{TOWN}/s/{await stage.shop_code(shop)}", viewport=PHONE)
    await look.at(landing, "sticker: landing")
    assert not look.wrong, "\n".join(look.wrong)


async def test_languages_switch_at_once(stage: Stage) -> None:
    """Without a reload, everything on the glass; and the choice stays."""
    wallet, tablet, console = (
        await stage.wallet(),
        await stage.tablet(),
        await stage.console(),
    )
    await wallet.touch("open-settings")
    await tablet.touch("settings")
    for glass in (wallet, tablet, console):
        await glass.page.evaluate("window.sameGlass = true")
        for code in ("en", "ja", "en"):
            await glass.touch(f"language-{code}")
            await expect(glass.page.locator("html")).to_have_attribute("lang", code)
            words = await glass.page.locator("h1").first.inner_text()
            assert words.isascii() == (code == "en"), words
        assert await glass.page.evaluate("window.sameGlass")
        await glass.reload()
        await expect(glass.page.locator("html")).to_have_attribute("lang", "en")


async def test_a_planted_fault_is_seen(stage: Stage) -> None:
    """What looks after the stories finds a wide part, a nameless button, errors and violations."""
    wallet = await stage.wallet()
    await wallet.page.evaluate(
        """() => {
          const button = document.createElement("button");
          button.style.width = "120vw";
          document.querySelector("main").append(button);
          const script = document.createElement("script");
          script.textContent = "window.planted = true";
          document.head.append(script);
          console.error("a planted error");
          setTimeout(() => { throw new Error("a planted exception"); });
        }"""
    )
    look = Look()
    await look.at(wallet, "home")
    assert any("too wide" in wrong for wrong in look.wrong), look.wrong
    assert any("button-name" in wrong for wrong in look.wrong), look.wrong
    seen = "\n".join(stage.faults())
    for what in ("a planted error", "a planted exception", "policy: script-src"):
        assert what in seen
    wallet.faults.clear()
