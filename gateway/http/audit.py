"""Reading the audit: who did what, by pages and as a file."""

import asyncio

import msgspec
from starlette.responses import Response

from gateway.http.call import Call
from gateway.http.days import days, local_time
from gateway.http.queries import AuditFileQuery, AuditQuery
from gateway.http.tables import table, whole
from gateway.protocol.api_staff import Audit, AuditLine
from gateway.signin import milliseconds
from ledger import audit
from ledger.audit import ActorKind, Filter, Line

HEADINGS = (
    *("number", "at", "actor", "who", "name"),
    *("origin", "act", "subject", "before", "after"),
)


async def lines(call: Call) -> Audit:
    """A page of acts, newest first."""
    query = call.query_as(AuditQuery)
    found = await _lines(call, query, query.limit, query.before)
    return Audit(
        lines=[
            AuditLine(
                number=each.number,
                at=milliseconds(each.at),
                actor=each.actor,
                who=each.who,
                name=each.name,
                origin=each.origin,
                act=each.act,
                subject=each.subject,
                before=None if each.before is None else msgspec.json.decode(each.before),
                after=None if each.after is None else msgspec.json.decode(each.after),
            )
            for each in found
        ],
        next=found[-1].number if len(found) == query.limit else None,
    )


async def file(call: Call) -> Response:
    """All that the filters let through, as CSV, with the town's own times.

    Raises:
        Refused: ``too_many_lines``.
    """
    query = call.query_as(AuditFileQuery)

    async def page(before: int | None, limit: int) -> list[Line]:
        return await _lines(call, query, limit, before)

    found = await whole(page, lambda each: each.number)
    # Lazy: a thread makes the lines, beside the event loop.
    rows = (
        (
            *(each.number, local_time(each.at, call.town.zone), each.actor, each.who, each.name),
            *(each.origin, each.act, each.subject, each.before, each.after),
        )
        for each in found
    )
    return await asyncio.to_thread(table, f"{call.town.code}-audit.csv", HEADINGS, rows)


async def _lines(
    call: Call, query: AuditFileQuery, limit: int, before: int | None = None
) -> list[Line]:
    since, until = days(query.since, query.until, call.town.zone)
    wanted = Filter(
        actor=None if query.actor is None else ActorKind(query.actor),
        who=query.who,
        act=query.act,
        subject=query.subject,
        since=since,
        until=until,
    )
    return await audit.lines(call.context.pool, call.town.number, wanted, before, limit)
