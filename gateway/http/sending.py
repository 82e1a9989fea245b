"""Sending value to another person (N16): finding them. The command itself comes by websocket."""

from gateway.http.call import Call
from gateway.protocol.api_sending import FindRecipient, Recipient
from gateway.refused import Refused
from ledger import persons

RECIPIENT_ERRORS = ("not_sendable", "recipient_unknown")


async def find_recipient(call: Call) -> Recipient:
    """The wallet of who registered with a phone number; asked slowly, so that nobody collects them.

    Raises:
        Refused: nobody sends anything here, or nobody else has this number.
    """
    call.limit(call.context.limits.recipient, str(call.session.account))
    if call.town.profile.sending is None:
        raise Refused("not_sendable")
    phone, vault = call.body_as(FindRecipient).phone, call.context.auth.vault
    found = await persons.person_by_phone(call.context.pool, vault, call.town.number, phone)
    if found is None or found.wallet == call.session.account:
        raise Refused(
            "recipient_unknown",
            "Nobody else here has this phone number; look at it again.",
            field="phone",
        )
    return Recipient(found.wallet, masked(found.name))


def masked(name: str) -> str:
    """The beginning of each part of a name: 長岡 花子 becomes 長○ 花○."""
    return " ".join(f"{part[0]}○" for part in name.split())
