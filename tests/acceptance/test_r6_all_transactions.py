"""R6: the operator's console: all transactions, each shop's, what was searched, and files."""

import asyncpg

from gateway.protocol import api_staff
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Nagaoka
from tests.acceptance.reports import keeps, lines, numbers, reads, rows
from tests.acceptance.topping_up import bought_by_transfer


async def test_r6_all_transactions_and_each_shops(visit: Visit, pool: asyncpg.Pool) -> None:
    """Three payments at two shops and a cancellation. The operator sees all of it, a shop's, those
    of shops called so, and one by its id; and takes the same away for a spreadsheet, with the
    town's own times and numbers that add up.
    """
    town = await visit("region-ring")
    station = await town.opens("まるや駅前店", area="駅前")
    harbour = await town.opens("喫茶 みなと", "喫茶", "港")
    hanako = await bought_by_transfer(town, pool, 100_000)
    first = await hanako.pays(station.shop, 1_200)
    await hanako.pays(harbour.shop, 3_400)
    await hanako.pays(harbour.shop, 500)
    await station.cancels(first.id, "打ち間違い")

    assert await sees(town) == [
        ("reversal", 1_200), ("payment", 500), ("payment", 3_400), ("payment", 1_200),
        ("top_up", 100_000),
    ]  # fmt: skip
    assert await sees(town, f"shop={harbour.account}") == [("payment", 500), ("payment", 3_400)]
    assert await sees(town, "search=みなと&amount_min=1000") == [("payment", 3_400)]
    assert await sees(town, f"search={first.id}") == [("payment", 1_200)]
    assert await sees(town, "search=どこにもない店") == []
    assert await sees(town, "kind=reversal&since=2026-04-01&until=2026-04-01") == [
        ("reversal", 1_200)
    ]

    file = await keeps(town, "export/transactions.csv?encoding=shift_jis&search=みなと")
    assert [
        (line["shop_name"], line["amount"], line["at"][:10])
        for line in lines(file.content, "cp932")
    ] == [("喫茶 みなと", "500", "2026-04-01"), ("喫茶 みなと", "3400", "2026-04-01")]
    book = await keeps(town, "export/transactions.xlsx?kind=payment")
    assert [line["I"] for line in numbers(book.content, 1)[1:]] == [500, 3_400, 1_200]

    month = await reads(town, "shops?month=2026-04")
    assert [
        (line["name"], line["payments"], line["amount"], line["rank"])
        for line in rows(month, "shops")
    ] == [("喫茶 みなと", 2, 3_900, 1), ("まるや駅前店", 1, 0, 2)]


async def sees(town: Nagaoka, query: str = "") -> list[tuple[str, int]]:
    """What the console lists, newest first."""
    path = f"/console/transactions?{query}"
    found = await town.asks("GET", path, None, api_staff.Transactions)
    return [(line.kind, line.amount) for line in found.lines]
