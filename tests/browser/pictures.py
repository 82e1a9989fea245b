"""Pictures of the screens for the documents, taken only when ``KOBAN_PICTURES=1`` asks for them."""

import os

from playwright.async_api import Page

from tests.support.pictures import ROOT

SCREENS = ROOT / "docs" / "screens"
BYTES_MAX = 200_000


async def take_picture(page: Page, name: str) -> None:
    """Writes what the page shows to ``docs/screens``, if asked; it must stay small."""
    if os.environ.get("KOBAN_PICTURES") != "1":
        return
    picture = await page.screenshot(path=SCREENS / f"{name}.png", animations="disabled")
    assert len(picture) < BYTES_MAX, f"{name}.png has {len(picture)} bytes"
