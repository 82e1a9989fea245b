"""Judging one request of OAuth 2.0 against what is known; no input or output.

oauthlib asks its questions of a validator, and answers what to say. Here the validator's answers
come from what was read before (`Known`), and what the library would have kept is left in `Judge`
for whoever called.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from msgspec import Struct
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    OAuth2Error,
    RefreshTokenGrant,
    RequestValidator,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError

from gateway.tickets import new_token
from ledger.clients import Client
from ledger.links import Code, HeldToken

CODE_LIFE = timedelta(seconds=60)
ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=90)
LINK_LIFE = timedelta(days=365)  # A consent that nobody has thought of for a year is asked anew.

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url.


class Known(Struct, frozen=True):
    """What was found of what a request names. ``proven``: whether its secret is the client's."""

    client: Client | None
    now: datetime
    proven: bool = False
    code: Code | None = None
    token: HeldToken | None = None
    stolen: bool = False  # Of a refresh token: see `ledger.links.is_stolen`.


class Answered(Struct, frozen=True):
    """What to say."""

    headers: dict[str, str]
    body: str
    status: int


class Credentials(Struct, frozen=True):
    """Whom a request of a client says it comes from."""

    client_id: str
    secret: str


def credentials(authorization: str, form: dict[str, str]) -> Credentials:
    """Who asks, by HTTP Basic (RFC 6749, 2.3.1) or by the form's fields; empty by neither."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "basic":
        return Credentials(form.get("client_id", ""), form.get("client_secret", ""))
    try:
        name, _, secret = b64decode(rest.strip(), validate=True).decode().partition(":")
    except ValueError:  # Neither base64 nor UTF-8.
        return Credentials("", "")
    return Credentials(unquote_plus(name), unquote_plus(secret))


def form_of(body: str) -> dict[str, str]:
    """The fields of a form; the library refuses those that come twice."""
    return dict(parse_qsl(body, keep_blank_values=True))


class _ClientOfRequest(Struct, frozen=True):
    """As much of a client as the library looks at."""

    client_id: str


class Judge(RequestValidator):  # type: ignore[misc]  # The library has no types.
    """The library's questions about one request, answered; and what it found."""

    def __init__(self, known: Known, issuer: str) -> None:
        super().__init__()
        self._known = known
        self._issuer = issuer
        self.code = ""  # The code that was made.
        self.tokens: dict[str, Any] = {}  # The tokens that were made, as the client gets them.
        self.reused = False  # What should come once came again, from the client itself.
        self.revoked = False  # The token that is known is to be revoked.

    # -- what can be judged ------------------------------------------------------------------------

    def look(self, uri: str) -> tuple[list[str], dict[str, Any]]:
        """Whether a browser may be asked for consent: to which scopes, and the request's parts.

        Raises:
            FatalClientError: nobody knows where to send the browser back to.
            OAuth2Error: it is sent back with this.
            ValueError: the query is none.
        """
        scopes, parts = self._authorisation().validate_authorization_request(uri)
        return scopes, parts

    def allow(self, uri: str, scopes: list[str]) -> str:
        """The citizen has consented: where the browser goes, with `code`. Raises as `look`."""
        headers, _, _ = self._authorisation().create_authorization_response(uri, scopes=scopes)
        location: str = headers["Location"]
        return location

    def token(self, uri: str, body: str, headers: dict[str, str]) -> Answered:
        """A client asks for tokens; where it gets them they are in `tokens`."""
        code_grant, bearer = self._code_grant(), self._bearer()
        endpoint = TokenEndpoint(
            default_grant_type="authorization_code",
            default_token_type=bearer,
            grant_types={
                "authorization_code": code_grant,
                "refresh_token": RefreshTokenGrant(self),
            },
        )
        return _answered(endpoint.create_token_response, uri, body, headers)

    def revocation(self, uri: str, body: str, headers: dict[str, str]) -> Answered:
        """A client gives a token back; where it is its own, `revoked` is set."""
        endpoint = RevocationEndpoint(self)
        return _answered(endpoint.create_revocation_response, uri, body, headers)

    def _authorisation(self) -> Any:  # noqa: ANN401 - The library has no types.
        return AuthorizationEndpoint(
            default_response_type="code",
            default_token_type=self._bearer(),
            response_types={"code": self._code_grant()},
        )

    def _code_grant(self) -> Any:  # noqa: ANN401
        grant = AuthorizationCodeGrant(self, pre_auth=[_check_challenge])
        # RFC 9207: the client sees whose answer it is.
        grant.register_code_modifier(lambda made, _handler, _request: made | {"iss": self._issuer})
        return grant

    def _bearer(self) -> Any:  # noqa: ANN401
        return BearerToken(
            self,
            token_generator=lambda _request: new_token(),
            expires_in=int(ACCESS_LIFE.total_seconds()),
        )

    # -- the client --------------------------------------------------------------------------------

    def client_authentication_required(self, request: Any, *_: Any, **__: Any) -> bool:  # noqa: ANN401, ARG002
        """Every client has a secret."""
        return True

    def authenticate_client(self, request: Any, *_: Any, **__: Any) -> bool:  # noqa: ANN401
        """Whether the client is whom it says; a closed one is nobody."""
        client = self._open_client()
        if client is None or not self._known.proven:
            return False
        request.client = _ClientOfRequest(client.code)
        return True

    def validate_client_id(self, client_id: str, *_: Any, **__: Any) -> bool:  # noqa: ANN401
        """Whether there is such a client in this town."""
        client = self._open_client()
        return client is not None and client.code == client_id

    def validate_redirect_uri(self, _client_id: str, uri: str, *_: Any, **__: Any) -> bool:  # noqa: ANN401
        """Letter by letter, as the office registered it."""
        client = self._open_client()
        return client is not None and uri in client.redirect_uris

    def get_default_redirect_uri(self, *_: Any, **__: Any) -> None:  # noqa: ANN401
        """The client always says where."""

    def validate_response_type(self, _client_id: str, kind: str, *_: Any, **__: Any) -> bool:  # noqa: ANN401
        """A code, and nothing else."""
        return kind == "code"

    def validate_grant_type(self, _client_id: str, kind: str, *_: Any, **__: Any) -> bool:  # noqa: ANN401
        """A code, or a refresh token."""
        return kind in {"authorization_code", "refresh_token"}

    def get_default_scopes(self, *_: Any, **__: Any) -> list[str]:  # noqa: ANN401
        """The client always says what for."""
        return []

    def validate_scopes(self, _client_id: str, scopes: list[str], *_: Any, **__: Any) -> bool:  # noqa: ANN401
        """Some, each of them registered for this client."""
        client = self._open_client()
        return client is not None and bool(scopes) and set(scopes) <= set(client.scopes)

    def _open_client(self) -> Client | None:
        client = self._known.client
        return client if client is not None and client.state == "open" else None

    # -- codes -------------------------------------------------------------------------------------

    def is_pkce_required(self, *_: Any, **__: Any) -> bool:  # noqa: ANN401
        """Always."""
        return True

    def save_authorization_code(self, _client_id: str, made: dict[str, str], *_: Any) -> None:  # noqa: ANN401
        """Leaves the code for the caller to keep."""
        self.code = made["code"]

    def validate_code(
        self,
        _client_id: str,
        _code: str,
        _client: Any,  # noqa: ANN401
        request: Any,  # noqa: ANN401
        **_: Any,  # noqa: ANN401
    ) -> bool:
        """Whether the code is this client's, in time, and comes for the first time."""
        code, client = self._known.code, self._known.client
        assert client is not None  # It was authenticated before.
        if code is None or code.consent.client != client.client:
            return False
        if code.used_at is not None:
            self.reused = True
            return False
        if code.expires_at <= self._known.now:
            return False
        request.user, request.scopes = code.consent.wallet, code.consent.scopes
        return True

    def get_code_challenge(self, *_: Any) -> str | None:  # noqa: ANN401
        """What the verifier has to be for."""
        code = self._known.code
        return None if code is None else code.consent.challenge

    def get_code_challenge_method(self, *_: Any) -> str:  # noqa: ANN401
        """The only one that is taken."""
        return "S256"

    def confirm_redirect_uri(
        self,
        _client_id: str,
        _code: str,
        redirect_uri: str,
        *_: Any,  # noqa: ANN401
        **__: Any,  # noqa: ANN401
    ) -> bool:
        """The same as the browser was sent to."""
        code = self._known.code
        return code is not None and code.consent.redirect_uri == redirect_uri

    def invalidate_authorization_code(self, *_: Any, **__: Any) -> None:  # noqa: ANN401
        """The caller does, in the same transaction."""

    # -- tokens ------------------------------------------------------------------------------------

    def save_bearer_token(self, token: dict[str, Any], *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Leaves the tokens for the caller to keep."""
        self.tokens = token

    def validate_refresh_token(self, _token: str, *_: Any, **__: Any) -> bool:  # noqa: ANN401
        """Whether it is this client's, holds, and comes from nobody else."""
        held = self._own_token()
        if held is None or held.kind != "refresh" or not held.holds(self._known.now):
            return False
        self.reused = self._known.stolen
        return not self._known.stolen

    def get_original_scopes(self, *_: Any, **__: Any) -> list[str]:  # noqa: ANN401
        """What the citizen has consented to."""
        held = self._known.token
        return [] if held is None else held.scopes

    def rotate_refresh_token(self, *_: Any) -> bool:  # noqa: ANN401
        """Always."""
        return True

    def revoke_token(self, *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Only the client's own; of others it is not told that they are there (RFC 7009, 2.2)."""
        self.revoked = self._own_token() is not None

    def _own_token(self) -> HeldToken | None:
        held, client = self._known.token, self._known.client
        own = held is not None and client is not None and held.client == client.client
        return held if own else None


def _check_challenge(request: Any) -> dict[str, str]:  # noqa: ANN401
    """PKCE by S256: plain is refused, and so is its being the default."""
    if request.code_challenge is not None:
        if request.code_challenge_method != "S256":
            raise InvalidRequestError("code_challenge_method must be S256.", request=request)
        if not CHALLENGE.fullmatch(request.code_challenge):
            raise InvalidRequestError(
                "code_challenge must be 43 characters of base64url.", request=request
            )
    return {}


def _answered(
    ask: Callable[..., tuple[dict[str, str], str, int]],
    uri: str,
    body: str,
    headers: dict[str, str],
) -> Answered:
    try:
        said, text, status = ask(uri, http_method="POST", body=body, headers=headers)
    except OAuth2Error as error:  # The library answers most faults and raises some.
        return Answered({}, error.json, error.status_code)
    except ValueError:  # What it says of a query that is none repeats it, secrets and all.
        return Answered({}, InvalidRequestError("The query is malformed.").json, 400)
    return Answered(said, text, status)
