"""Grants and their budgets, issued points, campaigns, coupons, rights, and what has expired."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec.structs import replace

from config.profile import Expiry, Instrument
from gateway.protocol.messages import Receipt
from ledger.authorise import Decision
from ledger.ids import uuid7
from ledger.preview import preview
from ledger.requests import Kind, Rank, Request
from ledger.towns import provider_account
from tests.integration.test_value import CARD, WORDS, instrument, load, rules, tell
from tests.support import giving
from tests.support.ledger import Bench, receipt

COUPON = Instrument(number=7, code="coupon", kind="coupon", name=WORDS, unit=WORDS, spend_order=90)


def grant(wallet: int, activity: str, amount: int | None = None, **changes: Any) -> Request:
    """A grant to a wallet for an activity."""
    request = Request(uuid7(), Kind.GRANT, wallet=wallet, way=activity, amount=amount)
    return replace(request, **changes)


def reclaim(grant: UUID, fund: int) -> Request:
    """A grant undone."""
    return Request(uuid7(), Kind.RECLAIM, refers=grant, shop=fund)


def expire(wallet: int, destination: int) -> Request:
    """What has expired leaves a wallet for a fund or purpose."""
    return Request(uuid7(), Kind.EXPIRE, wallet=wallet, shop=destination)


async def sound(bench: Bench) -> None:
    """Verify finds nothing."""
    assert await bench.problems() == []


# -- grants and budgets ----------------------------------------------------------------------------


async def test_a_grant_comes_out_of_the_budget(bench: Bench) -> None:
    fund = await giving.fund(bench, "health", 250)
    await giving.activity(bench, "walk", fund)
    taro, hanako, jiro = [await bench.wallet() for _ in range(3)]
    batch = await bench.decide(*(grant(one, "walk") for one in (taro, hanako, jiro)))
    assert [one.outcome for one in batch.decisions] == ["done", "done", "over_budget"]
    told = receipt(batch.decisions[0])
    assert (told.kind, told.amount, told.way, told.activity) == (
        "grant",
        100,
        "walk",
        "健康ウォーク",
    )
    assert await bench.holds(taro) == {"point": 100}
    assert await giving.budget(bench, fund) == (200, 0)
    await sound(bench)


@pytest.mark.parametrize(
    ("changes", "asked", "expected"),
    [
        ({}, {"way": "swim"}, "activity_unknown"),
        ({"starts_at": "+1"}, {}, "activity_unknown"),
        ({"ends_at": "-1"}, {}, "activity_unknown"),
        ({}, {"amount": 99}, "amount_mismatch"),
        ({"amount": None}, {}, "amount_required"),
        ({"amount": None}, {"amount": -5}, "amount_required"),
        ({"amount": None}, {"amount": 101}, "over_limit"),
        ({"amount": None}, {"amount": 99}, "done"),
        ({}, {"wallet": 999_999}, "wallet_unknown"),
        ({}, {"code": "8201000000000000"}, "code_unknown"),
    ],
)
async def test_what_keeps_a_grant_away(
    bench: Bench, changes: dict[str, Any], asked: dict[str, Any], expected: str
) -> None:
    fund = await giving.fund(bench, "health", 1_000)
    days = {"+1": timedelta(days=1), "-1": timedelta(days=-1)}
    at: dict[str, Any] = {
        k: bench.clock.now + days[v] if v in days else v for k, v in changes.items()
    }
    await giving.activity(bench, "walk", fund, **at)
    wallet = await bench.wallet()
    request = replace(grant(wallet, "walk"), **asked)
    if "code" in asked:
        request = replace(request, wallet=None)
    assert await tell(bench, request) == expected
    assert await giving.budget(bench, fund) == (99 if expected == "done" else 0, 0)
    await sound(bench)


async def test_once_a_person_or_once_a_day(bench: Bench) -> None:
    fund = await giving.fund(bench, "health")
    await giving.activity(bench, "once", fund, per_person="once")
    await giving.activity(bench, "daily", fund, per_person="daily")
    wallet = await bench.wallet()
    first = grant(wallet, "once")
    batch = await bench.decide(
        first, grant(wallet, "once"), grant(wallet, "daily"), grant(wallet, "daily"), first
    )
    assert [one.outcome for one in batch.decisions] == [
        "done", "already_granted", "done", "already_granted", "done",
    ]  # fmt: skip
    bench.clock.advance(days=1)
    assert await tell(bench, grant(wallet, "daily")) == "done"
    # What was undone can be given again.
    assert await tell(bench, reclaim(first.id, fund)) == "done"
    assert await tell(bench, grant(wallet, "once")) == "done"
    await sound(bench)


async def test_a_shown_code_is_granted_to_once(bench: Bench) -> None:
    fund = await giving.fund(bench, "health")
    await giving.activity(bench, "walk", fund)
    wallet = await bench.wallet()
    code = await bench.code(wallet, "pay")
    shown = Request(uuid7(), Kind.GRANT, code=code, terminal=bench.terminal, way="walk")
    decision = await bench.one(shown)
    assert decision.outcome == "done"
    assert receipt(decision).balance is None  # The booth's tablet is told no balance.
    assert await tell(bench, replace(shown, id=uuid7())) == "code_used"
    await bench.pool.execute("UPDATE koban.terminal SET state = 'revoked'")
    other = await bench.code(wallet, "pay")
    assert await tell(bench, replace(shown, id=uuid7(), code=other)) == "terminal_revoked"
    await sound(bench)


async def test_a_list_has_its_sum_reserved(bench: Bench) -> None:
    fund = await giving.fund(bench, "health", 250)
    await giving.activity(bench, "walk", fund)
    wallet, other = await bench.wallet(), await bench.wallet()
    rows = [grant(wallet, "walk"), grant(999_999, "walk")]
    for line, row in enumerate(rows, 1):
        await bench.pool.execute(
            "INSERT INTO koban.grant_row (town, id, run, line, wallet, amount)"
            " VALUES ($1, $2, 1, $3, $4, 100)",
            bench.town, row.id, line, row.wallet,
        )  # fmt: skip
    await bench.pool.execute("UPDATE koban.budget SET reserved = 200")
    # Of 250 yen, 50 are nobody's yet.
    assert await tell(bench, grant(other, "walk")) == "over_budget"
    batch = await bench.decide(*rows)
    assert [one.outcome for one in batch.decisions] == ["done", "wallet_unknown"]
    assert await giving.budget(bench, fund) == (100, 0)
    states = await bench.pool.fetch("SELECT state FROM koban.grant_row ORDER BY line")
    assert [row["state"] for row in states] == ["done", "refused"]
    assert [one.repeated for one in (await bench.decide(*rows)).decisions] == [True, True]
    assert await tell(bench, grant(other, "walk")) == "done"
    assert await giving.budget(bench, fund) == (200, 0)
    await sound(bench)


async def test_undoing_takes_what_is_left(bench: Bench) -> None:
    fund = await giving.fund(bench, "health", 1_000)
    await giving.activity(bench, "walk", fund)
    wallet = await bench.wallet()
    given = grant(wallet, "walk")
    assert await tell(bench, reclaim(given.id, fund)) == "payment_unknown"
    assert await tell(bench, given) == "done"
    assert await tell(bench, bench.pay(wallet, 30)) == "done"
    assert await tell(bench, reclaim(given.id, bench.shop)) == "payment_unknown"
    undone = await bench.one(reclaim(given.id, fund))
    assert (undone.outcome, receipt(undone).amount) == ("done", 70)
    assert await giving.budget(bench, fund) == (30, 0)
    assert await tell(bench, reclaim(given.id, fund)) == "value_spent"
    assert await bench.holds(wallet) == {}
    await sound(bench)


# -- issued points ---------------------------------------------------------------------------------


async def issuing(bench: Bench) -> int:
    """Lets shops issue one point per 100 yen; the fund of what they give."""
    fund = await giving.fund(bench, "shops")
    await bench.pool.execute(
        "UPDATE koban.profile SET issue_instrument = 2, issue_yen = 100, issue_points = 1,"
        " issue_max = 50000, issue_funder = $1",
        fund,
    )
    return fund


async def issue(bench: Bench, wallet: int, purchase: int | None) -> Decision:
    """A shop gives points for a purchase."""
    code = await bench.code(wallet, "pay")
    return await bench.one(
        Request(
            uuid7(),
            Kind.ISSUE,
            shop=bench.shop,
            terminal=bench.terminal,
            code=code,
            amount=purchase,
        )
    )


async def test_a_shop_issues_points_for_a_purchase(bench: Bench) -> None:
    wallet = await bench.wallet()
    assert (await issue(bench, wallet, 1_000)).outcome == "way_unknown"
    fund = await issuing(bench)
    told = receipt(await issue(bench, wallet, 1_299))
    assert (told.kind, told.amount, told.purchase, told.shop) == ("issue", 12, 1_299, bench.shop)
    assert await bench.holds(wallet) == {"point": 12}
    outcomes = [(await issue(bench, wallet, yen)).outcome for yen in (99, 50_001, 0)]
    assert outcomes == ["under_limit", "over_limit", "amount_required"]
    assert (
        await bench.pool.fetchval("SELECT sum(amount) FROM koban.posting WHERE funder = $1", fund)
        == 12
    )
    await sound(bench)


async def test_an_issue_is_taken_back_unless_spent(bench: Bench) -> None:
    await issuing(bench)
    wallet = await bench.wallet()
    first, second = await issue(bench, wallet, 1_000), await issue(bench, wallet, 2_000)
    back = await bench.one(bench.reverse(first.id))
    assert (back.outcome, receipt(back).amount) == ("done", 10)
    assert await tell(bench, bench.pay(wallet, 15)) == "done"
    assert await tell(bench, bench.reverse(second.id)) == "value_spent"
    assert await tell(bench, bench.reverse(second.id, 5)) == "done"
    await sound(bench)


# -- campaigns -------------------------------------------------------------------------------------


async def granted(bench: Bench, request: Request) -> list[tuple[str | None, int]]:
    """What a payment gave, by campaign."""
    decision = await bench.one(request)
    assert decision.outcome == "done"
    return [(one.campaign, one.amount) for one in receipt(decision).granted]


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("add", [("small", 50), ("large", 200), ("capped", 30)]),
        ("best", [("large", 200)]),
        ("first", [("small", 50)]),
    ],
)
async def test_campaigns_that_overlap(
    bench: Bench, overlap: str, expected: list[tuple[str, int]]
) -> None:
    await rules(bench, grants=[])
    await bench.pool.execute("UPDATE koban.profile SET campaign_overlap = $1", overlap)
    fund = await giving.fund(bench, "fair")
    await giving.campaign(bench, "large", fund=fund, basis_points=2_000, priority=2)
    await giving.campaign(bench, "small", fund=fund, basis_points=500, priority=1)
    await giving.campaign(bench, "capped", fund=fund, entry_max=30, priority=3)
    await giving.campaign(bench, "over", fund=fund, stopped_at=bench.clock.now)
    await giving.campaign(bench, "elsewhere", fund=fund, shops=[999_999])
    await giving.campaign(bench, "street", fund=fund, shop_groups=["street"])
    await giving.campaign(bench, "booth", fund=fund, terminal_groups=["booth"])
    wallet = await bench.wallet(5_000)
    assert await granted(bench, bench.pay(wallet, 1_000)) == expected
    await sound(bench)


async def test_a_campaign_is_for_its_tablets_and_hours(bench: Bench) -> None:
    await rules(bench, grants=[])
    fund = await giving.fund(bench, "fair")
    local = bench.clock.now + timedelta(hours=9)
    minute = local.hour * 60 + local.minute
    await giving.campaign(bench, "booth", fund=fund, terminal_groups=["booth"])
    await giving.campaign(bench, "now", fund=fund, from_minute=minute, to_minute=minute + 5)
    await giving.campaign(bench, "today", fund=fund, weekdays=[local.isoweekday()])
    await giving.campaign(bench, "the-5th", fund=fund, month_days=[(local.day % 28) + 1])
    wallet = await bench.wallet(5_000)
    assert [code for code, _ in await granted(bench, await bench.charge(wallet, 500))] == [
        "now",
        "today",
    ]
    await bench.pool.execute("UPDATE koban.terminal SET groups = '{booth}'")
    bench.clock.advance(minutes=6)
    assert [code for code, _ in await granted(bench, await bench.charge(wallet, 600))] == [
        "booth",
        "today",
    ]
    await sound(bench)


async def test_a_campaign_ends_with_its_bounds_and_budget(bench: Bench) -> None:
    await rules(bench, grants=[])
    fund = await giving.fund(bench, "fair", 160)
    await giving.campaign(bench, "bounded", fund=fund, person_max=120)
    wallet, other = await bench.wallet(5_000), await bench.wallet(5_000)
    assert await granted(bench, bench.pay(wallet, 1_000)) == [("bounded", 100)]
    assert await granted(bench, bench.pay(wallet, 900)) == [("bounded", 20)]
    assert await granted(bench, bench.pay(wallet, 800)) == []
    assert await granted(bench, bench.pay(other, 500)) == []  # 50 of the 40 that are left.
    paid = bench.pay(other, 300)
    assert await granted(bench, paid) == [("bounded", 30)]
    assert await giving.budget(bench, fund) == (150, 0)
    assert await tell(bench, bench.reverse(paid.id)) == "done"
    assert await giving.budget(bench, fund) == (120, 0)
    await sound(bench)


async def test_dice_can_be_thrown_again(bench: Bench) -> None:
    await rules(bench, grants=[])
    fund = await giving.fund(bench, "fair")
    await giving.campaign(
        bench, "dice", fund=fund, seed=b"s" * 32, face_weights=[3, 2, 1], face_factors=[1, 2, 6]
    )
    wallet = await bench.wallet(20_000)
    for amount in range(100, 130):
        decision = await bench.one(bench.pay(wallet, amount))
        [one] = receipt(decision).granted
        assert one.face is not None
        assert one.amount == amount * 1_000 * [1, 2, 6][one.face - 1] // 10_000
    await sound(bench)
    await bench.pool.execute("UPDATE koban.campaign SET seed = $1", b"t" * 32)
    assert any("its dice did not show" in one for one in await bench.problems())


async def test_a_campaign_of_a_shop_raises_what_it_issues(bench: Bench) -> None:
    await issuing(bench)
    fund = await giving.fund(bench, "fair")
    await giving.campaign(bench, "double", trigger="issue", basis_points=10_000, shops=[bench.shop])
    await giving.campaign(bench, "city", trigger="issue", fund=fund, basis_points=5_000)
    wallet = await bench.wallet()
    told = receipt(await issue(bench, wallet, 1_000))
    assert told.amount == 20
    assert [(one.campaign, one.amount) for one in told.granted] == [("double", 10), ("city", 5)]
    assert await bench.holds(wallet) == {"point": 25}
    await sound(bench)


async def test_a_premium_is_given_or_the_top_up_refused(bench: Bench) -> None:
    fund: int = await bench.pool.fetchval(
        "SELECT funder FROM koban.grant_rule WHERE town = $1 AND trigger = 'top_up'", bench.town
    )
    await bench.pool.execute(
        "INSERT INTO koban.budget (town, fund, ceiling) VALUES ($1, $2, 25)", bench.town, fund
    )
    wallet = await bench.wallet()
    outcomes = [await tell(bench, await bench.top_up(wallet, 1_000)) for _ in range(3)]
    given, _ = await giving.budget(bench, fund)
    assert outcomes.count("over_budget") >= 1
    assert given <= 25
    await sound(bench)


# -- coupons ---------------------------------------------------------------------------------------


@pytest.fixture
async def shop(bench: Bench) -> Bench:
    """Nagaoka's ledger where coupons pay, and nothing is given on payments."""
    await rules(bench, grants=[], instruments=[*bench.profile.instruments, COUPON])
    return bench


