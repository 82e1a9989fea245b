"""What a run of the generator found, and how it is summed up."""

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
