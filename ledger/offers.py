"""Offers of places (募集): so many, one a wallet, by draw or first come first served.

A place is a right to top up by a way that needs one, or one use of a coupon. Opening an offer of a
coupon (a round) keeps the largest discount of every place in the budget of the coupon's fund, so
whoever has a place is paid for. When the places are worth nothing any more the offer is ended, and
what was not used is the budget's again.

Whoever awards or ends an offer holds its row meanwhile: places are given in one order, never more
than there are, and never two to a wallet. Who gets one is decided elsewhere: by a draw, or by who
came first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from asyncpg import Record
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

SQL = load_queries("offers")

# A payment is decided by the instant it came in at, and may be written so much later: the time of a
# statement (30 s) and of waiting before it. An offer is not ended before, or a payment with one of
# its places would be counted as unused.
END_GRACE = timedelta(minutes=2)

ENDED_MAX = 20  # Offers that are ended one after the other before somebody else may go on.


class Gives(StrEnum):
    """What a place is."""

    RIGHT = "right"  # A right to top up, up to the offer's amount.
    COUPON = "coupon"  # One use of the offer's coupon.


class Awarding(StrEnum):
    """How places are awarded."""

    DRAW = "draw"
    FIRST_COME = "first_come"


class NewOffer(Struct, frozen=True):
    """An offer to open. ``coupon``: its code; ``amount``: yen a unit of a right is good for.

    Places are claimed or applied for from ``opens_at`` until before ``closes_at``, and are worth
    something until before ``use_until``.
    """

    code: str
    name: str
    awarding: Awarding
    places: int
    opens_at: datetime
    closes_at: datetime
    use_until: datetime
    coupon: str | None = None
    amount: int | None = None


class Offer(Struct, frozen=True):
    """An offer. ``awarded``: places that are given; ``reserve``: yen of budget kept a place."""

    offer: int
    code: str
    name: str
    gives: Gives
    coupon: int | None
    amount: int | None
    awarding: Awarding
    places: int
    awarded: int
    reserve: int
    opens_at: datetime
    closes_at: datetime
    use_until: datetime
    ended_at: datetime | None

    def open_at(self, now: datetime) -> bool:
        """Whether places can be claimed or applied for at ``now``."""
        return self.ended_at is None and self.opens_at <= now < self.closes_at


class Award(Struct, frozen=True):
    """A place that a wallet has; the first is 1."""

    offer: int
    wallet: int
    place: int
    at: datetime


class WhyNot(StrEnum):
    """Why an offer is not opened; the first that applies is told."""

    OFFER_PERIOD = "offer_period"  # Not opens_at < closes_at <= use_until, or over already.
    OFFER_GIVES = "offer_gives"  # Neither a coupon nor an amount, or both.
    CODE_TAKEN = "code_taken"
    COUPON_UNKNOWN = "coupon_unknown"
    COUPON_CLOSED = "coupon_closed"  # Stopped, or over before its places are.
    COUPON_FOR_ALL = "coupon_for_all"  # It needs no place, so a place of it is worth nothing.
    NO_BUDGET = "no_budget"  # The coupon's fund has none to keep anything in.
    OVER_BUDGET = "over_budget"


class OfferRefused(LedgerError):
    """The offer was not opened, and nothing is kept for it.

    ``needed`` and ``left``: yen, where the budget has too little.
    """

    def __init__(self, why: WhyNot, needed: int = 0, left: int = 0) -> None:
        super().__init__(why.value)
        self.why, self.needed, self.left = why, needed, left


async def open_offer(pool: Executor, town: int, new: NewOffer, now: datetime) -> Offer:
    """Opens an offer, and keeps what its places may cost.

    Raises:
        OfferRefused: why not.
    """
    if not new.opens_at < new.closes_at <= new.use_until or new.closes_at <= now:
        raise OfferRefused(WhyNot.OFFER_PERIOD)
    if (new.coupon is None) == (new.amount is None):
        raise OfferRefused(WhyNot.OFFER_GIVES)
    async with transaction(pool) as connection:
        if await offer_by_code(connection, town, new.code):
            raise OfferRefused(WhyNot.CODE_TAKEN)
        coupon, reserve = None, 0
        if new.coupon is not None:
            coupon, reserve = await _keep_budget(connection, town, new)
        row = await fetch_row(
            connection,
            SQL["add_offer"],
            town,
            new.code,
            new.name,
            Gives.RIGHT if coupon is None else Gives.COUPON,
            coupon,
            new.amount,
            new.awarding,
            new.places,
            reserve,
            new.opens_at,
            new.closes_at,
            new.use_until,
        )
        if row is None:  # Somebody opened one of this code meanwhile.
            raise OfferRefused(WhyNot.CODE_TAKEN)
        return _offer(row)


async def _keep_budget(connection: Connection, town: int, new: NewOffer) -> tuple[int, int]:
    """Keeps the largest discount of every place: the coupon's number, and yen a place."""
    found = await fetch_row(connection, SQL["offered_coupon"], town, new.coupon)
    if found is None:
        raise OfferRefused(WhyNot.COUPON_UNKNOWN)
    if found["stopped_at"] is not None or found["ends_at"] < new.use_until:
        raise OfferRefused(WhyNot.COUPON_CLOSED)
    if not found["awarded"]:
        raise OfferRefused(WhyNot.COUPON_FOR_ALL)
    needed = new.places * found["discount_most"]
    if await fetch_row(connection, SQL["reserve"], town, found["fund"], needed) is None:
        left = await fetch_row(connection, SQL["budget_left"], town, found["fund"])
        if left is None:
            raise OfferRefused(WhyNot.NO_BUDGET)
        raise OfferRefused(WhyNot.OVER_BUDGET, needed, left["budget_left"])
    return found["coupon"], found["discount_most"]