async def test_a_coupon_pays_a_part(shop: Bench) -> None:
    fund = await giving.fund(shop, "office", 1_000)
    number = await giving.coupon(shop, "three", fund, 7)
    wallet = await shop.wallet(5_000)
    paid = shop.pay(wallet, 1_000, coupons=(number,))
    told = receipt(await shop.one(paid))
    assert [(part.instrument, part.amount) for part in told.parts] == [
        ("coin", 700),
        ("coupon", 300),
    ]
    assert told.coupons == [number]
    assert await giving.budget(shop, fund) == (300, 0)
    assert (await shop.holds(wallet))["coin"] == 4_300
    await sound(shop)
    # In part the payer's own money comes back first; whole, the coupon's too.
    assert await tell(shop, shop.reverse(paid.id, 600)) == "done"
    assert (await shop.holds(wallet))["coin"] == 4_900
    assert await giving.budget(shop, fund) == (300, 0)
    assert await tell(shop, shop.reverse(paid.id)) == "done"
    assert (await shop.holds(wallet))["coin"] == 5_000
    assert await giving.budget(shop, fund) == (0, 0)
    await sound(shop)


@pytest.mark.parametrize(
    ("changes", "asked", "expected"),
    [
        ({}, {"coupons": (999,)}, "coupon_unknown"),
        ({"stopped_at": "now"}, {}, "coupon_unknown"),
        ({"starts_at": "+1"}, {}, "coupon_closed"),
        ({"ends_at": "now"}, {}, "coupon_closed"),
        ({"weekdays": "other"}, {}, "coupon_closed"),
        ({"awarded": True}, {}, "coupon_not_yours"),
        ({"survey": 5}, {}, "coupon_not_yours"),
        ({"shops": [1]}, {}, "coupon_not_here"),
        ({"shop_groups": ["small"]}, {}, "coupon_not_here"),
        ({}, {"coupons": "twice"}, "coupons_not_together"),
        ({"minimum": 1_001}, {}, "coupon_under_minimum"),
        ({"discount": None, "basis_points": 1}, {"amount": 50}, "coupon_under_minimum"),
        ({"discount": 1_001}, {}, "over_budget"),
        ({"discount": 901, "minimum": 900}, {"amount": 901}, "done"),
    ],
)
async def test_what_a_coupon_is_not_for(
    shop: Bench, changes: dict[str, Any], asked: dict[str, Any], expected: str
) -> None:
    fund = await giving.fund(shop, "office", 1_000)
    local = shop.clock.now + timedelta(hours=9)
    at: dict[object, Any] = {
        "now": shop.clock.now,
        "+1": shop.clock.now + timedelta(days=1),
        "other": [local.isoweekday() % 7 + 1],
    }
    values = {k: at[v] if isinstance(v, str) else v for k, v in changes.items()}
    number = await giving.coupon(shop, "three", fund, 7, **values)
    wallet = await shop.wallet(5_000)
    amount = asked.get("amount", 1_000 if values.get("discount") != 1_001 else 2_000)
    coupons = asked.get("coupons", (number,))
    coupons = (number, number) if coupons == "twice" else coupons
    before = await shop.holds(wallet)
    decision = await shop.one(shop.pay(wallet, amount, coupons=coupons))
    assert decision.outcome == expected
    if expected != "done":
        assert await shop.holds(wallet) == before
        assert await giving.budget(shop, fund) == (0, 0)
        # Without it the same is paid.
        assert await tell(shop, shop.pay(wallet, amount)) == "done"
    await sound(shop)


