"""How long it takes from the tap, and from the commit, until people see it. Pure bookkeeping.

Moments are seconds of CLOCK_MONOTONIC. A receipt says when it was decided in wall-clock
milliseconds: on one host that is the same clock with an offset, which is measured once. The instant
in the receipt is taken just before the batch is sent to the database, so "commit" includes it.
"""

import time
from uuid import UUID

from msgspec import Struct

from gateway.protocol.messages import Role

TAP_BOTH = "tap → both"
COMMIT_PAYER = "commit → payer"
COMMIT_SHOP = "commit → shop"
# Behind a series' name: a screen was not connected at that instant and was told when it came back.
AWAY = ", away"


def wall_offset_s() -> float:
    """What to subtract from wall-clock seconds to get CLOCK_MONOTONIC's."""
    return time.time() - time.monotonic()


class Measured(Struct, frozen=True):
    """One value for one series."""

    series: str
    milliseconds: float


class Latencies:
    """Follows payments from the tap until both screens have shown them."""

    def __init__(self, offset_s: float) -> None:
        self._offset_s = offset_s
        self._taps: dict[UUID, float] = {}
        self._first: dict[UUID, tuple[Role, bool]] = {}

    def tap(self, payment: UUID, at_s: float) -> None:
        """Somebody pressed the button that sends this command."""
        self._taps.setdefault(payment, at_s)

    def forget(self, payment: UUID) -> None:
        """It was refused: nobody will be told."""
        self._taps.pop(payment, None)
        self._first.pop(payment, None)

    def shown(
        self, payment: UUID, role: Role, at_s: float, decided_at_ms: int, connected_s: float
    ) -> list[Measured]:
        """The event of this payment is on a screen, connected since ``connected_s``.

        Returns what is known now that was not before.
        """
        decided_s = decided_at_ms / 1000 - self._offset_s
        away = connected_s > decided_s
        series = COMMIT_PAYER if role is Role.WALLET else COMMIT_SHOP
        # The receipt has whole milliseconds: an event shown within its own may look negative.
        found = [_measured(series, max(0.0, at_s - decided_s), away=away)]
        first, first_away = self._first.setdefault(payment, (role, away))
        if first is not role and payment in self._taps:
            waited_s = at_s - self._taps.pop(payment)
            found.append(_measured(TAP_BOTH, waited_s, away=away or first_away))
            del self._first[payment]
        return found


def _measured(series: str, seconds: float, *, away: bool) -> Measured:
    return Measured(series + AWAY if away else series, seconds * 1000)
