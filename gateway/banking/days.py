"""The banks' working days: no weekend, no national holiday, not 31 December to 3 January
(銀行法施行令 第五条).
"""

from datetime import date, timedelta

import jpholiday


def is_business_day(day: date) -> bool:
    """Whether banks work on this day."""
    new_year = (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
    return day.weekday() < 5 and not new_year and not jpholiday.is_holiday(day)


def next_business_day(day: date) -> date:
    """The first working day from this one on, which may be this one."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day
