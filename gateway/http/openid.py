"""Identities at providers: the doors of a wallet, and the page where a browser comes back to."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.http import plain
from gateway.http.call import Call, json_response
from gateway.http.context import HttpContext
from gateway.http.queries import OpenidPath
from gateway.openid.doors import ATTEMPT_LIFE, Place, Return, callback_path
from gateway.protocol import api_openid
from gateway.protocol.messages import Role
from gateway.refused import Refused
from gateway.signin import milliseconds
from gateway.tickets import SESSION_LIFE
from ledger import openid

Handler = Callable[[Request], Awaitable[Response]]

COOKIE = "koban_openid"
TEXT_CHARACTERS_MAX = 4_096

START_ERRORS = ("signed_out", "openid_unknown", "openid_closed", "openid_unavailable")

# The page that a refusal is told on: Japanese first, as all of them are.
WORDS = {
    "openid_unknown": "この方法ではサインインできません",
    "openid_closed": "この方法はただいま使えません",
    "openid_unavailable": "本人確認サービスにつながりません",
    "openid_over": "手続きの時間が過ぎたか、別のブラウザで始められました",
    "openid_cancelled": "手続きは中止されました",
    "openid_refused": "本人確認の結果を確かめられませんでした",
    "openid_unlinked": "まだウォレットと連携していません",
    "openid_taken": "すでに別のウォレットと連携しています",
    "openid_linked": "このウォレットには別のアカウントが連携されています",
    "too_fast": "回数が多すぎます。しばらくお待ちください",
}


async def providers(call: Call) -> api_openid.OpenidProviders:
    """What the town switches on, beside the code by SMS."""
    parties = call.context.auth.openid.parties
    codes = [code for code in call.town.profile.people.sign_in if code != "sms"]
    return api_openid.OpenidProviders(
        [
            api_openid.OpenidProvider(
                code, parties[code].settings.name if code in parties else code, code in parties
            )
            for code in codes
        ]
    )


async def linked(call: Call) -> api_openid.LinkedIdentities:
    """What the wallet has linked."""
    found = await openid.linked(call.context.pool, call.town.number, call.session.account)
    return api_openid.LinkedIdentities(
        [api_openid.LinkedIdentity(provider, milliseconds(at)) for provider, at in found]
    )


async def start(call: Call) -> Response:
    """Sends the browser on its way, and leaves in it what it has to bring back."""
    place = _place(call, call.path_as(OpenidPath).provider)
    purpose = call.body_as(api_openid.OpenidStart).purpose
    session = await call.authenticate(Role.WALLET) if purpose == "link" else None
    departure = await call.context.auth.openid.start(
        place,
        purpose,
        session.account if session else None,
        session.session if session else None,
        call.now,
    )
    response = json_response(api_openid.OpenidStarted(departure.address))
    _put_cookie(call, response, place.provider, departure.browser)
    return response


async def unlink(call: Call) -> api_openid.LinkedIdentities:
    """Also of a provider that the town has switched off."""
    provider = call.path_as(OpenidPath).provider
    await call.context.auth.openid.unlink(call.town.number, call.session.account, provider)
    return await linked(call)


def callback_routes(context: HttpContext, safe: Callable[[Handler], Handler]) -> list[BaseRoute]:
    """The page that providers send browsers back to; ``safe`` answers faults with a page."""

    async def called_back(request: Request) -> Response:
        return await _called_back(context, request)

    return [Route(callback_path("{town}", "{provider}"), safe(called_back), methods=["GET"])]


async def _called_back(context: HttpContext, request: Request) -> Response:
    town = context.towns.get(request.path_params["town"])
    if town is None:
        return plain.not_found()
    call = Call(context, town, request)
    wallet, provider = f"/{town.code}/wallet", request.path_params["provider"]
    try:
        call.limit(context.limits.door, call.address)
        place = _place(call, provider)
        opened = await context.auth.openid.finish(place, _returned(request), call.now)
    except Refused as refused:
        code = refused.body.code
        response: Response = plain.message(
            refused.status, WORDS[code], refused.body.message, link=(wallet, "ウォレットへ")
        )
    else:
        # Another page's address took the browser here: what it brought is not to be kept.
        response = RedirectResponse(wallet, 303, headers={"Cache-Control": "no-store"})
        if opened is not None:
            seconds = int(SESSION_LIFE[Role.WALLET].total_seconds())
            call.set_cookie(Role.WALLET, opened.token, seconds)
            call.put_cookies(response)
        _put_cookie(call, response, provider, "")
    return response


def _returned(request: Request) -> Return:
    texts = dict(request.query_params)
    twice = len(texts) < len(request.query_params.multi_items())
    if twice or any(len(text) > TEXT_CHARACTERS_MAX for text in texts.values()):
        raise Refused("openid_over")
    return Return(
        browser=request.cookies.get(COOKIE, ""),
        state=texts.get("state", ""),
        code=texts.get("code"),
        error=texts.get("error"),
        issuer=texts.get("iss"),
    )


def _place(call: Call, provider: str) -> Place:
    """Raises:
    Refused: ``openid_unknown``: the town does not switch this provider on.
    """
    if provider == "sms" or provider not in call.town.profile.people.sign_in:
        raise Refused("openid_unknown")
    return Place(call.town.number, call.town.code, provider)


def _put_cookie(call: Call, response: Response, provider: str, secret: str) -> None:
    """Lax: the way back begins at the provider's page, and stricter cookies would not be sent."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(ATTEMPT_LIFE.total_seconds()) if secret else 0,
        path=callback_path(call.town.code, provider),
        httponly=True,
        secure=call.context.secure_cookies,
        samesite="lax",
    )
