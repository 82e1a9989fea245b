"""C7: use and amounts of each shop, joined with the shop's bank account, as a file."""

import csv
import io

import httpx
import pytest

from ledger.database import Pool
from tests.acceptance.banking import has_account
from tests.acceptance.conftest import Visit
from tests.acceptance.coupon_city import makes_coupon, paid_with
from tests.acceptance.nagaoka import Nagaoka
from tests.acceptance.serial_cards import prints, redeems
from tests.support.ledger import problems


@pytest.fixture
async def city(visit: Visit) -> Nagaoka:
    """The city of the coupons."""
    return await visit("digital-coupon")


async def use(town: Nagaoka, **body: str) -> httpx.Response:
    """The office saves the file of some months."""
    return await town.tries("POST", "/console/shop-use", {"since": "2026-04", **body})


async def test_c7_use_by_shop_and_month_with_accounts(city: Nagaoka, pool: Pool) -> None:
    """Tickets are spent at two shops in April and May, with a coupon and a cancellation; the
    council's file has a line a month, shop and kind of value, with the account beside it. Windows
    gets it in Shift_JIS, or hears which character that has not.
    """
    books, tofu = await city.opens("駅前書店"), await city.opens("=豆腐屋")
    await has_account(pool, city, books, "エキマエショテン")
    mai = await city.registers("券田 舞")
    for card in await prints(city, "serial", 5_000, 2):
        await redeems(mai, card)
    await makes_coupon(city, "sunday", budget=10_000, discount=500, minimum=1_000)
    await paid_with(mai, books.shop, 1_500, "sunday")
    await mai.pays(tofu.shop, 500)
    await city.days_pass(days=30)
    again = await mai.pays(books.shop, 2_000)
    await books.cancels(again.id, "返品")
    await mai.pays(books.shop, 500)

    answer = await use(city, until="2026-05")
    assert answer.headers["content-disposition"].endswith('use-2026-04-2026-05.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    keys = ("月", "店舗名", "種別", "件数", "金額", "取消件数", "取消金額", "口座名義")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("2026-04", "駅前書店", "共通券", "1", "1000", "0", "0", "エキマエショテン"),
        ("2026-04", "駅前書店", "割引クーポン", "1", "500", "0", "0", "エキマエショテン"),
        ("2026-04", "'=豆腐屋", "共通券", "1", "500", "0", "0", ""),
        ("2026-05", "駅前書店", "共通券", "2", "2500", "1", "2000", "エキマエショテン"),
    ]
    assert (rows[0]["銀行名"], rows[0]["支店名"]) == ("第四北越", "長岡北")
    windows = await use(city, until="2026-05", encoding="shift_jis")
    assert windows.content.decode("cp932") == answer.content.decode("utf-8-sig")

    sushi = await city.opens("🍣寿司")
    await mai.pays(sushi.shop, 500)
    refused = await use(city, until="2026-05", encoding="shift_jis")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "🍣" in refused.json()["message"]
    assert (await use(city, until="2026-05")).status_code == 200
    assert await problems(pool) == []
