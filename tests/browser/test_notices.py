"""What the town tells a wallet: a dot at home, plain words, and read once it was seen."""

import msgspec
import pytest
from playwright.async_api import expect

from gateway.protocol.api_notices import EndingPart
from ledger import notices
from ledger.notices import NewNotice
from tests.browser.stage import Stage
from tests.browser.test_looks import Look
from tests.support.people import now

pytestmark = pytest.mark.browser

ENDS_AT = 1_792_249_200_000  # The midnight with which 18 October 2026 begins in Japan.


async def test_a_warning_is_seen_and_read(stage: Stage) -> None:
    """Home has a dot while a notice is unread. It names the last good day and what ends then; the
    dot is gone when it was seen, also behind a reload, and the notice is still there.
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
    assert look.wrong == []
