"""Where ways of giving meet: one fund behind several, a code shown elsewhere, two batches."""

import asyncio
from uuid import UUID

import pytest
from msgspec.structs import replace

from config.profile import GrantRule
from ledger.authorise import decide
from ledger.ids import uuid7
from ledger.requests import Kind, Request
from tests.integration.test_giving import COUPON, grant, issuing, sound
from tests.integration.test_value import rules, tell
from tests.support import giving
from tests.support.ledger import Bench, receipt


@pytest.fixture
async def shop(bench: Bench) -> Bench:
    """Nagaoka's ledger where coupons pay, and nothing is given on payments."""
    await rules(bench, grants=[], instruments=[*bench.profile.instruments, COUPON])
    return bench


async def fund_number(bench: Bench, code: str) -> int:
    """A fund's account by its code."""
    number: int = await bench.pool.fetchval(
        "SELECT fund FROM koban.fund WHERE town = $1 AND code = $2", bench.town, code
    )
    return number


async def test_a_coupon_and_a_campaign_of_one_fund(shop: Bench) -> None:
    """What the coupon takes of the budget, the campaign no longer has."""
    fund = await giving.fund(shop, "office", 340)
    number = await giving.coupon(shop, "three", fund, 7)
    await giving.campaign(shop, "fair", fund=fund)
    wallet = await shop.wallet(5_000)
    first = await shop.one(shop.pay(wallet, 1_000, coupons=(number,)))
    assert (first.outcome, receipt(first).granted) == ("done", [])  # 70 of the 40 that are left.
    assert await giving.budget(shop, fund) == (300, 0)
    await sound(shop)


async def test_a_place_and_a_campaign_of_one_fund(shop: Bench) -> None:
    """A place pays from what it kept, so the campaign has all that nobody kept."""
    fund = await giving.fund(shop, "office", 370)
    number = await giving.coupon(shop, "three", fund, 7, awarded=True)
    round_ = await giving.offer(
        shop, "round-1", gives="coupon", amount=None, coupon=number, places=1, reserve=300
    )
    await shop.pool.execute("UPDATE koban.budget SET reserved = 300")
    await giving.campaign(shop, "fair", fund=fund)
    wallet = await shop.wallet(5_000)
    await giving.award(shop, round_, wallet)
    told = receipt(await shop.one(shop.pay(wallet, 1_000, coupons=(number,))))
    assert [one.amount for one in told.granted] == [70]
    assert await giving.budget(shop, fund) == (370, 0)
    await sound(shop)


@pytest.mark.parametrize("overlap", ["add", "best", "first"])
async def test_a_rule_and_a_campaign_of_one_fund(bench: Bench, overlap: str) -> None:
    """A campaign that finds too little left gives nothing, and is not said to have given."""
    await rules(bench, grants=[GrantRule("payment", "coin", "point", 1_000, "down", "city")])
    await bench.pool.execute("UPDATE koban.profile SET campaign_overlap = $1", overlap)
    fund = await fund_number(bench, "city")
    await bench.pool.execute(
        "INSERT INTO koban.budget (town, fund, ceiling) VALUES ($1, $2, 150)", bench.town, fund
    )
    await giving.campaign(bench, "large", fund=fund, priority=1)
    rich = await giving.fund(bench, "rich")
    await giving.campaign(bench, "small", fund=rich, basis_points=100, priority=2)
    wallet = await bench.wallet(5_000)
    told = receipt(await bench.one(bench.pay(wallet, 1_000)))
    assert [(one.campaign, one.amount) for one in told.granted] == [(None, 100), ("small", 10)]
    rows = await bench.pool.fetch("SELECT amount FROM koban.campaign_grant")
    assert [row["amount"] for row in rows] == [10]
    assert await giving.budget(bench, fund) == (100, 0)
    await sound(bench)


async def test_a_campaign_without_money_keeps_no_top_up_away(bench: Bench) -> None:
    """The rule's premium is promised with the price; a campaign's is given while there is money."""
    await rules(bench, grants=[GrantRule("top_up", "coin", "point", 1_000, "down", "city")])
    fund = await fund_number(bench, "city")
    await bench.pool.execute(
        "INSERT INTO koban.budget (town, fund, ceiling) VALUES ($1, $2, 150)", bench.town, fund
    )
    await giving.campaign(bench, "fair", trigger="top_up", fund=fund)
    wallet = await bench.wallet(1_000)
    assert await bench.holds(wallet) == {"coin": 1_000, "point": 100}
    assert await tell(bench, await bench.top_up(wallet, 1_000)) == "over_budget"
    assert await giving.budget(bench, fund) == (100, 0)
    await sound(bench)


async def test_a_code_with_a_coupon_is_shown_for_points(shop: Bench) -> None:
    """The coupon is for payments: points are granted and issued, and it is not used up."""
    fund = await giving.fund(shop, "office", 1_000)
    number = await giving.coupon(shop, "three", fund, 7, per_person=1, minimum=5_000)
    await giving.activity(shop, "walk", fund)
    await issuing(shop)
    wallet = await shop.wallet()
    for kind, way, amount in ((Kind.GRANT, "walk", None), (Kind.ISSUE, None, 1_000)):
        code = await shop.code(wallet, "pay")
        await shop.pool.execute(
            "UPDATE koban.code SET coupons = $1 WHERE used_by IS NULL", [number]
        )
        shown = Request(uuid7(), kind, code=code, terminal=shop.terminal, way=way, amount=amount)
        shown = replace(shown, shop=shop.shop if kind is Kind.ISSUE else None)
        assert await tell(shop, shown) == "done"
    assert await shop.pool.fetchval("SELECT count(*) FROM koban.coupon_use") == 0
    await sound(shop)