async def test_a_coupon_once_a_person_and_again_after_a_reversal(shop: Bench) -> None:
    fund = await giving.fund(shop, "office")
    number = await giving.coupon(shop, "three", fund, 7, per_person=1)
    wallet = await shop.wallet(9_000)
    first = shop.pay(wallet, 1_000, coupons=(number,))
    second = shop.pay(wallet, 1_100, coupons=(number,))
    batch = await shop.decide(first, second)
    assert [one.outcome for one in batch.decisions] == ["done", "coupon_used"]
    assert await tell(shop, shop.reverse(first.id, 100)) == "done"
    assert await tell(shop, shop.pay(wallet, 1_200, coupons=(number,))) == "coupon_used"
    assert await tell(shop, shop.reverse(first.id)) == "done"
    assert await tell(shop, shop.pay(wallet, 1_300, coupons=(number,))) == "done"
    await sound(shop)


async def test_a_place_of_a_round_pays_from_what_it_reserved(shop: Bench) -> None:
    fund = await giving.fund(shop, "office", 600)
    number = await giving.coupon(shop, "three", fund, 7, awarded=True)
    open_to_all = await giving.coupon(shop, "all", fund, 7)
    round_ = await giving.offer(
        shop, "round-1", gives="coupon", amount=None, coupon=number, places=2, reserve=300
    )
    await shop.pool.execute("UPDATE koban.budget SET reserved = 600")
    wallet, other = await shop.wallet(9_000), await shop.wallet(9_000)
    await giving.award(shop, round_, wallet)
    assert await tell(shop, shop.pay(other, 1_000, coupons=(open_to_all,))) == "over_budget"
    first = shop.pay(wallet, 1_000, coupons=(number,))
    assert await tell(shop, first) == "done"
    assert await giving.budget(shop, fund) == (300, 300)
    assert await tell(shop, shop.pay(wallet, 1_100, coupons=(number,))) == "coupon_used"
    assert await tell(shop, shop.reverse(first.id)) == "done"
    assert await giving.budget(shop, fund) == (0, 300)
    assert await tell(shop, shop.pay(wallet, 1_200, coupons=(number,))) == "done"
    assert await giving.budget(shop, fund) == (300, 300)
    await sound(shop)


