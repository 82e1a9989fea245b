"""Topping up by way of a provider, and exchanging outwards: the wallet's doors, and callbacks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from config.profile import Way
from gateway.http.call import Call
from gateway.http.queries import Page, PaymentPath
from gateway.pins import PinMemory
from gateway.protocol import api_loads
from gateway.providers.desk import Desk
from gateway.providers.exchange import their_amount
from gateway.providers.interface import OrderAnswer, Provider
from gateway.providers.machines import CashMachines
from gateway.providers.signatures import SignatureRefused
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import loads, members, reading, rights
from ledger.load_states import Direction
from ledger.loads import LoadOrder, NewOrder

OPEN_ERRORS = ("id_reused", "way_unknown", "way_closed", "over_balance_cap")
RIGHT_ERRORS = ("right_required", "over_right")
PIN_ERRORS = ("pin_wrong", "pin_locked", "busy")
SIGNED_ERRORS = ("signature_wrong",)


class LoadsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only orders older than this one; without it, the newest."""

    before: UUID | None = None
    limit: Page = 50


class ProviderPath(Struct, frozen=True):
    provider: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


async def members_of(call: Call, orders: Sequence[LoadOrder]) -> dict[UUID, str]:
    """Whom other companies credit for those of these orders that go out."""
    out = [order.id for order in orders if order.direction is Direction.OUT]
    if not out:
        return {}
    pool, vault = call.context.pool, call.context.auth.vault
    return await members.members(pool, vault, call.town.number, out)


def shown(order: LoadOrder, credited: Mapping[UUID, str]) -> api_loads.Load:
    """An order as its wallet sees it."""
    return api_loads.Load(
        id=order.id,
        direction=order.direction,
        way=order.way,
        amount=order.amount,
        their_amount=order.their_amount,
        state=order.state,
        url=order.url,
        number=order.number,
        reason=order.reason,
        member=credited.get(order.id, order.machine),
        opened_at=milliseconds(order.opened_at),
        changed_at=milliseconds(order.changed_at),
        expires_at=milliseconds(order.expires_at),
    )


def desk_of(call: Call) -> Desk:
    """The town's desk on this gateway."""
    return call.context.desks[call.town.number]


def way_of(call: Call, code: str) -> Way:
    """The way of this name by which value comes from, or goes to, a provider.

    Raises:
        Refused: ``way_unknown``.
    """
    ways = [way for way in call.town.profile.ways if way.kind in {"provider", "exchange"}]
    for way in ways:
        if way.code == code:
            return way
    known = ", ".join(way.code for way in ways) or "none"
    raise Refused("way_unknown", f"There is no such way by a provider; there are: {known}.")


async def ways(call: Call) -> api_loads.Ways:
    """The town's ways of topping up; those of providers that are not set up here are closed."""
    providers = desk_of(call).providers
    return api_loads.Ways(
        [
            api_loads.WayInfo(
                code=way.code,
                kind=way.kind,
                name=way.name,
                instrument=way.instrument,
                min=way.min,
                max=way.max,
                step=way.step,
                rate_numerator=way.rate_numerator,
                rate_denominator=way.rate_denominator,
                out=way.out,
                at_machine=isinstance(providers.get(way.provider or ""), CashMachines),
                open=way.provider is None or way.provider in providers,
            )
            for way in call.town.profile.ways
        ]
    )


async def open_load(call: Call) -> api_loads.Load:
    """Orders value from a provider; what the user does next is in the answer."""
    body = call.body_as(api_loads.OpenLoad)
    way = way_of(call, body.way)
    new = _new(call, way, Direction.IN, body.id, body.amount)
    if isinstance(desk_of(call).providers[new.provider], CashMachines):
        raise Refused("way_unknown", "Cash machines begin a deposit themselves: go to one.")
    return await _opened(call, new)


async def open_unload(call: Call) -> api_loads.Load:
    """Sends value out to another company; it leaves the wallet before they are told."""
    body = call.body_as(api_loads.OpenUnload)
    way = way_of(call, body.way)
    if not way.out:
        raise Refused("way_unknown", "This way only comes in.", field="way")
    new = _new(call, way, Direction.OUT, body.id, body.amount, member=body.member)
    verdict = await call.context.auth.pins.verify(
        call.town.number, call.session.account, body.pin, PinMemory(), call.now
    )
    if verdict.locked_until is not None:
        wait_ms = milliseconds(verdict.locked_until) - milliseconds(call.now)
        raise Refused("pin_locked", retry_after_ms=max(wait_ms, 1))
    if not verdict.right:
        raise Refused("pin_wrong", field="pin", attempts_left=verdict.attempts_left)
    return await _opened(call, new)


async def load(call: Call) -> api_loads.Load:
    """One order of this wallet, by its id."""
    order = await _own(call, call.path_as(PaymentPath).id)
    return shown(order, await members_of(call, [order]))


