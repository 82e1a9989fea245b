"""What somebody who asks is told: pure functions of the sale, the wallet, and where it stands."""

from datetime import datetime, timedelta
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from gateway.protocol.api_sales import SaleInfo, SalePlace
from gateway.sales.board import Posted
from ledger.sales import Sale, Visitor, age_on, commitment
from notifier.waiting_room import Standing

Reason = Literal["phone_needed", "age_unknown", "too_young", "wallet_frozen"]


def settled(posted: Posted, visitor: Visitor, now: datetime, early_s: float) -> SalePlace | None:
    """The answer that needs no queue; None where it does.

    Who has a place hears so for ever; who has none hears of the sale.
    """
    sale = posted.sale
    if (place := posted.places.get(visitor.wallet)) is not None:
        return _answer(sale, "served", now, place=place)
    if sale.sold_out:
        return _answer(sale, "sold_out", now)
    if sale.closed_at(now):
        return _answer(sale, "closed", now)
    opens_at = room_opens_at(sale, early_s)
    if now < opens_at:
        wait_s = ceil((opens_at - now).total_seconds())
        return _answer(sale, "not_open", now, ask_again_s=wait_s)
    return None


def refusal(sale: Sale, visitor: Visitor, now: datetime, zone: ZoneInfo) -> Reason | None:
    """Why a wallet cannot buy; the first reason that applies.

    The age is that of the day on which they ask, in the town.
    """
    if not visitor.open:
        return "wallet_frozen"
    if not visitor.known:
        return "phone_needed"
    if sale.age_min is not None:
        if visitor.birth_date is None:
            return "age_unknown"
        if age_on(visitor.birth_date, now.astimezone(zone).date()) < sale.age_min:
            return "too_young"
    return None


def refused(sale: Sale, reason: Reason, now: datetime) -> SalePlace:
    """The wallet cannot buy."""
    return _answer(sale, "refused", now, reason=reason)


def estimate_s(posted: Posted, before: int, now: datetime) -> int | None:
    """Seconds until those before are served, at the measured pace; None while that is unknown."""
    sale, pace = posted.sale, posted.pace_per_s
    starts_at = max(sale.opens_at, sale.held_until or sale.opens_at)
    until_s = max(0.0, (starts_at - now).total_seconds())
    if before == 0:
        return ceil(until_s)
    return None if not pace else ceil(until_s + before / pace)


def standing(
    posted: Posted, found: Standing, ticket: str, now: datetime, ask_again_s: int
) -> SalePlace:
    """Where somebody stands who waits."""
    sale = posted.sale
    if now < sale.opens_at:
        return _answer(sale, "waiting", now, ask_again_s=ask_again_s, ticket=ticket)
    # What the room counted as sold fits to who stands in it; the board may know of less or more.
    before, left = found.before, sale.places - found.sold
    state: Literal["sold_out", "waiting"] = "sold_out" if before >= left else "waiting"
    return _answer(
        sale,
        state,
        now,
        place=found.sold + before + 1 if state == "waiting" else None,
        before=before if state == "waiting" else None,
        estimate_s=estimate_s(posted, before, now) if state == "waiting" else None,
        ask_again_s=ask_again_s,
        ticket=ticket,
    )


def unplaced(sale: Sale, ticket: str, now: datetime, ask_again_s: int) -> SalePlace:
    """The queue is away at this moment: the ticket keeps the place."""
    return _answer(sale, "waiting", now, ask_again_s=ask_again_s, ticket=ticket)


def info(posted: Posted, now: datetime, early_s: float) -> SaleInfo:
    """A sale as everybody may see it."""
    sale = posted.sale
    seed = sale.seed or b""
    over = sale.sold_out or sale.closed_at(now)
    return SaleInfo(
        offer=sale.offer,
        code=sale.code,
        name=sale.name,
        places=sale.places,
        sold=sale.awarded,
        room_opens_at=milliseconds(room_opens_at(sale, early_s)),
        opens_at=milliseconds(sale.opens_at),
        closes_at=milliseconds(sale.closes_at),
        age_min=sale.age_min,
        commitment=commitment(seed),
        seed=seed.hex() if over else None,
    )


def room_opens_at(sale: Sale, early_s: float) -> datetime:
    """From when on people may come and wait."""
    return sale.opens_at - timedelta(seconds=early_s)


def milliseconds(at: datetime) -> int:
    """As the API tells instants."""
    return round(at.timestamp() * 1000)


def _answer(
    sale: Sale,
    state: Literal["waiting", "served", "sold_out", "not_open", "closed", "refused"],
    now: datetime,
    *,
    place: int | None = None,
    before: int | None = None,
    estimate_s: int | None = None,
    ask_again_s: int | None = None,
    reason: Reason | None = None,
    ticket: str | None = None,
) -> SalePlace:
    return SalePlace(
        state,
        at=milliseconds(now),
        opens_at=milliseconds(sale.opens_at),
        closes_at=milliseconds(sale.closes_at),
        place=place,
        before=before,
        estimate_s=estimate_s,
        ask_again_s=ask_again_s,
        reason=reason,
        ticket=ticket,
    )
