"""Shops apply to take part (C8): by a public form, whose phone is proved by a code.

What keeps it from being flooded: the code by SMS, which is counted for all gateways (`people`), few
beginnings an address, few open applications a phone, and a bound on what waits in a town.
"""

from gateway.http.call import Call
from gateway.http.shop_details import checked_contact, checked_details, details_info
from gateway.protocol import api
from gateway.protocol import api_joining as joining
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger.database import Connection, transaction
from ledger.digits import printed
from ledger.shops import applications, notes
from ledger.shops.applications import Application, ShopApplicationRefused, WhyNot
from ledger.shops.notes import Note

REFUSALS = {
    WhyNot.UNKNOWN: "application_unknown",
    WhyNot.TWICE: "already_applied",
    WhyNot.TOO_MANY: "too_many_applications",
    WhyNot.DECIDED: "application_settled",
    WhyNot.OPEN: "application_open",
    WhyNot.NOTES: "too_many_notes",
}


def refusal(refused: ShopApplicationRefused) -> Refused:
    """Why not, as the API tells it."""
    return Refused(REFUSALS[refused.why])


async def start(call: Call) -> api.Challenge:
    """Sends a code to the phone of somebody who wants to apply for a shop."""
    call.limit(call.context.limits.joining, call.address)
    phone = call.body_as(joining.JoinStart).phone
    return await call.context.auth.doors.prove_phone(call.town.number, phone, call.now)


async def apply(call: Call) -> joining.JoinApplied:
    """Takes an application; what is wrong with it is told before the code is used."""
    body, town, auth = call.body_as(joining.Join), call.town, call.context.auth
    details = checked_details(town.profile, body.shop)
    unproved = checked_contact(body.applicant, "")
    phone = await auth.doors.proven_phone(town.number, body.challenge, body.code, call.now)
    contact = type(unproved)(unproved.person, phone, unproved.email, unproved.bank_account)
    try:
        async with transaction(call.context.pool) as connection:
            receipt = await applications.apply(
                connection, auth.vault, town.number, details, contact, call.now
            )
    except ShopApplicationRefused as refused:
        raise refusal(refused) from refused
    return joining.JoinApplied(printed(receipt))


async def status(call: Call) -> joining.JoinStatus:
    """How far an application is, for whoever has its receipt and its phone."""
    body = call.body_as(joining.JoinReceipt)
    async with transaction(call.context.pool) as connection:
        found = await _found(call, connection, body.receipt, body.phone)
        return await _status(call, connection, found)


async def answer(call: Call) -> joining.JoinStatus:
    """Answers the operator's question; then it waits for the operator again."""
    body, town, vault = call.body_as(joining.JoinAnswer), call.town, call.context.auth.vault
    corrected = None
    if body.corrected is not None:
        details = checked_details(town.profile, body.corrected.shop)
        corrected = (details, checked_contact(body.corrected.applicant, ""))
    async with transaction(call.context.pool) as connection:
        found = await _found(call, connection, body.receipt, body.phone)
        try:
            await applications.answer(
                connection, vault, town.number, found, body.text, corrected, call.now
            )
        except ShopApplicationRefused as refused:
            raise refusal(refused) from refused
        found = await _found(call, connection, body.receipt, body.phone)
        return await _status(call, connection, found)


async def withdraw(call: Call) -> joining.JoinStatus:
    """Takes an application back."""
    body = call.body_as(joining.JoinReceipt)
    async with transaction(call.context.pool) as connection:
        found = await _found(call, connection, body.receipt, body.phone)
        try:
            await applications.withdraw(connection, call.town.number, found, call.now)
        except ShopApplicationRefused as refused:
            raise refusal(refused) from refused
        found = await _found(call, connection, body.receipt, body.phone)
        return await _status(call, connection, found)


def note_info(note: Note) -> joining.JoinNote:
    """Something that was written, as it is told."""
    by = "applicant" if note.by_applicant else "operator"
    return joining.JoinNote(by, milliseconds(note.at), note.text)


async def _found(call: Call, connection: Connection, receipt: str, phone: str) -> Application:
    vault, town = call.context.auth.vault, call.town.number
    try:
        return await applications.by_receipt(connection, vault, town, receipt, phone)
    except ShopApplicationRefused as refused:
        raise refusal(refused) from refused


async def _status(call: Call, connection: Connection, found: Application) -> joining.JoinStatus:
    vault, town, decided_at = call.context.auth.vault, call.town.number, found.decided_at
    written = await notes.notes(connection, vault, town, found.application)
    return joining.JoinStatus(
        state=found.state.value,
        shop=details_info(found.details),
        applied_at=milliseconds(found.applied_at),
        decided_at=None if decided_at is None else milliseconds(decided_at),
        notes=[note_info(note) for note in written],
    )
