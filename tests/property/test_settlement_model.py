"""Settlements against an auditor who adds every entry up again in plain Python."""

from datetime import timedelta
from random import Random
from typing import Any

from msgspec.structs import replace

from ledger import accounts
from ledger.grants import By
from ledger.ids import uuid7
from ledger.requests import Kind, Rank, Request
from ledger.settlement import fees, lines, settlements
from ledger.settlement.fees import NewFeeRate
from ledger.settlement.refusals import SettlementRefused
from ledger.settlement.settlements import NewSettlement, Rounding, Terms
from ledger.towns import load_town
from tests.property.settlement_auditor import Auditor, Line, Part
from tests.support import giving
from tests.support.every_value import every_value
from tests.support.ledger import Bench

MAKER, CHECKER = By(None, "佐藤"), By(None, "鈴木")
ROUNDINGS: tuple[Rounding, ...] = ("down", "up", "half_up")
DAYS, ACTS_A_DAY = 6, 14


class Shops:
    """A town's shops and people, at random; ``done`` are the requests that can be reversed."""

    def __init__(self, bench: Bench, random: Random, tablets: dict[int, int]) -> None:
        self.bench, self.random, self.tablets = bench, random, tablets
        self.wallets: list[int] = []
        self.done: list[Request] = []
        self.coupon = 0

    async def act(self) -> None:
        """A top-up, a payment, points from a shop, or any of them given back in part."""
        dice, bench = self.random, self.bench
        shop, wallet = dice.choice(list(self.tablets)), dice.choice(self.wallets)
        at: dict[str, Any] = {"shop": shop, "terminal": self.tablets[shop]}
        match dice.choice(["top_up", "pay", "pay", "pay", "issue", "reverse"]):
            case "top_up":
                request = await bench.top_up(wallet, dice.choice([500, 3_000, 10_000]), **at)
            case "pay":
                amount = dice.choice([1, 33, 333, 1_234, 5_000])
                coupons = dice.choice([(), (), (self.coupon,)])
                request = bench.pay(wallet, amount, shop=shop, coupons=coupons)
            case "issue":
                code = await bench.code(wallet, "pay")
                request = Request(
                    uuid7(), Kind.ISSUE, code=code, amount=dice.choice([250, 9_999]), **at
                )
            case _ if self.done:
                past = dice.choice(self.done)
                request = bench.reverse(
                    past.id,
                    dice.choice([None, 1, 100]),
                    shop=past.shop,
                    terminal=self.tablets[past.shop or 0],
                    rank=Rank.OPERATOR,
                )
            case _:
                return
        if (await bench.one(request)).outcome == "done" and request.kind is not Kind.REVERSE:
            self.done.append(request)
        bench.clock.advance(minutes=7)


async def set_rates(bench: Bench, random: Random, tablets: dict[int, int]) -> None:
    """A rate or two of any kind, scope and value, at once or the next day."""
    for _ in range(2):
        kind = random.choice(("redemption", *fees.KINDS))
        points, yen = random.choice([(150, 0), (33, 0), (0, 3), (1_999, 1), (None, None)])
        if kind == "transfer" and points is not None:
            points, yen = 0, random.choice([110, 440])
        scope = random.choice(["all", "group", "shop"])
        new = NewFeeRate(
            kind,
            points,
            yen,
            bench.clock.now + timedelta(hours=random.choice([0, 5, 30])),
            shop=random.choice(list(tablets)) if scope == "shop" else None,
            shop_group=random.choice(["street", "large"]) if scope == "group" else None,
            instrument=random.choice([None, None, 1, 2]) if kind != "transfer" else None,
        )
        async with bench.pool.acquire() as connection:
            await fees.set_rate(connection, bench.town, new, MAKER, bench.clock.now)


