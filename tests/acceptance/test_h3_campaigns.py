"""H3: campaigns by groups of terminals, rates changed for a group at once, point-up days, dice."""

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway import campaigns
from gateway.protocol import api, api_campaigns
from gateway.protocol.api_terminals import TerminalGroups
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import JAPAN, Holder, Nagaoka, Tablet
from tests.support.ledger import problems

YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}


@pytest.fixture
async def hirakata(visit: Visit) -> Nagaoka:
    """Where, of several campaigns, the one that gives most does."""
    return await visit("hirakata")


@pytest.fixture
async def yoshi(hirakata: Nagaoka) -> Holder:
    """Somebody with a wallet and nothing in it."""
    return await hirakata.registers_as(YOSHI, "09012345678")


def local(town: Nagaoka, **later: float) -> str:
    """So much later by the town's clocks."""
    return f"{town.clock.now.astimezone(JAPAN) + timedelta(**later):%Y-%m-%dT%H:%M}"


async def makes(town: Nagaoka, code: str, **terms: Any) -> api_campaigns.KeptCampaign:
    """The operator makes a campaign of the city's: as much again as the shop gives, for a month
    from the next hour on.
    """
    body = {
        "code": code,
        "name": "春のポイントアップ",
        "trigger": "issue",
        "instrument": "common",
        "basis_points": 10_000,
        "budget": 100_000,
        "starts_at": local(town, hours=1),
        "ends_at": local(town, days=30),
        **terms,
    }
    return await town.asks("POST", "/console/campaigns", body, api_campaigns.KeptCampaign)


async def into_group(town: Nagaoka, tablet: Tablet, group: str) -> None:
    """The operator puts a tablet into a group of terminals."""
    terminal = (await tablet.looks("terminal", api.TerminalInfo)).terminal
    path = f"/console/terminals/{terminal}/groups"
    await town.asks("PUT", path, {"groups": [group]}, TerminalGroups)


async def gives(tablet: Tablet, yoshi: Holder, purchase: int) -> tuple[int, list[tuple[str, int]]]:
    """What the shop gives for a purchase, and what campaigns give beside it."""
    receipt = await tablet.issues(await yoshi.shows_code(None), purchase)
    return receipt.amount, [
        (grant.campaign, grant.amount) for grant in receipt.granted if grant.campaign
    ]


async def test_h3_a_groups_rate_is_changed_at_once(
    hirakata: Nagaoka, yoshi: Holder, pool: Pool
) -> None:
    """Two shops' terminals are in the group "station", a third is not. Until the campaign begins
    nobody gives more; then both give double; from an instant on both give triple, by one act; and
    after it is stopped neither does. The city pays, from the campaign's budget.
    """
    books, greens, far = [
        await hirakata.opens(name) for name in ("くずは書房", "枚方の八百屋", "離れた店")
    ]
    for tablet in (books, greens):
        await into_group(hirakata, tablet, "station")
    await makes(hirakata, "spring", terminal_groups=["station"])
    assert await gives(books, yoshi, 1_000) == (10, [])

    hirakata.clock.advance(minutes=60)
    assert await gives(books, yoshi, 1_000) == (10, [("spring", 10)])
    assert await gives(greens, yoshi, 2_000) == (20, [("spring", 20)])
    assert await gives(far, yoshi, 1_000) == (10, [])

    change = {"code": "spring-3", "basis_points": 20_000, "at": local(hirakata, hours=2)}
    kept = await hirakata.asks(
        "POST", "/console/campaigns/spring/rate", change, api_campaigns.KeptCampaign
    )
    assert (kept.overlap, kept.overlaps) == ("best", [])
    assert await gives(greens, yoshi, 1_000) == (10, [("spring", 10)])
    hirakata.clock.advance(minutes=120)
    assert await gives(books, yoshi, 1_000) == (10, [("spring-3", 20)])
    assert await gives(greens, yoshi, 1_000) == (10, [("spring-3", 20)])
    assert await gives(far, yoshi, 1_000) == (10, [])

    lines = await hirakata.asks("GET", "/console/campaigns", None, api_campaigns.CampaignLines)
    assert [(line.campaign.code, line.grants, line.granted) for line in lines.campaigns] == [
        ("spring-3", 2, 40),
        ("spring", 3, 40),
    ]
    assert {line.budget_left for line in lines.campaigns} == {100_000 - 80}
    await hirakata.asks("POST", "/console/campaigns/spring-3/stop", {}, api_campaigns.KeptCampaign)
    hirakata.clock.advance(seconds=10)
    assert await gives(books, yoshi, 1_000) == (10, [])
    assert await problems(pool) == []


