"""Coupons and their rounds at the console: made, stopped, listed, and their budget (C2)."""

from msgspec import Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.coupon_acts import made_facts, make_coupon, open_offer, opened_facts
from gateway.http.coupon_terms import told_line, told_offer
from gateway.http.queries import Number, Page
from gateway.protocol import api_coupons as api
from gateway.refused import Refused
from ledger import coupons, offers
from ledger.coupons import Coupon, Uses
from ledger.database import Executor


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
    lines = [told_line(each, uses[each.coupon]) for each in found]
    return api.CouponLines(lines, found[-1].coupon if len(found) == query.limit else None)


async def make(call: Call) -> api.CouponLine:
    """Makes a coupon, and its fund with a budget where that is new."""
    body = call.body_as(api.NewCoupon)
    async with acting(call) as act:
        coupon = await make_coupon(act.connection, call.town.profile, body, call.now)
        facts = made_facts(coupon, body.budget)
        await act.record("coupon.made", f"coupon:{coupon.coupon}", after=facts)
    return told_line(coupon, Uses())


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
    return told_line(stopped, uses[number])


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
    return told_line(after, uses[number])


async def list_offers(call: Call) -> api.OfferLines:
    """The town's offers."""
    limit = call.query_as(OffersQuery).limit
    found = await offers.offers(call.context.pool, call.town.number, limit)
    return api.OfferLines([told_offer(each) for each in found])


async def open_round(call: Call) -> api.OfferLine:
    """Opens an offer; for a coupon's round, what its places may cost is kept in the budget."""
    body = call.body_as(api.NewOffer)
    async with acting(call) as act:
        offer = await open_offer(act.connection, call.town.profile, body, call.now)
        await act.record("offer.opened", f"offer:{offer.offer}", after=opened_facts(offer))
    return told_offer(offer)


async def _known(connection: Executor, town: int, number: int) -> Coupon:
    coupon = await coupons.coupon(connection, town, number)
    if coupon is None:
        raise Refused("not_found", "There is no coupon with this number.", field="coupon")
    return coupon
