"""Programmes, their budgets and their activities (H1)."""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.campaign_terms import GIVEN_KINDS, instant
from gateway.protocol import api_programmes as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import programmes
from ledger.database import Executor
from ledger.programmes import NewActivity, NewProgramme


class ProgrammePath(Struct, frozen=True):
    programme: api.Code


class ActivityPath(Struct, frozen=True):
    activity: api.Code


class ActivitiesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``programme``: only its own."""

    programme: Annotated[str, Meta(max_length=31)] | None = None


# -- programmes ------------------------------------------------------------------------------------


async def list_programmes(call: Call) -> api.Programmes:
    """Every programme, and what is left of each budget."""
    found = await programmes.programmes(call.context.pool, call.town.number)
    return api.Programmes([_programme(call, each, []) for each in found])


async def show_programme(call: Call) -> api.Programme:
    """One programme, and the systems that give for it."""
    found = await _known(call, call.context.pool, call.path_as(ProgrammePath).programme)
    systems = await programmes.systems(call.context.pool, call.town.number, found.programme)
    return _programme(call, found, systems)


async def open_programme(call: Call) -> api.Programme:
    """Opens a programme with a fund and a budget."""
    body, town = call.body_as(api.NewProgramme), call.town
    givable = {each.code: each for each in town.profile.instruments if each.kind in GIVEN_KINDS}
    instrument = givable.get(body.instrument)
    if instrument is None:
        raise Refused(
            "invalid",
            f"There is no such kind of value to give; there are: {', '.join(givable)}.",
            field="instrument",
        )
    new = NewProgramme(body.code, body.department, body.name, instrument.number, body.ceiling)
    async with acting(call) as act:
        opened = await programmes.open_programme(act.connection, town.number, new, call.now)
        if opened is None:
            raise Refused("programme_taken", field="code")
        await act.record(
            "programme.opened",
            f"programme:{body.code}",
            after={
                "department": body.department,
                "title": body.name,
                "instrument": body.instrument,
                "ceiling": body.ceiling,
            },
        )
    return _programme(call, opened, [])


async def set_ceiling(call: Call) -> api.Programme:
    """Changes what a programme may give in all; never below what it has given and promised."""
    code, ceiling = call.path_as(ProgrammePath).programme, call.body_as(api.NewCeiling).ceiling
    async with acting(call) as act:
        found = await _known(call, act.connection, code)
        if not await programmes.set_ceiling(act.connection, call.town.number, found.fund, ceiling):
            least = found.granted + found.reserved
            raise Refused(
                "over_budget",
                f"{least} yen are granted or promised already; the ceiling can be no lower.",
                field="ceiling",
            )
        await act.record(
            "programme.ceiling_changed",
            f"programme:{code}",
            before={"ceiling": found.ceiling},
            after={"ceiling": ceiling},
        )
        changed = await _known(call, act.connection, code)
    return _programme(call, changed, [])


# -- activities ------------------------------------------------------------------------------------


async def list_activities(call: Call) -> api.Activities:
    """Activities, those that begin last first."""
    programme = call.query_as(ActivitiesQuery).programme
    found = await programmes.activities(call.context.pool, call.town.number, programme)
    return api.Activities([_activity(call, each) for each in found])


async def open_activity(call: Call) -> api.Activity:
    """Opens an activity of a programme."""
    body, town = call.body_as(api.NewActivity), call.town.number
    starts_at, ends_at = (
        instant(body.starts_at, call.town.zone, "starts_at"),
        instant(body.ends_at, call.town.zone, "ends_at"),
    )
    if ends_at <= max(starts_at, call.now):
        raise Refused(
            "invalid", "It has to end after it starts, and not before now.", field="ends_at"
        )
    most = body.amount_max or body.amount
    if most is None or (body.amount or 0) > most:
        raise Refused(
            "invalid",
            "Say what taking part is worth (amount), or the most that a grant may say "
            "(amount_max); the former is no more than the latter.",
            field="amount_max",
        )
    async with acting(call) as act:
        programme = await programmes.programme(act.connection, town, body.programme)
        if programme is None:
            raise Refused("invalid", "There is no such programme.", field="programme")
        new = NewActivity(
            body.code,
            programme.programme,
            body.name,
            body.amount,
            most,
            body.per_person,
            starts_at,
            ends_at,
        )
        if not await programmes.open_activity(act.connection, town, new):
            raise Refused("activity_taken", field="code")
        opened = await known_activity(call, act.connection, body.code)
        await act.record(
            "activity.opened",
            f"activity:{body.code}",
            after={
                "programme": body.programme,
                "title": body.name,
                "amount": body.amount,
                "amount_max": most,
                "per_person": body.per_person,
                "starts_at": starts_at.isoformat(),
                "ends_at": ends_at.isoformat(),
            },
        )
    return _activity(call, opened)


async def close_activity(call: Call) -> api.Activity:
    """Ends an activity now; what it granted stays granted."""
    code = call.path_as(ActivityPath).activity
    async with acting(call) as act:
        before = await known_activity(call, act.connection, code)
        if not await programmes.close_activity(act.connection, call.town.number, code, call.now):
            raise Refused("activity_over")
        closed = await known_activity(call, act.connection, code)
        await act.record(
            "activity.closed",
            f"activity:{code}",
            before={"ends_at": before.ends_at.isoformat()},
            after={"ends_at": closed.ends_at.isoformat()},
        )
    return _activity(call, closed)


async def extend_activity(call: Call) -> api.Activity:
    """Lets an activity end at another instant."""
    code, town = call.path_as(ActivityPath).activity, call.town.number
    ends_at = instant(call.body_as(api.ExtendActivity).ends_at, call.town.zone, "ends_at")
    async with acting(call) as act:
        before = await known_activity(call, act.connection, code)
        if not await programmes.extend_activity(act.connection, town, code, ends_at, call.now):
            raise Refused(
                "invalid", "It has to end after it starts, and not before now.", field="ends_at"
            )
        extended = await known_activity(call, act.connection, code)
        await act.record(
            "activity.extended",
            f"activity:{code}",
            before={"ends_at": before.ends_at.isoformat()},
            after={"ends_at": extended.ends_at.isoformat()},
        )
    return _activity(call, extended)


# -- as they are shown -----------------------------------------------------------------------------


async def known_activity(call: Call, pool: Executor, code: str) -> programmes.Activity:
    """The activity with this code.

    Raises:
        Refused: ``not_found``.
    """
    found = await programmes.activity(pool, call.town.number, code)
    if found is None:
        raise Refused("not_found", "There is no such activity.", field="activity")
    return found


def budget(found: programmes.Programme) -> api.Budget:
    """A programme's budget as it is shown."""
    return api.Budget(found.ceiling, found.granted, found.reserved, found.left)


async def _known(call: Call, pool: Executor, code: str) -> programmes.Programme:
    found = await programmes.programme(pool, call.town.number, code)
    if found is None:
        raise Refused("not_found", "There is no such programme.", field="programme")
    return found


def _programme(call: Call, found: programmes.Programme, systems: list[str]) -> api.Programme:
    codes = {each.number: each.code for each in call.town.profile.instruments}
    return api.Programme(
        code=found.code,
        department=found.department,
        name=found.name,
        instrument=codes.get(found.instrument, str(found.instrument)),
        fund=found.fund,
        budget=budget(found),
        systems=systems,
    )


def _activity(call: Call, found: programmes.Activity) -> api.Activity:
    return api.Activity(
        code=found.code,
        programme=found.programme,
        name=found.name,
        amount=found.amount,
        amount_max=found.amount_max,
        per_person=found.per_person,
        starts_at=milliseconds(found.starts_at),
        ends_at=milliseconds(found.ends_at),
        open=found.starts_at <= call.now < found.ends_at,
    )
