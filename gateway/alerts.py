"""What needs a person: told to the consoles as it begins and ends, and kept while it lasts."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from gateway.protocol.api import AlertLine
from gateway.protocol.messages import Alert, encode

if TYPE_CHECKING:
    from gateway.connection import Connection

# Things that happen once (a slow reader) stand so long.
FLASH_MS = 60_000
ALERTS_MAX = 500


class Key(Struct, frozen=True):
    """What makes two alerts the same."""

    kind: str
    account: int | None = None
    payment: UUID | None = None


class Alerts:
    """A town's alerts on this gateway.

    Args:
        tell: sends a frame to every console.
    """

    def __init__(self, tell: Callable[[bytes], None], now_ms: Callable[[], int]) -> None:
        self._tell = tell
        self._now_ms = now_ms
        self._active: dict[Key, Alert] = {}
        self._flashes: dict[Key, Alert] = {}

    def set(self, kind: str, words: str, *, active: bool) -> None:
        """A state of the service (``redis_down``) has begun or ended; told once each time."""
        self._turn(Key(kind), words, active=active)

    def replace(self, kind: str, now: Mapping[Key, str]) -> None:
        """These, and no others of this kind, are the case now (payments that were not shown)."""
        for key in [key for key in self._active if key.kind == kind and key not in now]:
            self._turn(key, self._active[key].text, active=False)
        for key, words in now.items():
            self._turn(key, words, active=True)

    def flash(self, kind: str, words: str, account: int | None = None) -> None:
        """Something happened that has no end of its own; it stands for a minute."""
        key = Key(kind, account)
        if key not in self._flashes and len(self._flashes) < ALERTS_MAX:
            alert = Alert(self._now_ms(), kind, active=True, text=words, account=account)
            self._flashes[key] = alert
            self._tell(encode(alert))

    def active(self, kind: str) -> bool:
        """Whether anything of this kind is the case."""
        return any(key.kind == kind for key in self._active)

    def tick(self) -> None:
        """Lets old flashes go out."""
        old = self._now_ms() - FLASH_MS
        for key in [key for key, alert in self._flashes.items() if alert.at <= old]:
            alert = self._flashes.pop(key)
            over = replace(alert, at=self._now_ms(), active=False)
            self._tell(encode(over))

    def greet(self, connection: "Connection") -> None:
        """Tells a new console what is the case."""
        for alert in (*self._active.values(), *self._flashes.values()):
            connection.send(encode(alert))

    def lines(self) -> list[AlertLine]:
        """What is the case now, newest first."""
        alerts = sorted(
            (*self._active.values(), *self._flashes.values()), key=lambda alert: -alert.at
        )
        return [
            AlertLine(alert.at, alert.kind, alert.text, alert.account, alert.payment)
            for alert in alerts
        ]

    def _turn(self, key: Key, words: str, *, active: bool) -> None:
        if active == (key in self._active) or (active and len(self._active) >= ALERTS_MAX):
            return
        alert = Alert(self._now_ms(), key.kind, active, words, key.account, key.payment)
        if active:
            self._active[key] = alert
        else:
            del self._active[key]
        self._tell(encode(alert))
