"""N11: several kinds of points side by side, each with its own rate and expiry."""

from datetime import datetime

from tests.acceptance.nagaoka import JAPAN, Nagaoka, local
from tests.acceptance.serial_cards import prints, redeems


async def test_n11_two_kinds_of_points_have_their_own_rate_and_end(nagaoka: Nagaoka) -> None:
    """Cash brings 1 % in points to the end of the third month. A paper voucher turned in brings
    those and 2 % in the streets' points, which end after sixty days.
    """
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    by_cash = await maruya.takes_cash(await hanako.shows_top_up_code(10_000), 10_000)
    assert [(grant.instrument, grant.amount) for grant in by_cash.granted] == [("point", 100)]

    (card,) = await prints(nagaoka, "serial", 5_000)
    by_paper = await redeems(hanako, card)
    assert {grant.instrument: grant.amount for grant in by_paper.granted} == {
        "point": 50,
        "street_point": 100,
    }
    assert await hanako.holds() == {"coin": 15_000, "point": 150, "street_point": 100}
    ends = {
        part.instrument: [local(lot.expires_at) for lot in part.lots]
        for part in (await hanako.balance()).parts
    }
    assert ends["point"] == [datetime(2026, 8, 1, tzinfo=JAPAN)]
    assert ends["street_point"] == [datetime(2026, 6, 1, tzinfo=JAPAN)]


async def test_n11_each_kind_ends_by_itself(nagaoka: Nagaoka) -> None:
    """After sixty days the streets' points are gone, the others and the coins are not."""
    hanako = await nagaoka.registers("長岡 花子")
    (card,) = await prints(nagaoka, "serial", 5_000)
    await redeems(hanako, card)
    nagaoka.clock.advance(days=61)
    hanako = await nagaoka.signs_in()
    assert await hanako.holds() == {"coin": 5_000, "point": 50}
