"""Draws: the places of an offer by lottery. What a draw is, how far it is, and how to find it.

A draw goes through its stages in one direction (`ledger.draw_stages`): people apply
(`ledger.applications`), the list is frozen, drawn (`ledger.lottery`) and published; winners claim
their places with purchaser numbers (`ledger.purchasers`), and what is not claimed is drawn again.

Whoever changes a draw, or an application for it, holds the draw's row meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from ledger import offers
from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries
from ledger.errors import LedgerError
from ledger.lottery import Remainder
from ledger.offers import Offer

SQL = load_queries("draws")


class Stage(StrEnum):
    """How far a draw is."""

    TO_COME = "to_come"  # Its applications are not open yet.
    OPEN = "open"  # People apply.
    OVER = "over"  # They do no longer; the list is not frozen yet.
    CLOSED = "closed"  # The list is frozen.
    DRAWN = "drawn"  # The result is there, for operators alone.
    PUBLISHED = "published"


class DrawGroup(Struct, frozen=True):
    """Applicants of a kind, with places of their own and tickets for each of them."""

    code: str
    name: str
    places: int
    weight: int


class Draw(Struct, frozen=True):
    """A draw. ``round``: 0 before the first; ``claim_until`` is the present round's."""

    offer: Offer
    groups: list[DrawGroup]
    remainder: Remainder
    units_max: int
    address_max: int
    network_max: int
    commitment: bytes
    claim_until: datetime
    redraw_days: int
    round: int
    opened_at: datetime
    closed_at: datetime | None
    digest: bytes | None
    drawn_at: datetime | None
    published_at: datetime | None
    key_id: int
    seed_encrypted: bytes

    def stage(self, now: datetime) -> Stage:
        """How far it is at ``now``."""
        if self.published_at is not None:
            return Stage.PUBLISHED
        if self.drawn_at is not None:
            return Stage.DRAWN
        if self.closed_at is not None:
            return Stage.CLOSED
        if now < self.offer.opens_at:
            return Stage.TO_COME
        return Stage.OPEN if self.offer.open_at(now) else Stage.OVER


class State(StrEnum):
    """What became of an application; see `koban.application`."""

    ENTERED = "entered"
    REVIEW = "review"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    WON = "won"
    WAITING = "waiting"
    CLAIMED = "claimed"
    LAPSED = "lapsed"


class Count(Struct, frozen=True):
    """So many applications of a group in a state, and the units they wish for."""

    group: str
    state: State
    applications: int
    units: int


class WhyNot(StrEnum):
    """Why something is not done with a draw; the first that applies is told."""

    UNKNOWN = "unknown"
    GROUPS = "groups"  # None, two of one code, or more places than there are.
    UNITS = "units"  # Several units of a coupon.
    CLAIM_PERIOD = "claim_period"  # Not closes_at < claim_until <= use_until.
    STAGE = "stage"  # Not at this stage.
    REVIEWS = "reviews"  # Applications wait for an operator.
    CLAIMING = "claiming"  # Places can still be claimed.
    ALL_CLAIMED = "all_claimed"  # No place is free.


class DrawRefused(LedgerError):
    """It was not done and nothing changed. ``stage`` is the draw's, where there is one."""

    def __init__(self, why: WhyNot, stage: Stage | None = None, reviews: int = 0) -> None:
        super().__init__(why.value)
        self.why, self.stage, self.reviews = why, stage, reviews


# -- looking ---------------------------------------------------------------------------------------


async def find_draw(pool: Executor, town: int, code: str) -> Draw | None:
    """A draw by its offer's code; None where there is none."""
    offer = await offers.offer_by_code(pool, town, code)
    return None if offer is None else await _read(pool, town, offer, SQL["draw"])


async def draw_of(pool: Executor, town: int, number: int) -> Draw:
    """A draw by its offer's number, which is known."""
    offer = await offers.find_offer(pool, town, number)
    assert offer is not None
    draw = await _read(pool, town, offer, SQL["draw"])
    assert draw is not None
    return draw


async def lock_draw(connection: Connection, town: int, code: str) -> Draw:
    """The draw, held until the end of the transaction.

    Raises:
        DrawRefused: ``unknown``.
    """
    offer = await offers.offer_by_code(connection, town, code)
    draw = None if offer is None else await _read(connection, town, offer, SQL["lock_draw"])
    if draw is None:
        raise DrawRefused(WhyNot.UNKNOWN)
    return draw


async def wait_for(connection: Connection, town: int, numbers: Sequence[int]) -> None:
    """Holds the draws of these offers until the end of the transaction, in ascending order."""
    for number in sorted(numbers):
        await connection.execute(SQL["lock_draw"], town, number)


async def draws(pool: Executor, town: int, limit: int) -> list[Draw]:
    """The town's draws, newest first."""
    found = []
    for row in await fetch_rows(pool, SQL["draw_codes"], town, limit):
        draw = await find_draw(pool, town, row["code"])
        assert draw is not None
        found.append(draw)
    return found


async def counts(pool: Executor, town: int, offer: int) -> list[Count]:
    """How many applications of each group are in each state."""
    rows = await fetch_rows(pool, SQL["counts"], town, offer)
    return [Count(group, State(state), *rest) for group, state, *rest in rows]


async def notices_by_state(pool: Executor, town: int, offer: int) -> dict[str, int]:
    """How far the notices are: how many are waiting, sending, sent, failed, void."""
    rows = await fetch_rows(pool, SQL["notices_by_state"], town, offer)
    return {row["state"]: row["notices"] for row in rows}


async def unclaimed(pool: Executor, town: int, offer: int) -> tuple[int, int]:
    """How many places would be free in a redraw, and how many applications wait."""
    row = await fetch_row(pool, SQL["unclaimed"], town, offer)
    assert row is not None
    return row["free"], row["waiting"]


async def to_close(pool: Executor, town: int, now: datetime) -> list[str]:
    """Codes of draws whose list can be frozen."""
    return [row["code"] for row in await fetch_rows(pool, SQL["draws_to_close"], town, now)]


async def to_redraw(pool: Executor, town: int, now: datetime) -> list[str]:
    """Codes of draws with places that were not claimed in time."""
    return [row["code"] for row in await fetch_rows(pool, SQL["draws_to_redraw"], town, now)]


async def _read(pool: Executor, town: int, offer: Offer, query: str) -> Draw | None:
    row = await fetch_row(pool, query, town, offer.offer)
    if row is None:
        return None
    groups = await fetch_rows(pool, SQL["groups"], town, offer.offer)
    return Draw(
        offer,
        [DrawGroup(*group) for group in groups],
        Remainder(row["remainder"]),
        *tuple(row)[1:],
    )
