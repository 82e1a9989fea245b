"""A wallet's own secrets, changed by whoever knows the present ones: the password and the PIN."""

from datetime import timedelta

from gateway.http.call import Call
from gateway.protocol import api, api_staff
from gateway.refused import Refused
from ledger import identity, persons
from ledger.identity import Guarded


async def change_password(call: Call) -> api.Done:
    """A new password; the wallet's other screens are signed out, this one goes on."""
    body, town, auth = call.body_as(api_staff.ChangePassword), call.town.number, call.context.auth
    person = await persons.person_by_wallet(
        call.context.pool, auth.vault, town, call.session.account
    )
    if person is None:
        raise Refused("signed_out")
    await auth.doors.check_password(
        town,
        Guarded.PASSWORD,
        person.phone,
        person.password_hash,
        body.password,
        call.now,
        again=True,
    )
    password_hash = await auth.hashing.hash_password(body.new_password)
    await identity.change_wallet_password(call.context.pool, town, person.wallet, password_hash)
    await _sign_out_others(call)
    return api.Done()


async def change_pin(call: Call) -> api.Done:
    """A new PIN; the wallet's other screens are signed out, so none remembers the old one."""
    body, pins = call.body_as(api_staff.ChangePin), call.context.auth.pins
    verdict = await pins.change(
        call.town.number, call.session.account, body.pin, body.new_pin, call.now
    )
    if verdict.locked_until is not None:
        wait = max(timedelta(milliseconds=1), verdict.locked_until - call.now)
        raise Refused("pin_locked", retry_after_ms=round(wait.total_seconds() * 1000))
    if not verdict.right:
        raise Refused("pin_wrong", field="pin", attempts_left=verdict.attempts_left)
    await _sign_out_others(call)
    return api.Done()


async def _sign_out_others(call: Call) -> None:
    ended = await identity.end_sessions_of(
        call.context.pool,
        call.town.number,
        "wallet",
        call.session.account,
        call.now,
        keep=call.session.session,
    )
    await call.context.auth.sessions.told_ended(call.town.number, ended, "signed_out")
