"""What a profile says of giving becomes rules of the ledger, and accounts that stay."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from config.profile import read_profile
from ledger.towns import load_town
from tests.support.clock import Clock

RULES = """
    SELECT p.campaign_overlap, i.code, p.issue_yen, p.issue_points, p.issue_max, f.code AS funder
    FROM koban.profile p
    LEFT JOIN koban.instrument i ON i.town = p.town AND i.version = p.version
        AND i.instrument = p.issue_instrument
    LEFT JOIN koban.fund f ON f.town = p.town AND f.fund = p.issue_funder
    WHERE p.town = $1 ORDER BY p.version DESC LIMIT 1
"""
ENDS = """
    SELECT i.code, u.code AS purpose, a.kind, a.title
    FROM koban.instrument i
    LEFT JOIN koban.purpose u ON u.town = i.town AND u.purpose = i.expired_to
    LEFT JOIN koban.account a ON a.town = i.town AND a.account = i.expired_to
    WHERE i.town = $1 AND i.version = $2 ORDER BY i.instrument
"""


async def rules(pool: asyncpg.Pool, town: str, clock: Clock) -> tuple[Any, ...]:
    """A town is loaded; what the ledger then goes by."""
    profile = read_profile(town)
    await load_town(pool, profile, clock.now)
    (row,) = await pool.fetch(RULES, profile.town.number)
    return tuple(row)


@pytest.mark.parametrize(
    ("town", "expected"),
    [
        ("nagaoka", ("add", None, None, None, None, None)),
        ("region-ring", ("add", None, None, None, None, None)),
        ("hirakata", ("best", "common", 100, 1, 300_000, "shop")),
        ("digital-coupon", ("first", None, None, None, None, None)),
        ("higashimurayama", ("add", None, None, None, None, None)),
    ],
)
async def test_campaigns_and_issuing_are_as_the_town_says(
    pool: asyncpg.Pool, clock: Clock, town: str, expected: tuple[Any, ...]
) -> None:
    """All five, as their files have it."""
    assert await rules(pool, town, clock) == expected


async def test_expired_value_goes_where_the_town_says(pool: asyncpg.Pool, clock: Clock) -> None:
    """Back to its fund, or to a purpose, whose account is opened once and keeps what it has."""
    profile = read_profile("hirakata")
    town = profile.town.number
    await load_town(pool, profile, clock.now)
    ends = [tuple(row) for row in await pool.fetch(ENDS, town, 1)]
    assert ends == [
        ("health", None, None, None),
        ("childcare", None, None, None),
        ("volunteer", "donation", "purpose", "社会福祉への寄附"),
        ("making", "publicity", "purpose", "ポイント事業の広報"),
        ("common", "publicity", "purpose", "ポイント事業の広報"),
    ]
    accounts = await pool.fetch("SELECT purpose, code FROM koban.purpose ORDER BY purpose")
    kinder = [
        replace(one, expired_to="donation") if one.code == "making" else one
        for one in profile.instruments
    ]
    later = clock.now + timedelta(days=1)
    assert await load_town(pool, replace(profile, instruments=kinder), later)
    assert await pool.fetch("SELECT purpose, code FROM koban.purpose ORDER BY purpose") == accounts
    assert [row["purpose"] for row in await pool.fetch(ENDS, town, 2)] == [
        *(None, None, "donation", "donation", "publicity")
    ]
    # What was loaded before is what held before.
    assert [tuple(row) for row in await pool.fetch(ENDS, town, 1)] == ends


async def test_vouchers_are_bought_by_right(pool: asyncpg.Pool, clock: Clock) -> None:
    """In Region Ring by every way; elsewhere by none."""
    for town, needed in (("region-ring", {True}), ("higashimurayama", {False})):
        profile = read_profile(town)
        await load_town(pool, profile, clock.now)
        found = await pool.fetch(
            "SELECT needs_right FROM koban.way WHERE town = $1", profile.town.number
        )
        assert len(found) == len(profile.ways)
        assert {row["needs_right"] for row in found} == needed


async def test_a_coupon_is_a_kind_of_value(pool: asyncpg.Pool, clock: Clock) -> None:
    """Without an end of its own, and in units of one yen."""
    profile = read_profile("digital-coupon")
    await load_town(pool, profile, clock.now)
    coupons = await pool.fetch(
        "SELECT code, unit_yen, mixes, sendable, expiry_months, expiry_days, expiry_date, idle_days"
        " FROM koban.instrument WHERE town = $1 AND kind = 'coupon'",
        profile.town.number,
    )
    assert [tuple(row) for row in coupons] == [("coupon", 1, True, False, None, None, None, None)]
