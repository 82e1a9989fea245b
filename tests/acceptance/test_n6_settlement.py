"""N6: any shop is settled for any period: top-ups taken in cash, less payments accepted."""

import pytest

from ledger.database import Pool
from tests.acceptance.banking import has_account
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.acceptance.settling import Settling, bank_answers, open_settling
from tests.support.ledger import problems


@pytest.fixture
async def office(nagaoka: Nagaoka) -> Settling:
    """Two operators at the town's office."""
    return await open_settling(nagaoka)


async def tops_up(holder: Holder, tablet: Tablet, amount: int) -> None:
    """Cash over the counter."""
    await tablet.takes_cash(await holder.shows_top_up_code(amount), amount)


async def test_n6_both_examples_to_the_yen(nagaoka: Nagaoka, office: Settling, pool: Pool) -> None:
    """Top-ups 50,000 and payments 60,000: the shop is paid 10,000. Top-ups 50,000 and payments
    40,000: 10,000 is collected from it. The city owes for its points; made by one, released by
    another; a second run finds nothing left.
    """
    books, greens = await nagaoka.opens("大手書房"), await nagaoka.opens("殿町の八百屋")
    hanako, taro = await nagaoka.registers("花子"), await nagaoka.registers("太郎", "09011112222")
    await tops_up(hanako, books, 50_000)
    await tops_up(taro, greens, 50_000)
    await hanako.pays(books.shop, 20_000)
    await taro.pays(books.shop, 40_000)
    await hanako.pays(greens.shop, 30_000)
    await taro.pays(greens.shop, 10_000)

    # A look changes nothing; a period that is not over yet is refused.
    body = {"until": office.instant(minutes=-1)}
    assert (await nagaoka.tries("POST", "/console/settlements", body)).json()["field"] == "until"
    nagaoka.clock.advance(minutes=3)
    seen = await nagaoka.tries(
        "POST", "/console/settlements/preview", {"until": office.instant(minutes=2)}
    )
    assert (seen.json()["settlement"]["lines"], seen.json()["digest"]) == (2, "")

    made = await office.makes(remark="四月一日分")
    assert made.settlement.settlement == 1
    told = await office.lines(made)
    paid, collected = told[books.shop.shop], told[greens.shop.shop]
    assert (paid.topped_up, paid.accepted, paid.net) == (50_000, 60_000, 10_000)
    assert (collected.topped_up, collected.accepted, collected.net) == (50_000, 40_000, -10_000)
    totals = made.settlement
    assert (totals.payouts, totals.paid_out, totals.collections, totals.collected) == (
        1, 10_000, 1, 10_000,
    )  # fmt: skip
    # Of the city's points (1,000 with the top-ups, 294 with the first payments) all were spent.
    charged = {each.funder: each.amount for each in made.charges}
    assert charged == {"user": 98_706, "city": 1_294}
    assert {each.what for each in made.accounts} == {"missing"}

    # Whoever made it cannot release it, nor can anybody who has not looked.
    assert await office.tries_to_release(made, made.digest, alone=True) == "same_operator"
    assert await office.tries_to_release(made, "0" * 16) == "review_changed"
    released = await office.releases(made)
    assert released.settlement.state == "released"
    assert {line.state for line in (await office.lines(made)).values()} == {"released"}
    assert await office.tries_to_release(made, made.digest) == "settlement_state"
    undo = await nagaoka.tries("POST", "/console/settlements/1/discard", {})
    assert undo.json()["code"] == "settlement_state"
    assert await office.says_when_nothing_is_left() == "settlement_empty"
    assert await problems(pool) == []


