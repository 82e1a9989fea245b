"""Cancelling payments (取消) away from the tablet: by shops' staff and by operators.

A cancellation goes through the counter like every other command, so both screens hear of it; the
ledger holds it to the limit of the rank that stands behind it. Who cancelled is in the audit.
"""

from collections.abc import Collection
from functools import partial
from uuid import UUID

import msgspec
from msgspec import Raw

from gateway.asking import ask
from gateway.counter import Trouble
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.protocol.api_staff import Cancelled, CancelPayment, ConsoleCancelPayment
from gateway.protocol.messages import Receipt
from gateway.refused import Refused
from ledger import accounts, audit, journal
from ledger.authorise import Decision
from ledger.journal import Entry
from ledger.outcomes import Outcome
from ledger.requests import Kind, Rank, Request

ACT = "payment.cancelled"
AGAIN_MS = 500
WAITS = "It is not decided yet; send it again with the same id."

# What the ledger can have against a cancellation.
CANCEL_ERRORS = tuple(
    str(outcome)
    for outcome in (
        Outcome.ID_REUSED,
        Outcome.PAYMENT_UNKNOWN,
        Outcome.ALREADY_REVERSED,
        Outcome.REVERSAL_TOO_LATE,
        Outcome.AMOUNT_REQUIRED,
        Outcome.OVER_REVERSIBLE,
        Outcome.OVER_CLERK_LIMIT,
        Outcome.VALUE_SPENT,
        Outcome.TICKET_REMAINDER,
    )
)


async def cancel(
    call: Call,
    payment: UUID,
    body: CancelPayment | ConsoleCancelPayment,
    rank: Rank,
    shops: Collection[int] | None = None,
) -> Cancelled:
    """Cancels a payment in part or whole. ``shops``: whose payments may be cancelled; None: all.

    Raises:
        Refused: ``not_found``; a code of `CANCEL_ERRORS`, finally; ``busy`` or ``unavailable``,
            after which the same id is to be sent again.
    """
    entry = await journal.entry_by_id(call.context.pool, call.town.number, payment)
    if entry is None or (shops is not None and entry.shop not in shops):
        raise Refused("not_found", "There is no such payment here.", field="id")
    if await accounts.shop(call.context.pool, call.town.number, entry.shop) is None:
        # A provider's order, a gift or what people sent each other has a way back of its own.
        text = "Only what was paid or topped up at a shop is cancelled here."
        raise Refused(Outcome.PAYMENT_UNKNOWN.value, text)
    request = Request(
        body.id,
        Kind.REVERSE,
        shop=entry.shop,
        amount=body.amount,
        refers=payment,
        reason=body.reason,
        rank=rank,
    )
    decision = await _decided(call, request)
    receipt = msgspec.json.decode(decision.receipt, type=Receipt)
    if decision.outcome is not Outcome.DONE:
        raise _refusal(decision, receipt)
    await _record(call, entry, decision, receipt, rank)
    return Cancelled(Raw(decision.receipt.encode()))


async def _decided(call: Call, request: Request) -> Decision:
    answer = await ask(partial(call.context.live.submit, call.town.number), request)
    if isinstance(answer, Trouble):
        raise Refused(answer.value, WAITS, retry_after_ms=AGAIN_MS)
    return answer


def _refusal(decision: Decision, receipt: Receipt) -> Refused:
    message = None
    if decision.outcome is Outcome.OVER_CLERK_LIMIT:
        message = f"Your rank may cancel {receipt.limit} yen at once; ask somebody above you."
    elif decision.outcome is Outcome.OVER_REVERSIBLE:
        message = f"Only {receipt.left} yen are left of this payment."
    return Refused(decision.outcome.value, message)


async def _record(
    call: Call, entry: Entry, decision: Decision, receipt: Receipt, rank: Rank
) -> None:
    """Writes the line. The ledger has committed by now, so where the line is missing (a fault came
    in between) the same command sent again writes it.
    """
    subject, town = f"reversal:{decision.id}", call.town.number
    async with acting(call) as act:
        await act.alone()
        if decision.repeated:
            if await audit.recorded(act.connection, town, ACT, subject):
                return
            own = await journal.entry_by_id(act.connection, town, decision.id)
            if own is None or own.terminal is not None:
                # A tablet cancelled it under this id: that is nobody's act here.
                raise Refused(Outcome.ID_REUSED.value)
        await act.record(
            ACT,
            subject,
            before={"payment": str(entry.id), "shop": entry.shop, "amount": entry.amount},
            after={"amount": receipt.amount, "left": receipt.left, "rank": rank.value},
        )