async def test_coupons_together_and_asked_about(shop: Bench) -> None:
    fund = await giving.fund(shop, "office")
    yen = await giving.coupon(shop, "yen", fund, 7, mixes=True)
    tenth = await giving.coupon(
        shop, "tenth", fund, 7, mixes=True, discount=None, basis_points=1_000, discount_max=150
    )
    wallet = await shop.wallet(9_000)
    both = shop.pay(wallet, 2_000, coupons=(yen, tenth))
    told = receipt(await shop.one(both))
    assert {part.instrument: part.amount for part in told.parts} == {"coin": 1_550, "coupon": 450}
    again = shop.pay(wallet, 2_000, coupons=(yen, tenth))
    asked = await shop.one(again)
    assert asked.outcome == "duplicate_suspected"
    confirmed = Request(uuid7(), Kind.CONFIRM, wallet=wallet, refers=again.id)
    told = receipt(await shop.one(confirmed))
    assert {part.instrument: part.amount for part in told.parts} == {"coin": 1_550, "coupon": 450}
    await sound(shop)


async def test_a_shown_code_carries_its_coupon(shop: Bench) -> None:
    fund = await giving.fund(shop, "office")
    number = await giving.coupon(shop, "three", fund, 7)
    wallet = await shop.wallet(5_000)
    charge = await shop.charge(wallet, 1_000)
    await shop.pool.execute("UPDATE koban.code SET coupons = $1 WHERE used_by IS NULL", [number])
    told = receipt(await shop.one(charge))
    assert {part.instrument: part.amount for part in told.parts} == {"coin": 700, "coupon": 300}
    await sound(shop)


