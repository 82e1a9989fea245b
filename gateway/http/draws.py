"""Draws for whoever applies: what is drawn, applying with and without a wallet, and claiming."""

from datetime import timedelta

import msgspec
from msgspec import Struct
from starlette.responses import Response

from gateway.http.call import Call
from gateway.http.draw_views import application_info, draw_info, refused_application
from gateway.protocol import api, api_draws
from gateway.protocol.api_draws import DrawCode
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import applications, draw_stages, draws, identity, persons, purchasers, rights
from ledger.addresses import normal_postal_code
from ledger.applicants import Applicant
from ledger.applications import Application, ApplicationRefused, NewApplication
from ledger.digits import printed
from ledger.draws import Draw, DrawRefused
from ledger.identity import Guarded, LockoutPolicy
from ledger.names import checked_birth_date, normal_kana
from ledger.persons import Person
from ledger.purchasers import NumberRefused
from ledger.purchasers import WhyNot as NumberWhyNot

LIST_MAX = 100
# Five wrong, then 15 minutes; then an hour, then a day. A number is one of 10^12, and works only
# with its own phone number in any case.
NUMBER_LOCKOUT = LockoutPolicy(
    failures=5, lock_s=(900, 3_600, 86_400), forget_after=timedelta(days=7)
)

APPLY_ERRORS = ("draw_not_open", "draw_closed", "already_applied")
NUMBER_CODES = {
    NumberWhyNot.USED: "number_used",
    NumberWhyNot.OVER: "number_over",
    NumberWhyNot.AWARDED: "already_awarded",
    NumberWhyNot.FROZEN: "wallet_frozen",
}
CLAIM_ERRORS = ("number_wrong", "number_locked", *NUMBER_CODES.values())


class DrawPath(Struct, frozen=True):
    code: DrawCode


async def listed(call: Call) -> api_draws.Draws:
    """The town's draws."""
    found = await draws.draws(call.context.pool, call.town.number, LIST_MAX)
    return api_draws.Draws([draw_info(draw, call.now) for draw in found])


async def shown(call: Call) -> api_draws.DrawInfo:
    """One draw."""
    return draw_info(await the_draw(call), call.now)


async def file(call: Call) -> Response:
    """The frozen list, and later the seed and every round: what `koban draws replay` reads."""
    draw = await the_draw(call)
    try:
        drawing = await draw_stages.drawing(
            call.context.pool, call.context.auth.vault, call.town.number, call.town.code, draw
        )
    except DrawRefused as error:
        raise Refused(
            "draw_stage", "The list is published when it is frozen, after the applications."
        ) from error
    return Response(
        msgspec.json.encode(drawing),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{draw.offer.code}.json"',
            "Cache-Control": "no-store",
        },
    )


# -- applying --------------------------------------------------------------------------------------


async def start(call: Call) -> api.Challenge:
    """Sends a code to the phone of somebody who wants to apply."""
    check_open(call, await the_draw(call))
    phone = call.body_as(api_draws.ApplyStart).phone
    return await call.context.auth.doors.prove_phone(call.town.number, phone, call.now)


async def apply(call: Call) -> api_draws.Applied:
    """Takes an application; what is wrong with it is told before the code is used."""
    body, town = call.body_as(api_draws.Apply), call.town.number
    draw = await the_draw(call)
    check_applicant(call, draw, body)
    doors = call.context.auth.doors
    phone = await doors.proven_phone(town, body.challenge, body.code, call.now)
    one = Applicant(*(phone, body.name, body.kana, body.birth_date, body.postal_code, body.address))
    new = NewApplication(one, body.group, body.units, network=call.address, device=body.device)
    return await _applied(call, draw, new)


async def apply_with_wallet(call: Call) -> api_draws.Applied:
    """Takes the application of whoever is signed in."""
    body, wallet = call.body_as(api_draws.WalletApply), call.session.account
    person = await _holder(call)
    kana, birth_date = body.kana or person.kana, body.birth_date or person.birth_date
    for field, value in (("kana", kana), ("birth_date", birth_date)):
        if value is None:
            raise Refused(
                "invalid",
                "A draw asks for the reading of your name and your birth date.",
                field=field,
            )
    if person.kana is not None and (body.kana or body.birth_date):
        kana, birth_date = person.kana, person.birth_date  # What they registered with stands.
    assert kana is not None
    assert birth_date is not None
    draw = await the_draw(call)
    told = msgspec.structs.replace(body, kana=kana, birth_date=birth_date)
    check_applicant(call, draw, told)
    one = Applicant(*(person.phone, person.name, kana, birth_date, body.postal_code, body.address))
    new = NewApplication(one, body.group, body.units, wallet=wallet, network=call.address)
    return await _applied(call, draw, new)


def check_open(call: Call, draw: Draw) -> None:
    """Whether applications are open now.

    Raises:
        Refused: ``draw_not_open``, ``draw_closed``.
    """
    stage = draw.stage(call.now)
    if stage is draws.Stage.TO_COME:
        raise refused_application(ApplicationRefused(applications.WhyNot.NOT_OPEN), draw, call)
    if stage is not draws.Stage.OPEN:
        raise refused_application(ApplicationRefused(applications.WhyNot.CLOSED), draw, call)


