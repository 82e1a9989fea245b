"""N7: the settlement's bank data is made and exported, and the bank's result file is read back."""

from hashlib import sha256

import pytest

from ledger.database import Pool
from tests.acceptance.banking import Bank, has_account
from tests.acceptance.nagaoka import Nagaoka, Tablet
from tests.acceptance.settling import Settling, open_settling
from tests.support.bank import answered
from tests.support.ledger import problems


@pytest.fixture
async def office(nagaoka: Nagaoka) -> Settling:
    """Two operators at the town's office."""
    return await open_settling(nagaoka)


async def test_n7_both_files_and_a_result_with_two_failures(
    nagaoka: Nagaoka, office: Settling, pool: Pool
) -> None:
    """大手書房 is paid and three shops owe cash that they took. Both files are made, taken by a
    colleague, and brought to the bank, which cannot collect from two. A request that is fed back
    by mistake is not believed; the true result is, once; and the next settlement asks the two
    shops again, for both days at once.
    """
    bank = Bank(office)
    books, tea = await nagaoka.opens("大手書房"), await nagaoka.opens("茶の間")
    greens, fish = await nagaoka.opens("殿町の八百屋"), await nagaoka.opens("魚屋")
    await has_account(pool, nagaoka, books, "株式会社オオテショボウ", bank="9900", branch="018")
    await has_account(pool, nagaoka, greens, "ヤオヤ　ジロウ")
    await has_account(pool, nagaoka, fish, "（有）ウオキャット")
    await has_account(pool, nagaoka, tea, "チャノマ")
    hanako = await nagaoka.registers("花子")

    async def tops_up(tablet: Tablet, amount: int) -> None:
        await tablet.takes_cash(await hanako.shows_top_up_code(amount), amount)

    await tops_up(greens, 20_000)
    await tops_up(fish, 10_000)
    await tops_up(tea, 5_000)
    await hanako.pays(books.shop, 30_000)
    settled = await office.settles()

    refused = await bank.tries_to_make(settled, "transfer", "2026-04-29")
    assert "the next working day is 2026-04-30" in refused.json()["message"]
    paying = await bank.makes(settled, "transfer", "2026-04-30")
    asking = await bank.makes(settled, "collection", "2026-04-30")
    assert [(line.shop_name, line.amount) for line in paying.lines] == [("大手書房", 30_000)]
    assert (asking.file.lines, asking.file.total) == (3, 35_000)
    sent = await bank.takes(paying)
    assert sha256(sent).hexdigest() == paying.file.sha256
    payee = sent.split(b"\r\n")[1].decode("cp932")
    assert payee.startswith("29900ﾕｳﾁﾖ           018ｾﾞﾛｲﾁﾊﾁ        00001")
    assert payee[50:80] == "ｶ)ｵｵﾃｼﾖﾎﾞｳ".ljust(30)
    request = await bank.takes(asking)

    why = await bank.tries_to_answer(asking, request)
    assert why["code"] == "bank_file_refused"
    assert "依頼ファイルそのもの" in why["message"]
    result = answered(request, {greens.shop.shop: "1", fish.shop.shop: "4"})
    done = await bank.answers(asking, result)
    told = {line.shop_name: (line.state, line.reason) for line in done.lines}
    assert told == {
        "茶の間": ("collected", None),
        "殿町の八百屋": ("failed", "1 資金不足"),
        "魚屋": ("failed", "4 預金口座振替依頼書なし"),
    }
    again = await bank.answers(asking, result)
    assert (again.read_before, again.lines) == (True, done.lines)

    for _ in range(29):
        nagaoka.clock.advance(days=1)
    await office.next_day()
    assert (await bank.does(paying, "confirm")).lines[0].state == "paid"
    returned = await bank.does(paying, "fail", shops=[books.shop.shop], reason="組戻し: 口座解約")
    assert returned.lines[0].state == "failed"
    await tops_up(greens, 1_000)
    following = await office.settles()
    lines = {each.shop_name: each for each in (await office.lines(following)).values()}
    assert {name: (line.carried_in, line.net) for name, line in lines.items()} == {
        "大手書房": (30_000, 30_000),
        "殿町の八百屋": (-20_000, -21_000),
        "魚屋": (-10_000, -10_000),
    }
    second = await bank.makes(following, "collection", "2026-05-07")
    assert [(line.shop_name, line.amount) for line in second.lines] == [
        ("殿町の八百屋", 21_000),
        ("魚屋", 10_000),
    ]
    await bank.takes(second)
    # The first day's result does not answer the second day's request.
    why = await bank.tries_to_answer(second, result)
    assert why["code"] == "bank_result_known"
    assert await problems(pool) == []
