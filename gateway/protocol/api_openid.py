"""Bodies about identities at providers (OpenID Connect)."""

from typing import Literal

from msgspec import Struct


class OpenidProvider(Struct, frozen=True):
    """``code`` stands in addresses, ``name`` on the button. ``open``: this gateway can reach it."""

    code: str
    name: str
    open: bool


class OpenidProviders(Struct, frozen=True):
    """What the town's profile switches on, in its order."""

    providers: list[OpenidProvider]


class OpenidStart(Struct, frozen=True, forbid_unknown_fields=True):
    """``link``: to the wallet that is signed in; ``sign_in``: to the wallet it is linked to."""

    purpose: Literal["link", "sign_in"]


class OpenidStarted(Struct, frozen=True):
    """Where the browser has to go now; it comes back to the wallet's page, signed in or linked."""

    address: str


class LinkedIdentity(Struct, frozen=True):
    provider: str
    linked_at: int


class LinkedIdentities(Struct, frozen=True):
    identities: list[LinkedIdentity]
