"""The addresses that clients' programs ask: tokens, giving them back, and what there is (RFC 8414).

They speak the forms and errors of RFC 6749 and RFC 7009, not those of the rest of the API.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.civic.desk import Asked, CivicDesk
from gateway.civic.judge import Answered
from gateway.civic.scopes import SCOPES
from gateway.http.bodies import read_body
from gateway.http.call import Call
from gateway.http.context import HttpContext
from gateway.refused import Refused
from ledger.errors import LedgerError

METADATA = "/.well-known/oauth-authorization-server/{town}/oauth"

Act = Callable[[CivicDesk, Asked, Call], Awaitable[Answered]]


def authorise_path(town_code: str) -> str:
    """Where a browser is sent to ask its citizen."""
    return f"/api/{town_code}/oauth/authorise"


def issuer(call: Call) -> str:
    """What this town's provider calls itself."""
    return f"{call.context.settings.public_url}/{call.town.code}/oauth"


def oauth_routes(context: HttpContext) -> list[BaseRoute]:
    """The routes of all towns."""

    def route(path: str, act: Act) -> Route:
        async def serve(request: Request) -> Response:
            return await _answer(context, request, act)

        return Route(path, serve, methods=["POST"])

    async def metadata(request: Request) -> Response:
        return _metadata(context, request)

    return [
        Route(METADATA, metadata, methods=["GET"]),
        route("/{town}/oauth/token", _token),
        route("/{town}/oauth/revoke", _revoke),
    ]


async def _token(desk: CivicDesk, asked: Asked, call: Call) -> Answered:
    return await desk.token(asked, call.now)


async def _revoke(desk: CivicDesk, asked: Asked, call: Call) -> Answered:
    return await desk.revoke(asked, call.now)


async def _answer(context: HttpContext, request: Request, act: Act) -> Response:
    town = context.towns.get(request.path_params["town"])
    if town is None:
        return _error(404, "invalid_request", "This gateway serves no such town.")
    call = Call(context, town, request)
    try:
        call.limit(context.limits.provider, call.address)
        asked = await _asked(call)
        desk = CivicDesk(context.pool, town.number, issuer(call))
        answered = await act(desk, asked, call)
        if answered.status == 401:  # Somebody guesses at secrets.
            call.limit(context.limits.door, call.address)
    except Refused as refused:
        error = "temporarily_unavailable" if refused.status >= 429 else "invalid_request"
        return _error(refused.status, error, refused.body.message)
    except LedgerError:
        return _error(503, "temporarily_unavailable", "Try the same again in a moment.")
    headers = {name: text for name, text in answered.headers.items() if name != "Content-Type"}
    headers |= {"Cache-Control": "no-store"}
    return Response(answered.body, answered.status, headers, "application/json")


async def _asked(call: Call) -> Asked:
    request = call.request
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise Refused("media_type", "Send a form: application/x-www-form-urlencoded.")
    try:
        body = (await read_body(request)).decode("ascii")
    except UnicodeDecodeError:
        raise Refused("malformed", "The body is no form.") from None
    query = f"?{request.url.query}" if request.url.query else ""
    uri = f"{call.context.settings.public_url}{request.url.path}{query}"
    return Asked(uri, body, request.headers.get("authorization", ""))


def _metadata(context: HttpContext, request: Request) -> Response:
    town = context.towns.get(request.path_params["town"])
    if town is None:
        return _error(404, "invalid_request", "This gateway serves no such town.")
    base = context.settings.public_url
    name = issuer(Call(context, town, request))
    methods = ["client_secret_basic", "client_secret_post"]
    return JSONResponse(
        {
            "issuer": name,
            "authorization_endpoint": f"{base}{authorise_path(town.code)}",
            "token_endpoint": f"{name}/token",
            "revocation_endpoint": f"{name}/revoke",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "authorization_response_iss_parameter_supported": True,
            "ui_locales_supported": ["ja", "en"],
        }
    )


def _error(status: int, error: str, description: str) -> Response:
    return JSONResponse(
        {"error": error, "error_description": description},
        status,
        headers={"Cache-Control": "no-store"},
    )