async def settle(bench: Bench, random: Random, auditor: Auditor) -> bool:
    """Makes a settlement of some scope and period; whether there was anything to settle."""
    pool, town, now = bench.pool, bench.town, bench.clock.advance(minutes=2)
    everybody = sorted(auditor.groups)
    beginning = await pool.fetchval(settlements.SQL["first_instant"], town)
    since = random.choice([None, None, now - timedelta(days=2)])
    until = random.choice([now - timedelta(minutes=1), now - timedelta(hours=20)])
    terms = Terms(random.choice([1, 3_000]), random.choice([1, 2_000]), random.choice(ROUNDINGS))
    scope = random.choice(["all", "group", "shops"])
    group = "street" if scope == "group" else None
    some = random.sample(everybody, 2) if scope == "shops" else None
    meant = some or [shop for shop in everybody if not group or group in auditor.groups[shop]]
    new = NewSettlement(until, terms, since, group, some)
    await auditor.read(pool, town)
    expected = auditor.settle(
        sorted(meant), since or beginning, until, now, terms.fee_rounding,
        (terms.payout_min, terms.collection_min),
    )  # fmt: skip
    number, refused = 0, ""
    try:
        async with pool.acquire() as connection, connection.transaction():
            number = await settlements.make(connection, town, new, MAKER, now)
    except SettlementRefused as error:
        refused = error.code
    assert refused == ("" if expected else "settlement_empty")
    if not expected:
        return False
    found = await lines.lines(pool, town, number)
    assert {
        line.shop: Line(
            *(line.entries, line.accepted, line.topped_up, line.issued, line.fees),
            *(line.carried_in, line.net, line.carries),
        )
        for line in found
    } == expected
    assert {
        Part(*(one.shop, one.day, one.kind, one.reversal, one.instrument, one.funder, one.rate)): (
            one.entries,
            one.amount,
        )
        for one in await lines.parts(pool, town, number)
    } == auditor.parts
    charged = await lines.charges(pool, town, number)
    assert {(one.funder, one.instrument): one.amount for one in charged} == auditor.charges
    await become(bench, random, auditor, number)
    return True


async def become(bench: Bench, random: Random, auditor: Auditor, number: int) -> None:
    """Releases a settlement, and lets some of its lines fail."""
    pool, town, now = bench.pool, bench.town, bench.clock.now
    async with pool.acquire() as connection, connection.transaction():
        await settlements.release(connection, town, number, CHECKER, now)
        for line in await lines.lines(connection, town, number):
            if line.state != "released":
                continue
            await lines.mark_in_file(connection, town, number, [line.shop], now)
            if random.random() < 0.3:
                await lines.mark_failed(connection, town, number, line.shop, "口座なし", now)
                auditor.failed[line.shop].append(line.net)
            else:
                await lines.mark_paid(connection, town, number, [line.shop], now)
    found = await settlements.settlement(pool, town, number)
    assert found is not None
    assert found.state == "closed"


async def test_settlements_say_what_an_auditor_adds_up(bench: Bench) -> None:
    """Days of everything that shops do, rates that change and lines that fail: each settlement, of
    whatever shops and period, comes to the yen to what the journal says, and verify agrees.
    """
    random, now = Random(20260401), bench.clock.advance(minutes=1)
    profile = every_value(bench.profile)
    profile = replace(
        profile,
        payments=replace(profile.payments, duplicate_window_s=0),
        ways=[replace(way, min=100, step=100) for way in profile.ways],
    )
    await load_town(bench.pool, profile, now)
    tablets = {bench.shop: bench.terminal}
    tablets |= dict([await bench.another_shop() for _ in range(3)])
    groups = dict(zip(tablets, (["street"], ["large"], ["street", "large"], []), strict=True))
    for shop, of in groups.items():
        await accounts.set_shop_groups(bench.pool, bench.town, shop, of)
    world, auditor = Shops(bench, random, tablets), Auditor(groups)
    city = await giving.fund(bench, "city_coupons", ceiling=100_000)
    world.coupon = await giving.coupon(bench, "bread", city, 7)
    world.wallets = [await bench.wallet(10_000) for _ in range(4)]
    made = 0
    for _ in range(DAYS):
        await set_rates(bench, random, tablets)
        for _ in range(ACTS_A_DAY):
            await world.act()
        made += await settle(bench, random, auditor)
        bench.clock.advance(days=random.choice([0.3, 1, 2]))
    assert made > DAYS / 2
    bench.clock.advance(days=1)
    everything = NewSettlement(bench.clock.now - timedelta(minutes=2), Terms(1, 1, "down"))
    async with bench.pool.acquire() as connection, connection.transaction():
        await settlements.make(connection, bench.town, everything, MAKER, bench.clock.now)
        total = await connection.fetchval("SELECT count(*) FROM koban.settled_entry")
        spent = await connection.fetch("SELECT DISTINCT funder FROM koban.settlement_charge")
    assert total == len(auditor.entries)
    assert city in {row["funder"] for row in spent}
    assert await bench.problems() == []
