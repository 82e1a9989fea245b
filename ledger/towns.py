"""Towns: a profile becomes rules in the database, valid from an instant on."""

from datetime import datetime, timedelta

import msgspec

from config.profile import Profile
from ledger.database import Connection, Executor, fetch_row, load_queries, transaction
from ledger.errors import LedgerError
from ledger.requests import Rank

SQL = load_queries("towns")


class TownNumberTaken(LedgerError):
    """The profile's number is another town's."""


async def load_town(pool: Executor, profile: Profile, now: datetime) -> bool:
    """Puts a profile in force from ``now`` on. Returns whether anything changed.

    Raises:
        TownNumberTaken: the number already belongs to a town with another code.
    """
    town = profile.town.number
    source = msgspec.json.encode(profile).decode()
    async with transaction(pool) as connection:
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
        providers = await _open_providers(connection, town, profile, now)
        purposes = await _open_purposes(connection, town, profile, now)
        await _add_rules(connection, version, profile, source, funds, now)
        await _add_instruments(connection, version, profile, purposes)
        await _add_ways(connection, version, profile, funds, providers)
    return True


async def _open_funds(
    connection: Connection, town: int, profile: Profile, now: datetime
) -> dict[str, int]:
    """The account of every funder that the profile names, opened where it is new."""
    funds = {row["code"]: row["fund"] for row in await connection.fetch(SQL["funds"], town)}
    payers = ["user", *(way.funder for way in profile.ways)]
    if profile.issuing is not None:
        payers.append(profile.issuing.funder)
    for code in [*payers, *(rule.funder for rule in profile.grants)]:
        if code not in funds:
            funds[code] = await connection.fetchval(SQL["add_fund_account"], town, now)
            await connection.execute(SQL["add_fund"], town, funds[code], code)
    return funds


async def _open_providers(
    connection: Connection, town: int, profile: Profile, now: datetime
) -> dict[str, int]:
    """The account of every way that is no shop's, opened where it is new."""
    known = await connection.fetch(SQL["providers"], town)
    accounts = {row["code"]: row["provider"] for row in known}
    for way in profile.ways:
        if way.kind != "shop" and way.code not in accounts:
            accounts[way.code] = await connection.fetchval(
                SQL["add_provider_account"], town, way.name["ja"], now
            )
            await connection.execute(SQL["add_provider"], town, accounts[way.code], way.code)
    return accounts


async def _open_purposes(
    connection: Connection, town: int, profile: Profile, now: datetime
) -> dict[str, int]:
    """The account of everything that expired value is for, opened where it is new."""
    known = await connection.fetch(SQL["purposes"], town)
    accounts = {row["code"]: row["purpose"] for row in known}
    for purpose in profile.purposes:
        if purpose.code not in accounts:
            accounts[purpose.code] = await connection.fetchval(
                SQL["add_purpose_account"], town, purpose.name["ja"], now
            )
            await connection.execute(SQL["add_purpose"], town, accounts[purpose.code], purpose.code)
    return accounts


async def _add_rules(
    connection: Connection,
    version: int,
    profile: Profile,
    source: str,
    funds: dict[str, int],
    now: datetime,
) -> None:
    town, limits, payments = profile.town.number, profile.limits, profile.payments
    reversals, sending, issuing = profile.reversals, profile.sending, profile.issuing
    numbers = {instrument.code: instrument.number for instrument in profile.instruments}
    await connection.execute(
        SQL["add_profile"],
        town,
        version,
        now,
        source,
        limits.payment_max,
        limits.balance_cap,
        [getattr(reversals, f"{rank}_max") for rank in Rank],
        timedelta(seconds=payments.duplicate_window_s),
        timedelta(seconds=payments.question_ttl_s),
        timedelta(seconds=payments.code_ttl_s),
        timedelta(days=reversals.window_days),
        reversals.spent_grants,
        reversals.extend_days if reversals.expired_lots == "extend" else None,
        sending.act_max if sending else None,
        sending.day_max if sending else None,
        sending.month_max if sending else None,
        profile.campaigns.overlap,
        numbers[issuing.instrument] if issuing else None,
        issuing.per_yen if issuing else None,
        issuing.points if issuing else None,
        issuing.purchase_max if issuing else None,
        funds[issuing.funder] if issuing else None,
    )
    for line, rule in enumerate(profile.grants, 1):
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
            rule.ways,
        )


async def _add_instruments(
    connection: Connection, version: int, profile: Profile, purposes: dict[str, int]
) -> None:
    """The kinds of value."""
    sendable = profile.sending.instruments if profile.sending else []
    for instrument in profile.instruments:
        expires = instrument.expires
        await connection.execute(
            SQL["add_instrument"],
            profile.town.number,
            version,
            instrument.number,
            instrument.code,
            instrument.kind,
            instrument.spend_order,
            instrument.unit_yen,
            instrument.shops,
            instrument.mixes,
            instrument.code in sendable,
            expires.months,
            expires.days,
            expires.at,
            expires.date,
            expires.idle_days,
            purposes[instrument.expired_to] if instrument.expired_to else None,
        )


async def _add_ways(
    connection: Connection,
    version: int,
    profile: Profile,
    funds: dict[str, int],
    providers: dict[str, int],
) -> None:
    """The ways by which value comes and goes."""
    numbers = {instrument.code: instrument.number for instrument in profile.instruments}
    for line, way in enumerate(profile.ways, 1):
        await connection.execute(
            SQL["add_way"],
            profile.town.number,
            version,
            line,
            way.code,
            way.kind,
            providers.get(way.code),
            numbers[way.instrument],
            way.min,
            way.max,
            way.step,
            way.day_max,
            way.month_max,
            timedelta(seconds=way.hold_s),
            timedelta(days=way.new_account_days),
            way.new_account_day_max,
            way.out,
            funds[way.funder],
            way.needs_right,
        )


async def provider_account(pool: Executor, town: int, way: str) -> int | None:
    """The account that stands for a way in the ledger; None where it is a shop's, or unknown."""
    row = await fetch_row(pool, SQL["provider_account"], town, way)
    return int(row["provider"]) if row else None


async def town_number(pool: Executor, code: str) -> int | None:
    """The number of the town with this code, or None where it was never loaded."""
    row = await fetch_row(pool, SQL["town_number"], code)
    return int(row["town"]) if row else None


async def move_epoch(pool: Executor, town: int, epoch: int) -> None:
    """Makes every screen load its state afresh; to be done after a restore."""
    await fetch_row(pool, SQL["move_epoch"], town, epoch)
