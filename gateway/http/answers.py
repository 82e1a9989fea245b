"""Answers that one process keeps for some seconds, because anybody may ask, and often."""

from collections import OrderedDict
from datetime import datetime, timedelta

# How old an answer may be; a shop that opens its door now is found as open by then.
FRESH = timedelta(seconds=20)
ANSWERS_MAX = 1_000  # Some 30 KB each, mostly less; what was asked for least lately is forgotten.


class Answers:
    """What this process answered lately to what everybody may ask."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, object], tuple[datetime, bytes]] = OrderedDict()

    def find(self, town: int, asked: object, now: datetime) -> bytes | None:
        """The answer to this, where it is fresh."""
        kept = self._kept.get((town, asked))
        if kept is None or not kept[0] <= now < kept[0] + FRESH:
            return None
        self._kept.move_to_end((town, asked))
        return kept[1]

    def keep(self, town: int, asked: object, answer: bytes, now: datetime) -> None:
        """Answers so from now on."""
        self._kept[town, asked] = (now, answer)
        self._kept.move_to_end((town, asked))
        if len(self._kept) > ANSWERS_MAX:
            self._kept.popitem(last=False)

    def forget(self, town: int) -> None:
        """A shop of the town has changed; who asks next is told what is so then."""
        for key in [key for key in self._kept if key[0] == town]:
            del self._kept[key]
