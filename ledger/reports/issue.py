"""What was issued and what became of it (H9): by kind of value, activity, campaign and
attribute.
"""

from msgspec import Struct
from msgspec.structs import replace

from ledger.database import Connection
from ledger.reports.periods import Period
from ledger.reports.small_cells import hidden
from ledger.reports.snapshot import read_period


class Move(Struct, frozen=True):
    """What came ``in`` to wallets or went ``out``, in yen or points. ``what`` is a kind of entry,
    or ``with_`` one, where a rule or campaign gave on top. ``net`` is ``amount`` less
    ``back_amount``, which was given back by reversals.
    """

    direction: str
    what: str
    instrument: str
    count: int
    amount: int
    back_count: int
    back_amount: int
    net: int
    people: int


class Granted(Struct, frozen=True):
    """What an activity of a programme granted, and what was taken back of its grants."""

    programme: str
    programme_name: str
    department: str
    activity: str
    activity_name: str
    count: int
    amount: int
    back_count: int
    back_amount: int
    net: int
    people: int


class CampaignGift(Struct, frozen=True):
    """What a campaign gave, before anything went back."""

    campaign: str
    campaign_name: str
    count: int
    amount: int
    people: int


class AttributeSum(Struct, frozen=True):
    """People alike: value that came in (``count`` times, ``amount``), and what they paid.
    ``group``: decade of age, or home area; None: not known. None elsewhere: too few people to be
    told.
    """

    group: str | None
    people: int | None
    count: int | None
    amount: int | None
    payments: int | None
    paid: int | None


class Issue(Struct, frozen=True):
    """A period's issue."""

    moves: list[Move]
    activities: list[Granted]
    campaigns: list[CampaignGift]
    ages: list[AttributeSum]
    homes: list[AttributeSum]


async def issue(connection: Connection, town: int, period: Period) -> Issue:
    """What was issued in a period, and to whom by attribute."""
    attributes = await read_period(connection, "attributes", town, period, period.last.year)
    ages, homes = [], []
    for kind, age, area, *sums in attributes:
        if kind == "age":
            ages.append(AttributeSum(None if age is None else str(age), *sums))
        else:
            homes.append(AttributeSum(area, *sums))
    return Issue(
        moves=[Move(*row) for row in await read_period(connection, "moves", town, period)],
        activities=[
            Granted(*row) for row in await read_period(connection, "activities", town, period)
        ],
        campaigns=[
            CampaignGift(*row) for row in await read_period(connection, "campaigns", town, period)
        ],
        ages=told(ages),
        homes=told(homes),
    )


def told(sums: list[AttributeSum]) -> list[AttributeSum]:
    """A table by attribute as it may be told: without its small cells."""
    few = hidden([each.people or 0 for each in sums])
    nothing = dict.fromkeys(("people", "count", "amount", "payments", "paid"))
    return [replace(each, **nothing) if place in few else each for place, each in enumerate(sums)]
