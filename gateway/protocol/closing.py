"""Why a websocket is closed, and whether the screen may come back by itself.

Two ranges: 40xx (and 1012) say "come back, with back-off"; 41xx say "do not, until a person or a
new ticket has changed something".
"""

from enum import IntEnum

from msgspec import Struct


class CloseCode(IntEnum):
    """The close codes of the protocol."""

    DRAINING = 1012  # A planned stop of this gateway; another one is there.

    INTERNAL_FAULT = 4000
    SLOW_READER = 4001  # The screen reads more slowly than its events come; resume.
    HEARTBEAT_LOST = 4002
    AUTH_TIMEOUT = 4003
    TOO_MANY_SOCKETS = 4004

    REPLACED = 4100  # A newer socket of the same screen has taken this one's place.
    TICKET_REFUSED = 4101  # Get a new ticket first.
    SIGNED_OUT = 4102
    REVOKED = 4103
    MALFORMED = 4104
    TOO_LARGE = 4105
    VIOLATION = 4106  # Well-formed, but not now or not from this role.
    WRONG_SUBPROTOCOL = 4107
    TOO_FAST = 4109

    @property
    def may_come_back(self) -> bool:
        """Whether a screen comes back by itself."""
        return self < 4100


class Closing(Struct, frozen=True):
    """The decision to close. ``reason`` is for engineers, at most 120 bytes."""

    code: CloseCode
    reason: str = ""
