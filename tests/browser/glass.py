"""One screen and the person at it: what they touch, see and hear.

Everything that goes wrong unseen (console errors, exceptions, violations of the content policy) is
kept and fails the story at its end.
"""

import re
from typing import Any

from playwright.async_api import ConsoleMessage, Locator, Page, expect

from tests.support.people import PIN, TOWN, Screen

# Browsers write answers such as 401 and a lost connection on the console by themselves. A story
# that brings them about names them; everything else is a fault.
STRANGER = r"Failed to load resource: .* 40[13] "
LINE_LOST = r"(Failed to load resource: net::ERR_|WebSocket connection to .* failed)"

# Listens at the end of the page's own audio graph, beside what the page itself hears there.
_LISTEN = """
async (act) => {
  const sounds = window.kobanSounds;
  await sounds.unlock();
  const { analyser } = sounds;
  const wave = new Float32Array(analyser.fftSize);
  const spectrum = new Float32Array(analyser.frequencyBinCount);
  const heard = { peak: 0, loudest_hz: 0, looks: 0 };
  const from_s = analyser.context.currentTime + analyser.fftSize / analyser.context.sampleRate;
  const look = () => {
    if (analyser.context.currentTime < from_s) return;
    heard.looks++;
    analyser.getFloatTimeDomainData(wave);
    const peak = wave.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    if (peak <= heard.peak) return;
    heard.peak = peak;
    analyser.getFloatFrequencyData(spectrum);
    const bin = spectrum.indexOf(Math.max(...spectrum));
    heard.loudest_hz = (bin * analyser.context.sampleRate) / analyser.fftSize;
  };
  const timer = setInterval(look, 20);
  const sounded = await sounds.play(act);
  clearInterval(timer);
  return { ...heard, sounded };
}
"""


class Glass:
    """One screen with a person at it."""

    def __init__(self, page: Page, screen: Screen | None = None) -> None:
        self.page = page
        self.screen = screen
        self.faults: list[str] = []
        self.allowed: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"{message.text} ({message.location.get('url', '')})")

    def unexpected(self) -> list[str]:
        """What went wrong unseen and was not announced by the story."""
        return [
            fault
            for fault in self.faults
            if not any(re.search(pattern, fault) for pattern in self.allowed)
        ]

    def see(self, name: str) -> Locator:
        """What bears this test name."""
        return self.page.get_by_test_id(name)

    async def touch(self, *names: str) -> None:
        """Touches one thing after the other."""
        for name in names:
            await self.see(name).click()

    async def digits(self, number: int | str) -> None:
        """Types on the keys of the screen."""
        for digit in str(number):
            await self.touch(f"key-{digit}")

    async def shows(self, name: str, amount: int | None = None) -> None:
        """Waits until it is there, with this amount."""
        await expect(self.see(name)).to_be_visible()
        if amount is not None:
            await expect(self.see(name)).to_have_attribute("data-amount", str(amount))

    async def gone(self, name: str) -> None:
        """Waits until it is not there."""
        await expect(self.see(name)).to_have_count(0)

    async def connected(self) -> None:
        """Waits until the line is up."""
        await expect(self.see("line-state")).to_have_attribute("data-state", "connected")

    async def disconnected(self) -> None:
        """Waits until the screen has noticed that the line is down."""
        await expect(self.see("line-state")).not_to_have_attribute("data-state", "connected")

    async def heard(self) -> list[str]:
        """The names of the sounds that came out of the audio graph, oldest first."""
        names: list[str] = await self.page.evaluate("kobanSounds.heard.map((one) => one.name)")
        return names

    async def hears(self, *names: str) -> None:
        """Waits until exactly these sounds have come out since the page was loaded."""
        await self.page.wait_for_function(
            "(count) => kobanSounds.heard.length >= count", arg=len(names)
        )
        assert await self.heard() == list(names)

    async def listen(self, name: str) -> dict[str, Any]:
        """Plays a sound and listens at the end of the graph: peak, loudest frequency, verdict."""
        heard: dict[str, Any] = await self.page.evaluate(_LISTEN, name)
        return heard

    async def kept(self, prefix: str) -> list[str]:
        """The keys in the browser's storage that begin so."""
        keys: list[str] = await self.page.evaluate("Object.keys(localStorage).sort()")
        return [key for key in keys if key.startswith(prefix)]

    async def offline(self, *, away: bool) -> None:
        """Takes the network from the whole browser context, or gives it back."""
        self.allowed.append(LINE_LOST)
        await self.page.context.set_offline(away)

    async def reload(self) -> None:
        """Reloads the page and waits for its line."""
        await self.page.reload()
        await self.connected()

    async def overflow(self) -> list[str]:
        """What stands out to the right of the glass; nothing where no sideways scrolling is."""
        found: list[str] = await self.page.evaluate(
            """() => {
              const root = document.documentElement;
              if (root.scrollWidth <= root.clientWidth) return [];
              const wide = [...document.querySelectorAll("body *")]
                .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
                .map((one) => one.outerHTML.slice(0, 120));
              return [`${root.scrollWidth} px`, ...wide.slice(0, 5)];
            }"""
        )
        return found


