"""N8: people are warned before what they have ends, on the town's days, by notice and by phone."""

from datetime import datetime

from gateway.protocol.api_notices import EndingPart, ExpiryWarning, Notices, UnreadNotices
from tests.acceptance.nagaoka import JAPAN, Holder, Nagaoka, local
from tests.acceptance.voices import post
from tests.support.clock import Clock
from tests.support.push_service import Phone, PushService

END = datetime(2026, 8, 1, tzinfo=JAPAN)  # When points of April end.


async def signs_in(town: Nagaoka, service: PushService, phone: Phone, number: str) -> Holder:
    """Somebody opens the wallet on their phone again, which may be told things by Web Push."""
    holder = await town.signs_in(number)
    await holder.allows_pushes(phone.subscription(service.origin))
    return holder


async def told(holder: Holder) -> list[tuple[int, list[EndingPart]]]:
    """What the wallet's notices say: so many days before the end, so much."""
    found = (await holder.looks("wallet/notices", Notices)).notices
    bodies = [line.body for line in found if isinstance(line.body, ExpiryWarning)]
    assert len(bodies) == len(found)
    assert all(local(body.ends_at) == END for body in bodies)
    return [(body.days, body.parts) for body in bodies]


async def test_n8_people_are_warned_before_their_points_end(
    nagaoka: Nagaoka, pushes: PushService, dsn: str, clock: Clock, private_pem: str
) -> None:
    """Hanako's points of April end with July. She is told a month, a week and a day before, at ten
    o'clock, once each, of what is left by then; so is her phone, while the wallet is closed. Taro,
    who has spent his, hears nothing. When they are gone there is nothing more to warn of.
    """
    numbers = {"hanako": "09012345678", "taro": "09022222222"}
    phones = {name: pushes.phone(name) for name in numbers}
    hanako = await nagaoka.registers("長岡 花子", numbers["hanako"])
    taro = await nagaoka.registers("長岡 太郎", numbers["taro"])
    maruya = await nagaoka.opens("八百屋 まるや")
    for holder in (hanako, taro):
        await maruya.takes_cash(await holder.shows_top_up_code(10_000), 10_000)
    await taro.pays(await taro.scans_sticker(maruya.sticker), 100)
    async with post(nagaoka, dsn, clock, private_pem) as office:
        await office.waits_until(7, 1, 18)
        hanako = await signs_in(nagaoka, pushes, phones["hanako"], numbers["hanako"])
        taro = await signs_in(nagaoka, pushes, phones["taro"], numbers["taro"])
        await office.waits_until(7, 2, 9, 59)
        assert await told(hanako) == []
        await office.waits_until(7, 2, 10)
        month = (30, [EndingPart("point", 100)])
        assert await told(hanako) == [month]
        (push,) = phones["hanako"].pushes
        assert push.texts["ja"].title == "期限が近いポイントがあります"
        assert push.texts["ja"].body == "100円分は7月31日まで使えます"
        assert push.texts["en"].body == "100 yen can be spent until July 31"
        await office.waits_until(7, 2, 10, 1)
        await office.waits_until(7, 3, 10)
        assert await told(hanako) == [month]
        page = await hanako.looks("wallet/notices", Notices)
        assert page.unread == 1
        read = await hanako.sends("/wallet/notices/read", {"up_to": page.notices[0].notice})
        assert read.json() == {"unread": 0}

        await office.waits_until(7, 24, 18)
        hanako = await signs_in(nagaoka, pushes, phones["hanako"], numbers["hanako"])
        await hanako.pays(await hanako.scans_sticker(maruya.sticker), 40)
        await office.waits_until(7, 25, 10)
        week = (7, [EndingPart("point", 60)])
        assert await told(hanako) == [week, month]
        assert (await hanako.looks("wallet/notices", Notices)).unread == 1
        await office.waits_until(7, 31, 10)
        day = (1, [EndingPart("point", 60)])
        assert await told(hanako) == [day, week, month]
        assert len(phones["hanako"].pushes) == 3
        await office.waits_until(8, 1, 10)
        hanako = await nagaoka.signs_in(numbers["hanako"])
        assert "point" not in await hanako.holds()
        assert len(await told(hanako)) == 3
        taro = await nagaoka.signs_in(numbers["taro"])
        assert await told(taro) == []
    assert phones["taro"].requests == 0
    assert pushes.refusals == []


async def test_n8_shops_have_notices_of_their_own(nagaoka: Nagaoka) -> None:
    """A tablet sees its shop's, of which there is none about expiry, and never a wallet's."""
    maruya = await nagaoka.opens("八百屋 まるや")
    assert await maruya.looks("terminal/notices", Notices) == Notices([], None, 0)
    read = await maruya.sends("/terminal/notices/read", {"up_to": 1})
    assert UnreadNotices(**read.json()) == UnreadNotices(0)
