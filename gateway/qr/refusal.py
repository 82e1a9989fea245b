"""Why a scanned text is not taken: one error, with a reason for programs and words for people."""

from enum import StrEnum


class Reason(StrEnum):
    """What was wrong with a scanned text."""

    BROKEN = "broken"  # Not as its standard wants it: cut off, mistyped, or badly made.
    ALTERED = "altered"  # The check sum does not hold: a character was changed or misread.
    FOREIGN = "foreign"  # A whole code, but nothing this gateway takes part in.
    CARD = "card"  # EMV's own payer code: a payment card in a phone, for card terminals.
    OTHER_TOWN = "other_town"  # It belongs to another town's money.
    NOT_PAYER = "not_payer"  # Not what a payer shows at a till.
    NOT_SHOP = "not_shop"  # Not what stands at a shop: a payer's code, a bill, an enrolment.


class QrRefused(Exception):
    """A text is not taken; the words say what was wrong, and what to do where that helps."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
