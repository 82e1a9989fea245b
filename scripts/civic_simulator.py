"""A civic platform to try things with: まちづくり広場, where citizens take part and are thanked.

It plays the other side of `gateway.civic`, as a platform's own server would: it sends browsers to
consent, keeps tokens and refreshes them, grants under keys of its own, and takes webhooks only when
their signature holds. It listens on loopback only, and is told at any moment how to be wrong.

    GET  /start                 a citizen wants to link: off to the town's page
    GET  /back                  the citizen comes back, with a code or a no
    GET  /citizens/{subject}    who it is, and the balance, as far as that was allowed
    POST /grants                {"subject", "key", "activity", "amount"}: points for taking part
    POST /grants/{key}/take-back        {"subject"}
    POST /unlink                {"subject"}: the platform gives its tokens back
    POST /webhooks              what the town tells
    GET  /told                  what it was told, each thing once, in the order it came
    PUT  /behaviour             how it behaves from now on: `Behaviour`

``KOBAN_CIVIC`` names a JSON file with what the office printed: `PlatformSettings`.
"""

import hashlib
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.protocol.api_civic import WebhookBody
from gateway.protocol.signing import NotSigned, content_digest, covered, matches, read_signature
from scripts.simulator import NotStarted, in_json, named_file, serve, taught

WINDOW_S = 300  # How far a signature's instant may be from ours.


class PlatformSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the town is, and what its office has printed. ``back``: our own registered address."""

    gateway: str
    town: str
    client_id: str
    client_secret: str
    back: str
    scope: str = "who balance grant"
    webhook_key: str = ""
    webhook_secret: str = ""


class Behaviour(Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong. The defaults: nothing is. ``now_s``: the instant that it believes it is."""

    webhook_status: int = 200
    now_s: float | None = None


class Tokens(Struct):
    """What it holds of one citizen."""

    access: str
    refresh: str


class WebhookReader:
    """Takes what is signed with the secret, now, and for the first time."""

    def __init__(self, key_id: str, secret: str) -> None:
        self._key_id = key_id
        self._secret = secret
        self._nonces: set[str] = set()

    def problem(
        self, path: str, query: str, headers: Mapping[str, str], body: bytes, now_s: float
    ) -> str:
        """Why a request is not to be believed; "" where it is. Its nonce is then used."""
        try:
            signed = read_signature(
                headers.get("signature-input", ""), headers.get("signature", "")
            )
        except NotSigned as error:
            return str(error)
        digest = headers.get("content-digest", "")
        if digest != content_digest(body):
            return "the digest is not the body's"
        if signed.key_id != self._key_id or not matches(
            signed, self._secret, covered("POST", path, query, digest)
        ):
            return "the signature is not the town's"
        if abs(now_s - signed.created) > WINDOW_S:
            return "the signature is too old"
        if signed.nonce in self._nonces:
            return "this came before"
        self._nonces.add(signed.nonce)
        return ""


