"""Sending value to another person (N16): finding them. The command itself comes by websocket."""

from datetime import timedelta

from gateway.http.call import Call
from gateway.protocol.api_sending import FindRecipient, ReceiveCode, Recipient
from gateway.receiving import MARK, ReceiveCodes
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import identity, persons
from ledger.identity import Guarded, LockoutPolicy
from ledger.persons import Person

RECIPIENT_ERRORS = ("recipient_unknown", "not_sendable")

# Numbers that nobody has: a wallet may ask after ten, then wait an hour, then a day each time.
PROBING = LockoutPolicy(10, (3_600, 86_400), timedelta(days=30))


async def receive(call: Call) -> ReceiveCode:
    """A code to show to whoever wants to send to this wallet."""
    _sending(call)
    context, town = call.context, call.town
    codes = ReceiveCodes(context.settings.secret)
    code, expires_at = codes.write(town.number, call.session.account, call.now)
    text = f"{context.settings.public_url}/{town.code}/wallet{MARK}{code}"
    return ReceiveCode(text, milliseconds(expires_at))


async def find_recipient(call: Call) -> Recipient:
    """Who has this phone number, or showed this code; nobody hears more than a masked name."""
    _sending(call)
    body = call.body_as(FindRecipient)
    if (body.phone is None) == (body.text is None):
        raise Refused("invalid", "Give either phone or text.", field="phone")
    if body.text is not None:
        person = await _by_code(call, body.text)
    else:
        assert body.phone is not None
        person = await _by_phone(call, body.phone)
    if person is None:
        raise Refused("recipient_unknown", field="phone" if body.text is None else "text")
    return Recipient(person.wallet, masked(person.name))


def masked(name: str) -> str:
    """The beginning of each part of a name: 長岡 花子 becomes 長○ 花○; of one letter, nothing."""
    return " ".join(f"{part[0]}○" if len(part) > 1 else "○" for part in name.split())


def _sending(call: Call) -> None:
    if call.town.profile.sending is None:
        raise Refused("not_sendable")


async def _by_code(call: Call, text: str) -> Person | None:
    wallet = ReceiveCodes(call.context.settings.secret).read(call.town.number, text, call.now)
    if wallet is None or wallet == call.session.account:
        return None
    pool, vault = call.context.pool, call.context.auth.vault
    return await persons.person_by_wallet(pool, vault, call.town.number, wallet)


async def _by_phone(call: Call, phone: str) -> Person | None:
    """The holder of a number. Misses are counted for all gateways; hits go by a slow rate."""
    context, town, account = call.context, call.town.number, str(call.session.account)
    call.limit(context.limits.recipient, f"{town}/{account}")
    locked = await identity.locked_until(context.pool, town, Guarded.RECIPIENT, account, call.now)
    if locked is not None:
        wait_ms = round((locked - call.now) / timedelta(milliseconds=1))
        raise Refused("too_fast", retry_after_ms=wait_ms)
    person = await persons.person_by_phone(
        context.pool, context.auth.vault, town, identity.normal_phone(phone)
    )
    if person is not None and person.wallet != call.session.account:
        return person
    await identity.attempt(context.pool, town, Guarded.RECIPIENT, account, PROBING, call.now)
    return None