async def offers(
    pool: Executor, town: int, limit: int, *, numbers: Sequence[int] | None = None
) -> list[Offer]:
    """The town's offers, newest first; ``numbers``: only these."""
    return await _found(pool, town, limit, numbers=numbers)


async def find_offer(pool: Executor, town: int, offer: int) -> Offer | None:
    """An offer by its number, or None."""
    found = await _found(pool, town, 1, numbers=[offer])
    return found[0] if found else None


async def offer_by_code(pool: Executor, town: int, code: str) -> Offer | None:
    """An offer by its code, or None."""
    found = await _found(pool, town, 1, code=code)
    return found[0] if found else None


async def award(
    connection: Connection,
    town: int,
    offer: int,
    wallets: Sequence[int],
    now: datetime,
    units: Sequence[int] | None = None,
) -> list[Award]:
    """Gives places to wallets in the order of the list, as long as there are any.

    ``units``: how many times the offer's amount each of these wallets' places is worth; once.
    To be called in a transaction; the offer's row is held until its end, so who calls at the same
    time waits. Told are the places that wallets of the list have now, in the list's order: asking
    again gives the same. Who is not among them got none, because there was none left, places are
    worth nothing any more, or the wallet is not open. Whether it is time to award is for the caller
    to know.
    """
    held = await fetch_row(connection, SQL["lock_offer"], town, offer)
    if held is None:
        return []
    worth = held["ended_at"] is None and now < held["over_at"]
    if worth and held["awarded"] < held["places"]:
        sizes = [1] * len(wallets) if units is None else units
        await fetch_row(connection, SQL["award"], town, offer, wallets, now, sizes)
    rows = await fetch_rows(connection, SQL["awards_among"], town, offer, wallets)
    return [Award(*row) for row in rows]


async def awards_of(pool: Executor, town: int, wallet: int) -> list[Award]:
    """The places that a wallet has, newest first."""
    return [Award(*row) for row in await fetch_rows(pool, SQL["awards_of"], town, wallet)]


async def end(pool: Executor, town: int, offer: int, now: datetime) -> int | None:
    """Ends an offer whose places are worth nothing any more; what was kept and not used goes back.

    That is when they were to be used until, or when the coupon was stopped, and `END_GRACE` later.
    Returns the yen that the budget has back; None where it is not over yet, was ended before, or
    never was.
    """
    async with transaction(pool) as connection:
        held = await fetch_row(connection, SQL["lock_offer"], town, offer)
        if held is None or held["ended_at"] is not None or held["over_at"] + END_GRACE > now:
            return None
        released = 0
        if held["coupon"] is not None:
            await fetch_row(connection, SQL["lock_budget"], town, held["coupon"])
            unused = await fetch_row(connection, SQL["unused_places"], town, offer)
            assert unused is not None
            released = unused["unused"] * held["reserve"]
            await fetch_row(connection, SQL["release"], town, held["coupon"], released)
        await fetch_row(connection, SQL["mark_ended"], town, offer, now)
    return released


async def end_some(pool: Executor, town: int, now: datetime) -> dict[int, int]:
    """Ends some of a town's offers that are over: yen given back, by the offer; none: none is left.

    Each is a transaction of its own, so who is interrupted goes on where it was.
    """
    found = await fetch_rows(pool, SQL["offers_over"], town, now - END_GRACE, ENDED_MAX)
    ended = {row["offer"]: await end(pool, town, row["offer"], now) for row in found}
    return {offer: yen for offer, yen in ended.items() if yen is not None}


async def _found(
    pool: Executor,
    town: int,
    limit: int,
    *,
    numbers: Sequence[int] | None = None,
    code: str | None = None,
) -> list[Offer]:
    query, arguments = chosen(SQL["offers"], town=town, numbers=numbers, code=code, limit=limit)
    return [_offer(row) for row in await fetch_rows(pool, query, *arguments)]


def _offer(row: Record) -> Offer:
    return msgspec.convert(dict(row), Offer)
