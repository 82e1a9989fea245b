"""Fee rates and settlements at the console: made by one operator, released by another."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.campaign_terms import instant
from gateway.http.queries import Number, Page
from gateway.protocol import api_settlement as api
from gateway.protocol.api import Done
from gateway.refused import Refused
from gateway.settlement.views import fee_view, line_view, rate_view, review_view, settlement_view
from ledger.database import Executor
from ledger.grants import By
from ledger.settlement import fees, lines, review, settlements
from ledger.settlement.fees import NewFeeRate
from ledger.settlement.refusals import SettlementRefused
from ledger.settlement.settlements import SETTLED_AFTER_S, NewSettlement, Settlement, Terms

FEES_SHOWN_MAX = 20_000
STATES = {
    "made": "it was not released yet",
    "released": "it is released",
    "closed": "it is released, and nothing of it is to move any more",
    "discarded": "it was discarded",
}


class SettlementPath(Struct, frozen=True):
    settlement: Number


class SettlementsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only settlements before this one; ``state``: only those in it."""

    before: Number | None = None
    state: Literal["made", "released", "closed", "discarded"] | None = None
    limit: Page = 20


class FeesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``by``: some of day, shop, group, instrument and rate, with commas between."""

    by: Annotated[
        str, Meta(pattern=r"^(day|shop|group|instrument|rate)(,(day|shop|group|instrument|rate))*$")
    ] = "instrument"


# -- fee rates -------------------------------------------------------------------------------------


async def list_rates(call: Call) -> api.FeeRates:
    """Every rate that was ever set."""
    return await _rates(call, call.context.pool)


async def set_rate(call: Call) -> api.FeeRates:
    """Sets a rate that begins now or later; no rate is ever changed."""
    body, profile = call.body_as(api.NewFeeRate), call.town.profile
    new = NewFeeRate(
        kind=body.kind,
        basis_points=body.basis_points,
        yen=body.yen,
        valid_from=call.now
        if body.valid_from is None
        else instant(body.valid_from, call.town.zone, "valid_from"),
        shop=body.shop,
        shop_group=body.group,
        instrument=_instrument(call, body.instrument),
    )
    if (body.basis_points is None) != (body.yen is None):
        raise Refused("invalid", "Say basis points and yen (0 is one), or neither.", field="yen")
    if body.shop is not None and body.group is not None:
        raise Refused("invalid", "A rate is a shop's or a group's, not both.", field="group")
    if body.kind == "transfer" and (body.basis_points or body.instrument):
        raise Refused("invalid", "A fee for a payment by a bank is in yen alone.", field="kind")
    _check_group(call, body.group)
    async with acting(call) as act:
        with told_as_refused():
            number = await fees.set_rate(
                act.connection, profile.town.number, new, _by(call), call.now
            )
        after = {
            "kind": body.kind,
            "shop": body.shop,
            "group": body.group,
            "instrument": body.instrument,
            "basis_points": body.basis_points,
            "yen": body.yen,
            "valid_from": new.valid_from.isoformat(),
        }
        await act.record("fee.set", f"fee_rate:{number}", after=after)
        return await _rates(call, act.connection)


# -- settlements -----------------------------------------------------------------------------------


async def list_settlements(call: Call) -> api.Settlements:
    """Settlements, newest first."""
    query = call.query_as(SettlementsQuery)
    found = await settlements.settlements(
        call.context.pool,
        call.town.number,
        state=query.state,
        before=query.before,
        limit=query.limit,
    )
    more = found[-1].settlement if len(found) == query.limit else None
    return api.Settlements([settlement_view(each) for each in found], more)


async def preview(call: Call) -> api.SettlementReview:
    """What a settlement would say; nothing of it is kept."""
    new, town = _new(call), call.town.number
    async with call.context.settling:
        with told_as_refused():
            found = await review.preview(call.context.pool, town, new, _by(call), call.now)
    return review_view(call.town.profile, found, kept=False)


async def make(call: Call) -> api.SettlementReview:
    """Makes a settlement, for somebody else to look at and release."""
    new, town = _new(call), call.town.number
    async with call.context.settling, acting(call) as act:
        with told_as_refused():
            number = await settlements.make(act.connection, town, new, _by(call), call.now)
            found = await review.review(act.connection, town, number, call.now)
        one = found.settlement
        after = {
            "since": one.from_at.isoformat(),
            "until": one.until_at.isoformat(),
            "scope": one.scope,
            "group": one.shop_group,
            "shops": one.shops,
            "lines": one.lines,
            "net": one.net,
            "digest": found.digest,
        }
        await act.record("settlement.made", f"settlement:{one.settlement}", after=after)
    return review_view(call.town.profile, found)


def _new(call: Call) -> NewSettlement:
    body, town, rules = call.body_as(api.NewSettlement), call.town, call.town.profile.settlement
    if body.shops is not None and body.group is not None:
        raise Refused("invalid", "Say shops or a group, not both.", field="group")
    _check_group(call, body.group)
    until = instant(body.until, town.zone, "until")
    since = None if body.since is None else instant(body.since, town.zone, "since")
    if since is not None and until <= since:
        raise Refused("invalid", "The period ends before it begins.", field="until")
    terms = Terms(
        body.payout_min or rules.payout_min,
        body.collection_min or rules.collection_min,
        rules.fee_rounding,
    )
    return NewSettlement(until, terms, since, body.group, body.shops, body.remark)


async def show(call: Call) -> api.SettlementReview:
    """A settlement: its totals, and what there is to look at before it is released."""
    with told_as_refused():
        found = await review.review(
            call.context.pool, call.town.number, call.path_as(SettlementPath).settlement, call.now
        )
    return review_view(call.town.profile, found)


async def list_lines(call: Call) -> api.SettlementLines:
    """What it says to each shop, and what became of it."""
    one = await _known(call)
    found = await lines.lines(call.context.pool, call.town.number, one.settlement)
    return api.SettlementLines([line_view(each) for each in found])


async def list_fees(call: Call) -> api.SettlementFees:
    """What moved and its fees, by day, shop, group, instrument and rate, as asked."""
    one, keys = await _known(call), call.query_as(FeesQuery).by.split(",")
    found = await settlements.fees(
        call.context.pool, call.town.number, one.settlement, keys, FEES_SHOWN_MAX + 1
    )
    if len(found) > FEES_SHOWN_MAX:
        raise Refused("too_many_lines", field="by")
    return api.SettlementFees([fee_view(call.town.profile, each) for each in found])


async def release(call: Call) -> api.SettlementReview:
    """Lets the amounts move, after they were looked at by somebody else than who made them."""
    number, town = call.path_as(SettlementPath).settlement, call.town.number
    async with acting(call) as act:
        with told_as_refused():
            await settlements.hold(act.connection, town, number)
            seen = await review.review(act.connection, town, number, call.now)
            if seen.digest != call.body_as(api.ReleaseSettlement).digest:
                raise Refused("review_changed", field="digest")
            await settlements.release(act.connection, town, number, _by(call), call.now)
            found = await review.review(act.connection, town, number, call.now)
        await act.record(
            "settlement.released",
            f"settlement:{number}",
            before={"made_by": found.settlement.made_name, "digest": seen.digest},
            after={"paid_out": found.settlement.paid_out, "collected": found.settlement.collected},
        )
    return review_view(call.town.profile, found)


async def discard(call: Call) -> Done:
    """Lets go of a settlement that was not released; its entries are free again."""
    number = call.path_as(SettlementPath).settlement
    async with acting(call) as act:
        with told_as_refused():
            await settlements.discard(act.connection, call.town.number, number, _by(call), call.now)
        await act.record("settlement.discarded", f"settlement:{number}")
    return Done()


@contextmanager
def told_as_refused() -> Iterator[None]:
    """The ledger's reasons as the door's."""
    try:
        yield
    except SettlementRefused as error:
        match error.code:
            case "settlement_unknown":
                raise Refused(
                    "not_found", "There is no such settlement.", field="settlement"
                ) from None
            case "settlement_state":
                message = f"Nothing was changed: {STATES[error.state]}."
                raise Refused("settlement_state", message) from None
            case "same_operator":
                message = "Somebody else than who made the settlement has to release it."
                raise Refused("same_operator", message) from None
            case "too_soon":
                message = f"The period has to have ended {SETTLED_AFTER_S} seconds ago."
                raise Refused("invalid", message, field="until") from None
            case "rate_past":
                message = "A rate begins now or later; what is past keeps its own."
                raise Refused("invalid", message, field="valid_from") from None
            case "shop_unknown":
                message = f"There is no shop {error.shop}."
                raise Refused("invalid", message, field="shop") from None
        raise Refused(error.code) from None


def _by(call: Call) -> By:
    return By(call.session.operator, call.session.name)


async def _rates(call: Call, pool: Executor) -> api.FeeRates:
    found = await fees.rates(pool, call.town.number)
    return api.FeeRates([rate_view(call.town.profile, each, call.now) for each in found])


async def _known(call: Call) -> Settlement:
    number = call.path_as(SettlementPath).settlement
    found = await settlements.settlement(call.context.pool, call.town.number, number)
    if found is None:
        raise Refused("not_found", "There is no such settlement.", field="settlement")
    return found


def _instrument(call: Call, code: str | None) -> int | None:
    known = {each.code: each.number for each in call.town.profile.instruments}
    if code is None or code in known:
        return None if code is None else known[code]
    raise Refused(
        "invalid", f"There is no such kind of value; there are: {', '.join(known)}.",
        field="instrument",
    )  # fmt: skip


def _check_group(call: Call, code: str | None) -> None:
    known = [each.code for each in call.town.profile.groups]
    if code is not None and code not in known:
        raise Refused(
            "invalid", f"There is no such group of shops; there are: {', '.join(known) or 'none'}.",
            field="group",
        )  # fmt: skip
