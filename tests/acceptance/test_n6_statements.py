"""N6: each shop gets a statement of its settlement, to print and to reckon with."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pypdfium2
import pytest

from ledger.database import Pool
from tests.acceptance.banking import has_account
from tests.acceptance.nagaoka import PASSWORD, Nagaoka, Tablet
from tests.acceptance.settling import COLLEAGUE, Settling, open_settling
from tests.acceptance.shop_site import Desk


@pytest.fixture
async def office(nagaoka: Nagaoka) -> Settling:
    """Two operators at the town's office."""
    return await open_settling(nagaoka)


@pytest.fixture
async def browsers(nagaoka: Nagaoka) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A browser at each of two desks."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=nagaoka.url, verify=False, trust_env=False)
            )
            for _ in range(2)
        ]


async def manager(nagaoka: Nagaoka, http: httpx.AsyncClient, shop: Tablet) -> Desk:
    """The shop's manager, signed in at the shop site."""
    body = {"name": "店長 丸山", "password": PASSWORD, "rank": "shop", "shop": shop.shop.shop}
    await nagaoka.asks("POST", "/console/staff", body, dict)
    return await Desk.opens(nagaoka, http, "staff", "店長 丸山")


async def test_n6_a_shops_statement_says_how_its_amount_comes_about(
    nagaoka: Nagaoka, office: Settling, browsers: list[httpx.AsyncClient], pool: Pool
) -> None:
    """Maruya took 50,000 in cash and 60,000 in payments, 1 % of which is the fee: 9,400 are paid
    to it. Its manager reads the same on paper, as a table, and from the bank's end of the account
    number that it is theirs; nobody else's is to be had, nor any before it was released.
    """
    maruya, komachi = await nagaoka.opens("八百屋 まるや"), await nagaoka.opens("喫茶 こまち")
    await office.charges_fee(kind="redemption", basis_points=100, yen=0)
    await has_account(pool, nagaoka, maruya, "ﾅｶﾞｵｶｼﾖｳﾃﾝ", number="1234567")
    hanako, taro = await nagaoka.registers("花子"), await nagaoka.registers("太郎", "09011112222")
    await maruya.takes_cash(await hanako.shows_top_up_code(50_000), 50_000)
    await komachi.takes_cash(await taro.shows_top_up_code(40_000), 40_000)
    await hanako.pays(maruya.shop, 25_000)
    await taro.pays(maruya.shop, 35_000)

    made = await office.makes()
    number = made.settlement.settlement
    shop = await manager(nagaoka, browsers[0], maruya)
    paper = f"shops/{maruya.shop.shop}/statements/{number}/pdf"
    assert (await shop.asks("GET", paper)).status_code == 404
    await office.releases(made)

    answer = await shop.asks("GET", paper)
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    page = document[0].get_textpage().get_text_range()
    for said in (
        *("精算書", "八百屋 まるや　御中", "長岡市デジタル地域通貨検討協議会", "登録番号 T"),
        *("9,400円", "60,000円", "−50,000円", "−600円", "うち消費税　54円", "••••567"),
        *("2026年4月1日", "4/1（水）", "コイン", "ポイント"),
    ):
        assert said in page, (said, page)
    assert (await shop.asks("GET", paper)).content == answer.content

    table = (await shop.asks("GET", paper.replace("/pdf", "/csv"))).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    sums = {row["what"]: int(row["amount"]) for row in rows if not row["day"]}
    assert sums["net"] == 60_000 - 50_000 - 600
    payments = [row for row in rows if row["what"] == "payment"]
    assert {row["instrument"] for row in payments} == {"コイン", "ポイント"}
    assert sum(int(row["amount"]) for row in payments) == sums["accepted"] == 60_000
    assert sum(int(row["fee"]) for row in payments) == -sums["fees"]

    other = f"shops/{komachi.shop.shop}/statements/{number}/pdf"
    assert (await shop.asks("GET", other)).json()["code"] == "not_found"
    console = await Desk.opens(nagaoka, browsers[1], "console", COLLEAGUE)
    page = pypdfium2.PdfDocument((await console.asks("GET", other)).content)[0]
    assert "お引落し金額" in page.get_textpage().get_text_range()
    listed = await shop.does("GET", f"shops/{maruya.shop.shop}/statements")
    assert [(each["settlement"], each["net"]) for each in listed["lines"]] == [(number, 9_400)]
