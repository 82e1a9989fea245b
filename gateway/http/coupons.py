"""Coupons and their rounds at the console: made, stopped, listed, and their budget (C2)."""

from msgspec import Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.coupon_terms import (
    coupon_instrument,
    coupon_terms,
    offer_refusal,
    offer_terms,
    told_coupon,
    told_offer,
)
from gateway.http.queries import Number, Page
from gateway.protocol import api_coupons as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import coupons, offers
from ledger.coupons import CodeTaken, Coupon, CouponRefused, Uses
from ledger.database import Executor
from ledger.offers import OfferRefused


class CouponPath(Struct, frozen=True):
    coupon: Number


class CouponsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only coupons before this one; without it, the newest."""

    before: Number | None = None
    limit: Page = 50


class OffersQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The newest offers."""

    limit: Page = 50


async def listed(call: Call) -> api.CouponLines:
    """The town's coupons, with what they paid and the budgets behind them."""
    query, pool, town = call.query_as(CouponsQuery), call.context.pool, call.town.number
    found = await coupons.coupons(pool, town, before=query.before, limit=query.limit)
    uses = await coupons.uses(pool, town, [each.coupon for each in found])
    lines = [_line(each, uses[each.coupon]) for each in found]
    return api.CouponLines(lines, found[-1].coupon if len(found) == query.limit else None)


async def make(call: Call) -> api.CouponLine:
    """Makes a coupon, and its fund with a budget where that is new."""
    body, town = call.body_as(api.NewCoupon), call.town
    terms = coupon_terms(town.profile, body)
    instrument = coupon_instrument(town.profile, body.instrument)
    if terms.ends_at <= call.now:
        raise Refused("invalid", "ends_at: this has passed.", field="ends_at")
    async with acting(call) as act:
        try:
            number = await coupons.add(
                act.connection, town.number, terms, instrument, body.budget, call.now
            )
        except CouponRefused as refused:
            raise Refused("invalid", f"{refused}.", field=refused.field) from refused
        except CodeTaken:
            raise Refused("code_taken", field="code") from None
        coupon = await _known(act.connection, town.number, number)
        facts = {"code": coupon.code, "fund": coupon.fund, "budget": body.budget}
        await act.record("coupon.made", f"coupon:{number}", after=facts)
    return _line(coupon, Uses())


async def stop(call: Call) -> api.CouponLine:
    """From now on the coupon pays nothing; what was promised for it goes back into its budget."""
    number, town = call.path_as(CouponPath).coupon, call.town.number
    async with acting(call) as act:
        coupon = await _known(act.connection, town, number)
        if not await coupons.stop(act.connection, town, number, call.now):
            raise Refused("coupon_over")
        await act.record("coupon.stopped", f"coupon:{number}", after={"code": coupon.code})
        stopped = await _known(act.connection, town, number)
        uses = await coupons.uses(act.connection, town, [number])
    return _line(stopped, uses[number])


async def set_budget(call: Call) -> api.CouponLine:
    """Changes what the budget behind a coupon may give in all."""
    number, town = call.path_as(CouponPath).coupon, call.town.number
    ceiling = call.body_as(api.Ceiling).ceiling
    async with acting(call) as act:
        before = await _known(act.connection, town, number)
        if not await coupons.set_ceiling(act.connection, town, number, ceiling):
            spoken_for = before.granted + before.reserved
            text = f"{spoken_for} yen are given and promised already; the budget cannot be less."
            raise Refused("over_budget", text, field="ceiling")
        after = await _known(act.connection, town, number)
        await act.record(
            "coupon.budget_changed",
            f"coupon:{number}",
            before={"fund": before.fund, "ceiling": before.ceiling},
            after={"fund": after.fund, "ceiling": after.ceiling},
        )
        uses = await coupons.uses(act.connection, town, [number])
    return _line(after, uses[number])


async def list_offers(call: Call) -> api.OfferLines:
    """The town's offers."""
    limit = call.query_as(OffersQuery).limit
    found = await offers.offers(call.context.pool, call.town.number, limit)
    return api.OfferLines([told_offer(each) for each in found])


async def open_offer(call: Call) -> api.OfferLine:
    """Opens an offer; for a coupon's round, what its places may cost is kept in the budget."""
    town = call.town
    terms = offer_terms(town.profile, call.body_as(api.NewOffer))
    async with acting(call) as act:
        try:
            offer = await offers.open_offer(act.connection, town.number, terms, call.now)
        except OfferRefused as refused:
            raise offer_refusal(refused) from refused
        facts = {"code": offer.code, "places": offer.places, "reserve": offer.reserve}
        await act.record("offer.opened", f"offer:{offer.offer}", after=facts)
    return told_offer(offer)


async def _known(connection: Executor, town: int, number: int) -> Coupon:
    coupon = await coupons.coupon(connection, town, number)
    if coupon is None:
        raise Refused("not_found", "There is no coupon with this number.", field="coupon")
    return coupon


def _line(coupon: Coupon, uses: Uses) -> api.CouponLine:
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
