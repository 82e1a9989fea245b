"""The HTTP API's bodies about sending: to whom."""

from msgspec import Struct

from gateway.protocol.api import Phone


class FindRecipient(Struct, frozen=True, forbid_unknown_fields=True):
    """The phone number of whom value is to be sent to."""

    phone: Phone


class Recipient(Struct, frozen=True):
    """Who has that number. ``recipient`` is what `send` names; ``name`` shows beginnings alone,
    enough to notice a mistyped number.
    """

    recipient: int
    name: str
