"""Coupons (クーポン): a part of a payment that a fund pays, under terms (mission rows C2, C5, C9).

A coupon takes off so many yen, or a share of the payment up to a bound. Its terms say at which
shops, from which amount on, on which days and at which hours, how often for one person, and whether
beside other coupons. It may be only for those who have a place of an offer (`ledger.offers`), or
who answered a survey (`ledger.surveys`). What it may pay in all is the budget of its fund, which
several coupons can share. Uses are decided by `koban.decide`; here coupons are made and listed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
)
from ledger.errors import LedgerError

SQL = load_queries("coupons")

MINUTES = 1_440  # Of a day.


class Terms(Struct, frozen=True, kw_only=True):
    """What a coupon is worth, where, when and to whom. Amounts are yen.

    ``discount``: so much off; or ``basis_points`` of the payment, at most ``discount_max``.
    ``weekdays``: 1 is Monday. ``from_minute`` and ``to_minute``: of the day; hours that end before
    they begin run past midnight. Lists that are empty bound nothing. ``per_person``: how often one
    wallet uses it; None: always. ``awarded``: only by a place of an offer. ``survey``: the code of
    the survey that has to be answered. ``mixes``: beside other coupons.
    """

    code: str
    name: str
    fund: str
    discount: int | None = None
    basis_points: int | None = None
    discount_max: int | None = None
    minimum: int = 1
    starts_at: datetime
    ends_at: datetime
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    from_minute: int | None = None
    to_minute: int | None = None
    shop_groups: tuple[str, ...] = ()
    shops: tuple[int, ...] = ()
    per_person: int | None = None
    awarded: bool = False
    survey: str | None = None
    mixes: bool = False


class Coupon(Terms, frozen=True, kw_only=True):
    """A coupon, and the whole budget of its fund, in yen: given and promised is for others too."""

    coupon: int
    instrument: str
    stopped_at: datetime | None
    ceiling: int
    granted: int
    reserved: int


class Uses(Struct, frozen=True):
    """A coupon paid ``paid`` yen in ``uses`` payments that were not given back whole."""

    uses: int = 0
    paid: int = 0


class CouponRefused(LedgerError):
    """The coupon was not made: which field is wrong, and what to do about it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field, self.text = field, text


class CodeTaken(LedgerError):
    """The town has another coupon of this code."""


def problem(terms: Terms, groups: Iterable[str]) -> tuple[str, str] | None:
    """The first field that cannot be so, and what to do. ``groups``: of shops, in the profile."""
    return _wrong_worth(terms) or _wrong_time(terms) or _wrong_lists(terms, set(groups))


def _wrong_worth(terms: Terms) -> tuple[str, str] | None:
    if (terms.discount is None) == (terms.basis_points is None):
        return "discount", "give discount (yen) or basis_points, and not both"
    if (terms.discount_max is None) != (terms.basis_points is None):
        return "discount_max", "give the most yen that basis_points may come to, and only with them"
    return None


def _wrong_time(terms: Terms) -> tuple[str, str] | None:
    if terms.ends_at <= terms.starts_at:
        return "ends_at", "a coupon ends after it begins"
    if (terms.from_minute is None) != (terms.to_minute is None):
        return "to_minute", "give the hour when it begins and the one when it ends, or neither"
    if terms.from_minute is not None and terms.from_minute == terms.to_minute:
        return "to_minute", "hours that begin when they end are none; leave both out for all day"
    if terms.from_minute == MINUTES:
        return "from_minute", "a day's hours begin before it ends; say 00:00"
    if terms.to_minute == 0:
        return "to_minute", "say 24:00 for the end of the day"
    return None


def _wrong_lists(terms: Terms, groups: set[str]) -> tuple[str, str] | None:
    for field in ("weekdays", "month_days", "shop_groups", "shops"):
        values = getattr(terms, field)
        if len(set(values)) < len(values):
            return field, "each is named once"
    if unknown := [group for group in terms.shop_groups if group not in groups]:
        known = ", ".join(sorted(groups)) or "none"
        return "shop_groups", f"found {', '.join(unknown)}; the town's profile has {known}"
    return None


