"""What acquirers ask for, signed with their keys. The rules are in `gateway.acquirers`."""

import asyncio
from datetime import timedelta

from starlette.responses import Response

from gateway.acquirers.desk import Desk
from gateway.acquirers.reconciliation import csv_file, reconciliation
from gateway.http.call import Call
from gateway.http.days import check_day
from gateway.http.queries import AcquirerPaymentPath, AcquirerRefundPath, DatePath
from gateway.protocol import api_acquirer as api
from ledger import acquirers

# The refusals of the ledger that a payment, or a reversal, of an acquirer can come to.
PAYMENT_REFUSALS = (
    "id_reused",
    "cancelled",
    "wallet_frozen",
    "code_unknown",
    "code_expired",
    "code_used",
    "code_wrong_purpose",
    "shop_closed",
    "amount_mismatch",
    "over_limit",
    "duplicate_suspected",
    "not_accepted_here",
    "ticket_remainder",
    "value_held",
    "insufficient_funds",
)
REVERSAL_REFUSALS = ("reversal_too_late", "over_clerk_limit", "value_spent", "ticket_remainder")


async def authorise(call: Call) -> api.AcquirerPayment:
    """Takes a payment from a payer's code."""
    return await _desk(call).authorise(call.body_as(api.Authorise))


async def payment(call: Call) -> api.AcquirerPayment:
    """Where a payment stands."""
    return await _desk(call).payment(call.path_as(AcquirerPaymentPath).payment_id)


async def cancel(call: Call) -> api.AcquirerPayment:
    """Makes sure that a payment is not done, or is given back."""
    return await _desk(call).cancel(call.path_as(AcquirerPaymentPath).payment_id)


async def refund(call: Call) -> api.AcquirerRefund:
    """Gives a payment back, in part or whole."""
    payment_id = call.path_as(AcquirerPaymentPath).payment_id
    return await _desk(call).refund(payment_id, call.body_as(api.AskRefund))


async def refunded(call: Call) -> api.AcquirerRefund:
    """Where a refund stands."""
    return await _desk(call).refunded(call.path_as(AcquirerRefundPath).refund_id)


async def day(call: Call) -> api.Reconciliation:
    """A day's entries and sums."""
    on, acquirer = call.path_as(DatePath).date, call.acquirer
    check_day(on, "date")
    lines = await acquirers.day(call.context.pool, call.town.number, acquirer.acquirer, on)
    # A busy day is some ten thousand lines: other calls go on meanwhile.
    return await asyncio.to_thread(
        reconciliation, acquirer.code, on, call.town.zone, lines, call.now
    )


async def day_file(call: Call) -> Response:
    """The same as a file."""
    made = await day(call)
    text = await asyncio.to_thread(csv_file, made, call.town.code, call.town.zone)
    name = f"{call.town.code}-{made.acquirer}-{made.date}.csv"
    return Response(
        text.encode(),
        media_type="text/csv",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


def _desk(call: Call) -> Desk:
    context, town = call.context, call.town
    return Desk(
        call.acquirer,
        pool=context.pool,
        town=town.number,
        town_code=town.code,
        ids=context.acquirer_ids,
        submit=lambda request, done: context.live.submit(town.number, request, done),
        question_ttl=timedelta(seconds=town.profile.payments.question_ttl_s),
        now=call.now,
    )
