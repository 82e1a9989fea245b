"""What a run of the generator found, and how it is summed up."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct


class Window(Struct, frozen=True):
    """One stretch of a run, short enough that a noisy machine spoils only some of them."""

    tps: float
    p50_ms: float
    p99_ms: float


class Figures(Struct, frozen=True):
    """One run: medians over its windows, the worst of all, and how every payment ended."""

    tps: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    windows: list[Window]
    outcomes: dict[str, int]  # done, a refusal's code, or "unanswered".
    gaps: int
    repeats: int
    closed: dict[str, int]  # Connections that ended meanwhile, by close code.
    acks: int
    generator_cpu: float  # Cores: 1.0 is one core fully used.


def merged(runs: Sequence[Figures]) -> Figures:
    """Several runs of the same as one: medians over all windows, counts together."""
    windows = [window for run in runs for window in run.windows]
    outcomes, closed = Counter[str](), Counter[str]()
    for run in runs:
        outcomes.update(run.outcomes)
        closed.update(run.closed)
    return Figures(
        tps=median([window.tps for window in windows]),
        p50_ms=median([window.p50_ms for window in windows]),
        p99_ms=median([window.p99_ms for window in windows]),
        worst_ms=max(run.worst_ms for run in runs),
        windows=windows,
        outcomes=dict(outcomes),
        gaps=sum(run.gaps for run in runs),
        repeats=sum(run.repeats for run in runs),
        closed=dict(closed),
        acks=sum(run.acks for run in runs),
        generator_cpu=median([run.generator_cpu for run in runs]),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the ordered values lie (nearest rank); 0 without any."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Sequence[float]) -> float:
    """The middle value; 0 without any."""
    return percentile(sorted(values), 0.5)


def cut(
    ended: Sequence[tuple[float, float]], begin_s: float, window_s: float, count: int
) -> list[Window]:
    """Cuts pairs of (moment of the end, latency), in seconds, into ``count`` windows."""
    latencies: list[list[float]] = [[] for _ in range(count)]
    for at_s, latency_s in ended:
        index = int((at_s - begin_s) / window_s)
        if at_s >= begin_s and index < count:
            latencies[index].append(latency_s)
    windows = []
    for values in latencies:
        values.sort()
        windows.append(
            Window(
                len(values) / window_s,
                percentile(values, 0.50) * 1000,
                percentile(values, 0.99) * 1000,
            )
        )
    return windows
