"""Rows of the table of routes: sending value to another person."""

from gateway.http import sending
from gateway.http.call import Endpoint
from gateway.protocol import api_sending
from gateway.protocol.messages import Role

SENDING: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/wallet/receive",
        summary="A code to show to somebody who wants to send to this wallet.",
        handler=sending.receive,
        roles=(Role.WALLET,),
        answer=api_sending.ReceiveCode,
        errors=("not_sendable",),
    ),
    Endpoint(
        method="POST",
        path="/wallet/recipients",
        summary="Whom to send to, by their phone number or by the code that their wallet shows.",
        handler=sending.find_recipient,
        roles=(Role.WALLET,),
        body=api_sending.FindRecipient,
        answer=api_sending.Recipient,
        errors=sending.RECIPIENT_ERRORS,
    ),
)
