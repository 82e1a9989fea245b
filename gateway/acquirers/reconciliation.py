"""The daily file that an acquirer compares with its own books, line by line and in sums.

It is read from the town's journal and from nothing else, so it says what was really moved. As CSV
(RFC 4180, UTF-8) it has one header, one data record a line and one trailer; the first field of each
record tells which it is:

    H,1,<town>,<acquirer>,<date>,<time zone>,final|provisional
    D,<entry>,<at>,payment|cancel|refund|reversal,<payment_id>,<refund_id>,<merchant_id>,<shop>,<yen>
    T,<payments>,<yen>,<reversals>,<yen>,<net yen>

``at`` is ISO 8601 in the town's time zone. Whatever is not a payment gives back.
"""

import csv
import io
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.protocol.api_acquirer import Reconciliation, ReconciliationLine
from gateway.signin import milliseconds
from ledger.acquirers import DayLine

FORM = "1"  # Of the file; a change that a reader would notice is a new one.
# What was decided before midnight is committed long before.
FINAL_AFTER = timedelta(minutes=5)


def reconciliation(
    acquirer: str, on: date, zone: ZoneInfo, lines: list[DayLine], now: datetime
) -> Reconciliation:
    """A day with its sums."""
    ends_at = datetime.combine(on + timedelta(days=1), time(), zone)
    paid = [line.amount for line in lines if line.kind == "payment"]
    given_back = [line.amount for line in lines if line.kind != "payment"]
    return Reconciliation(
        date=on.isoformat(),
        acquirer=acquirer,
        final=now >= ends_at + FINAL_AFTER,
        payments=len(paid),
        payments_amount=sum(paid),
        reversals=len(given_back),
        reversals_amount=sum(given_back),
        net=sum(paid) - sum(given_back),
        lines=[
            ReconciliationLine(
                entry=line.entry,
                at=milliseconds(line.at),
                kind=_kind(line),
                payment_id=line.reference,
                refund_id=line.refund_reference,
                merchant_id=line.merchant,
                shop=line.shop,
                amount=line.amount,
            )
            for line in lines
        ],
    )


def _kind(line: DayLine) -> str:
    if line.kind == "payment":
        return "payment"
    if line.is_cancel:
        return "cancel"
    return "refund" if line.refund_reference is not None else "reversal"


def csv_file(day: Reconciliation, town: str, zone: ZoneInfo) -> str:
    """The same as a file."""
    text = io.StringIO(newline="")
    write = csv.writer(text).writerow
    status = "final" if day.final else "provisional"
    write(["H", FORM, town, day.acquirer, day.date, zone.key, status])
    for line in day.lines:
        at = datetime.fromtimestamp(line.at / 1000, zone).isoformat(timespec="milliseconds")
        write(
            [
                *("D", line.entry, at, line.kind, line.payment_id, line.refund_id or ""),
                *(line.merchant_id, line.shop, line.amount),
            ]
        )
    sums = (day.payments, day.payments_amount, day.reversals, day.reversals_amount, day.net)
    write(["T", *sums])
    return text.getvalue()
