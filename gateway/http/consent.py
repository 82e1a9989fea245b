"""The page that asks a citizen whether a platform may be linked; without a script.

The browser comes from another site, so it brings no session: cookies are SameSite=Strict. The first
page has a button that leads here again, from our own page and so with the cookie. Whoever is not
signed in then does so beside it. What the browser was sent with is judged anew at each step, so
nothing of it is kept before somebody has consented.
"""

from html import escape
from urllib.parse import urlsplit, urlunsplit

from oauthlib.oauth2 import AccessDeniedError, FatalClientError, OAuth2Error
from starlette.responses import HTMLResponse, Response

from gateway.civic.desk import CivicDesk
from gateway.civic.scopes import NEVER, SCOPES
from gateway.http import plain
from gateway.http.call import Call
from gateway.http.headers import content_policy
from gateway.http.oauth import authorise_path, issuer
from gateway.protocol import api_civic
from gateway.protocol.messages import Role
from gateway.refused import Refused
from ledger.clients import Client
from ledger.identity import Session


async def ask(call: Call) -> Response:
    """Asks, or says what has to come before."""
    return await _judged(call, None)


async def decide(call: Call) -> Response:
    """The citizen has pressed one of the two buttons: back to the platform, with a code or a no."""
    return await _judged(call, call.body_as(api_civic.Decision).decision)


async def _judged(call: Call, decision: str | None) -> Response:
    desk, uri = CivicDesk(call.context.pool, call.town.number, issuer(call)), _uri(call)
    client = await desk.client(call.request.query_params.get("client_id", ""))
    try:
        scopes, parts = desk.judge(client, call.now).look(uri)
        assert client is not None
        session = await _session(call)
        if session is None:
            response = _sign_in_first(call, client)
        elif decision is None:
            response = _page(call, client, session, scopes)
        elif decision == "refuse":
            no = AccessDeniedError("The citizen has refused.", state=parts["state"])
            response = _sent_back(call, no.in_uri(parts["redirect_uri"]))
        else:
            response = _sent_back(call, await desk.allow(client, session.account, uri, call.now))
    except (FatalClientError, ValueError) as error:
        told = getattr(error, "description", None) or "the query is malformed"
        response = _refused(f"{Refused('oauth_wrong').body.message} ({told})")
    except OAuth2Error as error:
        response = _sent_back(call, error.in_uri(error.redirect_uri))
    return _guarded(call, response, client)


async def _session(call: Call) -> Session | None:
    try:
        return await call.authenticate(Role.WALLET)
    except Refused as refused:
        if refused.body.code != "signed_out":
            raise
        return None


def _uri(call: Call) -> str:
    """The address as the browser was sent to it, below our public one."""
    query = call.request.url.query
    return f"{call.context.settings.public_url}{authorise_path(call.town.code)}?{query}"


def _page(call: Call, client: Client, session: Session, scopes: list[str]) -> HTMLResponse:
    town = call.town.profile.town
    japanese = "".join(f"<li>{escape(SCOPES[scope][0])}</li>" for scope in scopes)
    english = "".join(f"<li>{escape(SCOPES[scope][1])}</li>" for scope in scopes)
    name, currency = escape(client.name), escape(town.currency["ja"])
    main = f"""<p class="eyebrow">{currency}</p>
<h1>「{name}」と連携しますか？</h1>
<p>{escape(session.name)} さんのウォレットについて、「{name}」に次のことを許可します。</p>
<ul>{japanese}</ul>
<p>{NEVER[0]}連携はいつでもウォレットで解除でき、1年で切れます。</p>
<div class="english" lang="en"><p>Link “{name}” to the wallet of {escape(session.name)}?
It will be allowed to:</p><ul>{english}</ul>
<p>{NEVER[1]} You can end the link in your wallet at any time; it ends by itself after a year.</p>
</div>
<form method="post" action="{_self(call)}">
<button class="button" name="decision" value="allow">許可する Allow</button>
<button class="button" name="decision" value="refuse">許可しない Refuse</button>
</form>"""
    return plain.page(f"「{client.name}」との連携", main, kind="consent", town=call.town.code)


def _sign_in_first(call: Call, client: Client) -> HTMLResponse:
    name, wallet = escape(client.name), escape(f"/{call.town.code}/wallet")
    main = f"""<h1>「{name}」との連携</h1>
<p>ウォレットにサインインしている方は、つづけてください。</p>
<p><a class="button" href="{_self(call)}">つづける Continue</a></p>
<p>まだの方は、先にサインインしてから、この画面にもどって「つづける」を押してください。</p>
<p><a class="button" href="{wallet}" target="_blank" rel="noopener">サインイン Sign in</a></p>
<p class="english" lang="en">“{name}” asks to be linked to your wallet. If you are signed in, go on;
if not, sign in first, then come back to this page and press Continue.</p>"""
    return plain.page(f"「{client.name}」との連携", main, kind="consent", town=call.town.code)


def _self(call: Call) -> str:
    """This page's own address, with all that the browser was sent with."""
    path = authorise_path(call.town.code)
    return escape(urlunsplit(("", "", path, call.request.url.query, "")))


def _refused(english: str) -> HTMLResponse:
    response = plain.message(
        400,
        "連携を始められません",
        english,
        more="連携元のサービスの設定に誤りがあります。サービスの窓口にお知らせください。",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _sent_back(call: Call, address: str) -> HTMLResponse:
    """A redirect that is also a page, for whoever has to be led by hand."""
    joined = "&" if urlsplit(address).query else "?"
    if "iss=" not in urlsplit(address).query:  # RFC 9207: also where it is told no.
        address += f"{joined}iss={issuer(call)}"
    response = plain.message(
        303, "サービスにもどります", "Back to the service.", link=(address, "もどる Go back")
    )
    response.headers["Location"] = address
    return response


def _guarded(call: Call, response: HTMLResponse, client: Client | None) -> Response:
    """In nobody's frame, in no cache; its form may lead to the client and nowhere else."""
    targets = " ".join(sorted({_origin(uri) for uri in (client.redirect_uris if client else ())}))
    policy = content_policy(call.context.settings, form_targets=targets, framed=False)
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    return response


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
