"""N5: the shop sees its own results at any time."""

from gateway.protocol.api_reports import Report
from gateway.protocol.messages import State
from tests.acceptance.nagaoka import JAPAN, Nagaoka
from tests.acceptance.reports import rows


async def test_n5_the_shop_sees_its_own_results_at_any_time(nagaoka: Nagaoka) -> None:
    """Cash taken in, payments accepted, a cancellation: the day's sums follow each, and yesterday
    can be looked up tomorrow. Nobody else's business is among them.
    """
    hanako = await nagaoka.registers("長岡 花子")
    taro = await nagaoka.registers("与板 太郎", "09087654321")
    maruya = await nagaoka.opens("八百屋 まるや")
    komachi = await nagaoka.opens("喫茶 こまち", "喫茶", "大手通")
    for who, amount in ((hanako, 10_000), (taro, 5_000)):
        await maruya.takes_cash(await who.shows_top_up_code(amount), amount)
    await hanako.pays(maruya.shop, 2_400)
    await taro.pays(maruya.shop, 1_300)
    await taro.pays(komachi.shop, 480)
    wrong = await maruya.charges(await hanako.shows_code(900))
    await maruya.cancels(wrong.id, "打ち間違い")

    day = await maruya.day()
    assert day.date == "2026-04-01"
    assert (day.top_ups, day.top_ups_amount) == (2, 15_000)
    assert (day.payments, day.payments_amount) == (3, 2_400 + 1_300 + 900)
    assert (day.reversals, day.reversals_amount) == (1, 900)
    assert day.net == 2_400 + 1_300 - 15_000, "what the town owes the shop; here the shop owes it"

    lines = await maruya.history()
    assert [line.amount for line in lines] == [900, 900, 1_300, 2_400, 5_000, 10_000]
    assert {line.shop for line in lines} == {maruya.account}
    assert all(line.balance is None for line in lines)

    nagaoka.clock.advance(days=1)
    assert (await maruya.day()).payments == 0
    assert (await maruya.day("2026-04-01")).payments_amount == day.payments_amount
    assert (await komachi.day("2026-04-01")).payments_amount == 480


async def test_n5_a_payment_is_looked_up_by_its_id_by_its_shop_alone(nagaoka: Nagaoka) -> None:
    """Processed, with the receipt; to another shop it does not exist."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya, komachi = await nagaoka.opens("八百屋 まるや"), await nagaoka.opens("喫茶 こまち")
    await maruya.takes_cash(await hanako.shows_top_up_code(1_000), 1_000)
    paid = await hanako.pays(maruya.shop, 300)
    assert await maruya.status(paid.id) is State.PROCESSED
    assert await hanako.status(paid.id) is State.PROCESSED
    assert await komachi.status(paid.id) is State.NOT_FOUND


async def test_n5_by_month_by_hour_and_by_kind_of_value(nagaoka: Nagaoka) -> None:
    """In April cash is topped up and paid with, at ten and at eleven; in May there is one payment.
    The tablet tells each month, each hour, and what was paid with; points among it.
    """
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(10_000), 10_000)
    points = (await hanako.holds())["point"]
    await hanako.pays(maruya.shop, 2_400)
    first = nagaoka.clock.now.astimezone(JAPAN)
    nagaoka.clock.advance(minutes=60)
    wrong = await hanako.pays(maruya.shop, 900)
    await maruya.cancels(wrong.id, "打ち間違い")
    april = await maruya.looks("terminal/report", Report)
    assert [
        (row["month"], row["payments"], row["payments_amount"], row["reversals_amount"], row["net"])
        for row in rows(april, "months")
    ] == [("2026-04", 2, 3_300, 900, 2_400 - 10_000)]
    assert [(row["slot"], row["payments_amount"]) for row in rows(april, "hours")] == [
        (f"{first.hour:02}", 2_400), (f"{first.hour + 1:02}", 900),
    ]  # fmt: skip
    assert [tuple(row.values()) for row in rows(april, "instruments")] == [
        ("coin", "payment", 2, 2_400 - points), ("point", "payment", 2, points),
        ("coin", "top_up", 1, 10_000),
    ]  # fmt: skip

    nagaoka.clock.advance(days=30)
    hanako = await nagaoka.signs_in()
    await hanako.pays(maruya.shop, 500)
    both = await maruya.looks("terminal/report?since=2026-04-01&until=2026-05-31", Report)
    assert [row["payments_amount"] for row in rows(both, "months")] == [3_300, 500]
    assert rows(await maruya.looks("terminal/report", Report), "months")[0]["month"] == "2026-05"
