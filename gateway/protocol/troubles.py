"""The gateway's own error codes over the websocket, and what a screen may do about each.

Every other code of an ``error`` is an outcome of the ledger: frozen, and never to be tried again.
"""

from msgspec import Struct

from gateway.protocol.messages import Retry


class TroubleKind(Struct, frozen=True):
    """``retry`` is what goes over the wire beside the code; ``meaning`` is for engineers."""

    retry: Retry
    meaning: str


TROUBLES: dict[str, TroubleKind] = {
    "busy": TroubleKind(Retry.SAME_ID, "More waits than can be decided soon."),
    "unavailable": TroubleKind(Retry.SAME_ID, "The database is away, or this gateway is stopping."),
    "too_fast": TroubleKind(Retry.SAME_ID, "More commands a second than `ready` allowed."),
    "invalid": TroubleKind(Retry.NEW_ID, "A field is missing or wrong; `message` names it."),
    "no_preset": TroubleKind(
        Retry.NEW_ID, "The office has set no activity for which this tablet grants."
    ),
    "pin_wrong": TroubleKind(
        Retry.NEW_ID, "Not the PIN; `attempts_left` more before it is locked."
    ),
    "pin_locked": TroubleKind(Retry.NEW_ID, "No PIN is looked at for `retry_after_ms`."),
}