async def test_n6_one_shop_a_discarded_try_and_a_payment_cancelled_after(
    nagaoka: Nagaoka, office: Settling, pool: Pool
) -> None:
    """One shop alone is settled in the middle of a day; a try that is let go of leaves its entries
    free; and a payment that is cancelled after it was settled is a minus in the next settlement,
    which is too little to move and is carried on, once.
    """
    books, greens = await nagaoka.opens("大手書房"), await nagaoka.opens("殿町の八百屋")
    hanako = await nagaoka.registers("花子")
    await tops_up(hanako, greens, 30_000)
    first = await hanako.pays(books.shop, 5_000)
    await hanako.pays(greens.shop, 1_000)

    tried = await office.makes(shops=[books.shop.shop])
    assert await office.says_when_nothing_is_left(shops=[books.shop.shop]) == "settlement_empty"
    await nagaoka.asks(
        "POST", f"/console/settlements/{tried.settlement.settlement}/discard", {}, dict
    )
    one = await office.settles(shops=[books.shop.shop])
    assert one.settlement.scope == "shops"
    assert (await office.lines(one))[books.shop.shop].net == 5_000
    assert one.settlement.lines == 1

    await office.next_day()
    await books.cancels(first.id, "返品")
    await hanako.pays(books.shop, 4_300)
    rest = await office.settles()
    told = await office.lines(rest)
    assert (told[books.shop.shop].accepted, told[books.shop.shop].state) == (-700, "carried")
    assert told[greens.shop.shop].net == 1_000 - 30_000

    await office.next_day()
    assert await office.says_when_nothing_is_left() == "settlement_empty"
    await hanako.pays(books.shop, 2_000)
    last = await office.settles()
    line = (await office.lines(last))[books.shop.shop]
    assert (line.accepted, line.carried_in, line.net) == (2_000, -700, 1_300)
    carried = (await office.lines(rest))[books.shop.shop]
    assert carried.carried_to == last.settlement.settlement
    assert await problems(pool) == []


async def test_n6_every_changed_bank_account_is_shown_and_a_failure_comes_again(
    nagaoka: Nagaoka, office: Settling, pool: Pool
) -> None:
    """A shop that moved banks is shown to whoever releases, also when it moves while they look; the
    settlement before keeps its account; what the bank could not pay is paid with the next.
    """
    books, greens = await nagaoka.opens("大手書房"), await nagaoka.opens("殿町の八百屋")
    hanako = await nagaoka.registers("花子")
    for tablet, number in ((books, "1111222"), (greens, "3333444")):
        await has_account(pool, nagaoka, tablet, "ﾅｶﾞｵｶｼﾖｳﾃﾝ", number=number)
    await tops_up(hanako, greens, 20_000)
    await hanako.pays(books.shop, 3_000)
    made = await office.makes()
    assert {each.what for each in made.accounts} == {"first"}
    await office.releases(made)
    await bank_answers(pool, nagaoka, made, failed=(greens.shop.shop,))
    assert (await office.looks(made)).settlement.state == "closed"

    await office.next_day()
    await hanako.pays(books.shop, 2_000)
    again = await office.makes()
    told = await office.lines(again)
    assert told[greens.shop.shop].carried_in == told[greens.shop.shop].net == -20_000
    before = await office.looks(again)
    assert [each.what for each in before.accounts] == ["first"]  # Nothing was moved there so far.

    await has_account(pool, nagaoka, books, "ﾅｶﾞｵｶｼﾖｳﾃﾝ", number="5555666")
    assert await office.tries_to_release(again, before.digest) == "review_changed"
    seen = await office.looks(again)
    (moved,) = [each for each in seen.accounts if each.what == "changed"]
    assert moved.before is not None
    assert moved.after is not None
    assert (moved.shop, moved.before.tail, moved.after.tail) == (books.shop.shop, "222", "666")
    largest = seen.changes[0]
    assert (largest.shop, largest.usual, largest.difference) == (greens.shop.shop, -20_000, 20_000)
    await office.releases(again)
    rows = await pool.fetch(
        "SELECT settlement, bank_version FROM koban.settlement_line"
        " WHERE shop = $1 ORDER BY settlement",
        books.shop.shop,
    )
    assert [tuple(row) for row in rows] == [(1, 1), (2, 2)]
    assert await problems(pool) == []
