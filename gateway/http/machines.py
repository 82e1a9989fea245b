"""The cash machines' own API (専用チャージ機): a deposit is announced, confirmed or cancelled.

Every request is signed with the machine's own key, whose id is the machine's name, and may be
repeated: a machine that heard no answer sends the same again, or asks. Another machine's deposits
are not found.
"""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from config.profile import Way
from gateway.http.call import Call
from gateway.http.loads import SIGNED_ERRORS, ProviderPath, desk_of, signed_by_provider
from gateway.protocol import api_loads
from gateway.providers.interface import Provider
from gateway.providers.machines import CashMachines
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import codes, loads
from ledger.load_states import Direction, State, Word
from ledger.loads import Heard, LoadOrder, NewOrder, Source

ANNOUNCE_ERRORS = (
    *SIGNED_ERRORS,
    *("code_unknown", "code_expired", "code_used", "code_wrong_purpose", "amount_required"),
    "id_reused",
)


class DepositPath(Struct, frozen=True):
    provider: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    id: UUID


async def announce(call: Call) -> api_loads.Deposit:
    """A machine has read a wallet's code: so much cash is to come, for that wallet."""
    provider, machine = _machine(call, call.path_as(ProviderPath).provider)
    body = call.body_as(api_loads.AnnounceDeposit)
    known = await loads.order(call.context.pool, call.town.number, body.id)
    if known is not None:
        if (known.provider, known.machine) != (provider.code, machine):
            raise Refused("id_reused", field="id")
        return _shown(known)
    order = await desk_of(call).open(await _new(call, provider, machine, body))
    if order is None:
        raise Refused("code_used", field="code")
    return _shown(order)


async def confirm(call: Call) -> api_loads.Deposit:
    """The cash is in the machine: what becomes of it."""
    order = await _deposit(call)
    amount = call.body_as(api_loads.ConfirmDeposit).amount
    word = Word.PAID if amount == order.their_amount else Word.MISPAID
    reason = "" if word is Word.PAID else f"paid {amount}"
    heard = Heard(word, Source.MACHINE, reason=reason, paid_at=call.now)
    return _shown(await desk_of(call).hear_out(order, heard))


async def cancel(call: Call) -> api_loads.Deposit:
    """The machine holds no cash of this deposit (any more)."""
    order = await _deposit(call)
    word = Word.REFUNDED if order.state is State.REFUNDING else Word.FAILED
    return _shown(await desk_of(call).hear(order, Heard(word, Source.MACHINE, reason="cancelled")))


async def deposit(call: Call) -> api_loads.Deposit:
    """How far a deposit is."""
    return _shown(await _deposit(call))


async def _new(
    call: Call, provider: Provider, machine: str, body: api_loads.AnnounceDeposit
) -> NewOrder:
    """The deposit that a wallet's code asks for.

    Raises:
        Refused: the code is not one to top up with now, or its amount is not one for machines.
    """
    state = None
    if codes.is_well_formed(body.code):
        state = await codes.read_code(call.context.pool, call.town.number, body.code)
    if state is None:
        raise Refused("code_unknown", field="code")
    if state.used:
        raise Refused("code_used", field="code")
    if state.expires_at <= call.now:
        raise Refused("code_expired", field="code")
    if state.purpose != "top_up":
        raise Refused(
            "code_wrong_purpose",
            "The code is for paying; have the wallet show one to top up with.",
            field="code",
        )
    if state.amount is None:
        raise Refused("amount_required", field="code")
    way = _way(call, provider, state.amount)
    return NewOrder(
        id=body.id,
        direction=Direction.IN,
        way=way.code,
        provider=provider.code,
        wallet=state.wallet,
        amount=state.amount,
        their_amount=state.amount,
        expires_at=call.now + timedelta(seconds=provider.settings.order_ttl_s),
        machine=machine,
        code=body.code,
    )


def _way(call: Call, provider: Provider, amount: int) -> Way:
    """The town's way by these machines.

    Raises:
        Refused: ``not_found``: there is none; ``invalid``: the amount is not one for it.
    """
    for way in call.town.profile.ways:
        if way.provider == provider.code:
            if not way.min <= amount <= way.max or amount % way.step:
                raise Refused(
                    "invalid",
                    f"Machines take {way.min} to {way.max} yen in steps of {way.step}; the code is "
                    f"for {amount}.",
                    field="code",
                )
            return way
    raise Refused("not_found", "This town has no such machines.", field="provider")


def _machine(call: Call, code: str) -> tuple[Provider, str]:
    """Who makes the machines, and which one of them has signed the request."""
    provider, key = signed_by_provider(call, code)
    if not isinstance(provider, CashMachines):
        raise Refused("not_found", "These are no cash machines.", field="provider")
    return provider, key


async def _deposit(call: Call) -> LoadOrder:
    path = call.path_as(DepositPath)
    provider, machine = _machine(call, path.provider)
    order = await loads.order(call.context.pool, call.town.number, path.id)
    if order is None or (order.provider, order.machine) != (provider.code, machine):
        raise Refused("not_found", "There is no such deposit.", field="id")
    return order


def _shown(order: LoadOrder) -> api_loads.Deposit:
    return api_loads.Deposit(
        id=order.id,
        amount=order.amount,
        state=order.state,
        reason=order.reason,
        expires_at=milliseconds(order.expires_at),
    )
