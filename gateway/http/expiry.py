"""Expiry (H5): the console sees what a midnight carries away; everybody, what became of it."""

import datetime as dt
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from gateway.http.call import Call
from gateway.http.days import check_day
from gateway.http.queries import Day, Page
from gateway.protocol import api_expiry as api
from gateway.signin import milliseconds
from ledger import expiry
from ledger.database import Pool
from ledger.expiry import Run


class ExpiryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``at``: the day that begins with the midnight; without it, the next day."""

    at: Day | None = None


class ExpiryRunsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only runs of days before this one; without it, the newest."""

    before: Day | None = None
    limit: Page = 50


async def preview(call: Call) -> api.ExpiryPreview:
    """What a midnight would carry away; nothing is written."""
    day = call.query_as(ExpiryQuery).at
    if day is not None:
        check_day(day, "at")
    else:
        day = call.now.astimezone(call.town.zone).date() + dt.timedelta(days=1)
    return await previewed(call.context.pool, call.town.number, day, call.town.zone)


async def runs(call: Call) -> api.ExpiryRuns:
    """A page of the runs so far."""
    query, zone = call.query_as(ExpiryRunsQuery), call.town.zone
    if query.before is not None:
        check_day(query.before, "before")
    before = None if query.before is None else midnight(query.before, zone)
    found = await expiry.runs(call.context.pool, call.town.number, before, query.limit)
    lines = [run_line(run, zone) for run in found]
    return api.ExpiryRuns(lines, next=lines[-1].day if len(lines) == query.limit else None)


async def purposes(call: Call) -> api.PurposeSums:
    """The town's purposes, and what came to each so far."""
    found = await call.context.expired.accounts(call.context.pool, call.town.number)
    return api.PurposeSums(
        [api.PurposeSum(each.code or "", each.name, each.amount) for each in found]
    )


async def previewed(pool: Pool, town: int, day: dt.date, zone: ZoneInfo) -> api.ExpiryPreview:
    """What the midnight with which a day of the town begins would carry away now."""
    boundary = midnight(day, zone)
    found = await expiry.preview(pool, town, boundary)
    run = await expiry.read_run(pool, town, boundary)
    return api.ExpiryPreview(
        day=day,
        boundary=milliseconds(boundary),
        people=found.people,
        amount=found.amount,
        endings=[
            api.ExpiryEnding(
                one.instrument, one.funder, one.purpose, one.people, one.amount, one.largest
            )
            for one in found.endings
        ],
        largest=[api.LargestLoss(one.wallet, one.amount) for one in found.largest],
        run=None if run is None else run_line(run, zone),
    )


def run_line(run: Run, zone: ZoneInfo) -> api.ExpiryRun:
    """A run as the console shows it."""
    return api.ExpiryRun(
        day=run.boundary.astimezone(zone).date(),
        listed=run.listed,
        done=run.done,
        amount=run.amount,
        started_at=milliseconds(run.started_at),
        finished_at=None if run.finished_at is None else milliseconds(run.finished_at),
    )


def midnight(day: dt.date, zone: ZoneInfo) -> datetime:
    """The instant at which a day of the town begins."""
    return datetime.combine(day, dt.time(), zone)
