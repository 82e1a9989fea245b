"""N8: the office writes to users and to shops apart; screens that are open are told at once."""

from gateway.protocol import api_groups, api_voices
from tests.acceptance.nagaoka import Nagaoka
from tests.acceptance.voices import is_told, post, titles, writes
from tests.support.clock import Clock
from tests.support.push_service import PushService


async def test_n8_the_office_writes_to_users_and_to_shops(
    nagaoka: Nagaoka, pushes: PushService, dsn: str, clock: Clock, private_pem: str
) -> None:
    """The fireworks are told to every wallet, the street's meeting to the shops of the street, and
    one more thing to Hanako alone. Open screens hear of it by themselves, Taro's phone by a push;
    each reads its own and nothing else, in its language. The office sees who has read it, and takes
    the fireworks back when it rains.
    """
    hanako = await nagaoka.registers("長岡 花子")
    taro = await nagaoka.registers("長岡 太郎", "09022222222")
    maruya, uomasa = await nagaoka.opens("八百屋 まるや"), await nagaoka.opens("魚屋 うおまさ")
    groups = f"/console/shops/{maruya.account}/groups"
    await nagaoka.asks("PUT", groups, {"groups": ["street"]}, api_groups.ShopGroups)
    phone = pushes.phone("taro")
    await taro.allows_pushes(phone.subscription(pushes.origin))
    await taro.close()

    async with post(nagaoka, dsn, clock, private_pem) as office:
        fireworks = await writes(
            nagaoka,
            "wallets",
            title={"ja": "花火の日", "en": "Fireworks"},
            text={"ja": "三尺玉は\n九時です", "en": "The great one is at nine"},
        )
        await writes(
            nagaoka, "shops", groups=["street"], title={"ja": "街の集まり"}, text={"ja": "七時"}
        )
        await office.goes()
        await is_told(hanako)
        await is_told(maruya)
        alone = {"ja": "落とし物"}
        await writes(
            nagaoka, "wallets", accounts=[hanako.account], title=alone, text={"ja": "窓口に"}
        )
        await office.goes()
        await is_told(hanako)
    assert await titles(hanako) == ["落とし物", "花火の日"]
    assert await titles(hanako, "en") == ["落とし物", "Fireworks"]
    assert await titles(maruya) == ["街の集まり"]
    assert await titles(uomasa) == []
    (push,) = phone.pushes
    assert (push.kind, push.texts["ja"].title) == ("circular", "花火の日")
    assert push.texts["en"].body == "The great one is at nine"
    assert push.texts["ja"].body == "三尺玉は 九時です"

    lines = (
        await nagaoka.asks("GET", "/console/notices", None, api_voices.CircularLines)
    ).circulars
    told = {line.title["ja"]: (line.recipients, line.readers) for line in lines}
    assert told == {"花火の日": (2, 1), "街の集まり": (1, 1), "落とし物": (1, 1)}
    path = f"/console/notices/{fireworks.circular}/withdraw"
    gone = await nagaoka.asks("POST", path, {}, api_voices.CircularLine)
    assert gone.state == "withdrawn"
    assert await titles(hanako) == ["落とし物"]
    assert await titles(taro) == []