async def test_a_code_with_an_amount_is_shown_for_points(bench: Bench) -> None:
    """What its owner would pay says nothing of what is given."""
    fund = await giving.fund(bench, "health", 5_000)
    await giving.activity(bench, "walk", fund)
    await giving.activity(bench, "free", fund, amount=None, amount_max=2_000)
    await issuing(bench)
    wallet = await bench.wallet()
    for kind, way, expected in (
        (Kind.GRANT, "walk", "done"),
        (Kind.GRANT, "free", "amount_required"),
        (Kind.ISSUE, None, "amount_required"),
    ):
        code = await bench.code(wallet, "pay", 1_300)
        shown = Request(uuid7(), kind, code=code, terminal=bench.terminal, way=way)
        shown = replace(shown, shop=bench.shop if kind is Kind.ISSUE else None)
        assert await tell(bench, shown) == expected
    assert await bench.holds(wallet) == {"point": 100}
    await sound(bench)


async def test_a_row_of_a_list_whose_activity_is_over(bench: Bench) -> None:
    """It is refused, and what was kept for it is free in the same transaction."""
    fund = await giving.fund(bench, "health", 250)
    await giving.activity(bench, "walk", fund)
    wallet = await bench.wallet()
    row = grant(wallet, "walk")
    await bench.pool.execute(
        "INSERT INTO koban.grant_row (town, id, run, line, wallet, amount)"
        " VALUES ($1, $2, 1, 1, $3, 100)",
        bench.town, row.id, wallet,
    )  # fmt: skip
    await bench.pool.execute("UPDATE koban.budget SET reserved = 100")
    bench.clock.advance(days=400)
    assert await tell(bench, row) == "activity_unknown"
    assert await giving.budget(bench, fund) == (0, 0)
    await sound(bench)


@pytest.mark.parametrize("amount", [2**62, 2**63 - 1])
async def test_an_amount_beyond_all_bounds(shop: Bench, amount: int) -> None:
    """Is refused, and takes nobody else's payment with it."""
    fund = await giving.fund(shop, "office", 1_000)
    number = await giving.coupon(shop, "half", fund, 7, discount=None, basis_points=5_000)
    await issuing(shop)
    await shop.pool.execute("UPDATE koban.profile SET issue_yen = 1, issue_points = 2")
    wallet = await shop.wallet(5_000)
    code = await shop.code(wallet, "pay")
    batch = await shop.decide(
        shop.pay(wallet, amount, coupons=(number,)),
        Request(
            uuid7(), Kind.ISSUE, shop=shop.shop, terminal=shop.terminal, code=code, amount=amount
        ),
        shop.pay(wallet, 500),
    )
    assert [one.outcome for one in batch.decisions] == ["over_limit", "over_limit", "done"]
    await sound(shop)


async def test_two_batches_never_wait_for_each_other(shop: Bench) -> None:
    """One that comes to a budget late does not hold what another needs to let go of it."""
    fund = await giving.fund(shop, "office", 1_000_000)
    number = await giving.coupon(shop, "three", fund, 7)
    await giving.activity(shop, "walk", fund)
    wallet, other = await shop.wallet(50_000), await shop.wallet()

    async def pays(turn: int) -> list[str]:
        requests = [shop.pay(wallet, 500 + turn), shop.pay(wallet, 900 + turn, coupons=(number,))]
        batch = await decide(shop.pool, shop.town, requests, shop.clock.now)
        return [one.outcome for one in batch.decisions]

    async def grants() -> list[str]:
        requests = [grant(other, "walk") for _ in range(20)]
        batch = await decide(shop.pool, shop.town, requests, shop.clock.now)
        return [one.outcome for one in batch.decisions]

    for turn in range(20):
        paid, granted = await asyncio.gather(pays(turn), grants())
        assert {*paid, *granted} == {"done"}
    await sound(shop)


async def test_a_purpose_is_no_party_of_a_payment(bench: Bench) -> None:
    """Nor can what a fund gave be given back by a shop, or be taken back by another fund."""
    fund, other = await giving.fund(bench, "health"), await giving.fund(bench, "office")
    await giving.activity(bench, "walk", fund)
    wallet = await bench.wallet()
    given = grant(wallet, "walk")
    assert await tell(bench, given) == "done"
    asked: list[tuple[Request, str]] = [
        (bench.reverse(given.id, shop=fund), "shop_unknown"),
        (bench.reverse(given.id), "payment_unknown"),
        (Request(uuid7(), Kind.RECLAIM, refers=given.id, shop=other), "payment_unknown"),
        (Request(uuid7(), Kind.RECLAIM, refers=UUID(int=7), shop=fund), "payment_unknown"),
        (bench.pay(wallet, 50, shop=fund), "shop_unknown"),
    ]
    for request, expected in asked:
        assert await tell(bench, request) == expected
    await sound(bench)
