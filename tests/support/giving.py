"""What a town gives, put straight into a test's ledger: programmes, campaigns, coupons, places."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.ledger import Bench

YEAR = timedelta(days=365)


async def _insert(bench: Bench, table: str, **values: Any) -> None:
    names = ", ".join(["town", *values])
    places = ", ".join(f"${n}" for n in range(1, len(values) + 2))
    await bench.pool.execute(
        f"INSERT INTO koban.{table} ({names}) VALUES ({places})",
        bench.town,
        *values.values(),
    )


async def fund(bench: Bench, code: str, ceiling: int | None = None) -> int:
    """A new fund, with a budget of so many yen; its account."""
    account: int = await bench.pool.fetchval("SELECT nextval('koban.account_number')")
    await _insert(bench, "account", account=account, kind="fund", opened_at=bench.clock.now)
    await _insert(bench, "fund", fund=account, code=code)
    if ceiling is not None:
        await _insert(bench, "budget", fund=account, ceiling=ceiling)
    return account


async def budget(bench: Bench, fund: int) -> tuple[int, int]:
    """What a fund's budget has granted and reserved, in yen."""
    row = await bench.pool.fetchrow(
        "SELECT granted, reserved FROM koban.budget WHERE town = $1 AND fund = $2",
        bench.town,
        fund,
    )
    assert row is not None
    return row["granted"], row["reserved"]


async def activity(bench: Bench, code: str, fund: int, instrument: int = 2, **changes: Any) -> None:
    """A programme with one activity, which gives 100 of an instrument each time."""
    number: int = await bench.pool.fetchval("SELECT nextval('koban.programme_number')")
    await _insert(
        bench, "programme", programme=number, code=f"p-{code}", department="健康課", name="健康",
        fund=fund, instrument=instrument,
    )  # fmt: skip
    values: dict[str, Any] = {
        "amount": 100,
        "amount_max": 100,
        "per_person": "always",
        "starts_at": bench.clock.now - YEAR,
        "ends_at": bench.clock.now + YEAR,
    }
    await _insert(
        bench, "activity", code=code, programme=number, name="健康ウォーク", **values | changes
    )


async def listed(
    bench: Bench, activity: str, fund: int, rows: Sequence[tuple[UUID, int, int]]
) -> None:
    """An approved list: a row waits for each id, wallet and amount, and their sum is reserved."""
    run: int = await bench.pool.fetchval("SELECT nextval('koban.grant_run_number')")
    total, now = sum(amount for _, _, amount in rows), bench.clock.now
    await bench.pool.execute(
        "UPDATE koban.budget SET reserved = reserved + $3 WHERE town = $1 AND fund = $2",
        bench.town,
        fund,
        total,
    )
    await _insert(
        bench, "grant_run", run=run, key=uuid4(), activity=activity, file_name="list.csv",
        file_digest=b"", encoding="utf-8", lines=len(rows), rows=len(rows), refused=0, noted=0,
        total=total, state="running", made_name="健康課", made_at=now, approved_at=now,
    )  # fmt: skip
    for line, (row, wallet, amount) in enumerate(rows, 1):
        await _insert(bench, "grant_row", id=row, run=run, line=line, wallet=wallet, amount=amount)


async def campaign(bench: Bench, code: str, **changes: Any) -> int:
    """A campaign that gives 10 % of each payment in points, for a year; its number."""
    number: int = await bench.pool.fetchval("SELECT nextval('koban.campaign_number')")
    values: dict[str, Any] = {
        "trigger": "payment",
        "instrument": 2,
        "basis_points": 1_000,
        "rounding": "down",
        "starts_at": bench.clock.now - timedelta(days=1),
        "ends_at": bench.clock.now + YEAR,
    }
    await _insert(bench, "campaign", campaign=number, code=code, name=code, **values | changes)
    return number


async def coupon(bench: Bench, code: str, fund: int, instrument: int, **changes: Any) -> int:
    """A coupon of 300 yen, for a year; its number."""
    number: int = await bench.pool.fetchval("SELECT nextval('koban.coupon_number')")
    values: dict[str, Any] = {
        "discount": 300,
        "starts_at": bench.clock.now - timedelta(days=1),
        "ends_at": bench.clock.now + YEAR,
    }
    await _insert(
        bench, "coupon", coupon=number, code=code, name=code, fund=fund, instrument=instrument,
        **values | changes,
    )  # fmt: skip
    return number


async def offer(bench: Bench, code: str, **changes: Any) -> int:
    """An offer of ten places, each a right to buy 10,000 yen's worth; its number."""
    number: int = await bench.pool.fetchval("SELECT nextval('koban.offer_number')")
    values: dict[str, Any] = {
        "gives": "right",
        "amount": 10_000,
        "awarding": "draw",
        "places": 10,
        "opens_at": bench.clock.now - timedelta(days=1),
        "closes_at": bench.clock.now,
        "use_until": bench.clock.now + YEAR,
    }
    await _insert(bench, "offer", offer=number, code=code, name=code, **values | changes)
    return number


async def award(bench: Bench, offer: int, wallet: int) -> None:
    """A place of an offer for a wallet."""
    place: int = await bench.pool.fetchval(
        "UPDATE koban.offer SET awarded = awarded + 1 WHERE town = $1 AND offer = $2"
        " RETURNING awarded",
        bench.town,
        offer,
    )
    await _insert(bench, "award", offer=offer, wallet=wallet, place=place, at=bench.clock.now)
