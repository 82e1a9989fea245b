"""What a civic platform asks for, for the citizen whose access token it shows (A2)."""

import re
from contextlib import suppress

from msgspec import Struct

from gateway.http import system_granting
from gateway.http.call import Call
from gateway.jobs.civic import tell_soon
from gateway.protocol import api_civic as api
from gateway.protocol.api_acquirer import Reference
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import clients, persons, reading, system_grants
from ledger.errors import LedgerError

KEY = re.compile(r'(?P<quote>"?)(?P<key>[A-Za-z0-9_-]{1,64})(?P=quote)')


class CivicGrantPath(Struct, frozen=True):
    key: Reference


async def citizen(call: Call) -> api.Citizen:
    """Who has linked, by the name that the wallet has."""
    linked = call.linked
    person = await persons.person_by_wallet(
        call.context.pool, call.context.auth.vault, call.town.number, linked.wallet
    )
    if person is None:  # Erased at this moment.
        raise Refused("token_invalid")
    return api.Citizen(linked.subject, person.name)


async def balance(call: Call) -> api.CitizenBalance:
    """What the citizen has, without expiries and without who paid for it."""
    found = await reading.balance(call.context.pool, call.town.number, call.linked.wallet, call.now)
    if found is None:
        raise Refused("not_found", "This wallet is not in the ledger; ask the town's office.")
    parts = [api.KindOfBalance(part.instrument, part.amount) for part in found.parts]
    return api.CitizenBalance(found.total, parts, milliseconds(call.now))


async def grant(call: Call) -> api.CivicGrant:
    """Grants once, however often the same is asked for. Returns only when it is granted."""
    given = KEY.fullmatch(call.request.headers.get("idempotency-key", ""))
    if given is None:
        raise Refused("key_missing", field="Idempotency-Key")
    body, linked = call.body_as(api.AskCivicGrant), call.linked
    wanted = await system_granting.wish(
        call, linked.client, given["key"], body.activity, body.amount
    )
    await system_granting.give(call, wanted, linked.wallet, "Idempotency-Key")
    return await _told(call, given["key"])


async def granted(call: Call) -> api.CivicGrant:
    """Where a grant to this citizen stands."""
    return await _standing(call, call.path_as(CivicGrantPath).key)


async def take_back(call: Call) -> api.CivicGrant:
    """Takes back what is unspent of a grant to this citizen; asked again, it is the same."""
    key, linked = call.path_as(CivicGrantPath).key, call.linked
    found = await system_grants.standing(
        call.context.pool, call.town.number, linked.client.acquirer, key
    )
    if found is None or found.wallet != linked.wallet:
        raise _unknown()
    await system_granting.take_back(call, linked.client, key, found)
    return await _told(call, key)


async def _told(call: Call, key: str) -> api.CivicGrant:
    """The standing of a grant of which the client is told at once too, if it listens."""
    number, pool, town = call.linked.client.acquirer, call.context.pool, call.town.number
    if await clients.listens(pool, town, number):
        with suppress(LedgerError):  # The look of each minute finds it.
            await tell_soon(pool, town, number)
    return await _standing(call, key)


async def _standing(call: Call, key: str) -> api.CivicGrant:
    linked, pool, town = call.linked, call.context.pool, call.town.number
    found = await system_grants.standing(pool, town, linked.client.acquirer, key)
    if found is None or found.wallet != linked.wallet:
        raise _unknown()
    return api.CivicGrant(
        key=key,
        subject=linked.subject,
        activity=found.activity,
        amount=found.granted or found.amount,
        reversed=await system_grants.taken_back(pool, town, found.id),
        outcome=None if found.outcome is None else found.outcome.value,
        entry=found.entry,
        at=None if found.at is None else milliseconds(found.at),
    )


def _unknown() -> Refused:
    return Refused("not_found", "No grant to this citizen has this key.", field="key")
