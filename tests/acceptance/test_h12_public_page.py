"""H12 and H8: a page that everybody reads, with the map of shops, events, campaigns, the town's
figures and its challenge; and, signed in, balance and history.
"""

from datetime import timedelta

from gateway.protocol.api_campaigns import KeptCampaign
from gateway.protocol.api_figures import EventsOfTown, TownFigures
from gateway.protocol.messages import Receipt
from tests.acceptance.conftest import Visit
from tests.acceptance.granting import is_set_for, opens_activity, opens_programme
from tests.acceptance.nagaoka import JAPAN, Nagaoka
from tests.acceptance.shop_search import finds, opens

PEOPLE = [
    ("五十嵐 ヨシ", "イガラシ ヨシ", "1941-03-09"),
    ("枚方 太郎", "ヒラカタ タロウ", "1988-11-02"),
    ("香里 はな", "コウリ ハナ", "1995-07-30"),
    ("楠葉 次郎", "クズハ ジロウ", "1970-01-15"),
    ("牧野 さくら", "マキノ サクラ", "2001-04-04"),
]


async def reads(town: Nagaoka) -> TownFigures:
    """The page's figures, for somebody who is not signed in, a minute later."""
    town.clock.advance(seconds=61)
    return await town.get("/figures", TownFigures)


async def test_h12_everybody_reads_the_towns_page(visit: Visit) -> None:
    """While four have points their figures are withheld; with the fifth they are told."""
    town = await visit("hirakata")
    await opens_programme(town, "walks", "health", 100_000)
    await opens_activity(town, "walks", "spring_walk", "春のウォーキング", 100)
    await opens_activity(
        town, "walks", "past_walk", "冬のウォーキング", 50, ends_at="2026-04-01T12:01"
    )
    noon = town.clock.now.astimezone(JAPAN)
    campaign = {
        "code": "spring",
        "name": "春のポイントアップ",
        "trigger": "payment",
        "instrument": "common",
        "basis_points": 100,
        "rounding": "down",
        "budget": 10_000,
        "starts_at": f"{noon + timedelta(days=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{noon + timedelta(days=9):%Y-%m-%dT%H:%M}",
    }
    await town.asks("POST", "/console/campaigns", campaign, KeptCampaign)
    place = {"latitude": 34.8144, "longitude": 135.6507}
    await opens(town, "枚方書房", "books", "岡東町", place=place)
    booth = await town.opens("市民まつり")
    await is_set_for(town, booth, "spring_walk")

    holders = []
    for number, (name, kana, born) in enumerate(PEOPLE):
        said = {"name": name, "kana": kana, "birth_date": born}
        holder = await town.registers_as(said, f"0901111000{number}")
        assert isinstance(await booth.grants(await holder.shows_code(1)), Receipt)
        holders.append(holder)
        if number == len(PEOPLE) - 2:
            few = await reads(town)
            assert (few.amount, few.people, few.wallets, few.shops) == (None, None, 4, 2)
            assert [(each.amount, each.people) for each in few.circulation] == [(None, None)]
    figures = await reads(town)
    assert (figures.amount, figures.people) == (500, 5)
    assert [(each.instrument, each.amount) for each in figures.circulation] == [("health", 500)]
    assert [event.code for event in figures.events] == ["spring_walk"]
    assert [(each.code, each.state) for each in figures.campaigns] == [("spring", "to_come")]
    events = await town.get("/events", EventsOfTown)
    assert [(event.name, event.amount) for event in events.events] == [("春のウォーキング", 100)]
    on_the_map = await finds(town, box="34.80,135.64,34.83,135.66")
    assert [(shop.name, shop.listing.place is not None) for shop in on_the_map] == [
        ("枚方書房", True)
    ]
    assert (await holders[0].balance()).total == 100
    [line] = await holders[0].history()
    assert (line.kind, line.amount) == ("grant", 100)
