"""Campaigns that meet: which can apply to one act, and what the town's rules make of it then."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from ledger import campaigns
from ledger.campaigns import Campaign, Terms
from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("overlaps")


class Overlap(StrEnum):
    """What becomes of several campaigns that apply to one act; a rule of the town's profile."""

    ADD = "add"  # All of them give.
    BEST = "best"  # The one that gives most.
    FIRST = "first"  # The one with the lowest priority number; of equals, the older.


async def overlap_rule(pool: Executor, town: int, now: datetime) -> Overlap:
    """What the town's rules make of several campaigns that apply to one act."""
    row = await fetch_row(pool, SQL["overlap_rule"], town, now)
    assert row is not None
    return Overlap(row["campaign_overlap"])


async def overlapping(pool: Executor, town: int, this: Campaign, now: datetime) -> list[Campaign]:
    """Those campaigns, not over yet, that can apply to an act that this one applies to."""
    others = [
        other
        for other in await campaigns.campaigns(pool, town, now, over_after=now)
        if other.campaign != this.campaign and can_meet(this, other)
    ]
    rows = await fetch_rows(
        pool, SQL["same_places"], town, this.campaign, [other.campaign for other in others]
    )
    numbers = {row["campaign"] for row in rows}
    return [other for other in others if other.campaign in numbers]


def can_meet(this: Campaign, other: Campaign) -> bool:
    """Whether both can be in force at one instant, for one kind of act. Days of the week and of the
    month are looked at one by one, so two that never fall together may be taken to meet.
    """
    one, two = this.terms, other.terms
    # What runs past midnight is in force on the day after as well.
    past_midnight = len(_stretches(one)) > 1 or len(_stretches(two)) > 1
    return (
        one.trigger == two.trigger
        and one.starts_at < other.over_at
        and two.starts_at < this.over_at
        and (past_midnight or _share(one.weekdays, two.weekdays))
        and (past_midnight or _share(one.month_days, two.month_days))
        and any(
            begin < other_end and other_begin < end
            for begin, end in _stretches(one)
            for other_begin, other_end in _stretches(two)
        )
    )


def _share(one: Sequence[int], two: Sequence[int]) -> bool:
    return not one or not two or bool(set(one) & set(two))


def _stretches(terms: Terms) -> list[tuple[int, int]]:
    """The minutes of a day, from and to before, at which a campaign is in force."""
    begin, end = terms.from_minute, terms.to_minute
    if begin is None or end is None:
        return [(0, 1440)]
    return [(begin, end)] if begin <= end else [(begin, 1440), (0, end)]


def what_gives(rule: Overlap, this: Campaign, other: Campaign) -> str:
    """Which of two gives where both apply: ``both``, the ``greater``, ``this`` or the ``other``."""
    if rule is Overlap.ADD:
        return "both"
    if rule is Overlap.BEST:
        return "greater"
    first = min(this, other, key=lambda each: (each.terms.priority, each.campaign))
    return "this" if first is this else "other"
