"""What somebody asks for, checked, and why a report was not made: for the doors and the command."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.http.days import check_day, days
from gateway.protocol import api_reports as api
from gateway.refused import Refused
from gateway.reports.making import CONTENTS, NEEDS, Maker
from ledger.reports import periods
from ledger.reports.campaign_effect import CampaignUnknown, TooEarly
from ledger.reports.periods import DAYS_MAX, Period
from ledger.reports.snapshot import ReportBusy, ReportTooLarge


async def made(
    maker: Maker, name: api.ReportName, query: api.ReportQuery, now: datetime, zone: ZoneInfo
) -> api.Report:
    """A report with what the query says; without a period of the month before this one. A shop was
    found to be there.

    Raises:
        Refused: ``invalid``, ``not_found``; ``busy`` where another report is under way,
            ``unavailable`` where it took too long.
    """
    for field in ("campaign", "shop"):
        given = getattr(query, field) is not None
        if given is not (field in NEEDS.get(name, ())):
            text = f"The report {name} {'takes no' if given else 'needs a'} {field}."
            raise Refused("invalid", text, field=field)
    async with told():
        if name == "campaign":
            for field in ("month", "since", "until"):
                if getattr(query, field) is not None:
                    text = "A campaign has its own time; leave month, since and until out."
                    raise Refused("invalid", text, field=field)
            return await maker.campaign(query.campaign or "", zone)
        about = period(query, periods.month_before(now.astimezone(zone).date(), zone))
        if name == "shop":
            return await maker.shop(query.shop or 0, about)
        make: dict[str, Callable[[Period], Awaitable[api.Report]]] = {
            "issue": maker.issue,
            "users": maker.users,
            "flows": maker.flows,
            "shops": maker.shops,
        }
        return await make[name](about)


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Tells why a report was not made.

    Raises:
        Refused.
    """
    try:
        yield
    except ReportBusy:
        raise Refused(
            "busy", "Another report is being made; ask again in a moment.", retry_after_ms=5_000
        ) from None
    except ReportTooLarge as error:
        text = f"The report was {error}. Ask for fewer days, or at a quieter hour."
        raise Refused("unavailable", text) from None
    except CampaignUnknown:
        raise Refused(
            "not_found", "The town has no campaign with this code.", field="campaign"
        ) from None
    except TooEarly:
        text = "None of the campaign's days is over; ask tomorrow."
        raise Refused("invalid", text, field="campaign") from None


def period(query: api.PeriodQuery, otherwise: Period) -> Period:
    """The days that a query names.

    Raises:
        Refused: ``invalid``, with the field.
    """
    zone = otherwise.zone
    if query.month is not None:
        if query.since is not None or query.until is not None:
            raise Refused("invalid", "Give a month, or days; not both.", field="month")
        first = dt.date.fromisoformat(f"{query.month}-01")
        check_day(first, "month")
        return periods.month_of(first, zone)
    if query.since is None and query.until is None:
        return otherwise
    if query.since is None or query.until is None:
        missing = "since" if query.since is None else "until"
        raise Refused("invalid", "Give the first day and the last.", field=missing)
    days(query.since, query.until, zone)
    found = Period(query.since, query.until, zone)
    if found.days > DAYS_MAX:
        text = f"A report is of {DAYS_MAX} days at most; found {found.days}."
        raise Refused("invalid", text, field="until")
    return found


def chosen_table(name: api.ReportName, wanted: str | None) -> None:
    """Refuses a table that the report has not, before it is made.

    Raises:
        Refused: ``invalid``.
    """
    tables = CONTENTS[name]
    if wanted not in tables and (wanted is not None or len(tables) > 1):
        text = f"A CSV file is one table; allowed is {', '.join(tables)}."
        raise Refused("invalid", text, field="table")