# -- rights ----------------------------------------------------------------------------------------


async def test_only_who_has_a_place_tops_up(bench: Bench) -> None:
    await rules(bench, ways=[*bench.profile.ways, CARD])
    await bench.pool.execute("UPDATE koban.way SET needs_right = true WHERE code = 'card'")
    provider = await provider_account(bench.pool, bench.town, "card")
    assert provider is not None
    wallet, other = await bench.wallet(), await bench.wallet()
    offer = await giving.offer(bench, "spring")
    await giving.award(bench, offer, wallet)
    assert await tell(bench, load(other, provider, 1_000)) == "right_required"
    batch = await bench.decide(*(load(wallet, provider, yen) for yen in (6_000, 5_000, 4_000, 500)))
    assert [one.outcome for one in batch.decisions] == ["done", "over_right", "done", "over_right"]
    assert receipt(batch.decisions[1]).limit == 4_000
    # A top-up that is taken back gives its right back.
    first = batch.decisions[0]
    back = Request(
        uuid7(),
        Kind.REVERSE,
        refers=first.id,
        shop=provider,
        rank=Rank.OPERATOR,
    )
    assert await tell(bench, back) == "done"
    assert await tell(bench, load(wallet, provider, 5_500)) == "done"
    bench.clock.advance(days=400)
    assert await tell(bench, load(wallet, provider, 500)) == "right_required"
    # Going out by it is anybody's: a right is to buy.
    await bench.pool.execute("UPDATE koban.way SET outward = true WHERE code = 'card'")
    await tell(bench, await bench.top_up(wallet, 1_000))
    out = replace(load(wallet, provider, 500), kind=Kind.UNLOAD)
    assert await tell(bench, out) == "done"
    await sound(bench)


