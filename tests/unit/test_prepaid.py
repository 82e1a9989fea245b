"""The law's rules on prepaid value, each at its boundary."""

from datetime import date

import pytest

from ledger.prepaid import (
    Doubt,
    HalfYear,
    Lives,
    Standing,
    claims_until,
    deposit,
    is_reference_date,
    reference_date_before,
    report_due,
    standing,
)

LONG = Lives(issues=2, long=1, longest_days=213)


def test_half_is_deposited_above_ten_million() -> None:
    """At the bound nothing yet; then half of all of it, an odd yen rounded up."""
    owed = {yen: deposit(yen).owed for yen in (0, 10_000_000, 10_000_001, 10_000_002, 30_000_001)}
    assert owed == {
        0: 0,
        10_000_000: 0,
        10_000_001: 5_000_001,
        10_000_002: 5_000_001,
        30_000_001: 15_000_001,
    }


def test_two_days_a_year_and_two_months_for_the_report() -> None:
    days = [date(2026, 3, 31), date(2026, 9, 30), date(2027, 3, 31)]
    assert all(map(is_reference_date, days))
    assert not any(map(is_reference_date, (date(2026, 3, 30), date(2026, 12, 31))))
    assert [reference_date_before(day) for day in days[1:]] == days[:2]
    assert reference_date_before(date(2026, 10, 1)) == date(2026, 9, 30)
    assert [report_due(day) for day in days[:2]] == [date(2026, 5, 31), date(2026, 11, 30)]


def test_claims_are_taken_for_sixty_whole_days() -> None:
    """The day of the notice is not one of them."""
    assert claims_until(date(2027, 1, 31)) == date(2027, 4, 1)
    assert claims_until(date(2027, 1, 31), 90) == date(2027, 5, 1)


@pytest.mark.parametrize(
    ("ever_paid", "municipal", "lives", "expected"),
    [
        (False, True, LONG, Standing.FREE),
        (True, True, LONG, Standing.MUNICIPAL),
        (True, False, LONG, Standing.COUNTED),
        (True, False, Lives(issues=1, extended=1), Standing.COUNTED),
        (True, False, Lives(issues=1, spent_late=1), Standing.COUNTED),
        (True, False, Lives(issues=1, longest_days=183), Standing.SIX_MONTHS),
    ],
)
def test_how_the_law_sees_a_kind_of_value(
    ever_paid: bool, municipal: bool, lives: Lives, expected: Standing
) -> None:
    """What nobody paid for is none of its business, whoever issues it."""
    assert standing(ever_paid=ever_paid, municipal=municipal, lives=lives) is expected


def test_every_doubt_is_named() -> None:
    found = Lives(issues=3, long=1, extended=1, spent_late=1).doubts
    assert found == list(Doubt)


def test_a_half_year_that_does_not_add_up_is_no_half_year() -> None:
    """The figures cannot be told unless what came in is what is left and what went."""
    whole = HalfYear(10, 20, 5, 4, 3, 18)
    assert whole + whole == HalfYear(20, 40, 10, 8, 6, 36)
    with pytest.raises(AssertionError):
        HalfYear(10, 20, 5, 4, 3, 17)
