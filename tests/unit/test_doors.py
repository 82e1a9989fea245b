"""Rates, addresses and phone numbers, without anything around them."""

import pytest

from gateway.rates import Rate, Rates, address_key
from ledger.identity import normal_phone


class Seconds:
    """A clock for rates."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_a_steady_rate() -> None:
    """What was not used comes back, up to the burst; the wait is told exactly."""
    clock = Seconds()
    rates = Rates(Rate(burst=3, per_s=2), clock=clock)
    assert [rates.take("a") for _ in range(4)] == [0, 0, 0, 500]
    clock.now = 0.25
    assert rates.take("a") == 250
    clock.now = 0.5
    assert rates.take("a") == 0
    assert rates.take("a") == 500
    clock.now = 1_000
    assert [rates.take("a") for _ in range(4)] == [0, 0, 0, 500]


def test_one_callers_limit_is_nobody_elses() -> None:
    """Each key has its own."""
    rates = Rates(Rate(burst=1, per_s=1), clock=Seconds())
    assert rates.take("a") == 0
    assert rates.take("a") > 0
    assert rates.take("b") == 0


def test_memory_is_bounded_and_forgets_who_was_quiet_longest() -> None:
    """A flood of addresses does not free the one that floods most."""
    rates = Rates(Rate(burst=1, per_s=0.001), buckets_max=100, clock=Seconds())
    rates.take("busy")
    for number in range(1_000):
        rates.take(f"other {number}")
        assert rates.take("busy") > 0
        assert len(rates) <= 100


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::9", "2001:0db8:0001:0002"),
        ("2001:db8:1:3::9", "2001:0db8:0001:0003"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
        (None, "nobody"),
    ],
)
def test_an_ipv6_network_counts_as_one_caller(host: str | None, key: str) -> None:
    """Its 64 bits are one household, which may use any of its addresses."""
    assert address_key(host) == key


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("09012345678", "09012345678"),
        ("090-1234-5678", "09012345678"),
        ("０９０－１２３４－５６７８", "09012345678"),
        ("090 1234 5678", "09012345678"),
        ("+81 90-1234-5678", "09012345678"),
        ("+81 (0)90-1234-5678", "09012345678"),
        ("0258-35-1122", "0258351122"),
    ],
)
def test_a_phone_number_has_one_form(text: str, phone: str) -> None:
    """However it was written: one number is one person."""
    assert normal_phone(text) == phone


@pytest.mark.parametrize(
    "text", ["", "12345678901", "090123456", "090123456789", "+1 415 555 0100"]
)
def test_what_is_no_japanese_number_is_refused(text: str) -> None:
    """With a sentence that says what one looks like."""
    with pytest.raises(ValueError, match="10 or 11 digits"):
        normal_phone(text)
