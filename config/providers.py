"""Outside providers as a file says them: where each is, and the keys that both sides sign with.

A TOML file with one table a provider, under the code by which the towns' ways name it::

    [card]
    url = "https://api.card.example/koban"      # Absent: it only ever calls us (a cash machine).
    key = "koban-2026"                          # The key that we sign with.
    order_ttl_s = 1800                          # How long an order may wait for the user.
    [card.keys]                                 # Every key that is taken, by its id.
    koban-2026 = "…"
    card-2026 = "…"

A key is changed without a stop by adding the new one, having both sides sign with it, and taking
the old one away.
"""

import tomllib
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

SECRET_CHARACTERS_MIN = 32

KeyId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class ProvidersError(Exception):
    """The file is wrong; the message names the file, the key, and what may stand there."""


class ProviderSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One provider. ``timeout_s`` is how long one request to it may take."""

    keys: Annotated[dict[KeyId, str], Meta(min_length=1)]
    url: str = ""
    key: str = ""
    order_ttl_s: Annotated[int, Meta(ge=60, le=31 * 86_400)] = 1_800
    timeout_s: Annotated[float, Meta(gt=0, le=60)] = 5.0


Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


def load_providers(path: Path) -> dict[str, ProviderSettings]:
    """Reads and checks the file of providers.

    Raises:
        ProvidersError: the file is missing, is not TOML, or breaks a rule.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        found = msgspec.convert(tree, dict[Code, ProviderSettings])
    except OSError as error:
        raise ProvidersError(f"{path.name}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProvidersError(f"{path.name}: not TOML in UTF-8: {error}") from None
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        key = where.strip("`").replace("key` in `", "a name in ").replace("$.", "") or "$"
        key = key.replace("$", "the file")
        raise ProvidersError(f"{path.name}: {key}: {what}") from None
    for code, provider in found.items():
        if problem := _problem(provider):
            raise ProvidersError(f"{path.name}: {code}.{problem}")
    return found


def _problem(provider: ProviderSettings) -> str:
    for name, secret in provider.keys.items():
        if len(secret) < SECRET_CHARACTERS_MIN:
            # The secret itself stays out of the message.
            return (
                f"keys.{name} has {len(secret)} characters; it needs at least "
                f"{SECRET_CHARACTERS_MIN}"
            )
    if not provider.url:
        return "key is set, but url is not; give both or neither" if provider.key else ""
    parts = urlsplit(provider.url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        return f"url is {provider.url!r}; it must be an http(s) address without a query"
    if provider.key not in provider.keys:
        return f"key is {provider.key!r}; it must be one of {sorted(provider.keys)}"
    return ""
