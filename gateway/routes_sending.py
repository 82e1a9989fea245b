"""Rows of the table of routes: sending value to another person."""

from gateway.http import sending
from gateway.http.call import Endpoint
from gateway.protocol import api_sending
from gateway.protocol.messages import Role

SENDING: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/wallet/recipients",
        summary="Find whom to send to, by their phone number.",
        handler=sending.find_recipient,
        roles=(Role.WALLET,),
        body=api_sending.FindRecipient,
        answer=api_sending.Recipient,
        errors=sending.RECIPIENT_ERRORS,
    ),
)
