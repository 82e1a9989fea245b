"""One request's way: which town, may it come from there, who asks, what is sent; then its handler.

Every endpoint goes through `answer`, in the same order each time, so no handler can forget a step.
A handler gets a `Call` and returns a struct; it refuses by raising `Refused`.
"""

import traceback
from collections.abc import Awaitable, Callable
from enum import StrEnum
from time import perf_counter
from typing import Any, TypeVar

import msgspec
import structlog
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.http.bodies import (
    BODY_BYTES_MAX,
    FILE_TYPES,
    check_file,
    decode_body,
    decode_form,
    decode_texts,
    read_body,
)
from gateway.http.context import HttpContext, Town
from gateway.passwords import Busy
from gateway.protocol.messages import Role
from gateway.rates import Rates, address_key
from gateway.refused import Refused
from ledger import links
from ledger.acquirers import Acquirer
from ledger.errors import LedgerError
from ledger.identity import Session
from ledger.links import Linked

S = TypeVar("S", bound=Struct)

COOKIES = {
    Role.WALLET: "koban_wallet",
    Role.TERMINAL: "koban_terminal",
    Role.CONSOLE: "koban_console",
    Role.STAFF: "koban_staff",
}

SIGNATURE_ERRORS = {
    "too_large",
    "signature_invalid",
    "signature_expired",
    "signature_wrong",
    "nonce_used",
}

# Answers to reading that nobody needs in the log: a screen looks whether it is signed in.
UNREMARKABLE = {200, 401, 404}

log = structlog.get_logger(__name__)


class Guard(StrEnum):
    """What counts against an address when nobody is signed in."""

    READ = "read"  # What everybody may look at.
    DOOR = "door"  # Sign-in and the like: each try costs an SMS, or hashing, or both.
    PROVIDER = "provider"  # Signed by a provider or its machine, who speak for many people.


class Endpoint(Struct, frozen=True, kw_only=True):
    """A row of the table of routes; the OpenAPI document is made from it.

    ``path`` is below ``/api/{town}``. ``roles``: who may ask; none: everybody; several: the body
    says which one asks. ``operator``: only an operator who may change things. ``signed``: acquirers
    alone, who sign each request with their key (`gateway.acquirers`). ``scope``: an outside
    platform that a citizen has allowed this (`gateway.civic`). ``page``: it shows pages to people,
    and what changes anything is a form. ``header``: one that it needs. ``path_parts``,
    ``query``, ``body`` and ``answer`` are their structs; with ``file_bytes_max`` the body is a file
    of so many bytes at most, which the handler reads (`Call.raw_body`), named as one of
    ``file_types``. ``body_bytes_max``: of any other body. ``media`` is what is answered when it is
    not JSON; of several, one. ``errors``: codes of its own, beside those that its form implies
    (`error_codes`).
    """

    method: str
    path: str
    summary: str
    handler: "Callable[[Call], Awaitable[Struct | Response]]"
    answer: type[Struct] | None
    roles: tuple[Role, ...] = ()
    operator: bool = False
    signed: bool = False
    scope: str = ""
    page: bool = False
    header: str = ""
    guard: Guard = Guard.READ
    path_parts: type[Struct] | None = None
    query: type[Struct] | None = None
    body: type[Struct] | None = None
    file_bytes_max: int = 0
    file_types: tuple[str, ...] = FILE_TYPES
    body_bytes_max: int = BODY_BYTES_MAX
    media: str = "application/json"
    errors: tuple[str, ...] = ()
    demo: bool = False

    @property
    def changes(self) -> bool:
        """Whether it changes anything, and so asks where it comes from."""
        return self.method not in {"GET", "HEAD"}

    @property
    def error_codes(self) -> tuple[str, ...]:
        """Every code it can answer with."""
        codes = {"not_found", "too_fast", "unavailable", "internal", *self.errors}
        if self.changes:
            codes |= {"origin_refused", "too_large", "media_type", "malformed", "invalid"}
        if self.query or self.path_parts:
            codes.add("invalid")
        if self.roles:
            codes.add("signed_out")
        if self.operator:
            codes.add("not_allowed")
        if self.signed:
            codes |= SIGNATURE_ERRORS
        if self.scope:
            codes |= {"token_invalid", "scope_missing"}
        return tuple(sorted(codes))


