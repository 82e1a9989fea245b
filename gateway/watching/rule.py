"""What is told about a trouble, and when: pure rules."""

from datetime import datetime, timedelta
from enum import StrEnum

from gateway.watching.kinds import KINDS
from ledger.alerts import Trouble

# Nobody has seen it for so long: it is over. Gateways look every few seconds, so one missed look or
# a restart does not end it.
OVER_AFTER = timedelta(minutes=1)
# Whoever was told knows; twice a day is a reminder, more is noise.
REMIND_AFTER = timedelta(hours=12)


class Word(StrEnum):
    """What is told."""

    BEGAN = "began"
    LASTS = "lasts"
    ENDED = "ended"


def due(trouble: Trouble, now: datetime) -> Word | None:
    """What is to be told about it at ``now``."""
    told = trouble.told_at
    if is_over(trouble, now):
        return Word.ENDED if told is not None else None
    if told is None:
        lasted = trouble.seen_at - trouble.began_at
        return Word.BEGAN if lasted >= KINDS[trouble.kind].patience else None
    return Word.LASTS if now - told >= REMIND_AFTER else None


def is_over(trouble: Trouble, now: datetime) -> bool:
    """Whether nobody sees it any more."""
    return now - trouble.seen_at >= OVER_AFTER
