"""Coupons and offers in a wallet: what it can use now or later, and a place claimed (C2)."""

from msgspec import Struct

from gateway.http.call import Call
from gateway.http.coupon_terms import told_coupon
from gateway.http.queries import Number
from gateway.protocol import api_coupons as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import coupons, offers, wallet_coupons
from ledger.database import transaction
from ledger.offers import Award, Awarding, Gives, Offer
from ledger.sales import find_sale
from ledger.wallet_coupons import WalletCoupon, WalletOffer

CLAIM_ERRORS = ("offer_closed", "offer_queued", "offer_sold_out", "wallet_frozen")


class OfferPath(Struct, frozen=True):
    offer: Number


async def own(call: Call) -> api.WalletCoupons:
    """The wallet's coupons, and why each cannot be used at this moment."""
    found = await wallet_coupons.wallet_coupons(
        call.context.pool, call.town.number, call.session.account, call.now
    )
    return api.WalletCoupons([_told_coupon(each) for each in found])


async def list_offers(call: Call) -> api.WalletOffers:
    """Offers to come and open, and those that the wallet has a place of."""
    found = await wallet_coupons.wallet_offers(
        call.context.pool, call.town.number, call.session.account, call.now
    )
    return api.WalletOffers([_told_offer(each) for each in found])


async def claim(call: Call) -> api.ClaimedPlace:
    """Takes a place of a round that goes to who comes first; who has one is told it again."""
    number, town, wallet = call.path_as(OfferPath).offer, call.town.number, call.session.account
    offer = await offers.find_offer(call.context.pool, town, number)
    if offer is None or offer.awarding is not Awarding.FIRST_COME or offer.gives is Gives.RIGHT:
        raise Refused("not_found", "There is no coupon to claim with this number.", field="offer")
    for award in await offers.awards_of(call.context.pool, town, wallet):
        if award.offer == number:
            return _claimed(offer, award)
    if not offer.open_at(call.now):
        raise Refused("offer_closed", field="offer")
    sale = await find_sale(call.context.pool, town, number)
    if sale is not None and sale.seed is not None:
        raise Refused("offer_queued", field="offer")
    async with transaction(call.context.pool) as connection:
        awarded = await offers.award(connection, town, number, [wallet], call.now)
    if not awarded:
        raise Refused(await _why_none(call, number))
    return _claimed(offer, awarded[0])


async def _why_none(call: Call, number: int) -> str:
    """Why a wallet got no place of an open offer."""
    offer = await offers.find_offer(call.context.pool, call.town.number, number)
    assert offer is not None
    assert offer.coupon is not None
    if offer.awarded == offer.places:
        return "offer_sold_out"
    coupon = await coupons.coupon(call.context.pool, call.town.number, offer.coupon)
    assert coupon is not None
    return "wallet_frozen" if coupon.stopped_at is None else "offer_closed"


def _claimed(offer: Offer, award: Award) -> api.ClaimedPlace:
    return api.ClaimedPlace(offer.offer, award.place, milliseconds(offer.use_until))


def _told_coupon(found: WalletCoupon) -> api.WalletCoupon:
    return api.WalletCoupon(
        terms=told_coupon(found.coupon),
        why_not=found.why_not,
        until=milliseconds(found.until),
        uses_left=found.uses_left,
    )


def _told_offer(found: WalletOffer) -> api.WalletOffer:
    offer = found.offer
    return api.WalletOffer(
        offer=offer.offer,
        code=offer.code,
        name=offer.name,
        gives=offer.gives,
        coupon=told_coupon(found.coupon) if found.coupon else None,
        amount=offer.amount,
        awarding=offer.awarding,
        places=offer.places,
        left=offer.places - offer.awarded,
        opens_at=milliseconds(offer.opens_at),
        closes_at=milliseconds(offer.closes_at),
        use_until=milliseconds(offer.use_until),
        place=found.place,
    )
