"""What an acquirer is told of where a payment or a refund stands."""

from datetime import datetime, timedelta

from gateway.protocol.api_acquirer import AcquirerPayment, AcquirerRefund
from gateway.protocol.messages import State
from gateway.signin import milliseconds
from ledger.acquirers import Refund, Standing
from ledger.outcomes import Outcome

CANCELLED = "cancelled"
# A yes given in the question's last moment may still be on its way to the ledger for as long as a
# statement may take.
LAST_YES = timedelta(seconds=30)


def payment_view(
    reference: str, known: Standing | None, question_ttl: timedelta, now: datetime
) -> AcquirerPayment:
    """A payment; ``question_ttl``: how long a payer may take to answer a duplicate question."""
    if known is None:
        return AcquirerPayment(reference, State.NOT_FOUND)
    if known.paid:
        cancelled = known.cancelled_at is not None and known.undone
        return AcquirerPayment(
            payment_id=reference,
            state=State.PROCESSED,
            outcome=CANCELLED if cancelled else Outcome.DONE.value,
            merchant_id=known.merchant,
            amount=known.amount,
            refunded=known.reversed,
            payment=known.paid_as,
            entry=known.entry,
            at=_milliseconds(known.at),
        )
    state, outcome, at, until = _unpaid(known, question_ttl, now)
    return AcquirerPayment(
        payment_id=reference,
        state=state,
        outcome=outcome,
        merchant_id=known.merchant,
        amount=known.amount,
        payment=known.payment,
        at=_milliseconds(at),
        question_expires_at=_milliseconds(until),
    )


def _unpaid(
    known: Standing, question_ttl: timedelta, now: datetime
) -> tuple[State, str | None, datetime | None, datetime | None]:
    """Of what is not paid: state, outcome, when decided, until when the payer may say yes."""
    if known.outcome is None:
        return State.IN_PROGRESS, None, None, None
    if known.cancelled_at is not None:
        return State.PROCESSED, CANCELLED, known.cancelled_at, None
    if not known.is_ours:
        return State.PROCESSED, Outcome.ID_REUSED.value, known.decided_at, None
    if known.asked and known.decided_at is not None:
        until = known.decided_at + question_ttl
        if now < until + LAST_YES:
            return State.IN_PROGRESS, known.outcome.value, None, until
    return State.PROCESSED, known.outcome.value, known.decided_at, None


def refund_view(reference: str, known: Refund | None) -> AcquirerRefund:
    """A refund."""
    if known is None:
        return AcquirerRefund(reference, State.NOT_FOUND)
    outcome = known.outcome
    if outcome is not None and not known.is_ours:
        outcome = Outcome.ID_REUSED
    return AcquirerRefund(
        refund_id=reference,
        state=State.IN_PROGRESS if outcome is None else State.PROCESSED,
        outcome=None if outcome is None else outcome.value,
        payment_id=known.payment_reference,
        amount=known.amount if known.decided_amount is None else known.decided_amount,
        refund=known.refund,
        entry=known.entry,
        at=_milliseconds(known.at),
    )


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
