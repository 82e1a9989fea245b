"""A bar that tells at a terminal how far something is; nothing where nobody looks."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

BAR = 24  # Characters.
AGAIN_S = 0.1  # Seldom enough to cost nothing, often enough to move.


class Progress:
    """How far one thing is: ``with Progress("reading", total) as bar: bar.at(done)``.

    It goes to stderr, so that what a script reads from stdout is the answer alone, and only where
    that is a terminal.
    """

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self._what, self._total = what, total
        self._stream = sys.stderr if stream is None else stream
        self._shown = self._stream.isatty()
        self._last = float("-inf")
        self._done = 0

    def __enter__(self) -> Self:
        self.at(0)
        return self

    def at(self, done: int) -> None:
        """So much is done, of the total."""
        self._done = done
        if self._shown and time.monotonic() - self._last >= AGAIN_S:
            self._draw()

    def _draw(self) -> None:
        self._last = time.monotonic()
        share = min(self._done / self._total, 1.0) if self._total else 1.0
        full = round(share * BAR)
        bar = "█" * full + "░" * (BAR - full)
        self._stream.write(f"\r{self._what:32} {bar} {share:4.0%}")
        self._stream.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._draw()
            self._stream.write("\n")
