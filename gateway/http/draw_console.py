"""Draws at the console: opened, looked over, frozen, drawn, published and drawn again."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.draw_views import draw_info, refused_draw, refused_offer
from gateway.http.draws import DrawPath, the_draw
from gateway.http.queries import Number
from gateway.protocol import api_draws
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import applicants, applications, draw_stages, draws
from ledger.applications import Application, ApplicationRefused
from ledger.applications import WhyNot as ApplicationWhyNot
from ledger.database import Executor
from ledger.draw_stages import NewDraw
from ledger.draws import Draw, DrawGroup, DrawRefused
from ledger.lottery import Remainder
from ledger.offers import Awarding, NewOffer, OfferRefused

REVIEWS_MAX = 200

OPEN_ERRORS = ("code_taken",)
STAGE_ERRORS = ("draw_stage",)


class ApplicationPath(Struct, frozen=True):
    application: Number


def new_draw(body: api_draws.NewDraw, zone: ZoneInfo) -> NewDraw:
    """A draw as an operator describes it; instants without an offset are the town's own time."""

    def instant(said: datetime) -> datetime:
        return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)

    return NewDraw(
        offer=NewOffer(
            code=body.code,
            name=body.name,
            awarding=Awarding.DRAW,
            places=body.places,
            opens_at=instant(body.opens_at),
            closes_at=instant(body.closes_at),
            use_until=instant(body.use_until),
            coupon=body.coupon,
            amount=body.amount,
        ),
        groups=[
            DrawGroup(group.code, group.name, group.places, group.weight) for group in body.groups
        ],
        remainder=Remainder(body.remainder),
        claim_until=instant(body.claim_until),
        redraw_days=body.redraw_days,
        units_max=body.units_max,
        address_max=body.address_max,
        network_max=body.network_max,
    )


def opened_facts(draw: Draw) -> dict[str, object]:
    """What the audit keeps of a draw that was opened."""
    return {
        "places": draw.offer.places,
        "amount": draw.offer.amount,
        "closes_at": draw.offer.closes_at.isoformat(),
        "commitment": draw.commitment.hex(),
        "groups": {group.code: group.places for group in draw.groups},
    }


async def listed(call: Call) -> api_draws.Draws:
    """The town's draws, with what only operators know."""
    found = await draws.draws(call.context.pool, call.town.number, 100)
    return api_draws.Draws([draw_info(draw, call.now, operator=True) for draw in found])


async def open_draw(call: Call) -> api_draws.DrawProgress:
    """Opens a draw, and commits to its seed."""
    new, town = new_draw(call.body_as(api_draws.NewDraw), call.town.zone), call.town.number
    async with acting(call) as act:
        try:
            draw = await draw_stages.open_draw(
                act.connection, call.context.auth.vault, town, new, call.now
            )
        except OfferRefused as error:
            raise refused_offer(error) from error
        except DrawRefused as error:
            raise refused_draw(error) from error
        await act.record("draw.opened", f"draw:{draw.offer.code}", after=opened_facts(draw))
    return await _progress(call, draw)


async def progress(call: Call) -> api_draws.DrawProgress:
    """How far a draw is: applications by group and state, notices, places not claimed."""
    return await _progress(call, await the_draw(call))


async def close(call: Call) -> api_draws.DrawProgress:
    """Freezes the list."""
    code, town = call.path_as(DrawPath).code, call.town
    async with acting(call) as act:
        try:
            draw = await draw_stages.close(act.connection, town.number, town.code, code, call.now)
        except DrawRefused as error:
            raise refused_draw(error) from error
        assert draw.digest is not None
        await act.record("draw.closed", f"draw:{code}", after={"digest": draw.digest.hex()})
    return await _progress(call, draw)


async def hold(call: Call) -> api_draws.DrawProgress:
    """Draws."""
    code, town = call.path_as(DrawPath).code, call.town
    async with acting(call) as act:
        try:
            draw = await draw_stages.hold(
                act.connection, call.context.auth.vault, town.number, town.code, code, call.now
            )
        except DrawRefused as error:
            raise refused_draw(error) from error
        await act.record("draw.drawn", f"draw:{code}")
    return await _progress(call, draw)


async def publish(call: Call) -> api_draws.DrawProgress:
    """Publishes seed and result; notices go out."""
    code = call.path_as(DrawPath).code
    async with acting(call) as act:
        try:
            draw = await draw_stages.publish(act.connection, call.town.number, code, call.now)
        except DrawRefused as error:
            raise refused_draw(error) from error
        await act.record("draw.published", f"draw:{code}")
    return await _progress(call, draw)


