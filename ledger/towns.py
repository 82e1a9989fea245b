"""Towns: a profile becomes rules in the database, valid from an instant on."""

from datetime import datetime, timedelta

import msgspec

from config.profile import Profile
from ledger.database import Connection, Executor, Pool, fetch_row, load_queries, translated
from ledger.errors import LedgerError
from ledger.requests import Rank

SQL = load_queries("towns")


class TownNumberTaken(LedgerError):
    """The profile's number is another town's."""


class NoCash(LedgerError):
    """The profile has no top-up in cash, the one way that the ledger knows."""


async def load_town(pool: Pool, profile: Profile, now: datetime) -> bool:
    """Puts a profile in force from ``now`` on. Returns whether anything changed.

    Raises:
        TownNumberTaken: the number already belongs to a town with another code.
    """
    town = profile.town.number
    source = msgspec.json.encode(profile).decode()
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            code = await connection.fetchval(
                SQL["lock_town"],
                town,
                profile.town.code,
                profile.town.time_zone,
                int(now.timestamp()),
            )
            if code != profile.town.code:
                raise TownNumberTaken(
                    f"town number {town} is {code}; give {profile.town.code} another number"
                )
            earlier = await connection.fetchrow(SQL["profile_at"], town, now)
            assert earlier is not None
            if earlier["source"] == source:
                return False
            version = earlier["last_version"] + 1
            await connection.execute(SQL["add_town_account"], town, now)
            funds = await _open_funds(connection, town, profile, now)
            await _add_rules(connection, version, profile, source, funds, now)
    return True


async def _open_funds(
    connection: Connection, town: int, profile: Profile, now: datetime
) -> dict[str, int]:
    """The account of every funder that the profile names, opened where it is new."""
    funds = {row["code"]: row["fund"] for row in await connection.fetch(SQL["funds"], town)}
    payers = ["user", *(way.funder for way in profile.ways)]
    for code in [*payers, *(rule.funder for rule in profile.grants)]:
        if code not in funds:
            funds[code] = await connection.fetchval(SQL["add_fund_account"], town, now)
            await connection.execute(SQL["add_fund"], town, funds[code], code)
    return funds


async def _add_rules(
    connection: Connection,
    version: int,
    profile: Profile,
    source: str,
    funds: dict[str, int],
    now: datetime,
) -> None:
    town, limits, payments = profile.town.number, profile.limits, profile.payments
    cash = profile.way("cash")
    if cash is None:
        raise NoCash(f'{profile.town.code} has no way "cash", which the ledger needs today')
    numbers = {instrument.code: instrument.number for instrument in profile.instruments}
    await connection.execute(
        SQL["add_profile"],
        town,
        version,
        now,
        source,
        limits.payment_max,
        cash.min,
        cash.max,
        cash.step,
        numbers[cash.instrument],
        limits.balance_cap,
        [getattr(profile.reversals, f"{rank}_max") for rank in Rank],
        timedelta(seconds=payments.duplicate_window_s),
        timedelta(seconds=payments.question_ttl_s),
        timedelta(seconds=payments.code_ttl_s),
        timedelta(days=profile.reversals.window_days),
    )
    for instrument in profile.instruments:
        await connection.execute(
            SQL["add_instrument"],
            town,
            version,
            instrument.number,
            instrument.code,
            instrument.kind,
            instrument.spend_order,
            instrument.expires.months,
            instrument.expires.days,
            instrument.expires.at,
        )
    granted = [rule for rule in profile.grants if not rule.ways or cash.code in rule.ways]
    for line, rule in enumerate(granted, 1):
        await connection.execute(
            SQL["add_grant_rule"],
            town,
            version,
            line,
            rule.on,
            numbers[rule.of],
            numbers[rule.instrument],
            rule.basis_points,
            rule.rounding,
            funds[rule.funder],
        )


async def town_number(pool: Executor, code: str) -> int | None:
    """The number of the town with this code, or None where it was never loaded."""
    row = await fetch_row(pool, SQL["town_number"], code)
    return int(row["town"]) if row else None


async def move_epoch(pool: Executor, town: int, epoch: int) -> None:
    """Makes every screen load its state afresh; to be done after a restore."""
    await fetch_row(pool, SQL["move_epoch"], town, epoch)
