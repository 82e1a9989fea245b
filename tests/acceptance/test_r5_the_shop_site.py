"""R5: the shop site, where headquarters, area, shop and clerk see and cancel what is theirs; and
R6: the operator's console, which sees and cancels everything.
"""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import asyncpg
import httpx
import pytest

from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import OPERATOR, PASSWORD, Holder, Nagaoka, Tablet
from tests.acceptance.shop_site import Desk, console
from tests.acceptance.topping_up import bought_by_transfer

TOWN = "region-ring"

SignIn = Callable[[str], Awaitable[Desk]]


@pytest.fixture
async def ring(visit: Visit) -> Nagaoka:
    """Region Ring, where people of shops have four ranks."""
    return await visit(TOWN)


@pytest.fixture
async def browsers(ring: Nagaoka) -> AsyncIterator[Callable[[], Awaitable[httpx.AsyncClient]]]:
    """As many browsers as the story has people at desks."""
    async with AsyncExitStack() as stack:

        async def another() -> httpx.AsyncClient:
            http = httpx.AsyncClient(base_url=ring.url, verify=False, trust_env=False)
            return await stack.enter_async_context(http)

        yield another


@pytest.fixture
async def operator(ring: Nagaoka, browsers: Callable[[], Awaitable[httpx.AsyncClient]]) -> Desk:
    """The operator at the console."""
    return await console(ring, await browsers())


@pytest.fixture
async def station(ring: Nagaoka) -> Tablet:
    """The chain's shop at the station."""
    return await ring.opens("まるや駅前店", area="駅前")


@pytest.fixture
async def harbour(ring: Nagaoka) -> Tablet:
    """The chain's shop at the harbour, which is another area."""
    return await ring.opens("まるや港店", area="港")


@pytest.fixture
async def sign_in(
    ring: Nagaoka,
    operator: Desk,
    station: Tablet,
    harbour: Tablet,
    browsers: Callable[[], Awaitable[httpx.AsyncClient]],
) -> SignIn:
    """The operator gives the chain's people their posts; then they sign in by rank."""
    chain = (await operator.does("POST", "chains", {"name": "まるや"}))["chain"]
    for tablet in (station, harbour):
        await operator.does("PUT", f"shops/{tablet.shop.shop}/chain", {"chain": chain})
    posts = {
        "headquarters": {"chain": chain},
        "area": {"chain": chain, "area": "駅前"},
        "shop": {"shop": station.shop.shop},
        "clerk": {"shop": station.shop.shop},
    }

    async def come(rank: str) -> Desk:
        body = {"name": f"まるや {rank}", "password": PASSWORD, "rank": rank}
        await operator.does("POST", "staff", {**body, **posts[rank]})
        return await Desk.opens(ring, await browsers(), "staff", body["name"])

    return come


@pytest.fixture
async def hanako(ring: Nagaoka, pool: asyncpg.Pool) -> Holder:
    """Somebody with a voucher of 100,000 yen and the premium on it, bought by bank transfer."""
    return await bought_by_transfer(ring, pool, 100_000)


async def test_r5_everybody_sees_the_shops_they_stand_over(
    sign_in: SignIn, operator: Desk, station: Tablet, harbour: Tablet, hanako: Holder
) -> None:
    """Clerk and shop their one, the area its part of the chain, headquarters all of it."""
    await hanako.pays(station.shop, 1_200)
    await hanako.pays(harbour.shop, 3_400)
    at_station, at_harbour = ("まるや駅前店", "payment", 1_200), ("まるや港店", "payment", 3_400)
    for rank in ("clerk", "shop", "area"):
        assert await (await sign_in(rank)).sees() == [at_station], rank
    assert await (await sign_in("headquarters")).sees() == [at_harbour, at_station]