async def redraw(call: Call) -> api_draws.DrawProgress:
    """Gives the places that were not claimed in time down the waiting list."""
    code = call.path_as(DrawPath).code
    async with acting(call) as act:
        try:
            redrawn = await draw_stages.redraw(act.connection, call.town.number, code, call.now)
        except DrawRefused as error:
            raise refused_draw(error) from error
        await act.record(
            "draw.redrawn",
            f"draw:{code}",
            after={"round": redrawn.round, "free": redrawn.free, "drawn": redrawn.drawn},
        )
    return await _progress(call, await the_draw(call))


# -- applications ----------------------------------------------------------------------------------


async def reviews(call: Call) -> api_draws.ApplicationReviews:
    """Applications that wait for an operator, oldest first."""
    draw = await the_draw(call)
    found = await applications.in_review(
        call.context.pool, call.town.number, draw.offer.offer, REVIEWS_MAX
    )
    return api_draws.ApplicationReviews([await _seen(call, each) for each in found])


async def decide(call: Call) -> api_draws.Decided:
    """Takes an application into the lottery, or refuses it with a reason."""
    number = call.path_as(ApplicationPath).application
    body = call.body_as(api_draws.DecideApplication)
    if not body.accept and body.reason is None:
        raise Refused("invalid", "A refusal needs a reason; the applicant is told.", field="reason")
    async with acting(call) as act:
        try:
            after = await applications.decide(
                act.connection,
                call.town.number,
                number,
                accept=body.accept,
                reason=body.reason,
                by=call.session.name,
                now=call.now,
            )
        except ApplicationRefused as error:
            raise _refused(error) from error
        await act.record(
            "application.decided",
            f"application:{number}",
            before={"state": "review"},
            after={"state": after.state.value, "reason": body.reason},
        )
    return api_draws.Decided(number, after.state.value)


async def erase(call: Call) -> api_draws.Decided:
    """Forgets who made an application; what the lottery goes by stays."""
    number = call.path_as(ApplicationPath).application
    body = call.body_as(api_draws.EraseApplicant)
    if body.application != number:
        raise Refused(
            "invalid", "The body names another application than the path.", field="application"
        )
    async with acting(call) as act:
        try:
            erased = await applications.forget(act.connection, call.town.number, number)
        except ApplicationRefused as error:
            raise _refused(error) from error
        if not erased:
            raise _refused(ApplicationRefused(ApplicationWhyNot.UNKNOWN))
        after = await applications.find(act.connection, call.town.number, number)
        await act.record(
            "applicant.erased",
            f"application:{number}",
            before={"applicant": True},
            after={"applicant": False, "state": after.state.value, "reason": body.reason},
        )
    return api_draws.Decided(number, after.state.value)


def _refused(error: ApplicationRefused) -> Refused:
    if error.why is ApplicationWhyNot.UNKNOWN:
        return Refused(
            "not_found", "There is no such application, or it was erased.", field="application"
        )
    return Refused("application_settled", "It does not wait for a decision any more.")


async def _seen(call: Call, one: Application) -> api_draws.ApplicationReview:
    who = await applicants.applicant(
        call.context.pool, call.context.auth.vault, call.town.number, one.application
    )
    return api_draws.ApplicationReview(
        application=one.application,
        id=str(one.id),
        group=one.group,
        reasons=one.reasons,
        likes=one.likes,
        applied_at=milliseconds(one.applied_at),
        applicant=None
        if who is None
        else api_draws.ApplicantSeen(
            name=who.name,
            kana=who.kana,
            birth_date=who.birth_date.isoformat(),
            postal_code=who.postal_code,
            address=who.address,
            phone_tail=who.phone[-4:],
        ),
    )


async def _progress(call: Call, draw: Draw) -> api_draws.DrawProgress:
    return await progress_of(call.context.pool, call.town.number, draw, call.now)


async def progress_of(
    pool: Executor, town: int, draw: Draw, now: datetime
) -> api_draws.DrawProgress:
    """How far a draw is."""
    number = draw.offer.offer
    free, _ = await draws.unclaimed(pool, town, number)
    return api_draws.DrawProgress(
        draw=draw_info(draw, now, operator=True),
        round=draw.round,
        counts=[
            api_draws.GroupCount(each.group, each.state.value, each.applications, each.units)
            for each in await draws.counts(pool, town, number)
        ],
        notices=await draws.notices_by_state(pool, town, number),
        free=free,
        awarded=(await draws.draw_of(pool, town, number)).offer.awarded,
    )
