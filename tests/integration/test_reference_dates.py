"""Reference dates (基準日): the half-year's figures against hand-made ones, then and later."""

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from config.profile import Expiry
from ledger import expiry, reference_dates
from ledger.prepaid import Doubt, HalfYear, Standing
from ledger.reference_dates import Kind, Reckoning
from ledger.reports.snapshot import ReportBusy, ReportRoom
from ledger.towns import provider_account
from ledger.vault import Vault
from tests.integration.test_value import CARD, instrument, load, rules, send, tell
from tests.support.ledger import Bench

JAPAN = ZoneInfo("Asia/Tokyo")
SPRING, AUTUMN, NEXT_SPRING = (
    datetime(year, month, 1, tzinfo=JAPAN) for year, month in ((2026, 4), (2026, 10), (2027, 4))
)


async def look(bench: Bench, since: datetime = SPRING, until: datetime = AUTUMN) -> Reckoning:
    """The town's half-year, of which the user's money was paid."""
    async with ReportRoom.beside(bench.pool).snapshot() as connection:
        return await reference_dates.reckon(
            connection, bench.town, since, until, ("user",), municipal=False, time_max_s=30
        )


def kind(found: Reckoning, code: str) -> Kind:
    """One kind of value of it."""
    return next(each for each in found.kinds if each.instrument == code)


def until(bench: Bench, at: datetime) -> None:
    """Lets time pass up to an instant."""
    bench.clock.advance(seconds=(at - bench.clock.now).total_seconds())


async def test_a_half_year_by_hand_now_and_for_ever(bench: Bench) -> None:
    """Top-ups, payments, both cancelled, sending, points that end: every figure as on paper; and
    the same, word for word, after another half-year of payments and a midnight's run.
    """
    hanako, taro = await bench.wallet(10_000), await bench.wallet()
    assert await tell(bench, bench.pay(hanako, 2_500)) == "done"  # 100 points and 2,400 coins.
    wrong = await bench.top_up(hanako, 5_000)
    for request in (wrong, bench.reverse(wrong.id)):
        assert await tell(bench, request) == "done"
    bench.clock.advance(minutes=10)
    paid = bench.pay(hanako, 1_000)
    for request in (paid, bench.reverse(paid.id), send(hanako, taro, 600)):
        assert await tell(bench, request) == "done"
    assert await bench.holds(hanako) == {"coin": 7_000, "point": 12}
    coins = HalfYear(issued=15_000, recovered=2_400, refunded=5_000, unspent=7_600)
    points = HalfYear(issued=112, recovered=100, expired=12)

    until(bench, AUTUMN)
    found = await look(bench)
    coin, point = kind(found, "coin"), kind(found, "point")
    assert (coin.standing, coin.paid, coin.free) == (Standing.COUNTED, coins, HalfYear())
    assert (point.standing, point.paid, point.free) == (Standing.FREE, HalfYear(), points)
    assert kind(found, "street_point").standing is Standing.FREE
    assert found.counted == coins
    assert (coin.lives.longest_days, coin.lives.doubts) == (213, [Doubt.LONG_LIFE])

    # From midnight on it is another half-year's.
    assert await tell(bench, await bench.top_up(taro, 1_000)) == "done"
    assert await tell(bench, bench.pay(hanako, 6_000)) == "done"
    until(bench, datetime(2026, 11, 1, tzinfo=JAPAN))
    while await expiry.run_slice(bench.pool, bench.town, bench.clock.now, bench.clock):
        pass
    until(bench, NEXT_SPRING)
    assert await look(bench) == found
    after = await look(bench, AUTUMN, NEXT_SPRING)
    assert kind(after, "coin").paid == HalfYear(
        opening=7_600, issued=1_000, recovered=6_000, expired=1_600, unspent=1_000
    )
    assert kind(after, "point").free.opening == 0
    assert await bench.problems() == []


async def test_what_ended_is_not_unspent_though_nobody_carried_it_away(bench: Bench) -> None:
    """A lot that ends with the reference date itself; and value of wallets that nobody used."""
    short = replace(instrument(bench.profile, "coin"), expires=Expiry(months=5, at="month_end"))
    idle = replace(instrument(bench.profile, "point"), expires=Expiry(idle_days=30))
    others = [one for one in bench.profile.instruments if one.code not in {"coin", "point"}]
    await rules(bench, instruments=[*others, short, idle])
    hanako, taro = await bench.wallet(10_000), await bench.wallet(20_000)
    until(bench, datetime(2026, 9, 15, tzinfo=JAPAN))
    assert await tell(bench, await bench.top_up(taro, 500)) == "done"
    until(bench, AUTUMN)
    found = await look(bench)
    # Taro came in September: Hanako's 100 points were not used for too long, and his are lost too,
    # because they were not used for a month when he came.
    assert kind(found, "point").free == HalfYear(issued=305, expired=300, unspent=5)
    assert kind(found, "coin").paid == HalfYear(issued=30_500, expired=30_000, unspent=500)
    assert await bench.holds(hanako) == {}
    before = await look(bench, SPRING, datetime(2026, 9, 30, tzinfo=JAPAN))
    assert kind(before, "coin").paid.unspent == 30_500


