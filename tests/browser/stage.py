"""The stage of a browser story: a gateway, and Chromium with a camera."""

import base64
import struct
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize

from gateway.http.call import COOKIES
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Pay
from ledger import accounts
from terminal.client import receipt_of
from tests.browser.glass import STRANGER, Glass, Tablet, Wallet
from tests.support.gateways import GatewayProcess
from tests.support.people import PIN, TOWN, People, Screen

PHONE = ViewportSize(width=390, height=780)
TABLET = ViewportSize(width=1080, height=760)
DESK = ViewportSize(width=1280, height=900)
CAMERA = ViewportSize(width=1280, height=720)
PATIENCE_MS = 20_000  # For a machine that does other things, too; nothing waits for it in vain.

_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""

GlassT = TypeVar("GlassT", bound=Glass)


class Stage:
    """One story's gateway, browser and screens."""

    def __init__(
        self, gateway: GatewayProcess, people: People, browser: Browser, camera: Path
    ) -> None:
        self.gateway = gateway
        self.people = people
        self.browser = browser
        self.camera = camera
        self.glasses: list[Glass] = []

    async def context(self, viewport: ViewportSize, **options: Any) -> BrowserContext:
        """A browser of its own, with cookies of its own."""
        context = await self.browser.new_context(
            viewport=viewport,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(_VIOLATIONS)
        return context

    async def open(
        self,
        kind: type[GlassT],
        path: str,
        screen: Screen | None = None,
        viewport: ViewportSize = DESK,
        **options: Any,
    ) -> GlassT:
        """A page in a browser of its own, signed in as this screen."""
        context = await self.context(viewport, **options)
        if screen is not None:
            url = f"{self.gateway.url}/api/{TOWN}"
            await context.add_cookies(
                [
                    {
                        "name": COOKIES[screen.role],
                        "value": screen.token,
                        "url": url,
                        "httpOnly": True,
                    }
                ]
            )
        glass = self.follow(kind, await context.new_page(), screen)
        if screen is None:
            glass.allowed.append(STRANGER)
        await glass.page.goto(f"{self.gateway.url}{path}")
        return glass

    def follow(self, kind: type[GlassT], page: Page, screen: Screen | None = None) -> GlassT:
        """Watches over a page from now on."""
        glass = kind(page, screen)
        self.glasses.append(glass)
        return glass

    async def wallet(
        self, value: int = 50_000, screen: Screen | None = None, viewport: ViewportSize = PHONE
    ) -> Wallet:
        """A phone with a wallet of this value, at home and connected."""
        owner = screen or await self.people.wallet(value)
        glass = await self.open(Wallet, f"/{TOWN}/wallet", owner, viewport)
        await glass.shows("home")
        await glass.connected()
        return glass

    async def tablet(self, shop: int | None = None, viewport: ViewportSize = TABLET) -> Tablet:
        """A tablet of a new shop, or of this one, at rest and connected."""
        screen = await self.people.tablet(shop)
        glass = await self.open(Tablet, f"/{TOWN}/tablet", screen, viewport)
        await glass.shows("idle")
        await glass.connected()
        return glass

    async def console(self, viewport: ViewportSize = DESK) -> Glass:
        """A signed-in operator's console."""
        glass = await self.open(Glass, f"/{TOWN}/console", await self.people.console(), viewport)
        await glass.shows("desk")
        await glass.connected()
        return glass

    async def shop_code(self, tablet: Tablet) -> str:
        """The number on the sticker of a tablet's shop."""
        shop = await accounts.shop(self.people.pool, self.people.town, tablet.shop)
        assert shop is not None
        return shop.code

    async def pay(self, payer: Screen, tablet: Tablet, *amounts: int) -> None:
        """Payments at a tablet's shop, as a program makes them; no screen is touched."""
        async with payer.client(self.gateway) as program:
            for amount in amounts:
                reply = await program.command(
                    Pay(id=new_id(), shop=tablet.shop, amount=amount, pin=PIN)
                )
                receipt = receipt_of(reply)
                assert receipt is not None, reply
                assert receipt.outcome == "done", receipt

    async def hold_before_camera(self, page: Page, only: Locator | None = None) -> None:
        """Holds what a page shows, or a part of it, before the camera of all screens.

        Chromium reads its camera's film when a page opens the camera; a JPEG is a film of one
        picture.
        """
        picture = await (only or page).screenshot(type="png")
        width, height = struct.unpack(">II", picture[16:24])
        table = await (await self.context(CAMERA)).new_page()
        share = min(1.0, CAMERA["width"] / width, CAMERA["height"] / height)
        await table.set_content(
            "<style>body{margin:0;height:100vh;display:grid;place-items:center;background:#888}"
            f"img{{width:{width * share}px}}</style><img>"
        )
        source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        await table.locator("img").evaluate(
            "(image, source) => { image.src = source; return image.decode(); }", source
        )
        await table.screenshot(type="jpeg", quality=95, path=self.camera)
        await table.context.close()

    def faults(self) -> list[str]:
        """What went wrong unseen on any screen."""
        return [fault for glass in self.glasses for fault in glass.unexpected()]
