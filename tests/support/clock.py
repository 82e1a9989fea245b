"""A clock that only moves when told to."""

from datetime import UTC, datetime, timedelta

START = datetime(
    2026, 4, 1, 3, 0, tzinfo=UTC
)  # Noon in Nagaoka on a Wednesday, first of the budget year.


class Clock:
    """Time as a test wants it: `now` for the ledger, `monotonic_s` for sessions."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._passed = timedelta()

    @property
    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._start + self._passed

    @property
    def now_ms(self) -> int:
        """The present instant in milliseconds since 1970."""
        return int(self.now.timestamp() * 1000)

    @property
    def monotonic_s(self) -> float:
        """Seconds since the clock was made."""
        return self._passed.total_seconds()

    def __call__(self) -> datetime:
        """The present instant, for code that takes a function."""
        return self.now

    def advance(self, *, days: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Moves on and returns the new instant; a clock never goes back."""
        step = timedelta(days=days, minutes=minutes, seconds=seconds)
        if step < timedelta():
            raise ValueError("a clock never goes back")
        self._passed += step
        return self.now
