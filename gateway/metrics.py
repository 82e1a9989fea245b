"""What is measured: for Prometheus at ``/metrics``, and once a second for the console.

The hot path counts per batch, not per payment. Everything that can be asked for when it is wanted
(queue depths, sessions) is asked for then.
"""

from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from ledger.authorise import Decision
from ledger.outcomes import Outcome

STAGE_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
SHOWN_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 300, 500)
# The console's percentiles look at so many of the latest.
RECENT = 1_000


class Recent:
    """Percentiles of the latest values."""

    def __init__(self) -> None:
        self._values: deque[float] = deque(maxlen=RECENT)

    def add(self, value: float) -> None:
        """Takes note of one more."""
        self._values.append(value)

    def percentile(self, share: float) -> float:
        """The value below which this share of the latest lies; 0 where there are none."""
        ordered = sorted(self._values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Metrics:
    """The measurements of one process (or of one test)."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._decisions = Counter(
            "koban_decisions", "Money commands decided, by outcome.", ["outcome"], registry=registry
        )
        self._repeats = Counter(
            "koban_repeats", "Commands answered with an earlier decision.", registry=registry
        )
        self._busy = Counter(
            "koban_busy", "Commands turned away because too many waited.", registry=registry
        )
        self._put_off = Counter(
            "koban_put_off", "Requests put off: wallet held by another gateway.", registry=registry
        )
        self._ledger_failures = Counter(
            "koban_ledger_failures", "Batches that the ledger did not decide.", registry=registry
        )
        self._sizes = Histogram(
            "koban_batch_size", "Requests in a batch.", buckets=SIZES, registry=registry
        )
        stages = Histogram(
            "koban_stage_seconds",
            "Time of a batch in each stage (gather: of its oldest request).",
            ["stage"],
            buckets=STAGE_S,
            registry=registry,
        )
        self._gather, self._lock, self._decide, self._deliver = (
            stages.labels(stage) for stage in ("gather", "lock", "decide", "deliver")
        )
        self._both_shown = Histogram(
            "koban_both_shown_seconds",
            "From the commit until both parties' screens have shown it.",
            buckets=SHOWN_S,
            registry=registry,
        )
        self._closes = Counter(
            "koban_closes", "Websockets closed from here, by code.", ["code"], registry=registry
        )
        self._by_outcome = {outcome: self._decisions.labels(outcome) for outcome in Outcome}
        self._gauges: dict[str, Gauge] = {}
        self.done = 0  # Since the start; the console's rates are differences of these.
        self.refused = 0
        self.decide_s = Recent()
        self.both_shown_s = Recent()

    def gauge(self, name: str, text: str, ask: Callable[[], float], **labels: str) -> None:
        """A figure that is asked for when somebody looks."""
        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = self._gauges[name] = Gauge(name, text, list(labels), registry=self.registry)
        (gauge.labels(**labels) if labels else gauge).set_function(ask)

    # -- the counter -------------------------------------------------------------------------------

    def batch(
        self, *, size: int, gather_s: float, lock_s: float, decide_s: float, deliver_s: float
    ) -> None:
        """A batch is through."""
        self._sizes.observe(size)
        self._gather.observe(gather_s)
        self._lock.observe(lock_s)
        self._decide.observe(decide_s)
        self._deliver.observe(deliver_s)
        self.decide_s.add(decide_s)

    def decided(self, decisions: Sequence[Decision]) -> None:
        """The decisions of a batch."""
        tally = Tally(decision.outcome for decision in decisions if not decision.repeated)
        fresh = 0
        for outcome, count in tally.items():
            self._by_outcome[outcome].inc(count)
            fresh += count
        self.done += tally[Outcome.DONE]
        self.refused += fresh - tally[Outcome.DONE]
        if repeats := len(decisions) - fresh:
            self._repeats.inc(repeats)

    def refused_busy(self) -> None:
        """A command found the queue full."""
        self._busy.inc()

    def put_off(self, count: int) -> None:
        """So many requests wait because another gateway holds their wallet."""
        self._put_off.inc(count)

    def ledger_failed(self) -> None:
        """A batch came back without decisions."""
        self._ledger_failures.inc()

    # -- the screens -------------------------------------------------------------------------------

    def both_shown(self, seconds: float) -> None:
        """Both parties have seen a payment, so long after its commit."""
        self._both_shown.observe(seconds)
        self.both_shown_s.add(seconds)

    def closed(self, code: int) -> None:
        """The gateway closed a websocket."""
        self._closes.labels(str(code)).inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)
