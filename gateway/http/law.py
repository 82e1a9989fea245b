"""The law on prepaid value at the doors: what everybody is shown, and figures for operators."""

import asyncio
from typing import Annotated

from msgspec import Meta, Struct, structs
from starlette.responses import Response

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.days import check_day
from gateway.http.queries import DatePath, Day
from gateway.http.tables import LINES_MAX, Encoding, table
from gateway.law import display, reckoning
from gateway.protocol import api_law as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger.grants import By
from ledger.prepaid import CLAIM_DAYS_MIN


class InstrumentPath(Struct, frozen=True):
    instrument: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class FileQuery(Struct, frozen=True, forbid_unknown_fields=True):
    encoding: Encoding = "utf-8"


class RefundsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``at``: the day at whose end it is looked; without it, now."""

    at: Day | None = None
    encoding: Encoding = "utf-8"


class NoticeQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``begins``: the day on which the notice is published; ``days``: how long claims are taken."""

    begins: Day
    days: Annotated[int, Meta(ge=1, le=3_660)] = CLAIM_DAYS_MIN


async def shown(call: Call) -> api.LawDisplay:
    """What everybody is shown."""
    return display.display(call.town.profile)


async def reference_date(call: Call) -> api.ReferenceDate:
    """The half-year that ends with a day."""
    day = call.path_as(DatePath).date
    check_day(day, "date")
    room, pool = call.context.reports, call.context.pool
    return await reckoning.reference_date(
        room, pool, call.town.profile, day, call.now, room.time_max_s
    )


async def reference_date_file(call: Call) -> Response:
    """The same as a file for spreadsheets."""
    found = await reference_date(call)
    name = f"{call.town.code}-reference-date-{found.date}.csv"
    encoding = call.query_as(FileQuery).encoding
    return table(name, reckoning.HEADINGS, reckoning.rows(found), encoding)


async def report(call: Call) -> api.ReferenceDate:
    """Notes that the figures of a reference date are reported as they are. Noted again, it stays as
    it was.
    """
    found = await reference_date(call)
    by = By(call.session.operator, call.session.name)
    async with acting(call) as act:
        profile = call.town.profile
        if not await reckoning.keep_report(act.connection, profile, found, by, call.now):
            return found
        facts = {"unspent": found.counted.unspent, "deposit": found.deposit.owed}
        await act.record("law.reported", f"reference_date:{found.date}", after=facts)
    reported = api.LawReported(by.name, milliseconds(call.now), same=True)
    return structs.replace(found, reported=reported)


async def refunds_file(call: Call) -> Response:
    """Who is owed how much of a kind of value, with name and phone number; the look is noted."""
    query, profile = call.query_as(RefundsQuery), call.town.profile
    one = reckoning.instrument_of(profile, call.path_as(InstrumentPath).instrument)
    if query.at is not None:
        check_day(query.at, "at")
    vault = call.context.auth.vault
    room = call.context.reports
    found = await reckoning.refunds(room, vault, profile, one, query.at, call.now, room.time_max_s)
    if len(found) > LINES_MAX:
        raise Refused("too_many_lines", "Too many for one file; use koban law refund-list.")
    name = f"{call.town.code}-refunds-{one.code}.csv"
    rows = reckoning.refund_rows(one, found)
    file = await asyncio.to_thread(table, name, reckoning.REFUND_HEADINGS, rows, query.encoding)
    async with acting(call) as act:
        facts = {"lines": len(found), "amount": sum(each.amount for each in found)}
        await act.record("law.refunds_listed", f"instrument:{one.code}", after=facts)
    return file


async def refund_notice(call: Call) -> api.RefundNotice:
    """The public notice of a refund procedure, to be published on a day."""
    query, profile = call.query_as(NoticeQuery), call.town.profile
    check_day(query.begins, "begins")
    one = reckoning.instrument_of(profile, call.path_as(InstrumentPath).instrument)
    return display.notice(profile, one, query.begins, query.days)
