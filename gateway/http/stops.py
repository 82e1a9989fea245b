"""Planned stops at the console, and for everybody to look at (N19)."""

from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.campaign_terms import instant
from gateway.http.queries import Number, Page
from gateway.protocol import api, api_running
from gateway.refused import Refused
from gateway.signin import milliseconds
from gateway.stops import message
from ledger import stops
from ledger.audit import Facts
from ledger.database import Connection
from ledger.questions import Wrong, check_words
from ledger.stops import Phase, Stop, StopTimes, WrongTimes


class StopPath(Struct, frozen=True):
    stop: Annotated[Number, Meta(description="A planned stop's number.")]


class StopsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The latest stops."""

    limit: Page = 50


async def ahead(call: Call) -> api_running.StopsAhead:
    """What is planned or under way, the next first."""
    found = await stops.ahead(call.context.pool, call.now)
    return api_running.StopsAhead(
        [message(each, call.now) for each in found if each.town == call.town.number]
    )


async def list_stops(call: Call) -> api_running.Stops:
    """The town's stops, the latest first."""
    limit = call.query_as(StopsQuery).limit
    found = await stops.stops(call.context.pool, call.town.number, limit)
    return api_running.Stops(
        [
            api_running.StopLine(
                each.stop,
                each.phase(call.now).value,
                milliseconds(each.times.from_at),
                milliseconds(each.times.until_at),
                dict(each.times.words),
                milliseconds(each.planned_at),
                each.planned_by,
                None if each.ended_at is None else milliseconds(each.ended_at),
            )
            for each in found
        ]
    )


async def plan_stop(call: Call) -> api_running.StopPlanned:
    """Plans a stop; every session is told within seconds."""
    times = _times(call)
    async with acting(call) as act:
        number = await stops.plan(
            act.connection, call.town.number, times, call.session.name, call.now
        )
        await act.record("stop.planned", f"stop:{number}", after=facts(times))
    return api_running.StopPlanned(number)


async def move_stop(call: Call) -> api_running.StopPlanned:
    """Puts a stop that is not over at another time, with other words."""
    times = _times(call)
    async with acting(call) as act:
        known = await _known(call, act.connection)
        await stops.move(act.connection, call.town.number, known.stop, times)
        await act.record(
            "stop.moved", f"stop:{known.stop}", before=facts(known.times), after=facts(times)
        )
    return api_running.StopPlanned(known.stop)


async def cancel_stop(call: Call) -> api.Done:
    """Calls a stop off, or says that it is over before its time."""
    async with acting(call) as act:
        known = await _known(call, act.connection)
        await stops.end(act.connection, call.town.number, known.stop, call.now)
        await act.record("stop.cancelled", f"stop:{known.stop}", before=facts(known.times))
    return api.Done()


def facts(times: StopTimes) -> Facts:
    """A stop as the audit tells of it."""
    return {
        "from_at": times.from_at.isoformat(),
        "until_at": times.until_at.isoformat(),
        "words": dict(times.words),
    }


def _times(call: Call) -> StopTimes:
    body, profile = call.body_as(api_running.PlanStop), call.town.profile
    zone = ZoneInfo(profile.town.time_zone)
    from_at = instant(body.from_at, zone, "from_at")
    until_at = instant(body.until_at, zone, "until_at")
    try:
        check_words("words", body.words, profile.town.languages)
        stops.check_times(from_at, until_at, call.now)
    except Wrong as wrong:
        raise Refused("invalid", f"{wrong}.", field="words") from wrong
    except WrongTimes as wrong:
        raise Refused("invalid", f"{wrong}.", field=wrong.field) from wrong
    return StopTimes(from_at, until_at, body.words)


async def _known(call: Call, connection: Connection) -> Stop:
    number = call.path_as(StopPath).stop
    known = await stops.lock_stop(connection, call.town.number, number)
    if known is None:
        raise Refused("not_found", "There is no stop with this number.", field="stop")
    if known.phase(call.now) is Phase.OVER:
        raise Refused("stop_over", field="stop")
    return known
