"""Signing in and out: wallets, tablets, operators."""

from gateway.http.call import Call
from gateway.protocol import api
from gateway.protocol.messages import Role
from gateway.tickets import SESSION_LIFE


def keep(call: Call, signed_in: api.SignedIn) -> api.SignedIn:
    """Puts the session's token into its cookie."""
    seconds = int(SESSION_LIFE[signed_in.role].total_seconds())
    call.set_cookie(signed_in.role, signed_in.token, seconds)
    return signed_in


async def register(call: Call) -> api.Challenge:
    """Sends a code to the phone."""
    body = call.body_as(api.RegisterStart)
    return await call.context.auth.doors.register(call.town.number, body.phone, call.now)


async def finish_registration(call: Call) -> api.SignedIn:
    """Opens the wallet."""
    body = call.body_as(api.RegisterFinish)
    doors, asked = call.context.auth.doors, call.town.profile.people.identity
    today = call.now.astimezone(call.town.zone).date()
    number = call.town.number
    return keep(call, await doors.finish_registration(number, body, asked, today, call.now))


async def sign_in(call: Call) -> api.Challenge:
    """Checks the password and sends the code."""
    body = call.body_as(api.SignIn)
    return await call.context.auth.doors.sign_in(call.town.number, body, call.now)


async def finish_sign_in(call: Call) -> api.SignedIn:
    """Checks the code."""
    body = call.body_as(api.SignInCode)
    doors = call.context.auth.doors
    return keep(call, await doors.finish_sign_in(call.town.number, body, call.now))


async def enrol(call: Call) -> api.SignedIn:
    """Makes this browser the shop's terminal."""
    code = call.body_as(api.Enrol).code
    return keep(call, await call.context.auth.doors.enrol(call.town.number, code, call.now))


async def sign_in_operator(call: Call) -> api.SignedIn:
    """Checks an operator's name and password."""
    body = call.body_as(api.ConsoleSignIn)
    doors = call.context.auth.doors
    return keep(call, await doors.sign_in_operator(call.town.number, body, call.now))


async def sign_out(call: Call) -> api.Done:
    """Ends the session everywhere: its token, its sockets, its pushes."""
    await call.context.auth.sessions.sign_out(call.session, call.now)
    call.set_cookie(Role(call.session.role), "", 0)
    return api.Done()
