"""Scanning what is not our own sticker: a JPQR sticker pays, what is no shop's is explained."""

import pytest
from playwright.async_api import expect

from gateway.http.pictures import qr_svg
from ledger import marks
from tests.browser.glass import Wallet
from tests.browser.stage import PHONE, Stage
from tests.support.codes import jpqr_sticker
from tests.support.people import now

pytestmark = pytest.mark.browser

STICKER = jpqr_sticker()
STICKER_ID = "1234567890123.0001.000001.000001"


async def hold_sticker(stage: Stage, text: str) -> None:
    """A sticker with this text is before the camera of every screen opened from now on."""
    page = await (await stage.context(PHONE)).new_page()
    await page.set_content(f"<body style='margin:0;background:#fff'>{qr_svg(text)}</body>")
    await stage.hold_before_camera(page, page.locator("svg"))
    await page.context.close()


async def test_the_wallets_camera_reads_a_shops_jpqr_sticker(stage: Stage) -> None:
    """The shop's name comes up, the payer slides and gives the PIN, and both ends hear it."""
    tablet = await stage.tablet()
    people = stage.people
    await marks.add_mark(people.pool, people.town, tablet.shop, "jpqr", STICKER_ID, now())
    await hold_sticker(stage, STICKER)
    wallet = await stage.wallet()
    await wallet.touch("open-pay")
    name = await tablet.see("shop-name").inner_text()
    await expect(wallet.see("payee")).to_contain_text(name)
    await wallet.pay(1_280)
    await wallet.shows("result-amount", 1_280)
    await tablet.shows("success-amount", 1_280)
    await wallet.hears("paid")
    await tablet.hears("paid")


@pytest.mark.parametrize(
    ("text", "japanese", "english"),
    [
        (STICKER, "まだ加盟していません", "doesn't take part yet"),
        (STICKER[:-1] + ("0" if STICKER[-1] != "0" else "1"), "書き換えられて", "was changed"),
        (
            "https://pay.example.ne.jp/2818",
            "この通貨のコードではありません",
            "not of this currency",
        ),
        ("hQVDUFYwMWETTwegAAAAVVVV", "カード払い", "a card payment's code"),
    ],
    ids=["unknown", "altered", "foreign", "card"],
)
async def test_the_wallet_says_why_a_code_is_no_shops(
    stage: Stage, text: str, japanese: str, english: str
) -> None:
    """In both languages, with what to do, and that no money was taken."""
    await hold_sticker(stage, text)
    wallet: Wallet = await stage.wallet()
    wallet.allowed.append(r"status of 4(04|22)")
    await wallet.touch("open-pay")
    trouble = wallet.page.locator(".trouble")
    await expect(trouble).to_contain_text(japanese)
    await expect(trouble).to_contain_text("お金は引かれていません")
    await wallet.page.evaluate("localStorage.setItem('koban.language', 'en')")
    await wallet.reload()
    await wallet.touch("open-pay")
    await expect(trouble).to_contain_text(english)
    await expect(trouble).to_contain_text("No money")
