"""What can go wrong at a screen, beside refusals (which are answers).

ClientError
├── TicketRefused    sign in again
├── ConnectionLost   the connection ended and stays ended
└── Unanswered       unknown outcome: ask again by the command's own id
"""


class ClientError(Exception):
    """Anything that keeps this client from doing what was asked."""


class TicketRefused(ClientError):
    """The gateway gives no ticket for this token: signed out, revoked, or never signed in."""


class ConnectionLost(ClientError):
    """The connection ended and the client does not come back. ``code`` is the close code."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"the connection ended with {code} {reason}".rstrip())
        self.code = code


class Unanswered(ClientError):
    """No answer in time. The outcome is unknown, not failed: ask `status`, or send it again."""