async def test_r5_a_cancellation_goes_up_until_somebodys_limit_allows_it(
    sign_in: SignIn, station: Tablet, hanako: Holder
) -> None:
    """5,001 yen are too much for the clerk, 30,001 for the shop, 100,001 for the area; nothing
    moves until the one above cancels, and then both screens hear it at once.
    """
    clerk, shop = await sign_in("clerk"), await sign_in("shop")
    area, headquarters = await sign_in("area"), await sign_in("headquarters")
    held = await hanako.holds()
    for amount, below, above in (
        (5_001, clerk, shop),
        (30_001, shop, area),
        (100_001, area, headquarters),
    ):
        paid = await hanako.pays(station.shop, amount)
        for screen in (hanako, station):
            assert (await screen.hears()).kind == "payment"
        assert await below.cancels(paid.id) == "over_clerk_limit"
        assert sum((await hanako.holds()).values()) == sum(held.values()) - amount
        assert await above.cancels(paid.id) == "done"
        for screen in (hanako, station):
            heard = await screen.hears()
            assert (heard.kind, heard.receipt.amount) == ("reversal", amount)
            assert heard.receipt.refers == paid.id
        assert await hanako.holds() == held
        assert await above.cancels(paid.id) == "already_reversed"


async def test_r5_a_part_is_cancelled_and_the_rest_stays_paid(
    sign_in: SignIn, station: Tablet, hanako: Holder
) -> None:
    """The clerk may cancel 5,000 of a large payment at a time, and never more than was paid."""
    clerk = await sign_in("clerk")
    held = sum((await hanako.holds()).values())
    paid = await hanako.pays(station.shop, 8_000)
    assert await clerk.cancels(paid.id, 5_000) == "done"
    assert await clerk.cancels(paid.id, 3_001) == "over_reversible"
    assert sum((await hanako.holds()).values()) == held - 3_000
    assert await clerk.cancels(paid.id) == "done"
    assert sum((await hanako.holds()).values()) == held
    assert [line[1:] for line in await clerk.sees()] == [
        ("reversal", 3_000),
        ("reversal", 5_000),
        ("payment", 8_000),
    ]


async def test_r5_nobody_touches_another_areas_payments(
    sign_in: SignIn, harbour: Tablet, hanako: Holder
) -> None:
    """Whoever does not stand over the shop finds no such payment there."""
    paid = await hanako.pays(harbour.shop, 700)
    for rank in ("clerk", "shop", "area"):
        assert await (await sign_in(rank)).cancels(paid.id) == "not_found"
    assert await (await sign_in("headquarters")).cancels(paid.id, reason="お客様の申し出") == "done"


async def test_r5_every_cancellation_says_who_it_was(
    sign_in: SignIn, operator: Desk, station: Tablet, hanako: Holder
) -> None:
    """The operator reads in the audit who cancelled what, from where and in which rank."""
    shop = await sign_in("shop")
    first, second = (
        await hanako.pays(station.shop, 900),
        await hanako.pays(station.shop, 1_000),
    )
    assert await shop.cancels(first.id) == "done"
    assert await operator.cancels(second.id) == "done"
    told = (await operator.does("GET", "audit", act="payment.cancelled"))["lines"]
    assert [(line["actor"], line["name"], line["after"]["rank"]) for line in told] == [
        ("operator", OPERATOR, "operator"),
        ("staff", "まるや shop", "shop"),
    ]
    assert [line["before"]["payment"] for line in told] == [str(second.id), str(first.id)]
    assert {line["origin"] for line in told} == {"127.0.0.1"}


async def test_r6_the_operator_sees_everything_and_each_shop(
    operator: Desk, station: Tablet, harbour: Tablet, hanako: Holder
) -> None:
    """All transactions of the town, one shop's, and either as a file for spreadsheets."""
    await hanako.pays(station.shop, 1_200)
    await hanako.pays(harbour.shop, 3_400)
    assert [line[1:] for line in await operator.sees()] == [
        ("payment", 3_400),
        ("payment", 1_200),
        ("top_up", 100_000),
    ]
    assert await operator.sees(shop=station.shop.shop) == [("まるや駅前店", "payment", 1_200)]
    assert await operator.sees(amount_min=2_000, kind="payment") == [
        ("まるや港店", "payment", 3_400)
    ]
    file = await operator.asks("GET", "transactions.csv", shop=harbour.shop.shop)
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [(row["shop_name"], row["amount"]) for row in rows] == [("まるや港店", "3400")]
