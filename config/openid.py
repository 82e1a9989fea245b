"""Identity providers (OpenID Connect) as a file says them: who they are, and who we are to them.

A TOML file with one table a provider, under the code by which towns' profiles switch it on
(``people.sign_in``)::

    [line]
    name = "LINE"                               # What people call it.
    issuer = "https://access.line.me"           # Where discovery begins, and who signs.
    client_id = "…"
    client_secret = "…"
    scopes = ["openid"]                         # Nothing but who somebody is, and that is enough.
    algorithm = "HS256"                         # What it signs our ID tokens with.

The algorithm is ours to say and never the token's: ``ES256`` and ``RS256`` are checked with the
provider's published keys, ``HS256`` with the client secret (LINE Login's web logins).
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from config.values import is_loopback

HS256_CHARACTERS_MIN = 32  # RFC 7518, 3.2: a key as long as the hash.

Algorithm = Literal["ES256", "RS256", "HS256"]
Text = Annotated[str, Meta(min_length=1)]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class OpenidError(Exception):
    """The file is wrong; the message names the file, the key, and what may stand there."""


class OpenidSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One provider. ``timeout_s`` is how long one request to it may take; ``authentication`` how
    the client secret is sent to it (OpenID Connect Core 1.0, section 9).
    """

    name: Text
    issuer: str
    client_id: Text
    client_secret: Text
    scopes: tuple[Text, ...] = ("openid",)
    algorithm: Algorithm = "ES256"
    authentication: Literal["client_secret_basic", "client_secret_post"] = "client_secret_post"
    timeout_s: Annotated[float, Meta(gt=0, le=30)] = 5.0


def load_openid(path: Path) -> dict[str, OpenidSettings]:
    """Reads and checks the file of identity providers.

    Raises:
        OpenidError: the file is missing, is not TOML, or breaks a rule.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = msgspec.convert(tree, dict[Code, dict[str, Any]])
    except OSError as error:
        raise OpenidError(f"{path.name}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OpenidError(f"{path.name}: not TOML in UTF-8: {error}") from None
    except msgspec.ValidationError as error:
        allowed = "tables, each named by a code of lower-case letters, digits and underscores"
        raise OpenidError(f"{path.name}: must hold {allowed}: {error}") from None
    found = {}
    for code, table in tables.items():
        try:
            found[code] = msgspec.convert(table, OpenidSettings)
        except msgspec.ValidationError as error:
            what, _, where = str(error).partition(" - at ")
            key = where.strip("`").removeprefix("$")
            raise OpenidError(f"{path.name}: {code}{key}: {what}") from None
        if problem := _problem(code, found[code]):
            raise OpenidError(f"{path.name}: {code}{problem}")
    return found


def is_safe_address(url: str) -> bool:
    """Whether secrets may go there: ``https``, or this very machine; no query, no fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username is not None or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def _problem(code: str, provider: OpenidSettings) -> str:
    if code == "sms":
        return ": this word means the code by SMS; take another one"
    if not is_safe_address(provider.issuer):
        return (
            f".issuer is {provider.issuer!r}; it must be an https address without query or fragment"
        )
    if "openid" not in provider.scopes:
        return f'.scopes is {list(provider.scopes)}; it must hold "openid"'
    length = len(provider.client_secret)
    if provider.algorithm == "HS256" and length < HS256_CHARACTERS_MIN:
        # The secret itself stays out of the message.
        return (
            f".client_secret has {length} characters; HS256 needs at least {HS256_CHARACTERS_MIN}"
        )
    return ""
