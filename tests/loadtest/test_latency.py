"""Latencies count from the tap and from the instant that the receipt names."""

import pytest

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Role
from loadtest.bench.figures import cut, median, percentile
from loadtest.latency import AWAY, COMMIT_PAYER, COMMIT_SHOP, TAP_BOTH, Latencies, Measured

# The wall clock shows 1,000 s more than the monotonic one.
OFFSET_S = 1_000.0


def rounded(found: list[Measured]) -> list[tuple[str, float]]:
    """Series and microseconds."""
    return [(measured.series, round(measured.milliseconds, 3)) for measured in found]


def test_the_second_screen_ends_the_wait_for_both() -> None:
    """Tap → both is known when the later screen has it, whichever that is."""
    latencies, payment = Latencies(OFFSET_S), new_id()
    latencies.tap(payment, 50.0)
    shop = latencies.shown(payment, Role.TERMINAL, 50.030, 1_050_010, connected_s=40.0)
    payer = latencies.shown(payment, Role.WALLET, 50.045, 1_050_010, connected_s=40.0)
    assert rounded(shop) == [(COMMIT_SHOP, 20.0)]
    assert rounded(payer) == [(COMMIT_PAYER, 35.0), (TAP_BOTH, 45.0)]


def test_a_command_sent_again_counts_from_its_first_tap() -> None:
    """A lost connection makes a payment slower, not younger."""
    latencies, payment = Latencies(OFFSET_S), new_id()
    latencies.tap(payment, 50.0)
    latencies.tap(payment, 52.0)
    latencies.shown(payment, Role.WALLET, 53.0, 1_052_500, connected_s=40.0)
    both = latencies.shown(payment, Role.TERMINAL, 53.0, 1_052_500, connected_s=40.0)
    assert rounded(both)[1] == (TAP_BOTH, 3000.0)


def test_what_was_refused_is_forgotten() -> None:
    """A refusal reaches no screen, so nothing waits for it."""
    latencies, payment = Latencies(OFFSET_S), new_id()
    latencies.tap(payment, 50.0)
    latencies.forget(payment)
    latencies.shown(payment, Role.WALLET, 51.0, 1_050_900, connected_s=40.0)
    assert len(latencies.shown(payment, Role.TERMINAL, 51.0, 1_050_900, connected_s=40.0)) == 1


def test_a_screen_that_was_away_is_counted_apart() -> None:
    """A phone in a tunnel says nothing about how fast the house is."""
    latencies, payment = Latencies(OFFSET_S), new_id()
    latencies.tap(payment, 50.0)
    payer = latencies.shown(payment, Role.WALLET, 60.0, 1_050_010, connected_s=59.9)
    shop = latencies.shown(payment, Role.TERMINAL, 60.0, 1_050_010, connected_s=40.0)
    assert payer[0].series == COMMIT_PAYER + AWAY
    assert [measured.series for measured in shop] == [COMMIT_SHOP, TAP_BOTH + AWAY]


def test_windows_hold_what_ended_in_them() -> None:
    """What ended before the first window or behind the last one is not counted."""
    ended = [(9.9, 0.5), (10.1, 0.001), (10.9, 0.003), (11.5, 0.010), (12.0, 0.9)]
    first, second = cut(ended, begin_s=10.0, window_s=1.0, count=2)
    assert (first.tps, first.p50_ms, first.p99_ms) == (2.0, 3.0, 3.0)
    assert (second.tps, second.p50_ms) == (1.0, 10.0)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 51), (0.99, 100), (1.0, 100)])
def test_percentiles_are_values_that_were_seen(share: float, value: int) -> None:
    """Nearest rank, up to the greatest."""
    assert percentile(list(range(1, 101)), share) == value


def test_nothing_measured_is_nothing() -> None:
    """No values, no figures, and no exception."""
    assert percentile([], 0.5) == median([]) == 0.0