def check_applicant(call: Call, draw: Draw, body: api_draws.Apply | api_draws.WalletApply) -> None:
    """What can be known to be wrong before anything is done.

    Raises:
        Refused: ``draw_not_open``, ``draw_closed``, ``invalid`` with the field.
    """
    check_open(call, draw)
    today = call.now.astimezone(call.town.zone).date()
    assert body.kana is not None
    assert body.birth_date is not None
    field = "kana"
    try:
        normal_kana(body.kana)
        field = "birth_date"
        checked_birth_date(body.birth_date, today)
        field = "postal_code"
        normal_postal_code(body.postal_code)
    except ValueError as error:
        raise Refused("invalid", f"The field {field}: {error}.", field=field) from None
    if body.group not in {group.code for group in draw.groups}:
        raise refused_application(ApplicationRefused(applications.WhyNot.GROUP), draw, call)
    if body.units > draw.units_max:
        raise refused_application(ApplicationRefused(applications.WhyNot.UNITS), draw, call)


async def _applied(call: Call, draw: Draw, new: NewApplication) -> api_draws.Applied:
    auth, town = call.context.auth, call.town.number
    try:
        made = await applications.apply(
            call.context.pool, auth.vault, town, draw.offer.code, new, call.now
        )
    except ApplicationRefused as error:
        raise refused_application(error, draw, call) from error
    return api_draws.Applied(str(made.id), printed(made.receipt), made.state.value)


# -- looking and withdrawing -----------------------------------------------------------------------


async def find(call: Call) -> api_draws.ApplicationInfo:
    """What became of an application, for whoever knows its receipt number and its phone."""
    return await _told(call, await _by_receipt(call))


async def withdraw(call: Call) -> api_draws.ApplicationInfo:
    """Withdraws it."""
    found = await _by_receipt(call)
    return await _told(call, await _withdrawn(call, found.application))


async def own(call: Call) -> api_draws.Applications:
    """What this wallet applied for."""
    found = await applications.of_wallet(
        call.context.pool, call.town.number, call.session.account, LIST_MAX
    )
    return api_draws.Applications([await _told(call, each) for each in found])


async def withdraw_own(call: Call) -> api_draws.ApplicationInfo:
    """Withdraws this wallet's application for a draw."""
    draw = await the_draw(call)
    found = await applications.of_wallet(
        call.context.pool, call.town.number, call.session.account, LIST_MAX
    )
    mine = [each for each in found if each.offer == draw.offer.offer]
    if not mine:
        raise Refused("application_unknown", "This wallet has not applied for it.", field="code")
    return await _told(call, await _withdrawn(call, mine[0].application))


# -- claiming --------------------------------------------------------------------------------------


async def claim(call: Call) -> api_draws.Claimed:
    """Gives the wallet the place of a purchaser number. Guesses are counted before they are looked
    at, for all gateways together.
    """
    town, wallet, pool = call.town.number, call.session.account, call.context.pool
    person, subject = await _holder(call), str(call.session.account)
    kind = Guarded.PURCHASER_NUMBER
    attempt = await identity.attempt(pool, town, kind, subject, NUMBER_LOCKOUT, call.now)
    if attempt is None:
        until = await identity.locked_until(pool, town, kind, subject, call.now) or call.now
        wait = max(timedelta(milliseconds=1), until - call.now)
        raise Refused("number_locked", retry_after_ms=round(wait.total_seconds() * 1000))
    # What can be no number is none: it is refused in the same words.
    number = purchasers.read_number(call.body_as(api_draws.GivePurchaserNumber).number) or ""
    try:
        offer, units = await purchasers.claim(
            pool, call.context.auth.vault, town, wallet, person.phone, number, call.now
        )
    except NumberRefused as error:
        if error.why is NumberWhyNot.WRONG:
            left = -attempt.failures % NUMBER_LOCKOUT.failures
            raise Refused("number_wrong", field="number", attempts_left=left) from error
        await identity.clear_guard(pool, town, kind, subject)
        raise Refused(NUMBER_CODES[error.why], field="number") from error
    await identity.clear_guard(pool, town, kind, subject)
    amount = None if offer.amount is None else offer.amount * units
    return api_draws.Claimed(offer.code, offer.name, amount, milliseconds(offer.use_until))


async def own_rights(call: Call) -> api_draws.Rights:
    """What this wallet may still buy by the places that it has."""
    found = await rights.rights(call.context.pool, call.town.number, call.session.account, call.now)
    return api_draws.Rights(
        [
            api_draws.RightInfo(
                each.code, each.name, each.amount, each.left, milliseconds(each.use_until)
            )
            for each in found
        ]
    )


# -- their common parts ----------------------------------------------------------------------------


async def the_draw(call: Call) -> Draw:
    """The draw that the address names.

    Raises:
        Refused: ``not_found``.
    """
    draw = await draws.find_draw(call.context.pool, call.town.number, call.path_as(DrawPath).code)
    if draw is None:
        raise Refused("not_found", "There is no draw with this code.", field="code")
    return draw


async def _holder(call: Call) -> Person:
    person = await persons.person_by_wallet(
        call.context.pool, call.context.auth.vault, call.town.number, call.session.account
    )
    if person is None:  # Erased; the session ends when that is noticed.
        raise Refused("signed_out")
    return person


async def _by_receipt(call: Call) -> Application:
    body, vault = call.body_as(api_draws.FindApplication), call.context.auth.vault
    receipt = applications.read_receipt(body.receipt)
    found = None
    if receipt is not None:
        found = await applications.by_receipt(
            call.context.pool, vault, call.town.number, receipt, body.phone
        )
    if found is None:
        raise Refused("application_unknown", field="receipt")
    return found


async def _withdrawn(call: Call, application: int) -> Application:
    try:
        return await applications.withdraw(call.context.pool, call.town.number, application)
    except ApplicationRefused as error:
        raise Refused("application_settled") from error


async def _told(call: Call, application: Application) -> api_draws.ApplicationInfo:
    draw = await draws.draw_of(call.context.pool, call.town.number, application.offer)
    return application_info(application, draw)
