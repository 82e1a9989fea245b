"""Making coupons and opening offers: what the console and the command line both do."""

from datetime import datetime

from config.profile import Profile
from gateway.http.coupon_terms import coupon_instrument, coupon_terms, offer_refusal, offer_terms
from gateway.protocol import api_coupons as api
from gateway.refused import Refused
from ledger import coupons, offers
from ledger.coupons import CodeTaken, Coupon, CouponRefused
from ledger.database import Connection
from ledger.offers import Offer, OfferRefused


async def make_coupon(
    connection: Connection, profile: Profile, body: api.NewCoupon, now: datetime
) -> Coupon:
    """Makes a coupon, and its fund with a budget where that is new.

    Raises:
        Refused: ``invalid``, with the field and what to do, or ``code_taken``; nothing was made.
    """
    terms = coupon_terms(profile, body)
    instrument = coupon_instrument(profile, body.instrument)
    if terms.ends_at <= now:
        raise Refused("invalid", "ends_at: this has passed.", field="ends_at")
    town = profile.town.number
    try:
        number = await coupons.add(connection, town, terms, instrument, body.budget, now)
    except CouponRefused as refused:
        raise Refused("invalid", f"{refused}.", field=refused.field) from refused
    except CodeTaken:
        raise Refused("code_taken", field="code") from None
    made = await coupons.coupon(connection, town, number)
    assert made is not None
    return made


async def open_offer(
    connection: Connection, profile: Profile, body: api.NewOffer, now: datetime
) -> Offer:
    """Opens an offer; for a coupon's round, what its places may cost is kept in the budget.

    Raises:
        Refused: ``invalid``, with the field and what to do, ``code_taken``, or ``over_budget``.
    """
    terms = offer_terms(profile, body)
    try:
        return await offers.open_offer(connection, profile.town.number, terms, now)
    except OfferRefused as refused:
        raise offer_refusal(refused) from refused


def made_facts(coupon: Coupon, budget: int | None) -> dict[str, object]:
    """What the audit keeps of a coupon that was made."""
    return {"code": coupon.code, "fund": coupon.fund, "budget": budget}


def opened_facts(offer: Offer) -> dict[str, object]:
    """What the audit keeps of an offer that was opened."""
    return {"code": offer.code, "places": offer.places, "reserve": offer.reserve}
