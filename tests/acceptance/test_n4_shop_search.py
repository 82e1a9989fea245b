"""N4: somebody looks for a shop by name, kind, area, distance, and by what it takes."""

from tests.acceptance.nagaoka import JAPAN, Nagaoka
from tests.acceptance.shop_search import finds, names, opens

STATION = "37.4473,138.8513"
WEEK = [{"day": day, "opens": "10:00", "closes": "19:00"} for day in range(1, 7)]
NIGHTS = [{"day": day, "opens": "18:00", "closes": "26:00"} for day in range(1, 8)]


async def test_n4_shops_are_found_however_somebody_looks(nagaoka: Nagaoka) -> None:
    """In kana or half-width, by a part of the name, by kind and area, from where one stands, by
    what is taken there, and whether it is open.
    """
    await opens(
        nagaoka,
        "カフェ すずらん",
        "cafe",
        "殿町",
        kana="カフェ スズラン",
        address="長岡市殿町2丁目1-3",
        place={"latitude": 37.4478, "longitude": 138.8520},
        hours=WEEK,
    )
    bar = await opens(
        nagaoka,
        "居酒屋 髙橋",
        "pub",
        "殿町",
        kana="いざかや たかはし",
        place={"latitude": 37.4490, "longitude": 138.8540},
        hours=NIGHTS,
    )
    await opens(
        nagaoka,
        "八百屋 まるや",
        "grocer",
        "宮内",
        place={"latitude": 37.4200, "longitude": 138.8330},
        hours=WEEK,
        closed_on=["2026-04-01"],
    )
    for typed in ("すずらん", "ｽｽﾞﾗﾝ", "かふぇ", "ズラ", "殿町2-1", "殿町２丁目1"):
        assert await names(nagaoka, text=typed) == ["カフェ すずらん"], typed
    for typed in ("高橋", "たかはし", "ﾀｶﾊｼ 居酒屋"):
        assert await names(nagaoka, text=typed) == ["居酒屋 髙橋"], typed
    assert await names(nagaoka, text="すずらん 居酒屋") == []
    assert await names(nagaoka, kind="grocer") == ["八百屋 まるや"]
    assert await names(nagaoka, area="殿町") == ["カフェ すずらん", "居酒屋 髙橋"]
    assert await names(nagaoka, area="殿町", limit=1) == ["カフェ すずらん", "居酒屋 髙橋"]
    around = await finds(nagaoka, near=STATION)
    assert [shop.name for shop in around] == ["カフェ すずらん", "居酒屋 髙橋", "八百屋 まるや"]
    metres = [shop.metres or 0 for shop in around]
    assert 80 <= metres[0] <= 90
    assert 300 <= metres[1] <= 310
    assert 3_400 <= metres[2] <= 3_450
    assert await names(nagaoka, near=STATION, limit=2) == [shop.name for shop in around]
    assert await names(nagaoka, near=STATION, within_m=200) == ["カフェ すずらん"]
    assert await names(nagaoka, box="37.41,138.82,37.43,138.84") == ["八百屋 まるや"]
    # The points of the shopping street are spent in its own shops only.
    assert await names(nagaoka, accepts="street_point") == []
    await nagaoka.asks(
        "PUT", f"/console/shops/{bar.shop}/groups", {"groups": ["street"]}, dict[str, list[str]]
    )
    nagaoka.clock.advance(seconds=30)  # What is kept of an answer is older than that is worth.
    [shop] = await finds(nagaoka, accepts="street_point")
    assert (shop.name, "street_point" in shop.accepts) == ("居酒屋 髙橋", True)


async def test_n4_open_now_goes_by_the_towns_clock(nagaoka: Nagaoka) -> None:
    """At lunch the café; past midnight the bar, which says 26:00; nobody on a day off, nor in the
    night that began on one.
    """
    for name, hours in (("すずらん", WEEK), ("髙橋", NIGHTS)):
        await opens(nagaoka, name, "cafe", "殿町", hours=hours)
    closed = {"hours": WEEK, "closed_on": ["2026-04-01"]}
    await opens(nagaoka, "まるや", "grocer", "殿町", **closed)
    for name, day in (("早仕舞", "2026-04-01"), ("月見", "2026-04-02")):
        await opens(nagaoka, name, "pub", "殿町", hours=NIGHTS, closed_on=[day])
    assert f"{nagaoka.clock.now.astimezone(JAPAN):%Y-%m-%d %H}" == "2026-04-01 12"
    assert await names(nagaoka, open_now="true") == ["すずらん"]
    nagaoka.clock.advance(minutes=13 * 60)  # Thursday, 1:00 at night.
    assert await names(nagaoka, open_now="true") == ["髙橋", "月見"]
    nagaoka.clock.advance(minutes=2 * 60)
    assert await names(nagaoka, open_now="true") == []
    nagaoka.clock.advance(minutes=9 * 60)
    assert await names(nagaoka, open_now="true") == ["すずらん", "まるや"]
    nagaoka.clock.advance(days=3)  # Sunday at noon.
    assert await names(nagaoka, open_now="true") == []