async def add(
    pool: Executor, town: int, terms: Terms, instrument: int, budget: int | None, now: datetime
) -> int:
    """Makes a coupon of sound terms (`problem`); its number.

    ``instrument``: the number of the kind of value that its part of a payment is booked as.
    ``budget``: yen, for a fund that is new and opened with it.

    Raises:
        CouponRefused: its fund, its shops or its survey are not there.
        CodeTaken: another coupon has its code.
    """
    async with transaction(pool) as connection:
        fund = await _fund(connection, town, terms, budget, now)
        if unknown := await fetch_rows(connection, SQL["unknown_shops"], town, list(terms.shops)):
            numbers = ", ".join(str(row["shop"]) for row in unknown)
            raise CouponRefused("shops", f"there is no shop {numbers}")
        survey = None
        if terms.survey is not None:
            survey = await fetch_row(connection, SQL["survey_by_code"], town, terms.survey)
            if survey is None:
                raise CouponRefused("survey", f"there is no survey {terms.survey}; make it first")
        row = await fetch_row(
            connection,
            SQL["add_coupon"],
            *(town, terms.code, terms.name, instrument, fund),
            *(terms.discount, terms.basis_points, terms.discount_max, terms.minimum),
            *(terms.starts_at, terms.ends_at, terms.weekdays, terms.month_days),
            *(terms.from_minute, terms.to_minute, terms.shop_groups, terms.shops),
            *(terms.per_person, terms.awarded, survey and survey["survey"], terms.mixes),
        )
        if row is None:
            raise CodeTaken(terms.code)
        return int(row["coupon"])


async def _fund(
    connection: Connection, town: int, terms: Terms, budget: int | None, now: datetime
) -> int:
    """The account of the fund that pays; opened with its budget where it is new."""
    found = await fetch_row(connection, SQL["fund_with_budget"], town, terms.fund)
    if found is None:
        if budget is None:
            text = f"there is no fund {terms.fund}; give a budget (yen) to open it"
            raise CouponRefused("fund", text)
        opened = (town, terms.fund, terms.name, budget, now)
        found = await fetch_row(connection, SQL["open_fund"], *opened)
        assert found is not None
    elif found["ceiling"] is None:
        text = f"{terms.fund} is a funder of the town's profile without a budget; name another"
        raise CouponRefused("fund", text)
    elif budget is not None:
        text = f"the fund {terms.fund} has one of {found['ceiling']} yen; leave this out"
        raise CouponRefused("budget", text)
    return int(found["fund"])


async def coupons(
    pool: Executor,
    town: int,
    *,
    numbers: Sequence[int] | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Coupon]:
    """The town's coupons, newest first; ``numbers``: only these; ``before``: those before this."""
    return await _found(pool, town, numbers=numbers, before=before, limit=limit)


async def coupon(pool: Executor, town: int, number: int) -> Coupon | None:
    """The coupon of this number, or None."""
    found = await _found(pool, town, numbers=[number], limit=1)
    return found[0] if found else None


async def coupon_by_code(pool: Executor, town: int, code: str) -> Coupon | None:
    """The coupon of this code, or None."""
    found = await _found(pool, town, code=code, limit=1)
    return found[0] if found else None


async def uses(pool: Executor, town: int, numbers: Sequence[int]) -> dict[int, Uses]:
    """What coupons paid so far, by their numbers."""
    given = {
        row["coupon"]: Uses(row["uses"], row["paid"])
        for row in await fetch_rows(pool, SQL["uses"], town, list(numbers))
    }
    return {number: given.get(number, Uses()) for number in numbers}


async def stop(pool: Executor, town: int, coupon: int, now: datetime) -> bool:
    """From ``now`` on it pays nothing; False where there is none, or it is over or stopped.

    What its offers have promised goes back into the budget when they are ended (`ledger.offers`).
    """
    return await fetch_row(pool, SQL["stop_coupon"], town, coupon, now) is not None


async def set_ceiling(pool: Executor, town: int, coupon: int, ceiling: int) -> bool:
    """Changes what the budget behind a coupon may give in all (yen).

    False where more is given and promised already, or there is no such coupon.
    """
    return await fetch_row(pool, SQL["set_ceiling"], town, coupon, ceiling) is not None


async def _found(
    pool: Executor,
    town: int,
    *,
    limit: int,
    numbers: Sequence[int] | None = None,
    code: str | None = None,
    before: int | None = None,
) -> list[Coupon]:
    query, arguments = chosen(
        SQL["coupons"], town=town, numbers=numbers, code=code, before=before, limit=limit
    )
    return [msgspec.convert(dict(row), Coupon) for row in await fetch_rows(pool, query, *arguments)]