# -- what has expired ------------------------------------------------------------------------------


async def test_what_expired_goes_to_its_fund_or_purpose(bench: Bench) -> None:
    fund = await giving.fund(bench, "health", 1_000)
    await giving.activity(bench, "walk", fund)
    purpose: int = await bench.pool.fetchval("SELECT nextval('koban.account_number')")
    await bench.pool.execute(
        "INSERT INTO koban.account (town, account, kind, opened_at, title)"
        " VALUES ($1, $2, 'purpose', $3, '広報費')",
        bench.town, purpose, bench.clock.now,
    )  # fmt: skip
    await bench.pool.execute(
        "INSERT INTO koban.purpose (town, purpose, code) VALUES ($1, $2, 'publicity')",
        bench.town, purpose,
    )  # fmt: skip
    wallet = await bench.wallet()
    assert await tell(bench, grant(wallet, "walk")) == "done"
    assert await tell(bench, expire(wallet, fund)) == "nothing_expired"
    bench.clock.advance(days=3_000)
    asked = expire(wallet, fund)
    gone = await bench.one(asked)
    assert (gone.outcome, receipt(gone).kind, receipt(gone).amount) == ("done", "expiry", 100)
    assert await giving.budget(bench, fund) == (0, 0)
    assert (await bench.one(asked)).repeated
    assert await tell(bench, expire(wallet, fund)) == "nothing_expired"
    await bench.pool.execute(
        "UPDATE koban.instrument SET expired_to = $1 WHERE instrument = 2", purpose
    )
    assert await tell(bench, grant(wallet, "walk")) == "activity_unknown"
    await bench.pool.execute("UPDATE koban.activity SET ends_at = 'infinity'")
    assert await tell(bench, grant(wallet, "walk")) == "done"
    bench.clock.advance(days=3_000)
    await bench.pool.execute("UPDATE koban.account SET state = 'frozen' WHERE account = $1", wallet)
    assert await tell(bench, expire(wallet, fund)) == "nothing_expired"
    gone = await bench.one(expire(wallet, purpose))
    assert (gone.outcome, receipt(gone).purpose) == ("done", "広報費")
    assert await giving.budget(bench, fund) == (100, 0)
    assert await tell(bench, expire(wallet, 999_999)) == "nothing_expired"
    await sound(bench)