class Call:
    """A checked request. ``now`` is the instant that everything in it happens at."""

    def __init__(self, context: HttpContext, town: Town, request: Request) -> None:
        self.context = context
        self.town = town
        self.request = request
        self.now = context.clock()
        self.address = address_key(request.client.host if request.client else None)
        self.path_parts: Struct | None = None
        self.query: Struct | None = None
        self.body: Struct | None = None
        self.raw_body = b""
        self._session: Session | None = None
        self._acquirer: Acquirer | None = None
        self._linked: Linked | None = None
        self._cookies: list[tuple[Role, str, int]] = []

    @property
    def session(self) -> Session:
        """Who asks; only where the endpoint has a role."""
        assert self._session is not None
        return self._session

    @property
    def acquirer(self) -> Acquirer:
        """Which acquirer asks; only where the endpoint is signed."""
        assert self._acquirer is not None
        return self._acquirer

    @property
    def linked(self) -> Linked:
        """Whom a platform asks for; only where the endpoint has a scope."""
        assert self._linked is not None
        return self._linked

    def body_as(self, kind: type[S]) -> S:
        """The decoded body; ``kind`` is what the table says."""
        assert isinstance(self.body, kind)
        return self.body

    def query_as(self, kind: type[S]) -> S:
        """The decoded query."""
        assert isinstance(self.query, kind)
        return self.query

    def path_as(self, kind: type[S]) -> S:
        """The decoded path parts."""
        assert isinstance(self.path_parts, kind)
        return self.path_parts

    def token(self, role: Role) -> str:
        """The token that the request comes with, "" where there is none. It was not checked."""
        return self._bearer() or self.request.cookies.get(COOKIES[role], "")

    async def authenticate(self, role: Role) -> Session:
        """The open session of this role that the request comes with.

        Raises:
            Refused: ``signed_out``, ``too_fast``.
        """
        limits = self.context.limits
        token = self.token(role)
        if not token:
            raise Refused("signed_out")
        session = await self.context.auth.sessions.find(self.town.number, token, self.now)
        if session is None or session.role != role:
            self.limit(limits.anonymous, self.address)
            raise Refused("signed_out")
        self.limit(limits.account, str(session.session))
        self._session = session
        return session

    async def authenticate_link(self, scope: str) -> None:
        """Finds out which platform asks, and for which citizen, by its access token.

        Raises:
            Refused: ``token_invalid``, ``scope_missing``, ``too_fast``.
        """
        limits, token = self.context.limits, self._bearer()
        linked = await links.linked(self.context.pool, self.town.number, token, self.now)
        if linked is None or linked.client.state != "open":
            self.limit(limits.anonymous, self.address)
            raise Refused("token_invalid")
        self.limit(limits.acquirer, f"{self.town.number}/{linked.client.acquirer}")
        if scope not in linked.scopes:
            raise Refused("scope_missing", f"The citizen has not allowed {scope!r}.")
        self._linked = linked

    async def verify_signature(self, body: bytes) -> None:
        """Finds out which acquirer has signed the request.

        Raises:
            Refused: one of `SIGNATURE_ERRORS`, ``too_fast``.
        """
        request, limits = self.request, self.context.limits
        try:
            self._acquirer = await self.context.acquirer_keys.verify(
                self.town.number,
                request.method,
                request.scope["raw_path"].decode("ascii", "replace"),
                request.url.query,
                request.headers,
                body,
                self.now,
            )
        except Refused:
            self.limit(limits.anonymous, self.address)
            raise
        self.limit(limits.acquirer, f"{self.town.number}/{self._acquirer.acquirer}")

    def limit(self, rates: Rates, key: str) -> None:
        """Takes one from a bucket.

        Raises:
            Refused: ``too_fast``, with when to come back.
        """
        if wait_ms := rates.take(key):
            raise Refused("too_fast", retry_after_ms=wait_ms)

    def check_origin(self) -> None:
        """Changes come from our own pages, or from programs, which use no cookies.

        Browsers put an ``Origin`` on every request that changes something.

        Raises:
            Refused: ``origin_refused``.
        """
        origin = self.request.headers.get("origin")
        if origin is None:
            if self._bearer() or not self.request.cookies:
                return
            raise Refused("origin_refused", "A request with cookies needs an Origin header.")
        if origin not in self.context.origins:
            raise Refused("origin_refused")

    def set_cookie(self, role: Role, token: str, seconds: int) -> None:
        """Keeps the session's token in the browser; ``seconds`` 0 takes it away."""
        self._cookies.append((role, token, seconds))

    def put_cookies(self, response: Response) -> None:
        """Writes the cookies into the answer."""
        for role, token, seconds in self._cookies:
            response.set_cookie(
                COOKIES[role],
                token,
                max_age=seconds,
                path=f"/api/{self.town.code}",
                httponly=True,
                secure=self.context.secure_cookies,
                samesite="strict",
            )

    def _bearer(self) -> str:
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


