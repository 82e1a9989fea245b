"""Identity providers to try things with: LINE, a My-Number-based one, whatever the file names.

One process plays them all (``KOBAN_OPENID``; each provider's issuer ends with its code). Two people
can be chosen on the page where LINE would ask for a password. It listens on loopback only, and is
told at any moment how to be wrong.

    GET  /{provider}/.well-known/openid-configuration      discovery
    GET  /{provider}/keys                                  the published keys
    GET  /{provider}/authorise                             the page: who are you?
    POST /{provider}/authorise                             somebody is chosen, or says no
    POST /{provider}/token                                 a code becomes an ID token
    PUT  /behaviour                                        how it behaves from now on: `Behaviour`
"""

import asyncio
import hmac
import html
import json
import sys
import time
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from config.openid import OpenidError, OpenidSettings, load_openid
from gateway.openid.relying_party import challenge
from scripts.simulator import NotStarted, in_json, named_file, serve, taught

PEOPLE = {"hanako": "長岡 花子", "taro": "青山 太郎"}
LIFE_S = 300

PAGE = """<!doctype html>
<html lang="ja"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}</title>
<style>
body {{ font: 18px/1.6 system-ui, sans-serif; max-width: 30rem; margin: 2rem auto }}
button {{ font: inherit; padding: .5rem 1rem; margin: .5rem 0; display: block; width: 100% }}
</style>
<h1>{name}</h1><p>どなたですか？</p>
<form method="post" action="?{query}">{buttons}</form>
"""


