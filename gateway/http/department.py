"""What a department's own system asks for, signed with its key: grants, each by its own id.

The system is kept as acquirers are (`gateway.acquirers`): it signs in the same way and its ids mean
one thing for ever. What it may do differs: it grants for the programmes that it was allowed
(``koban programmes allow``), within their budgets, and nothing else.
"""

from msgspec import Struct

from gateway.http import system_granting
from gateway.http.call import Call
from gateway.protocol import api_programmes as api
from gateway.protocol.api_acquirer import Reference
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import recipients, system_grants
from ledger.recipients import RecipientWrong
from ledger.vault import Vault


class SystemGrantPath(Struct, frozen=True):
    id: Reference


async def grant(call: Call) -> api.SystemGrant:
    """Grants once, however often the same is asked for. Returns only when it is granted."""
    body = call.body_as(api.AskGrant)
    wanted = await system_granting.wish(call, call.acquirer, body.id, body.activity, body.amount)
    await system_granting.give(call, wanted, await _wallet(call, body.recipient), "id")
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