async def test_h3_a_point_up_day_and_a_happy_hour(
    hirakata: Nagaoka, yoshi: Holder, pool: Pool
) -> None:
    """Each 5th gives half as much again, all day; each day's evening, past midnight, as much again.
    Where they meet, on the 5th before one in the morning, the one that gives more does; and whoever
    makes the second is told so.
    """
    books = await hirakata.opens("くずは書房")
    await makes(hirakata, "day-5", basis_points=5_000, month_days=[5])
    evening = await makes(hirakata, "evening", hours_from="22:00", hours_to="01:00")
    assert [(other.code, other.gives) for other in evening.overlaps] == [("day-5", "greater")]

    for minutes, due in (
        (60, []),  # 1 April, 13:00.
        (9 * 60, [("evening", 10)]),  # 22:00.
        (2 * 60 + 59, [("evening", 10)]),  # 00:59.
        (1, []),  # 01:00.
        (3 * 24 * 60 - 30, [("evening", 10)]),  # 5 April, 00:30: both.
        (60, [("day-5", 5)]),  # 01:30.
        (22 * 60 + 29, [("evening", 10)]),  # 23:59.
        (61, []),  # 6 April, 01:00.
    ):
        hirakata.clock.advance(minutes=minutes)
        at = local(hirakata)
        assert await gives(books, yoshi, 1_000) == (10, due), at
    assert await problems(pool) == []


async def test_h3_dice_are_thrown_in_the_open(hirakata: Nagaoka, yoshi: Holder, pool: Pool) -> None:
    """What is committed to is public before the first throw. Each receipt shows the face; when the
    campaign is over, anybody throws again with what is public and finds the same.
    """
    books = await hirakata.opens("くずは書房")
    dice = [{"weight": 3, "factor": 0}, {"weight": 2, "factor": 1}, {"weight": 1, "factor": 5}]
    made = await makes(hirakata, "dice", dice=dice)
    hirakata.clock.advance(minutes=60)
    seen: list[tuple[str, int]] = []
    for _ in range(24):
        receipt = await books.issues(await yoshi.shows_code(None), 1_000)
        assert receipt.amount == 10
        for grant in receipt.granted:
            assert grant.face is not None
            assert grant.amount == 10 * dice[grant.face - 1]["factor"]
            seen.append((str(receipt.id), grant.face))

    early = await hirakata.sends("GET", "/campaigns/dice/throws")
    assert early.status_code == 404
    await hirakata.asks("POST", "/console/campaigns/dice/stop", {}, api_campaigns.KeptCampaign)
    hirakata.clock.advance(minutes=1, seconds=10)
    public = await hirakata.get("/campaigns/dice/throws", api_campaigns.DiceThrows)
    assert public.commitment == made.campaign.commitment
    assert hashlib.sha256(bytes.fromhex(public.seed)).hexdigest() == public.commitment
    shown = [(str(throw.id), throw.face) for throw in public.throws]
    assert set(seen) <= set(shown)
    assert len(shown) == 24
    assert len({face for _, face in shown}) > 1, "24 throws, all alike"

    async with httpx.AsyncClient(base_url=hirakata.url, trust_env=False) as anybody:
        replayed = await campaigns.replay_public(anybody, "hirakata", "dice")
    assert (replayed.wrong, replayed.throws) == ([], len(public.throws))
    town = await pool.fetchval("SELECT town FROM koban.town WHERE code = 'hirakata'")
    by_command = await campaigns.replay(pool, town, "dice", hirakata.clock.now)
    assert by_command == replayed
    assert await problems(pool) == []


async def test_h3_what_it_would_cost_is_known_before(
    hirakata: Nagaoka, yoshi: Holder, pool: Pool
) -> None:
    """A month's purchases are put through a campaign that does not exist yet; nothing is given. The
    answer is what the same purchases bring once the campaign is there.
    """
    books, greens = await hirakata.opens("くずは書房"), await hirakata.opens("枚方の八百屋")
    await into_group(hirakata, books, "station")
    purchases = [(books, 1_000), (books, 5_500), (greens, 3_000), (books, 90_000)]
    for tablet, yen in purchases:
        await tablet.issues(await yoshi.shows_code(None), yen)
    undone = await books.issues(await yoshi.shows_code(None), 50_000)
    await books.cancels(undone.id, "返品")
    terms = {"basis_points": 15_000, "entry_max": 1_000, "terminal_groups": ["station"]}
    held = await yoshi.holds()

    await hirakata.days_pass(days=30)
    town = hirakata
    body = {
        "code": "may",
        "name": "五月のポイントアップ",
        "trigger": "issue",
        "instrument": "common",
        "budget": 1_000,
        "starts_at": local(town, hours=1),
        "ends_at": local(town, days=30),
        **terms,
    }
    cost = await town.asks(
        "POST", "/console/campaigns/preview", {"campaign": body}, api_campaigns.CampaignCost
    )
    due = 15 + 82 + 1_000
    assert (cost.month, cost.acts, cost.people, cost.amount) == ("2026-04", 3, 1, due)
    assert [(shop.name, shop.acts, shop.amount) for shop in cost.shops] == [("くずは書房", 3, due)]
    assert (cost.budget, cost.used_up_at is not None, cost.mean) == (1_000, True, False)
    assert (await town.get("/campaigns", api_campaigns.Campaigns)).campaigns == []
    yoshi = await town.signs_in()
    assert await yoshi.holds() == held

    await town.asks(
        "POST", "/console/campaigns", body | {"budget": 5_000}, api_campaigns.KeptCampaign
    )
    town.clock.advance(minutes=60)
    granted = 0
    for tablet, yen in purchases:
        granted += sum(amount for _, amount in (await gives(tablet, yoshi, yen))[1])
    assert granted == due
    assert await problems(pool) == []