async def answer(endpoint: Endpoint, context: HttpContext, request: Request) -> Response:
    """Takes a request through all steps and gives its answer; never raises."""
    started = perf_counter()
    call: Call | None = None
    try:
        call = _call(context, request)
        await _check(endpoint, call)
        given = await endpoint.handler(call)
        response = given if isinstance(given, Response) else json_response(given)
        call.put_cookies(response)
    except Refused as refused:
        response = refusal(refused)
    except Busy:
        response = refusal(Refused("busy", retry_after_ms=2_000))
    except LedgerError as error:
        log.warning("http.ledger_fault", route=endpoint.path, fault=type(error).__name__)
        response = refusal(Refused("unavailable", retry_after_ms=1_000))
    except ClientDisconnect:
        response = Response(status_code=400)
    except Exception as error:  # noqa: BLE001 - a fault is told as such, and never in its own words.
        log.error("http.fault", route=endpoint.path, **fault(error))  # noqa: TRY400 - see `fault`.
        response = refusal(Refused("internal"))
    if endpoint.changes or response.status_code not in UNREMARKABLE:
        log.info(
            "http.answered",
            method=endpoint.method,
            route=endpoint.path,
            town=call.town.code if call else None,
            status=int(response.status_code),
            ms=round((perf_counter() - started) * 1000, 1),
        )
    return response


def _call(context: HttpContext, request: Request) -> Call:
    town = context.towns.get(request.path_params["town"])
    if town is None:
        known = ", ".join(sorted(context.towns))
        raise Refused("not_found", f"This gateway serves no such town; it serves: {known}.")
    return Call(context, town, request)


async def _check(endpoint: Endpoint, call: Call) -> None:
    if endpoint.changes:
        call.check_origin()
    body = await _who(endpoint, call)
    request = call.request
    if endpoint.path_parts:
        call.path_parts = decode_texts(dict(request.path_params), endpoint.path_parts, "The path")
    texts = {} if endpoint.page else _query_texts(request)  # What a page is asked, it judges.
    if endpoint.query:
        call.query = decode_texts(texts, endpoint.query, "The query")
    if endpoint.changes:
        if body is None:
            body = await read_body(request, endpoint.file_bytes_max or endpoint.body_bytes_max)
        call.raw_body = body
        media = request.headers.get("content-type", "")
        if endpoint.file_bytes_max:
            check_file(media, endpoint.file_types)
        elif endpoint.page and endpoint.body is not None:
            call.body = decode_form(body, media, endpoint.body)
        else:
            call.body = decode_body(body, media, endpoint.body)


async def _who(endpoint: Endpoint, call: Call) -> bytes | None:
    """Finds out who asks; the body, where that was needed for it."""
    limits = call.context.limits
    if endpoint.signed:
        body = await read_body(call.request)
        await call.verify_signature(body)
        return body
    if endpoint.scope:
        await call.authenticate_link(endpoint.scope)
    elif not endpoint.roles:
        by_guard = {Guard.DOOR: limits.door, Guard.PROVIDER: limits.provider}
        call.limit(by_guard.get(endpoint.guard, limits.anonymous), call.address)
    elif len(endpoint.roles) == 1:
        session = await call.authenticate(endpoint.roles[0])
        if endpoint.operator and session.operator_role != "operator":
            raise Refused("not_allowed")
    return None


def _query_texts(request: Request) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name in texts:
            raise Refused("invalid", f"The query names {name} twice.", field=name)
        texts[name] = text
    return texts


def json_response(body: Struct) -> Response:
    """An answer that no cache keeps."""
    return Response(
        msgspec.json.encode(body),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def refusal(refused: Refused) -> Response:
    """A refusal as its `ApiError`."""
    response = json_response(refused.body)
    response.status_code = refused.status
    if refused.body.code in {"signed_out", "token_invalid"}:
        response.headers["WWW-Authenticate"] = "Bearer"
    if refused.body.retry_after_ms is not None:
        response.headers["Retry-After"] = str(-(-refused.body.retry_after_ms // 1000))
    return response


def fault(error: BaseException) -> dict[str, str]:
    """What may be logged of an unexpected exception: its kind and its way, not its words.

    The words of a database's error quote the row, and a row may be somebody's phone number.
    """
    way = "".join(traceback.format_tb(error.__traceback__))
    return {"fault": type(error).__name__, "way": way}
