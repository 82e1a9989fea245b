"""Coupons and offers between what is sent and what is kept, and everything that can be wrong."""

from zoneinfo import ZoneInfo

from config.profile import Profile
from gateway.http.campaign_terms import hour, instant
from gateway.protocol import api_coupons as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger.coupons import Coupon, Terms, Uses, problem
from ledger.offers import Awarding, NewOffer, Offer, OfferRefused, WhyNot

# What each reason not to open an offer is over HTTP: the error's code, its field, and what to do.
OFFER_PROBLEMS = {
    WhyNot.OFFER_PERIOD: (
        "invalid",
        "closes_at",
        "An offer opens, then closes, in the future; its places are good at least until then.",
    ),
    WhyNot.OFFER_GIVES: ("invalid", "coupon", "Give a coupon or an amount, and not both."),
    WhyNot.CODE_TAKEN: ("code_taken", "code", "There is or was an offer of this code."),
    WhyNot.COUPON_UNKNOWN: ("invalid", "coupon", "There is no coupon of this code."),
    WhyNot.COUPON_CLOSED: (
        "invalid",
        "use_until",
        "The coupon is stopped, or it ends before use_until; let the places end with it.",
    ),
    WhyNot.COUPON_FOR_ALL: (
        "invalid",
        "coupon",
        "Anybody uses this coupon without a place; take one that is awarded.",
    ),
    WhyNot.NO_BUDGET: ("invalid", "coupon", "The coupon's fund has no budget to keep anything in."),
}


def coupon_terms(profile: Profile, new: api.NewCoupon) -> Terms:
    """The terms of a coupon to make.

    Raises:
        Refused: ``invalid``, with the field and what to do.
    """
    zone = ZoneInfo(profile.town.time_zone)
    terms = Terms(
        code=new.code,
        name=new.name,
        fund=new.fund,
        discount=new.discount,
        basis_points=new.basis_points,
        discount_max=new.discount_max,
        minimum=new.minimum,
        starts_at=instant(new.starts_at, zone, "starts_at"),
        ends_at=instant(new.ends_at, zone, "ends_at"),
        weekdays=tuple(new.weekdays),
        month_days=tuple(new.month_days),
        from_minute=_minute(new.hours_from),
        to_minute=_minute(new.hours_to),
        shop_groups=tuple(new.shop_groups),
        shops=tuple(new.shops),
        per_person=new.per_person,
        awarded=new.awarded,
        survey=new.survey,
        mixes=new.mixes,
    )
    if found := problem(terms, [group.code for group in profile.groups]):
        field, text = found
        field = {"from_minute": "hours_from", "to_minute": "hours_to"}.get(field, field)
        raise Refused("invalid", f"{field}: {text}.", field=field)
    return terms


def coupon_instrument(profile: Profile, code: str | None) -> int:
    """The number of the kind of value that a coupon's part of a payment is booked as.

    Raises:
        Refused: ``invalid``: there is none, or it has to be named.
    """
    known = {each.code: each.number for each in profile.instruments if each.kind == "coupon"}
    if code is None and len(known) == 1:
        [code] = known
    if code not in known:
        allowed = ", ".join(known) or "nothing: the town's profile has no instrument of that kind"
        text = f"instrument: found {code!r}; allowed is {allowed}."
        raise Refused("invalid", text, field="instrument")
    return known[code]


def offer_terms(profile: Profile, new: api.NewOffer) -> NewOffer:
    """The terms of an offer to open.

    Raises:
        Refused: ``invalid``, with the field: there is no such day or time.
    """
    zone = ZoneInfo(profile.town.time_zone)
    return NewOffer(
        code=new.code,
        name=new.name,
        awarding=Awarding.FIRST_COME,
        places=new.places,
        opens_at=instant(new.opens_at, zone, "opens_at"),
        closes_at=instant(new.closes_at, zone, "closes_at"),
        use_until=instant(new.use_until, zone, "use_until"),
        coupon=new.coupon,
        amount=new.amount,
    )


def offer_refusal(refused: OfferRefused) -> Refused:
    """Why an offer was not opened, as it is told."""
    if refused.why is WhyNot.OVER_BUDGET:
        text = (
            f"These places may cost {refused.needed} yen, and {refused.left} yen of the budget are "
            "left; offer fewer, or raise the budget."
        )
        return Refused("over_budget", text, field="places")
    code, field, text = OFFER_PROBLEMS[refused.why]
    return Refused(code, text, field=field)


# -- what is told ----------------------------------------------------------------------------------


def told_coupon(coupon: Coupon) -> api.CouponTerms:
    """A coupon's terms as everybody may see them."""
    return api.CouponTerms(
        coupon=coupon.coupon,
        code=coupon.code,
        name=coupon.name,
        discount=coupon.discount,
        basis_points=coupon.basis_points,
        discount_max=coupon.discount_max,
        minimum=coupon.minimum,
        starts_at=milliseconds(coupon.starts_at),
        ends_at=milliseconds(coupon.ends_at),
        weekdays=list(coupon.weekdays),
        month_days=list(coupon.month_days),
        hours_from=hour(coupon.from_minute),
        hours_to=hour(coupon.to_minute),
        shop_groups=list(coupon.shop_groups),
        shops=list(coupon.shops),
        per_person=coupon.per_person,
        awarded=coupon.awarded,
        survey=coupon.survey,
        mixes=coupon.mixes,
    )


def told_line(coupon: Coupon, uses: Uses) -> api.CouponLine:
    """A coupon as the console shows it."""
    return api.CouponLine(
        terms=told_coupon(coupon),
        instrument=coupon.instrument,
        fund=coupon.fund,
        stopped_at=None if coupon.stopped_at is None else milliseconds(coupon.stopped_at),
        uses=uses.uses,
        paid=uses.paid,
        ceiling=coupon.ceiling,
        granted=coupon.granted,
        reserved=coupon.reserved,
    )


def told_offer(offer: Offer) -> api.OfferLine:
    """An offer as the console shows it."""
    return api.OfferLine(
        offer=offer.offer,
        code=offer.code,
        name=offer.name,
        gives=offer.gives,
        coupon=offer.coupon,
        amount=offer.amount,
        awarding=offer.awarding,
        places=offer.places,
        awarded=offer.awarded,
        reserve=offer.reserve,
        opens_at=milliseconds(offer.opens_at),
        closes_at=milliseconds(offer.closes_at),
        use_until=milliseconds(offer.use_until),
        ended_at=None if offer.ended_at is None else milliseconds(offer.ended_at),
    )


def _minute(hour: str | None) -> int | None:
    if hour is None:
        return None
    hours, _, minutes = hour.partition(":")
    return int(hours) * 60 + int(minutes)
