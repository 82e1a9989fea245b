"""A payment looked at before it is made: the same answer as the payment's own, and no trace."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from config.profile import Expiry
from gateway.protocol.messages import Receipt
from ledger import accounts
from ledger.preview import Preview, preview
from ledger.reading import balance
from ledger.towns import load_town
from tests.support.ledger import Bench, receipt


async def look(bench: Bench, wallet: int, amount: int, shop: int | None = None) -> Preview:
    """What paying would come to now."""
    return await preview(
        bench.pool, bench.town, wallet, shop or bench.shop, amount, bench.clock.now
    )


async def everything(bench: Bench) -> list[int]:
    """How much there is of everything that a decision writes."""
    tables = ("decision", "entry", "posting", "event", "hold", "debt")
    return [await bench.pool.fetchval(f"SELECT count(*) FROM koban.{name}") for name in tables]


@pytest.mark.parametrize("amount", [1, 99, 100, 101, 5_000, 10_100, 10_101, 100_001])
async def test_the_payment_comes_to_what_was_told(bench: Bench, amount: int) -> None:
    """Outcome, parts, grants and what is left, from the smallest payment to one too large."""
    wallet = await bench.wallet(10_000)  # And 100 points.
    before = await everything(bench)
    told = await look(bench, wallet, amount)
    assert await everything(bench) == before
    made = await bench.one(bench.pay(wallet, amount))
    assert told.outcome == made.outcome
    shown, real = msgspec.json.decode(told.receipt, type=Receipt), receipt(made)
    assert (shown.parts, shown.granted, shown.balance) == (real.parts, real.granted, real.balance)
    assert (shown.available, shown.limit) == (real.available, real.limit)
    assert sum(lot.amount for lot in told.lots) == (amount if made.outcome == "done" else 0)


async def test_it_names_each_lot(bench: Bench) -> None:
    """In the order of spending, with its own end and whose money it is."""
    wallet = await bench.wallet(1_000)  # And 10 points.
    bench.clock.advance(days=40)
    assert (await bench.one(await bench.top_up(wallet, 1_000))).outcome == "done"
    told = await look(bench, wallet, 1_500)
    held = await balance(bench.pool, bench.town, wallet, bench.clock.now)
    assert held is not None
    lots = {part.instrument: part.lots for part in held.parts}
    assert [(lot.instrument, lot.amount, lot.funder, lot.expires_at) for lot in told.lots] == [
        ("point", 10, "city", lots["point"][0].expires_at),
        ("point", 10, "city", lots["point"][1].expires_at),
        ("coin", 1_000, "user", lots["coin"][0].expires_at),
        ("coin", 480, "user", lots["coin"][1].expires_at),
    ]


async def test_an_end_by_disuse_is_told_as_it_stands(bench: Bench) -> None:
    """Counted from the last use; value that never ends has none."""
    instruments = [
        replace(one, expires=Expiry(idle_days=30 if one.code == "point" else None))
        for one in bench.profile.instruments
    ]
    bench.clock.advance(minutes=1)
    await load_town(bench.pool, replace(bench.profile, instruments=instruments), bench.clock.now)
    wallet = await bench.wallet(1_000)
    used_at = bench.clock.now
    bench.clock.advance(days=3)
    told = await look(bench, wallet, 15)
    assert [lot.expires_at for lot in told.lots] == [used_at + timedelta(days=30), None]


async def test_a_second_payment_is_told_as_a_question(bench: Bench) -> None:
    """Not as a refusal: what it would use is told all the same."""
    wallet = await bench.wallet(10_000)
    assert not (await look(bench, wallet, 500)).asks
    assert (await bench.one(bench.pay(wallet, 500))).outcome == "done"
    told = await look(bench, wallet, 500)
    assert (told.asks, told.outcome) == (True, "done")
    assert sum(lot.amount for lot in told.lots) == 500


async def test_a_refusal_is_told_as_such(bench: Bench) -> None:
    """A shop that is not there, one that closed, a wallet that is frozen; no lots then."""
    wallet = await bench.wallet(1_000)
    assert (await look(bench, wallet, 500, 999_999)).outcome == "shop_unknown"
    assert (await look(bench, wallet, 500, wallet)).outcome == "shop_unknown"
    await accounts.set_account_state(bench.pool, bench.town, bench.shop, "closed")
    told = await look(bench, wallet, 500)
    assert (told.outcome, told.lots) == ("shop_closed", [])
    await accounts.set_account_state(bench.pool, bench.town, wallet, "frozen")
    assert (await look(bench, wallet, 500)).outcome == "wallet_frozen"
