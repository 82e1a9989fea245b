"""The lists of console and shop site: each choice of filters goes by the index that it has."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from ledger import audit, journal, loads, reviews
from ledger.database import Connection
from tests.support.clock import START

ENTRIES, LINES = 20_000, 5_000
# What the town looks like after some months. No rule is asked: only the tables' sizes matter here.
FILL = f"""
SET session_replication_role = replica;
INSERT INTO koban.entry (town, entry, id, kind, at, version, wallet, wallet_seq, shop, shop_seq,
    amount)
SELECT 1, n, gen_random_uuid(), CASE WHEN n % 20 = 0 THEN 'top_up' ELSE 'payment' END,
    timestamptz '{START}' + n * interval '3 minutes', 1, 100000 + n % 1000, n, 1000 + n % 100, n,
    500
FROM generate_series(1, {ENTRIES}) n;
INSERT INTO people.audit (town, number, at, actor, who, name, origin, act, subject)
SELECT 1, n, timestamptz '{START}' + n * interval '9 minutes', 'operator', 1 + n % 3, 'x', 'y',
    'shop.groups_changed', 'shop:' || 1000 + n % 500
FROM generate_series(1, {LINES}) n;
INSERT INTO koban.load_order (town, id, direction, way, provider, wallet, amount, their_amount,
    state, attention, opened_at, expires_at, changed_at, look_at)
SELECT 1, gen_random_uuid(), 'in', 'bank', 'bank', 100000 + n % 1000, 500, 500,
    CASE WHEN n % 500 = 0 THEN 'unknown' ELSE 'arrived' END,
    CASE WHEN n % 1000 = 0 THEN 'odd' ELSE '' END, at, at, at, CASE WHEN n % 500 = 0 THEN at END
FROM generate_series(1, {LINES}) n, LATERAL (
    SELECT timestamptz '{START}' + n * interval '9 minutes' AS at) o;
INSERT INTO people.review (town, review, wallet, other, likeness, opened_at, decided_at, decided_by,
    same_person)
SELECT 1, n, n, n + 1, 'named_the_same', '{START}', at, at::text, at > at
FROM generate_series(1, {LINES}) n, LATERAL (
    SELECT CASE WHEN n % 1000 > 0 THEN timestamptz '{START}' END AS at) o;
SET session_replication_role = origin;
ANALYZE koban.entry, koban.load_order, people.audit, people.review;
"""


class Planned:
    """Takes a list's query in the database's place, and keeps the plan that its filters get: one
    for all values, as it is kept for the next time.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.plan = ""

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Plans it and finds nothing."""
        nulls = ", ".join("NULL" for _ in arguments)
        await self._connection.execute(f"PREPARE listed AS {query}")
        rows = await self._connection.fetch(f"EXPLAIN EXECUTE listed({nulls})")
        await self._connection.execute("DEALLOCATE listed")
        self.plan = "\n".join(row[0] for row in rows)
        return []


@pytest.fixture
async def planned(pool: asyncpg.Pool) -> AsyncIterator[Any]:
    """A town with a past."""
    async with pool.acquire() as connection:
        await connection.execute(FILL)
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        yield Planned(connection)


DAY = {"since": START, "until": START}


@pytest.mark.parametrize(
    ("wanted", "before", "index"),
    [
        ({}, None, "entry_pkey"),
        ({}, 15_000, "entry_pkey"),
        ({"wallet": 1}, None, "entry_by_wallet"),
        ({"wallet": 1, "kind": "payment", **DAY}, 15_000, "entry_by_wallet"),
        (DAY, 15_000, "entry_pkey"),
        ({"amount_min": 0}, None, "entry_pkey"),
    ],
    ids=str,
)
async def test_entries_of_the_town_go_by_their_index(
    planned: Any, wanted: dict[str, Any], before: int | None, index: str
) -> None:
    """The newest by their number, a wallet's by the wallet."""
    await journal.entries(planned, 1, journal.Filter(**wanted), before, 50)
    assert f" {index}" in planned.plan, planned.plan


@pytest.mark.parametrize("before", [None, 15_000])
@pytest.mark.parametrize("wanted", [{}, {"kind": "payment"}, DAY], ids=str)
async def test_entries_of_shops_go_by_the_shops(
    planned: Any, wanted: dict[str, Any], before: int | None
) -> None:
    """Each shop's newest few, without reading what is older; also behind another page."""
    await journal.entries(planned, 1, journal.Filter(**wanted), before, 50, [1000, 1001])
    scan = planned.plan.partition("entry_by_shop")[2]
    assert scan, planned.plan
    assert ("ROW(" in scan or "at <" in scan) is (before is not None or wanted is DAY), planned.plan


@pytest.mark.parametrize(
    ("wanted", "before", "index"),
    [
        ({}, None, "audit_pkey"),
        ({"act": "shop"}, 4_000, "audit_pkey"),
        ({"subject": "shop:1001"}, None, "audit_by_subject"),
        ({"subject": "shop:1001", "who": 1}, 4_000, "audit_by_subject"),
    ],
    ids=str,
)
async def test_lines_of_the_audit_go_by_their_index(
    planned: Any, wanted: dict[str, Any], before: int | None, index: str
) -> None:
    """The newest by their number, a subject's by the subject."""
    await audit.lines(planned, 1, audit.Filter(**wanted), before, 50)
    assert f" {index}" in planned.plan, planned.plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "load_order_by_time"),
        ({"hanging": True}, "load_order_open"),
        ({"attention": True}, "load_order_noticed"),
    ],
    ids=str,
)
async def test_orders_go_by_their_index(planned: Any, wanted: dict[str, bool], index: str) -> None:
    """What hangs and what a person must see is found among the few, not among all."""
    await loads.orders(planned, 1, None, None, 50, **wanted)
    assert f" {index}" in planned.plan, planned.plan


async def test_a_wallets_orders_go_by_the_wallet(planned: Any) -> None:
    """A wallet's own orders."""
    await loads.orders_of(planned, 1, 100_001, None, 50)
    assert " load_order_by_wallet" in planned.plan, planned.plan


@pytest.mark.parametrize(("decided", "index"), [(True, "review_pkey"), (False, "review_open")])
async def test_reviews_go_by_their_index(planned: Any, decided: bool, index: str) -> None:
    """What waits is found among what waits."""
    await reviews.reviews(planned, 1, decided=decided, before=None, limit=50)
    assert f" {index}" in planned.plan, planned.plan
