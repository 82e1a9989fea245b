"""What can become of a request, in order of precedence."""

from enum import StrEnum


class Outcome(StrEnum):
    """``done``, or the first of these refusals that applies.

    The order is the database's (`koban.outcome`); a test compares the two.
    """

    DONE = "done"
    ID_REUSED = "id_reused"  # The id was used before for something else; never frozen itself.
    WALLET_UNKNOWN = "wallet_unknown"
    WALLET_FROZEN = "wallet_frozen"
    CODE_UNKNOWN = "code_unknown"
    CODE_EXPIRED = "code_expired"
    CODE_USED = "code_used"
    CODE_WRONG_PURPOSE = "code_wrong_purpose"  # A payment code for a top-up, or the reverse.
    SHOP_UNKNOWN = "shop_unknown"
    SHOP_CLOSED = "shop_closed"
    TERMINAL_REVOKED = "terminal_revoked"
    RECIPIENT_UNKNOWN = "recipient_unknown"  # No open wallet or group, or the sender's own.
    WAY_UNKNOWN = "way_unknown"  # The town has no such way, or this is not the party that uses it.
    ACTIVITY_UNKNOWN = "activity_unknown"  # No such activity, or not at this time.
    COUPON_UNKNOWN = "coupon_unknown"
    COUPON_CLOSED = "coupon_closed"  # Not on this day or at this hour.
    COUPON_NOT_YOURS = "coupon_not_yours"  # For those who were awarded one, or answered a survey.
    COUPON_USED = "coupon_used"
    COUPON_NOT_HERE = "coupon_not_here"  # Not at this shop.
    COUPONS_NOT_TOGETHER = "coupons_not_together"
    NOT_SENDABLE = "not_sendable"  # Nobody sends anything in this town.
    PAYMENT_UNKNOWN = "payment_unknown"  # Nothing of the asking party's to reverse or to confirm.
    QUESTION_ANSWERED = "question_answered"
    QUESTION_EXPIRED = "question_expired"
    ALREADY_REVERSED = "already_reversed"
    ALREADY_GRANTED = (
        "already_granted"  # Once a person, or once a day, and this is the second time.
    )
    REVERSAL_TOO_LATE = "reversal_too_late"
    AMOUNT_REQUIRED = "amount_required"
    AMOUNT_MISMATCH = "amount_mismatch"  # Not the amount that the code was made for.
    OVER_REVERSIBLE = "over_reversible"  # More than is left of the payment.
    OVER_CLERK_LIMIT = "over_clerk_limit"
    OVER_LIMIT = "over_limit"
    UNDER_LIMIT = "under_limit"
    OFF_STEP = "off_step"  # Not a multiple of the town's step.
    COUPON_UNDER_MINIMUM = "coupon_under_minimum"
    OVER_DAY_LIMIT = "over_day_limit"
    OVER_MONTH_LIMIT = "over_month_limit"
    ACCOUNT_TOO_NEW = "account_too_new"  # More than a young account may bring in a day.
    RIGHT_REQUIRED = "right_required"  # Only who was awarded a place tops up by this way.
    OVER_RIGHT = "over_right"  # More than is left of the place.
    OVER_BALANCE_CAP = "over_balance_cap"
    VALUE_SPENT = "value_spent"  # A top-up cannot be reversed once its value was spent.
    NOTHING_EXPIRED = "nothing_expired"
    OVER_BUDGET = "over_budget"  # The fund has not so much left to give.
    DUPLICATE_SUSPECTED = "duplicate_suspected"
    NOT_ACCEPTED_HERE = "not_accepted_here"  # There is enough, but not all of it for this shop.
    TICKET_REMAINDER = "ticket_remainder"  # Tickets give no change, and nothing pays the rest.
    VALUE_HELD = "value_held"  # There is enough, but some is too fresh to be spent.
    INSUFFICIENT_FUNDS = "insufficient_funds"
    # Last: who cannot pay does not learn how much another wallet has.
    RECIPIENT_FULL = "recipient_full"  # It would go over the recipient's cap.
