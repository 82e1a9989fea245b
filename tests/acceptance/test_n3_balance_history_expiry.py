"""N3: balance, history and expiry dates, at any time."""

from datetime import datetime

from tests.acceptance.nagaoka import JAPAN, Nagaoka, local


async def test_n3_the_user_sees_balance_history_and_expiry_dates(nagaoka: Nagaoka) -> None:
    """On the first of April Hanako tops up, pays and has a payment cancelled; her phone shows what
    she has, until when, and how it came about.
    """
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    topped_up = await maruya.takes_cash(await hanako.shows_top_up_code(10_000), 10_000)
    paid = await hanako.pays(await hanako.scans_sticker(maruya.sticker), 600)
    by_mistake = await maruya.charges(await hanako.shows_code(450))
    cancelled = await maruya.cancels(by_mistake.id, "打ち間違い")

    balance = await hanako.balance()
    assert balance.total == 10_000 + 100 - 600 + 2
    expiries = {
        part.instrument: [local(lot.expires_at) for lot in part.lots] for part in balance.parts
    }
    # Coins run to the end of the sixth month, points to the end of the third.
    assert expiries == {
        "coin": [datetime(2026, 11, 1, tzinfo=JAPAN)],
        "point": [datetime(2026, 8, 1, tzinfo=JAPAN)],
    }

    history = await hanako.history()
    assert [line.id for line in history] == [cancelled.id, by_mistake.id, paid.id, topped_up.id]
    assert [line.kind for line in history] == ["reversal", "payment", "payment", "top_up"]
    assert [line.reversed for line in await hanako.lines()] == [0, 450, 0, 0]
    assert all(line.shop_name == "八百屋 まるや" for line in history)
    assert history[-1].balance == {"coin": 10_000, "point": 100, "street_point": 0}


async def test_n3_what_expires_first_is_spent_first_and_expired_value_is_gone(
    nagaoka: Nagaoka,
) -> None:
    """In May she tops up again. The April coins are spent first; what is left of everything is
    there on the last evening, and gone at midnight.
    """
    await nagaoka.registers("長岡 花子")
    hanako = await nagaoka.signs_in()
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(1_000), 1_000)
    nagaoka.clock.advance(days=40)
    await maruya.takes_cash(await hanako.shows_top_up_code(2_000), 2_000)

    await hanako.pays(await hanako.scans_sticker(maruya.sticker), 530)
    balance = await hanako.balance()
    lots = {
        (part.instrument, local(lot.expires_at).month): lot.amount
        for part in balance.parts
        for lot in part.lots
    }
    # The 30 points went first, then coins of April; the coins spent gave 2 points of May.
    assert lots == {("coin", 11): 500, ("coin", 12): 2_000, ("point", 9): 2}

    nagaoka.clock.advance(days=80)
    hanako = await nagaoka.signs_in()
    last_evening = datetime(2026, 10, 31, 23, 59, 59, tzinfo=JAPAN)
    nagaoka.clock.advance(seconds=(last_evening - nagaoka.clock.now).total_seconds())
    hanako = await nagaoka.signs_in()
    assert await hanako.holds() == {"coin": 2_500}
    nagaoka.clock.advance(seconds=1)
    assert await hanako.holds() == {"coin": 2_000}
    assert len(await hanako.history()) == 3, "history stays"