async def test_six_months_are_proved_or_doubted(bench: Bench) -> None:
    """The last day that the law allows, and the day after it, also where six months on there is no
    such day; value that got a later end; and value used after its end, which is planted.
    """
    coin, voucher = instrument(bench.profile, "coin"), {"kind": "voucher", "spend_order": 1}
    ends = {"half": Expiry(months=6), "longer": Expiry(months=6, days=1), "ever": Expiry()}
    made = [
        replace(coin, number=20 + place, code=code, expires=expires, **voucher)
        for place, (code, expires) in enumerate(ends.items())
    ]
    ways = [replace(CARD, code=f"{code}_card", instrument=code) for code in ends]
    later = replace(bench.profile.reversals, expired_lots="extend", extend_days=3)
    await rules(
        bench,
        instruments=[*bench.profile.instruments, *made],
        ways=[*bench.profile.ways, *ways],
        reversals=replace(later, window_days=366),
    )
    wallet = await bench.wallet()
    for month, day in ((4, 2), (8, 30)):  # Until 2 October, and until 28 February.
        until(bench, datetime(2026, month, day, 12, tzinfo=JAPAN))
        for code in ends:
            provider = await provider_account(bench.pool, bench.town, f"{code}_card")
            assert provider is not None
            assert await tell(bench, load(wallet, provider, 1_000, f"{code}_card")) == "done"

    async def doubts(at: datetime) -> dict[str, tuple[Standing, list[Doubt]]]:
        found = await look(bench, SPRING, at)
        return {code: (kind(found, code).standing, kind(found, code).lives.doubts) for code in ends}

    long = (Standing.COUNTED, [Doubt.LONG_LIFE])
    half: dict[str, tuple[Standing, list[Doubt]]] = {"half": (Standing.SIX_MONTHS, [])}
    until(bench, AUTUMN)
    assert await doubts(AUTUMN) == half | {"longer": long, "ever": long}
    found = await look(bench)
    assert [kind(found, code).lives.longest_days for code in ends] == [183, 184, None]
    assert found.counted == HalfYear(issued=4_000, unspent=4_000), "what is exempt is not counted"

    paid = bench.pay(wallet, 100)  # Of the kind that ends first.
    assert await tell(bench, paid) == "done"
    until(bench, datetime(2026, 12, 1, tzinfo=JAPAN))
    assert await tell(bench, bench.reverse(paid.id)) == "done"
    extended = (Standing.COUNTED, [Doubt.EXTENDED])
    assert await doubts(NEXT_SPRING) == {"half": extended, "longer": long, "ever": long}
    assert (await doubts(AUTUMN))["half"] == half["half"], "then nobody had a doubt"

    await bench.pool.execute(
        """WITH planted AS (
            INSERT INTO koban.entry (town, entry, id, kind, at, version, wallet, wallet_seq, shop,
                shop_seq, amount)
            SELECT town, 999, gen_random_uuid(), kind, $2, version, wallet, 999, shop, 999, amount
            FROM koban.entry WHERE town = $1 AND id = $3 RETURNING 1)
        INSERT INTO koban.posting (town, entry, line, from_account, to_account, instrument,
            expires_at, funder, amount)
        SELECT p.town, 999, p.line, p.from_account, p.to_account, p.instrument, p.expires_at,
            p.funder, p.amount
        FROM koban.posting p JOIN koban.entry e USING (town, entry) WHERE e.id = $3""",
        bench.town, datetime(2026, 12, 2, tzinfo=JAPAN), paid.id,
    )  # fmt: skip
    both = (Standing.COUNTED, [Doubt.EXTENDED, Doubt.SPENT_LATE])
    assert (await doubts(NEXT_SPRING))["half"] == both


async def test_a_refund_list_is_what_is_unspent_and_was_paid(bench: Bench) -> None:
    """A line a wallet; points are nobody's to be paid back; one look at a time."""
    hanako, taro = await bench.wallet(3_000), await bench.wallet(2_000)
    assert await tell(bench, send(hanako, taro, 400)) == "done"
    await bench.wallet()
    await bench.pool.execute(
        """
        INSERT INTO people.person (town, wallet, key_id, phone_digest, phone_encrypted,
            name_encrypted, password_hash, pin_hash, registered_at)
        VALUES ($1, $2, 1, '', '', '', '', '', now())
        """,
        bench.town,
        hanako,
    )
    readers: set[str] = set()

    class Seen(Vault):
        def decrypt(self, *_of: object) -> str:
            readers.add(threading.current_thread().name)
            return "長岡 花子"

    async def owed(code: str) -> list[tuple[int, int, str | None]]:
        number = instrument(bench.profile, code).number
        vault = Seen({1: b"a secret that only the tests know, 32 characters and more"})
        async with ReportRoom.beside(bench.pool).snapshot() as connection:
            found = await reference_dates.refunds(
                connection, vault, bench.town, number, AUTUMN, ("user",), time_max_s=30
            )
        return [(each.wallet, each.amount, each.name) for each in found]

    assert await owed("coin") == [(hanako, 2_600, "長岡 花子"), (taro, 2_400, None)]
    assert len(readers) == 1
    assert threading.main_thread().name not in readers  # Payments go on beside it.
    assert await owed("point") == []
    async with ReportRoom.beside(bench.pool).snapshot():
        with pytest.raises(ReportBusy):
            await look(bench)
