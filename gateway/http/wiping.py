"""A tablet that was taken out of use wipes itself, and says so when it can (H10).

It is signed out at once: the ledger refuses its payments from the revocation on, its sockets are
closed, and its key opens nothing. One that was away then is told at its next contact, whatever it
asks: its key is refused, it wipes what the browser keeps for it, and says so here with that key,
which is good for nothing else. So the console knows which lost tablets hold nothing any more.
"""

import msgspec
from starlette.responses import Response

from gateway.http.call import Call
from gateway.protocol import api
from gateway.protocol.messages import Role
from ledger import accounts, identity


async def wiped(call: Call) -> Response:
    """Takes the device key away, and notes it where the tablet was revoked."""
    token, town = call.token(Role.TERMINAL), call.town.number
    revoked = bool(token) and await accounts.wiped(
        call.context.pool, town, identity.digest(token), call.now
    )
    headers = {"Cache-Control": "no-store"}
    if revoked:
        call.set_cookie(Role.TERMINAL, "", 0)
        headers["Clear-Site-Data"] = '"cache"'  # Answers that the browser may have kept.
    body = msgspec.json.encode(api.Wiped(revoked))
    return Response(body, headers=headers, media_type="application/json")
