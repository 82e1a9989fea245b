"""Serial cards: wallets redeem them, operators have them made."""

import asyncio
import datetime as dt
from datetime import datetime, timedelta
from functools import partial

from msgspec import Raw, Struct
from starlette.responses import Response

from gateway.asking import ask
from gateway.counter import Trouble
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.days import check_day
from gateway.http.queries import Page
from gateway.http.tables import table
from gateway.protocol import api_loads
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import serials
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request
from ledger.serials import NewBatch

REDEEM_ERRORS = (
    *("code_unknown", "code_used", "code_expired", "wallet_frozen", "way_unknown"),
    *("over_limit", "under_limit", "off_step", "over_day_limit", "over_month_limit"),
    *("account_too_new", "over_balance_cap", "id_reused"),
)

# What these outcomes mean of a card; elsewhere they are told of a payer's code.
WORDS = {
    Outcome.CODE_UNKNOWN: "No card of this town has these digits; look at them again.",
    Outcome.CODE_USED: "This card was redeemed before; ask whoever gave it to you.",
    Outcome.CODE_EXPIRED: "The card's last day is over; ask whoever gave it to you.",
}
WAITS = "It is not known yet whether the card was redeemed; send the same id again."


class BatchesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The newest batches."""

    limit: Page = 50


async def redeem(call: Call) -> api_loads.Redeemed:
    """A card's value comes into the wallet, once."""
    call.limit(call.context.limits.card, str(call.session.account))
    body, town = call.body_as(api_loads.RedeemCard), call.town.number
    digits = serials.read_digits(body.digits)
    if digits is None:
        raise Refused(
            "invalid",
            f"A card has {serials.CARD_DIGITS} digits, the last of which checks the others; look "
            "at it again.",
            field="digits",
        )
    request = Request(body.id, Kind.REDEEM, wallet=call.session.account, code=digits)
    answer = await ask(partial(call.context.live.submit, town), request)
    if isinstance(answer, Trouble):
        raise Refused("unavailable", WAITS, retry_after_ms=1_000)
    if answer.outcome is not Outcome.DONE:
        raise Refused(answer.outcome.value, WORDS.get(answer.outcome), field="digits")
    return api_loads.Redeemed(Raw(answer.receipt.encode()))


async def make(call: Call) -> Response:
    """Makes a batch; the answer is the only place where the digits ever stand."""
    body, town = call.body_as(api_loads.MakeCards), call.town
    check_day(body.expires_on, "expires_on")
    way = next((way for way in town.profile.ways if way.code == body.way), None)
    if way is None or way.kind != "serial":
        known = ", ".join(each.code for each in town.profile.ways if each.kind == "serial")
        raise Refused("way_unknown", f"There is no such way by serial card; there are: {known}.")
    if not way.min <= body.amount <= way.max or body.amount % way.step:
        raise Refused(
            "invalid",
            f"Cards of this way are worth {way.min} to {way.max} yen in steps of {way.step}.",
            field="amount",
        )
    expires_at = datetime.combine(body.expires_on + timedelta(days=1), dt.time(), town.zone)
    if expires_at <= call.now:
        raise Refused("invalid", "This day is over; cards need a later one.", field="expires_on")
    new = NewBatch(way.code, body.amount, body.count, call.session.name, expires_at)
    async with acting(call) as act:
        batch, digits = await serials.make_batch(act.connection, town.number, new, call.now)
        await act.record(
            "cards.made",
            f"batch:{batch}",
            after={
                "way": new.way,
                "amount": new.amount,
                "count": new.count,
                "expires_on": body.expires_on.isoformat(),
            },
        )
    wallet = f"{call.context.settings.public_url}/{town.code}/wallet{serials.QR_MARK}"
    # Making a table of ten thousand lines is no work for the event loop.
    return await asyncio.to_thread(
        table,
        f"cards-{batch}.csv",
        ["batch", "digits", "qr", "amount", "funder", "expires_on"],
        [
            (
                *(batch, serials.printed(each), f"{wallet}{each}"),
                *(new.amount, way.funder, body.expires_on.isoformat()),
            )
            for each in digits
        ],
    )


async def list_batches(call: Call) -> api_loads.Batches:
    """The batches that were made, newest first."""
    limit = call.query_as(BatchesQuery).limit
    found = await serials.batches(call.context.pool, call.town.number, limit)
    return api_loads.Batches(
        [
            api_loads.Batch(
                batch=each.batch,
                way=each.way,
                amount=each.amount,
                count=each.count,
                used=each.used,
                made_by=each.made_by,
                made_at=milliseconds(each.made_at),
                expires_at=milliseconds(each.expires_at),
            )
            for each in found
        ]
    )
