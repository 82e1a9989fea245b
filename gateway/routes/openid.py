"""Rows of the table of routes: identities at providers, linked and signed in by."""

from gateway.http import openid
from gateway.http.call import Endpoint, Guard
from gateway.http.queries import OpenidPath
from gateway.protocol import api_openid
from gateway.protocol.messages import Role

OPENID: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/openid",
        summary="The identity providers that the town switches on.",
        handler=openid.providers,
        answer=api_openid.OpenidProviders,
    ),
    Endpoint(
        method="GET",
        path="/wallet/openid",
        summary="The identities that this wallet has linked.",
        handler=openid.linked,
        roles=(Role.WALLET,),
        answer=api_openid.LinkedIdentities,
    ),
    Endpoint(
        method="POST",
        path="/wallet/openid/{provider}/start",
        summary="Where to prove who you are: to link it to this wallet, or to sign in by it.",
        handler=openid.start,
        guard=Guard.DOOR,
        path_parts=OpenidPath,
        body=api_openid.OpenidStart,
        answer=api_openid.OpenidStarted,
        errors=openid.START_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/wallet/openid/{provider}/unlink",
        summary="An identity opens this wallet no longer.",
        handler=openid.unlink,
        roles=(Role.WALLET,),
        path_parts=OpenidPath,
        answer=api_openid.LinkedIdentities,
    ),
)
