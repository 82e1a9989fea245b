"""What operators see and do about load orders: what hangs, asking again, reconciling a day."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.days import check_day
from gateway.http.loads import ProviderPath, desk_of, members_of, shown
from gateway.http.queries import Page, PaymentPath
from gateway.protocol import api_loads
from gateway.providers.interface import DayFileAbsent
from gateway.providers.reconciliation import (
    Difference,
    FileUnreadable,
    Reconciliation,
    reconcile,
)
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import loads
from ledger.load_states import State
from ledger.loads import LoadOrder

States = Annotated[str, Meta(pattern=r"^[a-z]+(,[a-z]+)*$", max_length=200)]


class LoadLinesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``state``: only orders in these states, with commas; ``hanging``: in none that is settled.

    ``attention``: 1, only those that a person has to look at. ``before``: only older ones.
    """

    state: States | None = None
    attention: Annotated[int, Meta(ge=0, le=1)] = 0
    before: UUID | None = None
    limit: Page = 50


def line(order: LoadOrder, credited: Mapping[UUID, str]) -> api_loads.LoadLine:
    """An order as operators see it."""
    return api_loads.LoadLine(
        load=shown(order, credited),
        wallet=order.wallet,
        provider=order.provider,
        reference=order.reference,
        attention=order.attention,
        paid_at=milliseconds(order.paid_at) if order.paid_at else None,
        looks=order.looks,
        look_at=milliseconds(order.look_at) if order.look_at else None,
    )


async def list_loads(call: Call) -> api_loads.LoadLines:
    """The town's orders, newest first."""
    query = call.query_as(LoadLinesQuery)
    before = await _order(call, query.before) if query.before else None
    found = await loads.orders(
        call.context.pool,
        call.town.number,
        _states(query.state),
        before,
        query.limit,
        attention=bool(query.attention),
        hanging=query.state == "hanging",
    )
    credited = await members_of(call, found)
    return api_loads.LoadLines(
        [line(order, credited) for order in found],
        next=found[-1].id if len(found) == query.limit else None,
    )


async def load_log(call: Call) -> api_loads.LoadLog:
    """One order, with everything that was heard about it."""
    order = await _order(call, call.path_as(PaymentPath).id)
    steps = await loads.steps(call.context.pool, call.town.number, order.id)
    return api_loads.LoadLog(
        await _line(call, order),
        [
            api_loads.LoadStep(
                milliseconds(step.at),
                *(step.source, step.word, step.from_state, step.to_state, step.detail),
            )
            for step in steps
        ],
    )


async def ask_again(call: Call) -> api_loads.LoadLine:
    """Goes on with an order at once: asks its provider, or does what is owed."""
    order = await _order(call, call.path_as(PaymentPath).id)
    after = await desk_of(call).go_on(order)
    async with acting(call) as act:
        await act.record(
            "load.asked",
            f"load:{order.id}",
            before={"state": order.state},
            after={"state": after.state, "attention": after.attention},
        )
    return await _line(call, await _order(call, order.id))


async def looked_at(call: Call) -> api_loads.LoadLine:
    """A person has looked at what contradicted, and takes it off the list. What is heard meanwhile
    keeps it there.
    """
    order = await _order(call, call.path_as(PaymentPath).id)
    async with acting(call) as act:
        await loads.settle_attention(act.connection, call.town.number, order)
        await act.record(
            "load.looked_at",
            f"load:{order.id}",
            before={"attention": order.attention},
            after={"attention": ""},
        )
    return await _line(call, await _order(call, order.id))


async def reconcile_day(call: Call) -> api_loads.Reconciled:
    """Compares a day with the provider's file, and asks about what differs."""
    code, body = call.path_as(ProviderPath).provider, call.body_as(api_loads.Reconcile)
    check_day(body.date, "date")
    desk = desk_of(call)
    provider = desk.providers.get(code)
    if provider is None:
        raise Refused("not_found", "No provider of this name is set up.", field="provider")
    try:
        if body.lines is None:
            text = await provider.day_file(body.date)
        else:
            text = "\n".join(body.lines)
        found = await reconcile(
            call.context.pool, call.town.number, call.town.zone, desk, code, body.date, text
        )
    except DayFileAbsent as error:
        raise Refused("file_absent", f"{error}.") from None
    except FileUnreadable as error:
        raise Refused("invalid", f"The file: {error}.", field="lines") from None
    async with acting(call) as act:
        await act.record(
            "provider.reconciled",
            f"provider:{code}",
            after={
                "date": body.date.isoformat(),
                "lines": found.lines,
                "differences": len(found.differences),
                "settled": sum(each.settled for each in found.differences),
            },
        )
    return told(found)


def told(found: Reconciliation) -> api_loads.Reconciled:
    """A reconciliation as the console tells it."""
    return api_loads.Reconciled(
        provider=found.provider,
        date=found.date,
        lines=found.lines,
        agreed=found.agreed,
        differences=[_told(each) for each in found.differences],
    )


def _told(difference: Difference) -> api_loads.Difference:
    theirs, order = difference.line, difference.order
    return api_loads.Difference(
        kind=difference.kind,
        reference=theirs.reference if theirs else order.reference if order else "",
        order=order.id if order else None,
        state=order.state if order else "",
        amount=order.their_amount if order else None,
        their_state=theirs.state if theirs else "",
        their_amount=theirs.amount if theirs else None,
        settled=difference.settled,
    )


def _states(text: str | None) -> list[State] | None:
    """The states that a query names.

    Raises:
        Refused: ``invalid``: it names another one.
    """
    if text in {None, "hanging"}:
        return None
    known = {state.value for state in State}
    if not set(text.split(",")) <= known:
        raise Refused(
            "invalid",
            f"State must be hanging, or some of {', '.join(sorted(known))}.",
            field="state",
        )
    return [State(name) for name in text.split(",")]


async def _line(call: Call, order: LoadOrder) -> api_loads.LoadLine:
    return line(order, await members_of(call, [order]))


async def _order(call: Call, id: UUID) -> LoadOrder:  # noqa: A002
    order = await loads.order(call.context.pool, call.town.number, id)
    if order is None:
        raise Refused("not_found", "There is no such order.", field="id")
    return order
