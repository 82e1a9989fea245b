"""What a payment would come to, looked at before it is made."""

import msgspec

from gateway.http.call import Call
from gateway.protocol import api_preview
from gateway.protocol.api_preview import PreviewQuery
from gateway.protocol.messages import Receipt
from gateway.signin import milliseconds
from ledger.preview import preview as look_ahead

_decode_receipt = msgspec.json.Decoder(Receipt).decode


async def preview(call: Call) -> api_preview.Preview:
    """What a payment would come to at this moment. Nothing is paid or kept."""
    query, account = call.query_as(PreviewQuery), call.session.account
    coupons = tuple(int(number) for number in query.coupons.split(",") if number)
    found = await look_ahead(
        call.context.pool, call.town.number, account, query.shop, query.amount, call.now, coupons
    )
    receipt = _decode_receipt(found.receipt)
    return api_preview.Preview(
        outcome=found.outcome.value,
        asks=found.asks,
        parts=receipt.parts,
        lots=[
            api_preview.UsedLot(
                lot.instrument,
                lot.amount,
                lot.funder,
                None if lot.expires_at is None else milliseconds(lot.expires_at),
            )
            for lot in found.lots
        ],
        granted=receipt.granted,
        available=receipt.available,
        limit=receipt.limit,
        balance=receipt.balance,
    )
