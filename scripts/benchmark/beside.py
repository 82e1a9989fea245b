"""Payments at half load before, during and after what goes on beside them, and what they felt."""

from msgspec import Struct

from loadtest.bench.figures import Figures
from scripts.benchmark.report import held

RATIO_MAX = 1.2
# A few thousand wallets stand for a city and pay a hundred times within minutes. With the town's
# own window each payment would look through all of these for one like it.
DUPLICATE_WINDOW_S = 5


class Beside(Struct, frozen=True):
    """What was found of the payments, ``rate`` a second."""

    rate: float
    before: Figures
    during: Figures
    after: Figures

    @property
    def ratio(self) -> float:
        """How much longer the slowest hundredth of payments took."""
        without_ms = (self.before.p99_ms + self.after.p99_ms) / 2
        return self.during.p99_ms / without_ms if without_ms else 0.0

    @property
    def paid(self) -> bool:
        """Whether every payment was done."""
        return {*self.before.outcomes, *self.during.outcomes, *self.after.outcomes} == {"done"}

    def payments(self, what: str) -> list[str]:
        """The payments before, during and after ``what``, readable."""
        lines = [
            f"payments at half load ({self.rate:,.0f}/s){'p50 ms':>12}{'p99 ms':>9}{'worst':>9}"
        ]
        for when, figures in (
            ("before", self.before),
            ("during", self.during),
            ("after", self.after),
        ):
            lines.append(
                f"{f'{when} {what}':34}{figures.p50_ms:13.1f}{figures.p99_ms:9.1f}"
                f"{figures.worst_ms:9.1f}  {figures.outcomes}"
            )
        return lines

    def verdict(self, what: str) -> str:
        """Whether payments stayed as quick as without ``what``, in a line."""
        text = f"p99 of payments at most {RATIO_MAX} × without {what}: {self.ratio:.2f}"
        return held(text, so=self.ratio <= RATIO_MAX)