async def test_disuse_and_a_grant_of_the_same_fund(bench: Bench) -> None:
    await rules(
        bench,
        instruments=[
            *(one for one in bench.profile.instruments if one.code != "point"),
            replace(instrument(bench.profile, "point"), expires=Expiry(idle_days=30)),
        ],
    )
    fund = await giving.fund(bench, "health", 1_000)
    await giving.activity(bench, "walk", fund)
    wallet, idle = await bench.wallet(), await bench.wallet()
    assert await tell(bench, grant(wallet, "walk")) == "done"
    assert await tell(bench, grant(idle, "walk")) == "done"
    bench.clock.advance(days=31)
    second = grant(wallet, "walk")
    assert await tell(bench, second) == "done"
    assert await bench.holds(wallet) == {"point": 100}
    assert await giving.budget(bench, fund) == (200, 0)
    assert await tell(bench, expire(idle, fund)) == "done"
    assert await giving.budget(bench, fund) == (100, 0)
    undone = await bench.one(reclaim(second.id, fund))
    assert receipt(undone).amount == 100
    assert await bench.holds(wallet) == {}
    await sound(bench)


async def test_an_id_is_one_thing(bench: Bench) -> None:
    fund = await giving.fund(bench, "health")
    await giving.activity(bench, "walk", fund)
    wallet = await bench.wallet(1_000)
    request = grant(wallet, "walk")
    assert await tell(bench, request) == "done"
    assert await tell(bench, replace(request, way="swim")) == "id_reused"
    paid = bench.pay(wallet, 10)
    assert await tell(bench, paid) == "done"
    assert await tell(bench, replace(paid, coupons=(1,))) == "id_reused"
    assert await tell(bench, replace(grant(wallet, "walk"), id=uuid4())) == "done"
    await sound(bench)