async def list_loads(call: Call) -> api_loads.Loads:
    """The wallet's orders, newest first."""
    query = call.query_as(LoadsQuery)
    before = await _own(call, query.before) if query.before else None
    found = await loads.orders_of(
        call.context.pool, call.town.number, call.session.account, before, query.limit
    )
    credited = await members_of(call, found)
    return api_loads.Loads(
        [shown(order, credited) for order in found],
        next=found[-1].id if len(found) == query.limit else None,
    )


async def called_back(call: Call) -> api_loads.CalledBack:
    """A provider tells of an order of its own accord."""
    provider, _ = signed_by_provider(call, call.path_as(ProviderPath).provider)
    if isinstance(provider, CashMachines):
        # One machine's key would speak for all of them here; each speaks of its own deposits.
        raise Refused("not_found", "Cash machines confirm their deposits.", field="provider")
    order = await desk_of(call).called_back(provider, call.body_as(OrderAnswer))
    if order is None:
        raise Refused("not_found", "There is no such order by this provider.", field="order")
    return api_loads.CalledBack(order.state)


def signed_by_provider(call: Call, code: str) -> tuple[Provider, str]:
    """The provider that has signed the request, and the id of the key.

    Raises:
        Refused: ``not_found``: no such provider; ``signature_wrong``, with what is wrong.
    """
    provider = desk_of(call).providers.get(code)
    if provider is None:
        raise Refused("not_found", "No provider of this name is set up.", field="provider")
    request = call.request
    target = request.scope["raw_path"].decode("ascii", "replace")
    if request.url.query:
        target += f"?{request.url.query}"
    try:
        key = provider.verify(request.headers, request.method, target, call.raw_body)
    except SignatureRefused as error:
        raise Refused("signature_wrong", f"{error}.") from None
    return provider, key


def _new(
    call: Call,
    way: Way,
    direction: Direction,
    id: UUID,  # noqa: A002 - the word of the messages.
    amount: int,
    member: str = "",
) -> NewOrder:
    """An order for this wallet, its amount within the way's bounds.

    Raises:
        Refused: ``invalid``, ``way_closed``.
    """
    assert way.provider is not None
    provider = desk_of(call).providers.get(way.provider)
    if provider is None:
        raise Refused("way_closed", field="way")
    if not way.min <= amount <= way.max or amount % way.step:
        raise Refused(
            "invalid",
            f"By this way {way.min} to {way.max} yen go in steps of {way.step}.",
            field="amount",
        )
    theirs = their_amount(way, amount)
    if theirs is None:
        rate = f"{way.rate_numerator} of ours for {way.rate_denominator} of theirs"
        raise Refused("invalid", f"At {rate} this amount leaves a remainder.", field="amount")
    return NewOrder(
        id=id,
        direction=direction,
        way=way.code,
        provider=way.provider,
        wallet=call.session.account,
        amount=amount,
        their_amount=theirs,
        expires_at=call.now + timedelta(seconds=provider.settings.order_ttl_s),
        member=member,
    )


async def _check_cap(call: Call, amount: int) -> None:
    """Refuses what would have to be refunded, as far as can be told now. The ledger itself decides
    when the money has come.
    """
    cap = call.town.profile.limits.balance_cap
    held = await reading.balance(
        call.context.pool, call.town.number, call.session.account, call.now
    )
    if held is not None and held.total + amount > cap:
        raise Refused(
            "over_balance_cap", f"A wallet holds at most {cap} yen in this town.", field="amount"
        )


async def _check_right(call: Call, new: NewOrder) -> None:
    """Refuses who may not buy, before they pay for what would have to be refunded. The ledger
    itself decides when the money has come.
    """
    if not any(way.code == new.way and way.needs_right for way in call.town.profile.ways):
        return
    found = await rights.rights(call.context.pool, call.town.number, new.wallet, call.now)
    if not found:
        raise Refused("right_required", "This needs a place that you were awarded.", field="way")
    most = max(right.left for right in found)
    if new.amount > most:
        raise Refused("over_right", f"Your right is good for {most} yen more.", field="amount")


async def _opened(call: Call, new: NewOrder) -> api_loads.Load:
    """Opens the order, or finds it open.

    Raises:
        Refused: ``id_reused``, ``too_fast``, ``over_balance_cap``, ``right_required``,
            ``over_right``.
    """
    if await loads.order(call.context.pool, call.town.number, new.id) is None:
        call.limit(call.context.limits.order, f"{call.town.number}/{new.wallet}")
        if new.direction is Direction.IN:
            await _check_cap(call, new.amount)
            await _check_right(call, new)
    order = await desk_of(call).open(new)
    if order is None:
        raise Refused("id_reused", field="id")
    return shown(order, {order.id: new.member})


async def _own(call: Call, id: UUID) -> LoadOrder:  # noqa: A002
    order = await loads.order(call.context.pool, call.town.number, id)
    if order is None or order.wallet != call.session.account:
        raise Refused("not_found", "There is no such order of this wallet.", field="id")
    return order
