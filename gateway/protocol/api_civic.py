"""The bodies of what outside civic platforms ask for, and of what citizens and the office see."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from gateway.protocol.api_programmes import Code
from gateway.protocol.messages import Amount


class Citizen(Struct, frozen=True):
    """Who has linked. ``subject`` is what this platform, and no other, calls the citizen."""

    subject: UUID
    name: str


class KindOfBalance(Struct, frozen=True):
    """How much of one kind of value."""

    instrument: str
    amount: int


class CitizenBalance(Struct, frozen=True):
    """What the citizen has, in yen, at an instant."""

    total: int
    parts: list[KindOfBalance]
    at: int


class AskCivicGrant(Struct, frozen=True, forbid_unknown_fields=True):
    """Points for taking part in an activity; ``amount``: none where the activity has its own. The
    header Idempotency-Key names the grant, for ever.
    """

    activity: Code
    amount: Amount | None = None


class CivicGrant(Struct, frozen=True):
    """The one true standing of a grant, by the platform's key. ``outcome``: done, the reason of a
    refusal, or None while it is in progress. ``amount``: what was granted, or asked for;
    ``reversed``: how much of it was taken back.
    """

    key: str
    subject: UUID
    activity: str
    amount: int | None
    reversed: int
    outcome: str | None
    entry: int | None
    at: int | None


class Link(Struct, frozen=True):
    """A consent of the citizen to a platform: to which scopes, since when and until when."""

    link: int
    client: str
    name: str
    scopes: list[str]
    linked_at: int
    expires_at: int


class Links(Struct, frozen=True):
    """The consents that hold, oldest first."""

    links: list[Link]


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """What the citizen presses on the page that asks."""

    decision: Annotated[str, Meta(pattern="^(allow|refuse)$")]


class WebhookBody(Struct, frozen=True):
    """What a platform is told. ``id`` is the same at every attempt. ``key``, ``activity`` and
    ``amount`` are a grant's, ``reason`` says who ended a link.
    """

    id: UUID
    town: str
    kind: str  # grant.granted, grant.reversed, link.ended
    subject: UUID
    at: int
    key: str | None = None
    activity: str | None = None
    amount: int | None = None
    reason: str | None = None  # citizen, client, reuse, erasure


class WebhookLine(Struct, frozen=True):
    """A telling as the office sees it. ``next_at``: when it is tried next, where it waits;
    ``problem``: why the last attempt was in vain.
    """

    webhook: UUID
    client: str
    kind: str
    subject: UUID
    key: str | None
    at: int
    state: str  # waiting, delivered, dead
    attempts: int
    next_at: int | None
    problem: str | None


class Webhooks(Struct, frozen=True):
    """Webhooks, newest first."""

    webhooks: list[WebhookLine]


class ClientLine(Struct, frozen=True):
    """A platform that citizens can link. ``open``: whether its doors are."""

    code: str
    name: str
    open: bool
    scopes: list[str]
    redirect_uris: list[str]
    webhook_url: str | None


class Clients(Struct, frozen=True):
    """The platforms, oldest first."""

    clients: list[ClientLine]
