"""Giving points at the counter: for a purchase, and for taking part."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from playwright.async_api import expect

from config.profile import IssuingSection, SoundPair, read_profile
from ledger import programmes, terminals
from ledger.database import transaction
from ledger.programmes import NewActivity, NewProgramme
from ledger.towns import load_town
from tests.browser.stage import Stage
from tests.support.people import TOWN, People, now

pytestmark = pytest.mark.browser

POINT = 2  # Nagaoka's number for its points.
BOTH = SoundPair("topped_up", "topped_up")


@pytest.fixture(autouse=True)
async def rules(people: People) -> None:
    """Shops of the town give a point per 100 yen."""
    profile = read_profile(TOWN)
    issuing = IssuingSection(instrument="point", per_yen=100, points=1, purchase_max=300_000)
    sounds = {**profile.sounds, "issue": BOTH}
    await load_town(people.pool, replace(profile, issuing=issuing, sounds=sounds), now())


async def set_activity(people: People, terminal: int) -> None:
    """The health centre's walk, 500 points each, is set for a tablet."""
    new = NewProgramme("health", "健康づくり課", "健康づくり事業", POINT, 10_000)
    async with transaction(people.pool) as connection:
        opened = await programmes.open_programme(connection, people.town, new, now())
        assert opened is not None
        walk = NewActivity(
            code="walk",
            programme=opened.programme,
            name="歩こう会",
            amount=500,
            amount_max=500,
            per_person="once",
            starts_at=now() - timedelta(days=1),
            ends_at=now() + timedelta(days=1),
        )
        await programmes.open_activity(connection, people.town, walk)
        assert await terminals.set_preset(connection, people.town, terminal, "walk")


async def test_a_purchase_brings_points_and_a_mistake_takes_them_back(stage: Stage) -> None:
    """The clerk types the purchase, scans the customer's code, and cancels it from the list."""
    wallet, tablet = await stage.wallet(0), await stage.tablet()
    await wallet.show_code(None)
    await stage.hold_before_camera(wallet.page)
    await tablet.touch("issue")
    await tablet.digits(99)
    await expect(tablet.see("amount-go")).to_be_disabled()
    await tablet.digits(50)
    await expect(tablet.see("issue-points")).to_contain_text("99ポイント")
    await tablet.touch("amount-go")
    await tablet.shows("success-amount", 99)
    await expect(tablet.see("success")).to_contain_text("お買い上げ 9,950円")
    await tablet.hears("topped_up")
    await wallet.hears("topped_up")
    await wallet.close_result()
    await wallet.shows("balance", 99)
    await tablet.close_news()
    await tablet.shows("day-issues", 99)
    await tablet.shows("day-net", 99)

    await tablet.touch("feed-line", "cancel", "reason-amount", "cancel-do")
    await tablet.shows("success-amount", 99)
    await expect(tablet.see("success")).to_contain_text("お客様のポイントを取り消しました")
    await tablet.close_news()
    await tablet.shows("day-net", 0)


async def test_taking_part_brings_what_the_office_has_set(stage: Stage) -> None:
    """One touch and one scan; a second time says why not, and gives nothing."""
    wallet, tablet = await stage.wallet(0), await stage.tablet()
    assert tablet.screen is not None
    assert tablet.screen.terminal is not None
    await tablet.gone("grant")
    await set_activity(stage.people, tablet.screen.terminal)
    await tablet.reload()
    await expect(tablet.see("grant")).to_contain_text("歩こう会")
    for outcome in ("success", "refused"):
        await wallet.show_code(None)
        await stage.hold_before_camera(wallet.page)
        await tablet.touch("grant")
        await tablet.shows(outcome)
        if outcome == "success":
            await tablet.shows("success-amount", 500)
            await expect(tablet.see("success")).to_contain_text("歩こう会")
            await tablet.close_news()
            await wallet.close_result()
            await wallet.shows("balance", 500)
    await expect(tablet.see("refused")).to_have_attribute("data-code", "already_granted")
    await tablet.hears("topped_up", "refused")


@pytest.mark.parametrize("width", [320, 820, 1_180])
async def test_the_counter_has_room_for_both(stage: Stage, width: int) -> None:
    """On a phone, an upright tablet and a lying one, nothing stands out of the glass."""
    tablet = await stage.tablet(viewport={"width": width, "height": 820 if width > 820 else 1_180})
    assert tablet.screen is not None
    assert tablet.screen.terminal is not None
    await set_activity(stage.people, tablet.screen.terminal)
    await tablet.reload()
    await tablet.shows("grant")
    assert await tablet.overflow() == []
    await expect(tablet.see("grant")).to_be_in_viewport(ratio=1)
