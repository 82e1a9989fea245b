"""What a department's own system asks for, signed with its key: grants, each by its own id.

The system is kept as acquirers are (`gateway.acquirers`): it signs in the same way and its ids mean
one thing for ever. What it may do differs: it grants for the programmes that it was allowed
(``koban programmes allow``), within their budgets, and nothing else.
"""

from functools import partial

from msgspec import Struct

from gateway.asking import ask
from gateway.counter import Trouble
from gateway.http.call import Call
from gateway.protocol import api_programmes as api
from gateway.protocol.api_acquirer import Reference
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import programmes, recipients, system_grants
from ledger.outcomes import Outcome
from ledger.recipients import RecipientWrong
from ledger.requests import Kind, Request, request_digest
from ledger.vault import Vault

ASK_AGAIN_MS = 2_000


class SystemGrantPath(Struct, frozen=True):
    id: Reference


async def grant(call: Call) -> api.SystemGrant:
    """Grants once, however often the same is asked for. Returns only when it is granted."""
    body, town, system = call.body_as(api.AskGrant), call.town, call.acquirer
    if system.state != "open":
        raise Refused("acquirer_closed")
    pool = call.context.pool
    known = await system_grants.standing(pool, town.number, system.acquirer, body.id)
    if known is None and not await programmes.may_give(
        pool, town.number, system.acquirer, body.activity
    ):
        raise Refused(
            "activity_not_yours",
            "Your key gives for no such activity; ask the town's office to allow its programme.",
            field="activity",
        )
    request = Request(
        call.context.acquirer_ids.grant(town.code, system.code, body.id)
        if known is None
        else known.id,
        Kind.GRANT,
        wallet=await _wallet(call, body.recipient),
        way=body.activity,
        amount=body.amount,
    )
    if known is None and not await system_grants.see(
        pool, town.number, system.acquirer, body.id, request, call.now
    ):
        known = await system_grants.standing(pool, town.number, system.acquirer, body.id)
    if known is not None and known.request_digest != request_digest(request):
        raise Refused("id_reused", field="id")
    answer = await ask(partial(call.context.live.submit, town.number), request)
    if isinstance(answer, Trouble):
        raise Refused("undecided", retry_after_ms=ASK_AGAIN_MS)
    if answer.outcome is not Outcome.DONE:
        raise Refused(answer.outcome.value)
    return await _standing(call, body.id)


async def granted(call: Call) -> api.SystemGrant:
    """Where a grant stands."""
    return await _standing(call, call.path_as(SystemGrantPath).id)


async def _wallet(call: Call, recipient: str) -> int:
    vault = Vault.of(call.context.settings)
    try:
        found = await recipients.find_one(call.context.pool, vault, call.town.number, recipient)
    except RecipientWrong:
        raise Refused(
            "invalid",
            "A recipient is a phone number, a wallet's number, or an IC card's of 16 digits.",
            field="recipient",
        ) from None
    # A frozen wallet is the ledger's to refuse, by the outcome that everybody knows.
    if found.wallet is None or found.problem == "card_blocked":
        raise Refused("recipient_unknown", field="recipient")
    return found.wallet


async def _standing(call: Call, reference: str) -> api.SystemGrant:
    found = await system_grants.standing(
        call.context.pool, call.town.number, call.acquirer.acquirer, reference
    )
    if found is None:
        raise Refused("not_found", "No grant with this id was asked for.", field="id")
    return api.SystemGrant(
        id=reference,
        activity=found.activity,
        wallet=found.wallet,
        amount=found.granted or found.amount,
        outcome=None if found.outcome is None else found.outcome.value,
        entry=found.entry,
        at=None if found.at is None else milliseconds(found.at),
    )
