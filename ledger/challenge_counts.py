"""What counts towards a challenge's goal (H8): a pure rule over entries in their order.

An entry counts when it lies within the period and is of a kind by which one takes part. A reversal
takes its amount off again, and the taking part where everything was given back (of a grant: where
it was undone at all). The first entry with which the goal is reached ends the count: nothing behind
it matters, whoever counts and whenever.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

CIRCULATION, PARTICIPANTS, ACTIVITY = "circulation", "participants", "activity"

# By what one takes part where the kind of challenge says it, and what may be chosen where not.
BY_KIND = {CIRCULATION: ("payment", "issue"), ACTIVITY: ("grant",)}
CHOICES = ("payment", "issue", "top_up", "gift", "grant")


class Act(Struct, frozen=True):
    """An entry; of a reversal also what it gave back (``of_…``), and how many yen of that are
    ``back`` with this entry.
    """

    entry: int
    at: datetime
    kind: str
    way: str | None
    wallet: int
    amount: int
    of_kind: str | None = None
    of_at: datetime | None = None
    of_way: str | None = None
    of_amount: int | None = None
    back: int = 0


class Goal(Struct, frozen=True):
    """What counts: see ``koban.challenge``."""

    kind: str
    goal: int
    activity: str | None
    takes_part: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime

    def counts(self, kind: str | None, at: datetime | None, way: str | None) -> bool:
        """Whether such an entry is one by which somebody takes part."""
        return (
            kind in self.takes_part
            and at is not None
            and self.starts_at <= at < self.ends_at
            and (self.activity is None or way == self.activity)
        )


class Count(Struct):
    """How far it has come. ``parts``: how often each wallet took part, of those that were looked
    at. ``reached``: the entry that reached the goal.
    """

    counted_to: int
    progress: int
    people: int
    parts: dict[int, int]
    reached: Act | None = None


def add(goal: Goal, count: Count, acts: Iterable[Act]) -> None:
    """Counts entries, which follow those counted so far; stops where the goal is reached.

    ``count.parts`` has to know the wallets that took part before.
    """
    for act in acts:
        if count.reached is not None:
            return
        count.counted_to = act.entry
        if goal.counts(act.kind, act.at, act.way):
            _take(goal, count, act.wallet, 1, act.amount)
        elif (
            act.kind == "reversal"
            and act.at < goal.ends_at
            and goal.counts(act.of_kind, act.of_at, act.of_way)
        ):
            whole = act.of_kind == "grant" or act.back == act.of_amount
            _take(goal, count, act.wallet, -1 if whole else 0, -act.amount)
        if count.progress >= goal.goal:
            count.reached = act


def _take(goal: Goal, count: Count, wallet: int, times: int, amount: int) -> None:
    before = count.parts.get(wallet, 0)
    after = count.parts[wallet] = before + times
    count.people += (after > 0) - (before > 0)
    if goal.kind == CIRCULATION:
        count.progress += amount
    elif goal.kind == PARTICIPANTS:
        count.progress = count.people
    else:
        count.progress += times