class Platform:
    """The platform's server; what it knows it keeps in memory."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings
        self._behaviour = Behaviour()
        self._started: dict[str, str] = {}  # The verifier of each browser on its way, by state.
        self._citizens: dict[str, Tokens] = {}
        self._reader = WebhookReader(settings.webhook_key, settings.webhook_secret)
        self._told: dict[str, dict[str, Any]] = {}

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/start", self.start),
                Route("/back", self.back),
                Route("/citizens/{subject}", self.citizen),
                Route("/grants", self.grant, methods=["POST"]),
                Route("/grants/{key}/take-back", self.take_back, methods=["POST"]),
                Route("/unlink", self.unlink, methods=["POST"]),
                Route("/webhooks", self.webhook, methods=["POST"]),
                Route("/told", self.told),
                Route("/behaviour", self.behave, methods=["PUT"]),
            ]
        )

    async def behave(self, request: Request) -> Response:
        """How it behaves from now on; what is left out is well."""
        try:
            self._behaviour = msgspec.json.decode(await request.body(), type=Behaviour)
        except msgspec.MsgspecError as error:
            return in_json({"error": str(error)}, 422)
        return in_json({})

    # -- linking -----------------------------------------------------------------------------------

    async def start(self, _request: Request) -> Response:
        """Off to the town's page."""
        described = await self._described()
        state, verifier = token_urlsafe(16), token_urlsafe(48)
        self._started[state] = verifier
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.back,
            "scope": self._settings.scope,
            "state": state,
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = f"{described['authorization_endpoint']}?{urlencode(asked)}"
        return RedirectResponse(address, 303)

    async def back(self, request: Request) -> Response:
        """The citizen is back."""
        came, described = request.query_params, await self._described()
        verifier = self._started.pop(came.get("state", ""), None)
        if verifier is None or came.get("iss") != described["issuer"]:
            return in_json({"error": "nobody was sent for this"}, 400)
        if "code" not in came:
            return in_json({"error": came.get("error", "")}, 403)
        form = {
            "grant_type": "authorization_code",
            "code": came["code"],
            "redirect_uri": self._settings.back,
            "code_verifier": verifier,
        }
        status, tokens = await self._form(described["token_endpoint"], form)
        if status != 200:
            return in_json(tokens, 502)
        subject = str(tokens["subject"])
        self._citizens[subject] = Tokens(tokens["access_token"], tokens["refresh_token"])
        return in_json({"subject": subject, "scope": tokens["scope"]})

    async def unlink(self, request: Request) -> Response:
        """Gives the tokens back."""
        subject = str((await _body(request)).get("subject"))
        tokens = self._citizens.pop(subject, None)
        if tokens is None:
            return in_json({"error": "there is no such citizen"}, 404)
        form = {"token": tokens.refresh, "token_type_hint": "refresh_token"}
        status, _ = await self._form((await self._described())["revocation_endpoint"], form)
        return in_json({}, status)

    # -- what it asks for --------------------------------------------------------------------------

    async def citizen(self, request: Request) -> Response:
        """Who it is, and what they have."""
        subject = request.path_params["subject"]
        _, who = await self._call(subject, "GET", "/citizen")
        status, balance = await self._call(subject, "GET", "/balance")
        return in_json({"citizen": who, "balance": balance}, status)

    async def grant(self, request: Request) -> Response:
        """Points for taking part."""
        body = await _body(request)
        subject, key = str(body.pop("subject", "")), str(body.pop("key", ""))
        return in_json(*reversed(await self._call(subject, "POST", "/grants", body, key)))

    async def take_back(self, request: Request) -> Response:
        """They were given by mistake."""
        subject = str((await _body(request)).get("subject"))
        path = f"/grants/{request.path_params['key']}/take-back"
        return in_json(*reversed(await self._call(subject, "POST", path, {})))

    async def _call(
        self, subject: str, method: str, path: str, body: object = None, key: str = ""
    ) -> tuple[int, Any]:
        """Asks the town, with new tokens where the old ones are over."""
        tokens = self._citizens.get(subject)
        if tokens is None:
            return 404, {"error": "there is no such citizen"}
        for again in (False, True):
            if again and not await self._refresh(tokens):
                break
            headers = {"Authorization": f"Bearer {tokens.access}"}
            if key:
                headers["Idempotency-Key"] = key
            url = f"{self._settings.gateway}/api/{self._settings.town}/civic{path}"
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.request(method, url, json=body, headers=headers)
            if answer.status_code != 401:
                return answer.status_code, answer.json()
        return 401, {"error": "the citizen has ended the link"}

    async def _refresh(self, tokens: Tokens) -> bool:
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        status, made = await self._form((await self._described())["token_endpoint"], form)
        if status == 200:
            tokens.access, tokens.refresh = made["access_token"], made["refresh_token"]
        return status == 200

    async def _form(self, url: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        basic = (self._settings.client_id, self._settings.client_secret)
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, data=form, auth=basic)
        return answer.status_code, answer.json() if answer.content else {}

    async def _described(self) -> dict[str, Any]:
        known = f"/.well-known/oauth-authorization-server/{self._settings.town}/oauth"
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{self._settings.gateway}{known}")
            answer.raise_for_status()
            described: dict[str, Any] = answer.json()
            return described

    # -- what it is told ---------------------------------------------------------------------------

    async def webhook(self, request: Request) -> Response:
        """Takes what is signed; each thing once, however often it comes."""
        body, now_s = await request.body(), self._behaviour.now_s or time.time()
        if problem := self._reader.problem(
            request.url.path, request.url.query, request.headers, body, now_s
        ):
            return in_json({"error": problem}, 401)
        if self._behaviour.webhook_status != 200:
            return in_json({}, self._behaviour.webhook_status)
        told = msgspec.json.decode(body, type=WebhookBody)
        self._told.setdefault(str(told.id), msgspec.to_builtins(told))
        if told.kind == "link.ended":
            self._citizens.pop(str(told.subject), None)
        return in_json({})

    async def told(self, _request: Request) -> Response:
        """What it was told."""
        return in_json(list(self._told.values()))


async def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(await request.body(), type=dict[str, Any])
    return body


def _app() -> Starlette:
    named = named_file("KOBAN_CIVIC", "name the file with what the office printed")
    try:
        settings = msgspec.json.decode(named.read_bytes(), type=PlatformSettings)
    except (OSError, msgspec.MsgspecError) as error:
        raise NotStarted(f"KOBAN_CIVIC: {error}") from error
    return Platform(settings).app()


def main() -> int:
    """Runs the platform until it is interrupted."""
    return serve(taught("civic_simulator", __doc__, 8050).parse_args(), _app)


if __name__ == "__main__":
    sys.exit(main())
