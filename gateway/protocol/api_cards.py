"""Bodies about IC cards as keys to wallets (FeliCa)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from gateway.protocol.messages import Amount

Idm = Annotated[
    str,
    Meta(
        min_length=16,
        max_length=40,
        description="What the reader says: 16 hexadecimal digits, with or without separators.",
    ),
]
Issuer = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]{0,30}$",
        max_length=31,
        description="Whose card it is: one of the town's cards.issuers; without it, the first.",
    ),
]


class Card(Struct, frozen=True):
    """A card. ``tail``: the last digits of its number, to tell two apart. ``registered``: its
    wallet is a person's.
    """

    card: int
    wallet: int
    issuer: str
    tail: str
    state: str  # open | lost | replaced
    registered: bool
    opened_at: int
    closed_at: int | None


class Cards(Struct, frozen=True):
    """Newest first."""

    cards: list[Card]


class NewCard(Struct, frozen=True, forbid_unknown_fields=True):
    idm: Idm
    issuer: Issuer | None = None


class FindCard(Struct, frozen=True, forbid_unknown_fields=True):
    """In a body, not in an address: a card's number opens a wallet and belongs in no log."""

    idm: Idm


class TapPurpose(StrEnum):
    """What a card is tapped for."""

    PAY = "pay"
    TOP_UP = "top_up"
    RECEIVE = "receive"  # To be given points: what a shop issues, or an activity's.


class ReadCard(Struct, frozen=True, forbid_unknown_fields=True):
    """A card was tapped, to pay or to be topped up with so much, or to be given points; then
    there is no ``amount``.
    """

    idm: Idm
    purpose: TapPurpose
    amount: Amount | None = None


class TapAgain(Struct, frozen=True, forbid_unknown_fields=True):
    """The card was tapped once more, to say that a second payment of the same amount is meant.

    ``id`` is made by the tablet and is the payment's; ``refused`` is the charge that was refused as
    ``duplicate_suspected``. Sending it again gives the same answer.
    """

    id: UUID
    idm: Idm
    refused: UUID


class CardRead(Struct, frozen=True):
    """The one-time code that the tap stands for: charge it, top it up, or issue or grant to it, as
    to any other.
    """

    code: str
    purpose: TapPurpose
    amount: int | None
    expires_at: int
    tail: str
    registered: bool


class CardClaim(Struct, frozen=True):
    """To be scanned by whoever the card is to belong to: ``qr`` is the QR's text, ``svg`` its
    picture. Works once, and only until the next claim of the same card.
    """

    qr: str
    svg: str
    tail: str
    expires_at: int


class ClaimCard(Struct, frozen=True, forbid_unknown_fields=True):
    """``claim`` is what the claim's QR carries behind ``#card=``."""

    claim: Annotated[str, Meta(min_length=16, max_length=200)]