async def test_a_shown_coupon_is_nothing_to_who_gives(shop: Bench) -> None:
    """A code that carries a coupon is shown to a tablet that issues and to one that grants."""
    await issuing(shop)
    fund = await giving.fund(shop, "office")
    number = await giving.coupon(shop, "three", fund, 7, shops=[999_999])
    await giving.activity(shop, "walk", fund)
    wallet = await shop.wallet()
    for kind, changes in (
        (Kind.ISSUE, {"shop": shop.shop, "amount": 1_000}),
        (Kind.GRANT, {"way": "walk"}),
    ):
        code = await shop.code(wallet, "pay")
        await shop.pool.execute("UPDATE koban.code SET coupons = $1", [number])
        request = Request(uuid7(), kind, terminal=shop.terminal, code=code)
        assert await tell(shop, replace(request, **changes)) == "done"
    await sound(shop)


async def test_a_refused_premium_is_not_on_the_receipt(bench: Bench) -> None:
    fund: int = await bench.pool.fetchval(
        "SELECT funder FROM koban.grant_rule WHERE town = $1 AND trigger = 'top_up'", bench.town
    )
    await bench.pool.execute(
        "INSERT INTO koban.budget (town, fund, ceiling) VALUES ($1, $2, 0)", bench.town, fund
    )
    refused = await bench.one(await bench.top_up(await bench.wallet(), 10_000))
    assert refused.outcome == "over_budget"
    assert receipt(refused).granted == []
    await sound(bench)


async def test_a_preview_shows_no_dice(bench: Bench) -> None:
    """It tells the coupon and what is sure to be given; what dice will show nobody knows."""
    await rules(bench, grants=[], instruments=[*bench.profile.instruments, COUPON])
    fund = await giving.fund(bench, "fair", 1_000)
    await giving.campaign(bench, "sure", fund=fund)
    await giving.campaign(
        bench, "dice", fund=fund, seed=b"s" * 32, face_weights=[1, 1], face_factors=[1, 2]
    )
    number = await giving.coupon(bench, "three", fund, 7)
    wallet = await bench.wallet(5_000)
    shown = await preview(
        bench.pool, bench.town, wallet, bench.shop, 1_000, bench.clock.now, (number,)
    )
    told = msgspec.json.decode(shown.receipt, type=Receipt)
    assert {part.instrument: part.amount for part in told.parts} == {"coin": 700, "coupon": 300}
    assert [(one.campaign, one.amount, one.face) for one in told.granted] == [("sure", 70, None)]