class Wallet(Glass):
    """A phone with the wallet open."""

    async def show_code(self, amount: int | None) -> str:
        """Shows a one-time code to pay with, after the PIN, and returns its digits."""
        await self.touch("open-code")
        if amount is not None:
            await self.digits(amount)
        await self.touch("code-next")
        await self.digits(PIN)
        return await self.code()

    async def show_top_up(self, amount: int) -> str:
        """Shows a code to be topped up with."""
        await self.touch("open-top-up", f"quick-{amount}", "top-up-show")
        return await self.code()

    async def code(self) -> str:
        """The digits of the code on the screen."""
        await self.shows("code")
        digits = await self.see("code").get_attribute("data-code")
        assert digits is not None
        return digits

    async def open_sticker(self, shop_code: str) -> None:
        """What the phone's own camera does with a shop's sticker."""
        base = re.sub(r"(https?://[^/]+).*", r"\1", self.page.url)
        await self.page.goto(f"{base}/{TOWN}/s/{shop_code}")
        await self.page.locator("a.button").click()
        await self.shows("payee")
        await self.connected()

    async def pay(self, amount: int) -> None:
        """Pays the shop on the screen: amount, slide, PIN."""
        await self.digits(amount)
        await self.slide()
        await self.shows("pay-pin")
        await self.digits(PIN)

    async def slide(self) -> None:
        """Pulls the knob to the end of its way."""
        knob, track = self.see("slide-knob"), self.see("slide")
        await expect(knob).to_be_enabled()
        await track.scroll_into_view_if_needed()
        start, way = await knob.bounding_box(), await track.bounding_box()
        assert start is not None
        assert way is not None
        mouse, height = self.page.mouse, start["y"] + start["height"] / 2
        await mouse.move(start["x"] + start["width"] / 2, height)
        await mouse.down()
        await mouse.move(way["x"] + way["width"], height, steps=8)
        await mouse.up()

    async def close_result(self) -> None:
        """Puts the result away."""
        await self.touch("result-ok")
        await self.shows("home")


class Tablet(Glass):
    """A shop's tablet on its counter."""

    @property
    def shop(self) -> int:
        """The account of its shop."""
        assert self.screen is not None
        return self.screen.account

    async def type_code(self, code: str) -> None:
        """Reads a code's digits by hand, as when the camera is broken."""
        await self.touch("scan", "scan-switch")
        await self.see("scan-digits").fill(code)
        await self.touch("scan-use")

    async def take(self, code: str) -> None:
        """Takes a payment by a code with its amount, typed by hand, and puts the news away."""
        await self.type_code(code)
        await self.touch("check-go")

    async def close_news(self) -> None:
        """Touches the glass anywhere."""
        await self.see("success").click()
        await self.gone("success")
