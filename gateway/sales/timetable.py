"""When everybody is to ask again: so many questions a second, spread evenly, and not more.

Whoever asks gets the next free moment at or after the one they would like. The moments of a process
are given once, so the questions that come at the appointed times are bounded however many people
wait; whoever asks before is told to wait (`gateway.rates`).
"""

from math import floor


class Timetable:
    """The moments of one process. ``per_s``: how many there are in a second."""

    def __init__(self, per_s: int) -> None:
        self._per_s = per_s
        self._given: dict[int, int] = {}  # By second, how many of its moments are given.
        self._swept_s = 0
        self.last_s = 0.0  # The latest moment that anybody was given, in seconds since 1970.

    def take(self, now_s: float, wanted_s: float) -> float:
        """The next free moment at or after ``wanted_s``; both are seconds since 1970."""
        self._sweep(floor(now_s))
        second = floor(wanted_s)
        while self._given.get(second, 0) >= self._per_s:
            second += 1
        place = self._given.get(second, 0)
        self._given[second] = place + 1
        # The first second has begun already: its moments lie behind what is wanted.
        moment = max(wanted_s, second + place / self._per_s)
        self.last_s = max(self.last_s, moment)
        return moment

    def _sweep(self, now_s: int) -> None:
        """Forgets what is past."""
        if now_s - self._swept_s >= 60:
            self._swept_s = now_s
            self._given = {at: count for at, count in self._given.items() if at >= now_s}

    def __len__(self) -> int:
        return sum(self._given.values())