class Behaviour(Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong. The defaults: nothing is. ``now_s``: the instant that it believes it is."""

    signature: Literal["right", "wrong", "none"] = "right"
    issuer: str | None = None
    audience: str | None = None
    nonce: str | None = None
    expired: bool = False
    delay_ms: Annotated[int, Meta(ge=0, le=60_000)] = 0  # Before the token endpoint answers.
    token_status: Annotated[int, Meta(ge=200, le=599)] = 200
    now_s: float | None = None


class Grant(Struct, frozen=True):
    """What a code stands for."""

    provider: str
    person: str
    redirect_uri: str
    nonce: str
    code_challenge: str


class Simulator:
    """Every provider of the file, with keys of its own that are new at each start."""

    def __init__(self, providers: Mapping[str, OpenidSettings]) -> None:
        self._providers = providers
        self._behaviour = Behaviour()
        self._grants: dict[str, Grant] = {}
        self._signs: dict[str, Any] = {
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "RS256": rsa.generate_private_key(65_537, 2_048),
        }
        self._forges: dict[str, Any] = {
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "RS256": rsa.generate_private_key(65_537, 2_048),
            "HS256": "another secret altogether, as long as it has to be",
        }

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/behaviour", self.behave, methods=["PUT"]),
                Route("/{provider}/.well-known/openid-configuration", self.discovery),
                Route("/{provider}/keys", self.keys),
                Route("/{provider}/authorise", self.page),
                Route("/{provider}/authorise", self.chosen, methods=["POST"]),
                Route("/{provider}/token", self.token, methods=["POST"]),
            ]
        )

    async def behave(self, request: Request) -> Response:
        """How it behaves from now on; what is left out is well."""
        try:
            self._behaviour = msgspec.json.decode(await request.body(), type=Behaviour)
        except msgspec.MsgspecError as error:
            return in_json({"error": str(error)}, 422)
        return in_json({})

    async def discovery(self, request: Request) -> Response:
        """What it says of itself (OpenID Connect Discovery 1.0)."""
        settings = self._settings(request)
        if settings is None:
            return in_json({"error": "there is no such provider"}, 404)
        issuer = settings.issuer
        return in_json(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorise",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": [settings.algorithm],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": [settings.authentication],
            }
        )

    async def keys(self, request: Request) -> Response:  # noqa: ARG002
        """The public keys."""
        elliptic = jwt.algorithms.ECAlgorithm.to_jwk(self._signs["ES256"].public_key())
        modular = jwt.algorithms.RSAAlgorithm.to_jwk(self._signs["RS256"].public_key())
        named = {"ES256": elliptic, "RS256": modular}
        return in_json(
            {
                "keys": [
                    {**json.loads(key), "kid": algorithm, "alg": algorithm, "use": "sig"}
                    for algorithm, key in named.items()
                ]
            }
        )

    async def page(self, request: Request) -> Response:
        """Who are you?"""
        settings = self._settings(request)
        if settings is None or (problem := _problem(settings, request)):
            return in_json({"error": problem if settings else "there is no such provider"}, 400)
        buttons = "".join(
            f'<button name="person" value="{person}">{html.escape(name)}</button>'
            for person, name in {**PEOPLE, "": "キャンセル"}.items()
        )
        query = html.escape(urlencode(dict(request.query_params)))
        return HTMLResponse(
            PAGE.format(name=html.escape(settings.name), query=query, buttons=buttons)
        )

    async def chosen(self, request: Request) -> Response:
        """Sends the browser back, with a code or with a no."""
        settings = self._settings(request)
        if settings is None or (problem := _problem(settings, request)):
            return in_json({"error": problem if settings else "there is no such provider"}, 400)
        asked = request.query_params
        person = dict(parse_qsl((await request.body()).decode())).get("person", "")
        back = {"state": asked["state"], "iss": settings.issuer}
        if person in PEOPLE:
            back["code"] = token_urlsafe(24)
            self._grants[back["code"]] = Grant(
                request.path_params["provider"],
                person,
                asked["redirect_uri"],
                asked["nonce"],
                asked["code_challenge"],
            )
        else:
            back["error"] = "access_denied"
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 303)

    async def token(self, request: Request) -> Response:
        """A code becomes an ID token, once, for whoever began with the verifier's challenge."""
        settings, behaviour = self._settings(request), self._behaviour
        if settings is None:
            return in_json({"error": "there is no such provider"}, 404)
        await asyncio.sleep(behaviour.delay_ms / 1_000)
        if behaviour.token_status != 200:
            return in_json({"error": "temporarily_unavailable"}, behaviour.token_status)
        form = dict(parse_qsl((await request.body()).decode()))
        secret = form.get("client_secret", "")
        if form.get("client_id") != settings.client_id or not hmac.compare_digest(
            secret.encode(), settings.client_secret.encode()
        ):
            return in_json({"error": "invalid_client"}, 401)
        grant = self._grants.pop(form.get("code", ""), None)
        if (
            grant is None
            or grant.provider != request.path_params["provider"]
            or grant.redirect_uri != form.get("redirect_uri")
            or grant.code_challenge != challenge(form.get("code_verifier", ""))
        ):
            return in_json({"error": "invalid_grant"}, 400)
        return in_json(
            {
                "access_token": token_urlsafe(24),
                "token_type": "Bearer",
                "expires_in": LIFE_S,
                "id_token": self._id_token(settings, grant),
            }
        )

    def _id_token(self, settings: OpenidSettings, grant: Grant) -> str:
        behaviour, algorithm = self._behaviour, settings.algorithm
        now_s = int(behaviour.now_s or time.time())
        claims = {
            "iss": behaviour.issuer or settings.issuer,
            "sub": f"{grant.provider}-{grant.person}",
            "aud": behaviour.audience or settings.client_id,
            "iat": now_s - 2 * LIFE_S if behaviour.expired else now_s,
            "exp": now_s - LIFE_S if behaviour.expired else now_s + LIFE_S,
            "nonce": grant.nonce if behaviour.nonce is None else behaviour.nonce,
        }
        if behaviour.signature == "none":
            return jwt.encode(claims, "", algorithm="none")
        signs = self._signs | {"HS256": settings.client_secret}
        key = (signs if behaviour.signature == "right" else self._forges)[algorithm]
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": algorithm})

    def _settings(self, request: Request) -> OpenidSettings | None:
        return self._providers.get(request.path_params["provider"])


def _problem(settings: OpenidSettings, request: Request) -> str:
    """What is wrong with how a browser was sent here."""
    asked = request.query_params
    for name in ("state", "nonce", "code_challenge", "redirect_uri"):
        if not asked.get(name):
            return f"{name} is missing"
    if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256":
        return "only response_type=code with code_challenge_method=S256 is spoken here"
    if asked.get("client_id") != settings.client_id:
        return "there is no such client"
    if "openid" not in asked.get("scope", "").split():
        return "scope has no openid"
    return ""


def _app() -> Starlette:
    named = named_file("KOBAN_OPENID", "give it the file that the gateway has")
    try:
        providers = load_openid(named)
    except OpenidError as error:
        raise NotStarted(f"KOBAN_OPENID: {error}") from error
    for code, provider in providers.items():
        if urlsplit(provider.issuer).path.strip("/") != code:
            raise NotStarted(f"{code}.issuer must end with /{code} for the simulator")
    return Simulator(providers).app()


def main() -> int:
    """Runs the simulator until it is interrupted."""
    return serve(taught("openid_simulator", __doc__, 8040).parse_args(), _app)


if __name__ == "__main__":
    sys.exit(main())
