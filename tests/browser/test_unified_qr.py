"""Scanning what is not our own sticker: a JPQR sticker pays, what is no shop's is explained."""

import pytest
from playwright.async_api import expect

from gateway.http.pictures import qr_svg
from tests.browser.glass import Wallet
from tests.browser.stage import PHONE, Stage
from tests.support.codes import jpqr_sticker

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
    """The operator gives the shop its sticker at the console; the payer scans it, sees the shop's
    name, slides and gives the PIN, and both ends hear it.
    """
    tablet, console = await stage.tablet(), await stage.console()
    await console.touch("tab-places")
    row = console.see("shops").locator(f'[data-key="{tablet.shop}"]')
    await row.get_by_test_id("shop-marks").click()
    await console.see("mark-text").fill(STICKER)
    await console.touch("marks-go")
    await expect(console.see("mark-list")).to_contain_text(STICKER_ID)
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


async def test_marks_are_added_and_taken_off_at_the_console(stage: Stage) -> None:
    """One after the other in the same dialog; what cannot be a mark is explained there."""
    tablet, console = await stage.tablet(), await stage.console()
    await console.touch("tab-places")
    row = console.see("shops").locator(f'[data-key="{tablet.shop}"]')
    await row.get_by_test_id("shop-marks").click()
    listed = console.see("mark-list").locator("[data-mark]")
    for scheme, text in (("store_code", "a-017"), ("device", "04:a2:24:5b")):
        await console.see("mark-scheme").select_option(scheme)
        await console.see("mark-text").fill(text)
        await console.touch("marks-go")
        await expect(console.see("mark-text")).to_have_value("")
    await expect(listed).to_have_count(2)
    console.allowed.append(r"status of 422")
    await console.see("mark-text").fill("?")
    await console.touch("marks-go")
    await expect(console.page.locator(".trouble")).to_contain_text("読み取れません")
    await listed.filter(has_text="A017").get_by_test_id("mark-remove").click()
    await expect(listed).to_have_count(1)
    await expect(listed).to_contain_text("04A2245B")


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


async def test_the_tablet_says_whose_a_payers_code_is(stage: Stage) -> None:
    """A card in a phone at the till: the clerk hears at once what it is, and what to do."""
    await hold_sticker(stage, "hQVDUFYwMWETTwegAAAAVVVV")
    tablet = await stage.tablet()
    tablet.allowed.append(r"status of 422")
    await tablet.touch("scan")
    await expect(tablet.see("refused")).to_contain_text("カード払いのコードです")
    await expect(tablet.see("refused")).to_contain_text("カードの端末")
