"""Rows of the table of routes: acquirers (決済代行), who bring payments from shops' own POS."""

from gateway.http import acquirer
from gateway.http.call import Endpoint
from gateway.http.queries import AcquirerPaymentPath, AcquirerRefundPath, DatePath
from gateway.protocol import api_acquirer

ACQUIRERS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/acquirer/payments",
        summary="Authorise: take a payment from the code that a payer shows. 200 alone means paid.",
        handler=acquirer.authorise,
        signed=True,
        body=api_acquirer.Authorise,
        answer=api_acquirer.AcquirerPayment,
        errors=(*acquirer.PAYMENT_REFUSALS, "merchant_unknown", "acquirer_closed", "undecided"),
    ),
    Endpoint(
        method="GET",
        path="/acquirer/payments/{payment_id}",
        summary="Ask what became of a payment, by the acquirer's id: the one true answer.",
        handler=acquirer.payment,
        signed=True,
        path_parts=AcquirerPaymentPath,
        answer=api_acquirer.AcquirerPayment,
    ),
    Endpoint(
        method="POST",
        path="/acquirer/payments/{payment_id}/cancel",
        summary="Cancel: nothing is paid under this id, now or ever, even if it was never seen.",
        handler=acquirer.cancel,
        signed=True,
        path_parts=AcquirerPaymentPath,
        body=api_acquirer.Cancel,
        answer=api_acquirer.AcquirerPayment,
        errors=(*acquirer.REVERSAL_REFUSALS, "undecided"),
    ),
    Endpoint(
        method="POST",
        path="/acquirer/payments/{payment_id}/refunds",
        summary="Refund a payment in part or whole, under an id of the refund's own.",
        handler=acquirer.refund,
        signed=True,
        path_parts=AcquirerPaymentPath,
        body=api_acquirer.AskRefund,
        answer=api_acquirer.AcquirerRefund,
        errors=(
            *acquirer.REVERSAL_REFUSALS,
            *("already_reversed", "over_reversible", "not_paid", "id_reused", "undecided"),
        ),
    ),
    Endpoint(
        method="GET",
        path="/acquirer/refunds/{refund_id}",
        summary="Ask what became of a refund, by the acquirer's id.",
        handler=acquirer.refunded,
        signed=True,
        path_parts=AcquirerRefundPath,
        answer=api_acquirer.AcquirerRefund,
    ),
    Endpoint(
        method="GET",
        path="/acquirer/reconciliation/{date}",
        summary="A day of the acquirer, from the town's journal: every entry, and the sums.",
        handler=acquirer.day,
        signed=True,
        path_parts=DatePath,
        answer=api_acquirer.Reconciliation,
    ),
    Endpoint(
        method="GET",
        path="/acquirer/reconciliation/{date}/file",
        summary="The same as a CSV file with header and trailer.",
        handler=acquirer.day_file,
        signed=True,
        path_parts=DatePath,
        answer=None,
        media="text/csv",
    ),
)
