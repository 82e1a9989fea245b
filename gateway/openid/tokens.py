"""What an ID token has to be before it is believed (OpenID Connect Core 1.0, section 3.1.3.7).

PyJWT holds signature, issuer and audience; what is about our own clock and our own request is here.
"""

import hmac
from datetime import datetime
from typing import TYPE_CHECKING, Any

import jwt

from config.openid import OpenidSettings

if TYPE_CHECKING:
    from jwt.types import Options

LEEWAY_S = 60  # So far two clocks may be apart.
AGE_MAX_S = 600  # We have just asked for it: an older one was made for something else.
SUBJECT_CHARACTERS_MAX = 255

OPTIONS: "Options" = {
    "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
    # By the machine's clock; ours is a parameter, and looked at below.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


class TokenRefused(Exception):
    """The ID token is not to be believed; the message says why, without a word of the token."""


def key_id(token: str) -> str | None:
    """Which of the provider's keys the token names.

    Raises:
        TokenRefused: it is no signed token.
    """
    try:
        named = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise TokenRefused(f"not a signed token: {type(error).__name__}") from None
    return named if isinstance(named, str) else None


def checked_subject(
    token: str, key: jwt.PyJWK | str, settings: OpenidSettings, nonce: str, now: datetime
) -> str:
    """Whose token it is, by the issuer's name for them, if everything about it is right.

    ``key`` is the provider's public key, or the client secret for HS256.

    Raises:
        TokenRefused: anything is not.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            # The bare key: the algorithm is taken from the settings and from nowhere else.
            key.key if isinstance(key, jwt.PyJWK) else key,
            algorithms=[settings.algorithm],
            audience=settings.client_id,
            issuer=settings.issuer,
            options=OPTIONS,
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise TokenRefused(type(error).__name__) from None
    _check_party(claims, settings.client_id)
    _check_time(claims, now.timestamp())
    told = claims["nonce"]
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
        raise TokenRefused("nonce: made for another request")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_CHARACTERS_MAX:
        raise TokenRefused("sub: no name of anybody")
    return subject


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise TokenRefused("azp: given to another client")


def _check_time(claims: dict[str, Any], now_s: float) -> None:
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TokenRefused(f"{name}: no instant")
    if claims["exp"] <= now_s - LEEWAY_S:
        raise TokenRefused("exp: expired")
    if max(claims["iat"], claims.get("nbf", 0)) > now_s + LEEWAY_S:
        raise TokenRefused("iat: from the future")
    if claims["iat"] < now_s - AGE_MAX_S:
        raise TokenRefused("iat: too old")
