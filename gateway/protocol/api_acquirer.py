"""The bodies of the API for acquirers (決済代行): companies that stand between a shop's POS and us.

The payer shows a code on their phone (CPM, 利用者提示型), the shop's POS reads it, and the acquirer
asks us. Every act has an id of the acquirer's own, and the same id gets the same answer for ever.
"""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from gateway.protocol.messages import Amount, Code, State

Reference = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        min_length=1,
        max_length=64,
        description="The acquirer's own id, unique among its ids of this kind for ever.",
    ),
]
Merchant = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        min_length=1,
        max_length=64,
        description="The acquirer's own merchant id (加盟店番号) of the shop.",
    ),
]


class Authorise(Struct, frozen=True, forbid_unknown_fields=True):
    """The POS has read a code: take the payment. It is captured at once, in one step."""

    payment_id: Reference
    merchant_id: Merchant
    code: Code
    amount: Amount


class Cancel(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more needs to be said than the payment's id."""


class AskRefund(Struct, frozen=True, forbid_unknown_fields=True):
    """Give back a part of a payment, or without ``amount`` all that is left of it."""

    refund_id: Reference
    amount: Amount | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=200)] = "返金"


class AcquirerPayment(Struct, frozen=True):
    """The one true standing of a payment, by the acquirer's id.

    ``state`` ``processed``: decided, and ``outcome`` is final: ``done`` (the payer has paid),
    ``cancelled`` (not paid, or given back whole, and never to be paid), or the reason of a refusal.
    ``in_progress``: not decided; with the outcome ``duplicate_suspected`` the payer is being asked
    whether to pay the same shop the same amount again, until ``question_expires_at``. Ask again, or
    cancel. ``not_found``: no authorisation with this id has come; one may still be on its way, and
    only a cancel makes sure that it never is carried out.
    """

    payment_id: str
    state: State
    outcome: str | None = None  # done, cancelled, or the reason of a refusal.
    merchant_id: str | None = None
    amount: int | None = None
    refunded: int = 0  # So much of it was given back since, by whomever.
    payment: UUID | None = None  # The id of the payment on the payer's and the shop's receipts.
    entry: int | None = None  # Its number in the town's journal.
    at: int | None = None  # When it was decided.
    question_expires_at: int | None = None  # Until when the payer may still say yes.


class AcquirerRefund(Struct, frozen=True):
    """The one true standing of a refund, by the acquirer's id."""

    refund_id: str
    state: State
    outcome: str | None = None  # done, or the reason of a refusal.
    payment_id: str | None = None
    amount: int | None = None
    refund: UUID | None = None  # The id of the reversal on the payer's and the shop's receipts.
    entry: int | None = None  # Its number in the town's journal.
    at: int | None = None  # When it was decided.


class ReconciliationLine(Struct, frozen=True):
    """An entry of the town's journal that belongs to the acquirer.

    ``kind``: ``payment``; ``cancel`` or ``refund``, which the acquirer asked for; ``reversal``,
    which the shop or the town made by itself.
    """

    entry: int
    at: int
    kind: str
    payment_id: str
    refund_id: str | None
    merchant_id: str
    shop: int
    amount: int


class Reconciliation(Struct, frozen=True):
    """A day of an acquirer, from midnight to midnight in the town's time zone.

    ``final``: nothing will be added any more; a day is final five minutes after its end. ``net``:
    payments less all that was given back.
    """

    date: str  # YYYY-MM-DD
    acquirer: str
    final: bool
    payments: int
    payments_amount: int
    reversals: int  # Cancels, refunds and the shops' own reversals.
    reversals_amount: int
    net: int
    lines: list[ReconciliationLine]
