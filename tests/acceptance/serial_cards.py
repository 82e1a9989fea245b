"""Cards with a serial code, in a story's words: an operator prints them, a wallet redeems them."""

import csv
import io

import msgspec

from gateway.protocol import api_loads
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Receipt
from tests.acceptance.nagaoka import Holder, Nagaoka


async def prints(town: Nagaoka, way: str, amount: int, count: int = 1) -> list[str]:
    """The operator has cards made; their digits."""
    body = {"way": way, "amount": amount, "count": count, "expires_on": "2026-12-31"}
    answer = await town.tries("POST", "/console/serial-cards", body)
    assert answer.status_code == 200, answer.text
    return [row["digits"] for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))]


async def redeems(holder: Holder, digits: str) -> Receipt:
    """The wallet types the card's digits in."""
    body = {"id": str(new_id()), "digits": digits}
    answer = await holder.sends("/wallet/cards/redeem", body)
    assert answer.status_code == 200, answer.text
    redeemed = msgspec.json.decode(answer.content, type=api_loads.Redeemed)
    return msgspec.json.decode(redeemed.receipt, type=Receipt)
