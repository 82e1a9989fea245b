"""What the town tells wallets and shops: a dot, plain words and pictures, read once it was seen."""

import io
from datetime import timedelta

import msgspec
import pytest
from PIL import Image
from playwright.async_api import expect

from gateway.pictures import draw
from gateway.protocol.api_notices import EndingPart
from ledger import notices
from ledger.notices import NewNotice
from ledger.voices import circulars, pictures
from ledger.voices.circulars import Audience, NewCircular, Picture
from tests.browser.stage import Stage
from tests.browser.test_looks import Look
from tests.support.people import now

pytestmark = pytest.mark.browser

ENDS_AT = 1_792_249_200_000  # The midnight with which 18 October 2026 begins in Japan.


async def written(stage: Stage, audience: Audience) -> None:
    """A poster that the office has just published, in two languages."""
    people, dots = stage.people, io.BytesIO()
    Image.linear_gradient("L").resize((1_200, 800)).save(dots, "JPEG")
    drawn = draw(dots.getvalue())
    name = await pictures.save(people.pool, people.town, drawn, now())
    poster = Picture(name, {"ja": "夜空の花火", "en": "Fireworks"}, drawn.width, drawn.height)
    new = NewCircular(
        audience=audience,
        title={"ja": "長岡まつり 大花火大会", "en": "Fireworks at the festival"},
        text={"ja": "八月二日と三日です。\n三尺玉は九時です。", "en": "On 2 and 3 August."},
        shown_from=now(),
        shown_until=now() + timedelta(days=1),
        pictures=[poster],
    )
    number = await circulars.add(people.pool, people.town, new, "係", now())
    assert await circulars.publish(people.pool, people.town, number, now())


async def test_what_the_town_tells_is_seen_and_read(stage: Stage) -> None:
    """Home has a dot while a notice is unread. A warning names the last good day and what ends
    then; the dot is gone when it was seen, also behind a reload, and the notice is still there.
    What the office writes puts the dot on open screens without a touch; its poster is seen whole on
    a phone and on a tablet, its words in the reader's language.
    """
    people = stage.people
    owner = await people.wallet(1_000)
    parts = [EndingPart("point", 460), EndingPart("coin", 500)]
    body = {"days": 7, "ends_at": ENDS_AT, "parts": parts}
    new = NewNotice(owner.account, "2026-10-18 7", msgspec.json.encode(body).decode())
    [added] = await notices.add(people.pool, people.town, "expiry_warning", [new], now())
    wallet, look = await stage.wallet(screen=owner), Look()
    await wallet.shows("unread-dot")
    await look.at(wallet, "home with a dot")
    await wallet.touch("open-notices")
    told = wallet.see(f"notice-{added.notice}")
    await expect(told).to_contain_text("2026年10月17日")
    await expect(told).to_contain_text("ポイント 460ポイント、コイン 500円")
    await expect(told).to_contain_text("新しい")
    await look.at(wallet, "notices")
    await wallet.touch("back")
    await wallet.gone("unread-dot")
    await wallet.reload()
    await wallet.shows("home")
    await wallet.connected()
    await wallet.gone("unread-dot")
    await wallet.touch("open-notices")
    await expect(told).not_to_contain_text("新しい")
    await wallet.touch("back")

    tablet = await stage.tablet()
    await written(stage, "wallet")
    await written(stage, "shop")
    for screen, name in ((wallet, "wallet"), (tablet, "tablet")):
        await screen.shows("unread-dot")
        await screen.touch("open-notices")
        told = screen.see("notices")
        await expect(told).to_contain_text("長岡まつり 大花火大会")
        poster = screen.page.get_by_alt_text("夜空の花火")
        await expect(poster).to_be_visible()
        assert await poster.evaluate("(shown) => shown.decode().then(() => shown.naturalWidth)")
        await look.at(screen, f"{name}: what the office wrote")
        await screen.touch("back")
        await screen.gone("unread-dot")
    await wallet.page.evaluate("localStorage.setItem('koban.language', 'en')")
    await wallet.reload()
    await wallet.shows("home")
    await wallet.touch("open-notices")
    await expect(wallet.see("notices")).to_contain_text("On 2 and 3 August.")
    assert look.wrong == []
