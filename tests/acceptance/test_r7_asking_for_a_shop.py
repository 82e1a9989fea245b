"""R7: somebody asks for a shop that isn't in yet; who asks for the same is counted together."""

import msgspec

from gateway.protocol import api_notices, api_voices
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.acceptance.voices import is_told, reads


async def wishes(holder: Holder, name: str, place: str) -> api_voices.ShopRequestLine:
    """Asks for a shop."""
    answer = await holder.sends("/wallet/shop-requests", {"name": name, "place": place})
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=api_voices.ShopRequestLine)


async def wished(town: Nagaoka) -> list[api_voices.ShopRequestLine]:
    """What the office sees."""
    path = "/console/shop-requests?open=true"
    return (await town.asks("GET", path, None, api_voices.ShopRequestLines)).requests


async def test_r7_a_shop_that_many_ask_for_is_answered_to_all(visit: Visit) -> None:
    """Three ask for the same bookshop, each in their own spelling, and one for a florist. The
    office sees which most ask for, says that one of the names is another's, and answers all at
    once.
    """
    town = await visit("region-ring")
    holders = [
        await town.registers(f"環 {name}", f"0901111000{place}")
        for place, name in enumerate(("愛", "健", "結", "翔"))
    ]
    ai, ken, yui, sho = holders
    first = await wishes(ai, "ブックス 環", "大手通 一丁目２番地")
    same = await wishes(ken, "ﾌﾞｯｸｽ環", "大手通1-2")
    assert (same.request, same.askers) == (first.request, 2)
    assert (await wishes(ken, "ブックス環", "大手通1-2")).askers == 2
    other = await wishes(yui, "環書店", "大手通")
    await wishes(sho, "花屋 さくら", "殿町")
    assert [(each.name, each.askers) for each in await wished(town)] == [
        *(("ブックス 環", 2), ("環書店", 1), ("花屋 さくら", 1)),
    ]
    path = f"/console/shop-requests/{other.request}/merge"
    merged = await town.asks("POST", path, {"into": first.request}, api_voices.ShopRequestLine)
    assert merged.askers == 3
    path = f"/console/shop-requests/{first.request}/answer"
    words = {"text": "五月から使えます"}
    await town.asks("POST", path, words, api_voices.ShopRequestLine)
    for holder in (ai, ken, yui):
        await is_told(holder)
        [told] = await reads(holder)
        assert isinstance(told, api_notices.Answer)
        assert (told.asked, told.text) == ("ブックス 環", "五月から使えます")
    assert await reads(sho) == []
    assert [each.name for each in await wished(town)] == ["花屋 さくら"]
    [own] = (await yui.looks("wallet/shop-requests", api_voices.ShopRequestLines)).requests
    assert own.answer == "五月から使えます"
