"""Which reports there are, and what each is made of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict

from gateway.protocol import api_reports as api
from gateway.reports.places import Places
from gateway.reports.tables import table
from gateway.reports.words import REPORTS
from gateway.signin import milliseconds
from ledger.reports import campaign_effect, issue, people, shops
from ledger.reports.campaign_effect import Compared, Day, Effect
from ledger.reports.periods import Period, month_of
from ledger.reports.shops import Place, Results, Standing
from ledger.reports.small_cells import PEOPLE_MIN
from ledger.reports.snapshot import ReportRoom

CONTENTS: Mapping[api.ReportName, tuple[str, ...]] = {
    "issue": ("moves", "activities", "campaigns", "ages", "homes"),
    "users": ("months",),
    "flows": ("home_flows", "shop_flows"),
    "campaign": ("effect", "compared", "days"),
    "shops": ("shops",),
    "shop": ("months", "days", "weekdays", "hours", "instruments", "place"),
}
NEEDS: Mapping[str, tuple[str, ...]] = {"campaign": ("campaign",), "shop": ("shop",)}


class Ranked(Struct, frozen=True):
    """A shop among all, as the operator sees it."""

    shop: int
    code: str
    name: str
    kind: str
    area: str
    payments: int
    amount: int
    top_ups: int
    top_ups_amount: int
    people: int
    rank: int
    rank_in_kind: int


class Summary(Struct, frozen=True):
    """A campaign in one line."""

    campaign: str
    campaign_name: str
    first: str
    last: str
    shops: int
    gained: int | None


class Maker:
    """Makes reports of one town from one room."""

    def __init__(self, room: ReportRoom, places: Places, town: int, now: datetime) -> None:
        self._room, self._places, self._town, self._now = room, places, town, now

    async def issue(self, period: Period) -> api.Report:
        """What was issued, used and by whom."""
        async with self._room.snapshot() as connection:
            found = await issue.issue(connection, self._town, period)
        return self._report(
            "issue",
            period,
            [
                table("moves", issue.Move, found.moves),
                table("activities", issue.Granted, found.activities),
                table("campaigns", issue.CampaignGift, found.campaigns),
                table("ages", issue.AttributeSum, found.ages, hides=True),
                table("homes", issue.AttributeSum, found.homes, hides=True),
            ],
        )

    async def users(self, period: Period) -> api.Report:
        """Active, new and returning people by month."""
        async with self._room.snapshot() as connection:
            found = await people.users(connection, self._town, period)
        return self._report("users", period, [table("months", people.Users, found)])

    async def flows(self, period: Period) -> api.Report:
        """Ways between areas."""
        async with self._room.snapshot() as connection:
            found = await people.flows(connection, self._town, period)
        return self._report(
            "flows",
            period,
            [
                table("home_flows", people.HomeFlow, found.homes, hides=True),
                table("shop_flows", people.ShopFlow, found.shops, hides=True),
            ],
        )

    async def campaign(self, code: str, zone: ZoneInfo) -> api.Report:
        """A campaign's effect so far.

        Raises:
            CampaignUnknown, TooEarly.
        """
        async with self._room.snapshot() as connection:
            found = await campaign_effect.effect(connection, self._town, code, self._now, zone)
        own = Period(found.first, found.last, zone)
        means = {"amount": "amount_mean", "payments": "payments_mean"}
        return self._report(
            "campaign",
            own,
            [
                table("effect", Summary, [_summary(found)]),
                table("compared", Compared, found.compared, called=means),
                table("days", Day, found.days),
            ],
        )

    async def shops(self, period: Period) -> api.Report:
        """All shops' results with their ranks."""
        found = await self._places.standings(self._town, period, self._now)
        return self._report("shops", period, [table("shops", Ranked, ranked(found))])

    async def shop(self, number: int, period: Period) -> api.Report:
        """One shop's results, and its place among its kind. The shop was found to be there.

        A place is told of whole months: by days that differ a little one could find out what
        others took, and each would read the whole town's.
        """
        async with self._room.snapshot() as connection:
            found: Results = await shops.results(connection, self._town, number, period)
        place: Place | None = None
        if period == month_of(period.first, period.zone):
            standings = await self._places.standings(self._town, period, self._now)
            place = shops.place(number, standings)
        return self._report(
            "shop",
            period,
            [
                table("months", shops.Slot, found.months, called={"slot": "month"}),
                table("days", shops.Slot, found.days, called={"slot": "day"}),
                table("weekdays", shops.Slot, found.weekdays, called={"slot": "weekday"}),
                table("hours", shops.Slot, found.hours),
                table("instruments", shops.Accepted, found.instruments),
                table("place", Place, [] if place is None else [place]),
            ],
        )

    def _report(
        self, name: api.ReportName, period: Period, tables: Sequence[api.ReportTable]
    ) -> api.Report:
        assert tuple(each.table for each in tables) == CONTENTS[name]
        ja, en = REPORTS[name]
        return api.Report(
            name,
            ja,
            en,
            period.first,
            period.last,
            milliseconds(self._now),
            PEOPLE_MIN,
            list(tables),
        )


def ranked(found: Sequence[Standing]) -> list[Ranked]:
    """All shops, the one that was paid most first; equals share a rank."""
    return [
        Ranked(
            **asdict(own),
            rank=1 + sum(each.amount > own.amount for each in found),
            rank_in_kind=1
            + sum(each.amount > own.amount and each.kind == own.kind for each in found),
        )
        for own in sorted(found, key=lambda each: (-each.amount, each.shop))
    ]


def _summary(found: Effect) -> Summary:
    return Summary(
        found.code,
        found.name,
        found.first.isoformat(),
        found.last.isoformat(),
        found.shops,
        found.gained,
    )


def infos() -> list[api.ReportInfo]:
    """Every report there is."""
    return [
        api.ReportInfo(name, *REPORTS[name], list(tables), list(NEEDS.get(name, ())))
        for name, tables in CONTENTS.items()
    ]
