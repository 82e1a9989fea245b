"""The HTTP API's bodies about sending: to whom."""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.protocol.api import Phone


class ReceiveCode(Struct, frozen=True):
    """``text`` is for a QR: whoever scans it can find this wallet until ``expires_at``."""

    text: str
    expires_at: int


class FindRecipient(Struct, frozen=True, forbid_unknown_fields=True):
    """Either the phone number of whom value is to be sent to, or what their code reads."""

    phone: Phone | None = None
    text: Annotated[str, Meta(min_length=1, max_length=400)] | None = None


class Recipient(Struct, frozen=True):
    """Who that is. ``recipient`` is what `send` names; ``name`` shows beginnings alone, enough to
    notice a mistyped number.
    """

    recipient: int
    name: str
