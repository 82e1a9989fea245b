"""Grants that systems ask for, by a key or by a citizen's consent: once an id, for ever."""

from functools import partial
from uuid import UUID

from msgspec import Struct

from gateway.asking import ask
from gateway.counter import Trouble
from gateway.http.call import Call
from gateway.refused import Refused
from ledger import programmes, system_grants
from ledger.acquirers import Acquirer
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request, request_digest
from ledger.system_grants import SystemGrant

ASK_AGAIN_MS = 2_000


class Wish(Struct, frozen=True):
    """What a system wants to give. ``reference``: its own id for it; ``amount``: None where the
    activity's. ``known``: what was asked for under this id before.
    """

    system: Acquirer
    reference: str
    activity: str
    amount: int | None
    known: SystemGrant | None


async def wish(
    call: Call, system: Acquirer, reference: str, activity: str, amount: int | None
) -> Wish:
    """What a system may ask for; what it asked for before it may ask again.

    Raises:
        Refused: ``acquirer_closed``, ``activity_not_yours``.
    """
    if system.state != "open":
        raise Refused("acquirer_closed")
    pool, town = call.context.pool, call.town.number
    known = await system_grants.standing(pool, town, system.acquirer, reference)
    if known is None and not await programmes.may_give(pool, town, system.acquirer, activity):
        raise Refused(
            "activity_not_yours",
            "Your system gives for no such activity; ask the town's office to allow its programme.",
            field="activity",
        )
    return Wish(system, reference, activity, amount, known)


async def give(call: Call, wanted: Wish, wallet: int, field: str) -> None:
    """Grants once, however often the same is asked for; returns only when it is granted. ``field``
    is what the system's id is called.

    Raises:
        Refused: ``id_reused``, ``undecided``, or the ledger's outcome.
    """
    pool, town, system = call.context.pool, call.town, wanted.system
    known, reference = wanted.known, wanted.reference
    request = Request(
        call.context.acquirer_ids.grant(town.code, system.code, reference)
        if known is None
        else known.id,
        Kind.GRANT,
        wallet=wallet,
        way=wanted.activity,
        amount=wanted.amount,
    )
    if known is None and not await system_grants.see(
        pool, town.number, system.acquirer, reference, request, call.now
    ):
        known = await system_grants.standing(pool, town.number, system.acquirer, reference)
    if known is not None and known.request_digest != request_digest(request):
        raise Refused("id_reused", field=field)
    await decided(call, request)


async def take_back(call: Call, system: Acquirer, reference: str, granted: SystemGrant) -> None:
    """Takes back what is unspent of a grant, once; returns only when that is decided.

    Raises:
        Refused: ``undecided``, ``value_spent``, ``payment_unknown`` where it was never granted.
    """
    pool, town = call.context.pool, call.town
    activity = await programmes.activity(pool, town.number, granted.activity)
    if granted.outcome is not Outcome.DONE or activity is None:
        raise Refused("payment_unknown", "Nothing was granted under this key.", field="key")
    id_: UUID = call.context.acquirer_ids.reclaim(town.code, system.code, reference)
    await decided(call, Request(id_, Kind.RECLAIM, refers=granted.id, shop=activity.fund))


async def decided(call: Call, request: Request) -> None:
    """Brings a request to the counter; returns when it is done.

    Raises:
        Refused: ``undecided``, or the ledger's outcome.
    """
    answer = await ask(partial(call.context.live.submit, call.town.number), request)
    if isinstance(answer, Trouble):
        raise Refused("undecided", retry_after_ms=ASK_AGAIN_MS)
    if answer.outcome is not Outcome.DONE:
        raise Refused(answer.outcome.value)
