"""Draws and applications as bodies, and their refusals as the API's."""

from datetime import datetime

from gateway.http.call import Call
from gateway.protocol import api_draws
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger.applications import Application, ApplicationRefused
from ledger.applications import WhyNot as ApplicationWhyNot
from ledger.draws import Draw, DrawRefused, Stage, State
from ledger.draws import WhyNot as DrawWhyNot
from ledger.offers import OfferRefused
from ledger.offers import WhyNot as OfferWhyNot

STAGES = {
    Stage.TO_COME: "its applications are not open yet",
    Stage.OPEN: "its applications are open",
    Stage.OVER: "its list is not frozen yet",
    Stage.CLOSED: "its list is frozen and not drawn yet",
    Stage.DRAWN: "it is drawn and not published yet",
    Stage.PUBLISHED: "its result is published",
}

OFFER_WORDS = {
    OfferWhyNot.OFFER_PERIOD: (
        "closes_at",
        "It opens before it closes, closes before its places are worth nothing, and is not over.",
    ),
    OfferWhyNot.OFFER_GIVES: ("amount", "A place gives either an amount or a coupon."),
    OfferWhyNot.CODE_TAKEN: ("code", "This code is or was used; take another one."),
    OfferWhyNot.COUPON_UNKNOWN: ("coupon", "There is no coupon with this code."),
    OfferWhyNot.COUPON_CLOSED: ("coupon", "The coupon is stopped, or over before its places are."),
    OfferWhyNot.COUPON_FOR_ALL: ("coupon", "This coupon needs no place; everybody has it."),
    OfferWhyNot.NO_BUDGET: ("coupon", "The coupon's fund has no budget to keep anything in."),
}


def draw_info(draw: Draw, now: datetime, *, operator: bool = False) -> api_draws.DrawInfo:
    """A draw for everybody; that it is drawn and not published is told to operators alone."""
    offer, stage = draw.offer, draw.stage(now)
    if stage is Stage.DRAWN and not operator:
        stage = Stage.CLOSED
    return api_draws.DrawInfo(
        code=offer.code,
        name=offer.name,
        stage=stage.value,
        places=offer.places,
        amount=offer.amount,
        opens_at=milliseconds(offer.opens_at),
        closes_at=milliseconds(offer.closes_at),
        claim_until=milliseconds(draw.claim_until),
        use_until=milliseconds(offer.use_until),
        remainder=draw.remainder.value,
        units_max=draw.units_max,
        groups=[
            api_draws.DrawGroupInfo(group.code, group.name, group.places, group.weight)
            for group in draw.groups
        ],
        commitment=draw.commitment.hex(),
        digest=None if draw.digest is None else draw.digest.hex(),
    )


def application_info(application: Application, draw: Draw) -> api_draws.ApplicationInfo:
    """An application for whoever made it; what is not published yet is not told."""
    state = application.state
    if draw.published_at is None and state in {State.WON, State.WAITING}:
        state = State.ENTERED
    return api_draws.ApplicationInfo(
        id=str(application.id),
        draw=draw.offer.code,
        name=draw.offer.name,
        group=application.group,
        units=application.units,
        state=state.value,
        applied_at=milliseconds(application.applied_at),
        reason=application.decided_reason if state is State.REFUSED else None,
        claim_until=milliseconds(draw.claim_until) if state is State.WON else None,
    )


def refused_application(error: ApplicationRefused, draw: Draw, call: Call) -> Refused:
    """Why an application is not made, in words that say what is allowed."""
    match error.why:
        case ApplicationWhyNot.NOT_OPEN:
            opens = draw.offer.opens_at
            local = opens.astimezone(call.town.zone).strftime("%Y-%m-%d %H:%M")
            wait_ms = max(1, milliseconds(opens) - milliseconds(call.now))
            return Refused(
                "draw_not_open", f"Applications open at {local}.", retry_after_ms=wait_ms
            )
        case ApplicationWhyNot.CLOSED:
            closed = draw.offer.closes_at.astimezone(call.town.zone).strftime("%Y-%m-%d %H:%M")
            return Refused("draw_closed", f"Applications were open until {closed}.")
        case ApplicationWhyNot.GROUP:
            codes = ", ".join(group.code for group in draw.groups)
            return Refused("invalid", f"The field group: allowed is {codes}.", field="group")
        case ApplicationWhyNot.UNITS:
            most = draw.units_max
            return Refused("invalid", f"The field units: at most {most}.", field="units")
        case _:
            return Refused("already_applied")


def refused_draw(error: DrawRefused) -> Refused:
    """Why something is not done with a draw."""
    match error.why:
        case DrawWhyNot.UNKNOWN:
            return Refused("not_found", "There is no draw with this code.", field="code")
        case DrawWhyNot.GROUPS:
            return Refused(
                "invalid",
                "The groups have codes of their own, and together no more places than there are.",
                field="groups",
            )
        case DrawWhyNot.UNITS:
            return Refused(
                "invalid", "A place gives a coupon once: units_max is 1.", field="units_max"
            )
        case DrawWhyNot.CLAIM_PERIOD:
            return Refused(
                "invalid",
                "Places are claimed after the closing, and before they are worth nothing.",
                field="claim_until",
            )
        case DrawWhyNot.REVIEWS:
            return Refused(
                "reviews_waiting", f"{error.reviews} applications wait for your decision."
            )
        case DrawWhyNot.CLAIMING:
            return Refused("draw_stage", "Its places can still be claimed; see claim_until.")
        case DrawWhyNot.ALL_CLAIMED:
            return Refused("draw_stage", "No place is free; there is nothing to draw again.")
        case _:
            assert error.stage is not None
            return Refused("draw_stage", f"This is not done now: {STAGES[error.stage]}.")


def refused_offer(error: OfferRefused) -> Refused:
    """Why a draw's offer is not opened."""
    if error.why is OfferWhyNot.OVER_BUDGET:
        return Refused(
            "invalid",
            f"The places may cost {error.needed} yen, and the budget has {error.left} left.",
            field="places",
        )
    field, words = OFFER_WORDS[error.why]
    code = "code_taken" if error.why is OfferWhyNot.CODE_TAKEN else "invalid"
    return Refused(code, words, field=field)
