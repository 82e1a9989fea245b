"""What state a load order is in, and what each word heard about it makes of it: one table.

Value comes in from a provider (a card company, a bank, an ATM, a convenience store, a cash machine,
another company's points) or goes out to one. The provider speaks whenever it likes: late, twice, in
another order than things happened, or never. So every state says what every word does to it:

    a state     the order goes there
    .           nothing new: it was heard before, or is overtaken
    !           it cannot be true beside what is known: the order stays, and a person is told

In, the provider holds the user's money from ``paid`` on; whoever holds it owes either the value
(``arrived``) or the money (``refunded``), whatever was said before: so ``paid`` is heard even after
``failed`` or ``expired``. Out, the value leaves the wallet first (``taken``) and comes back only
on the provider's definite no. The table knows no clock and no database.
"""

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct


class Direction(StrEnum):
    """Which way the value goes, seen from the wallet."""

    IN = "in"
    OUT = "out"


class State(StrEnum):
    """How far an order has come."""

    REQUESTED = "requested"  # Written down here; whether the provider knows of it is open.
    UNKNOWN = "unknown"  # It was sent and no answer came: the provider may know of it.
    ACCEPTED = "accepted"  # The provider knows of it and waits for the user (out: works on it).
    PAID = "paid"  # The provider has the money; the value is owed.
    ARRIVED = "arrived"  # The value is in the wallet.
    REFUNDING = "refunding"  # The value cannot be given; the money is owed back.
    REFUNDED = "refunded"  # The provider has given the money back.
    TAKEN = "taken"  # Out: the value has left the wallet; the provider is to be told.
    DELIVERED = "delivered"  # Out: the provider has credited it.
    RETURNING = "returning"  # Out: the provider will not; the value is owed back.
    RETURNED = "returned"  # Out: the value is in the wallet again.
    FAILED = "failed"  # Nothing moved.
    EXPIRED = "expired"  # Nothing moved in time.


class Word(StrEnum):
    """What can be heard about an order, from the provider or from our own ledger."""

    # The provider's.
    ACCEPTED = "accepted"
    PAID = "paid"  # Out: credited.
    MISPAID = "mispaid"  # Paid, but another amount than was ordered.
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    # What silence says.
    NO_ANSWER = "no_answer"  # It was asked or told, and whether it heard is open.
    NOT_REACHED = "not_reached"  # It certainly did not hear.
    NOT_FOUND = "not_found"  # It says that it does not know the order.
    # The ledger's.
    GIVEN = "given"  # The value is in the wallet.
    NOT_GIVEN = "not_given"  # The ledger refused, for good.
    TAKEN = "taken"  # Out: the value has left the wallet.
    NOT_TAKEN = "not_taken"  # Out: the ledger refused, for good.
    GIVEN_BACK = "given_back"  # Out: the value was put back.
    NOT_GIVEN_BACK = "not_given_back"  # Out: the ledger refused to put it back.


# Rows are words, columns states.
INWARDS = """
            requested unknown   accepted  paid      arrived refunding refunded failed    expired
accepted    accepted  accepted  .         .         .       .         .        .         .
paid        paid      paid      paid      .         .       .         .        paid      paid
mispaid     refunding refunding refunding !         !       .         .        refunding refunding
failed      failed    failed    failed    !         !       !         .        .         .
expired     expired   expired   expired   !         !       !         .        .         .
refunded    refunded  refunded  refunded  !         !       refunded  .        refunded  refunded
no_answer   unknown   .         .         .         .       .         .        .         .
not_reached failed    .         .         .         .       .         .        .         .
not_found   .         requested !         !         !       !         !        .         .
given       !         !         !         arrived   .       !         !        !         !
not_given   !         !         !         refunding !       .         .        !         !
"""

# What a ``failed`` out here comes from is a definite answer, never a callback alone. After
# ``not_found`` it is told again under its own id, never given back on that word: an earlier telling
# may still be on its way.
OUTWARDS = """
               requested taken     unknown   accepted  delivered returning returned failed
accepted       !         accepted  accepted  .         .         .         .        !
paid           !         delivered delivered delivered .         !         !        !
mispaid        !         !         !         !         !         !         !        !
failed         !         returning returning returning !         .         .        .
expired        !         returning returning returning !         .         .        .
refunded       !         !         !         !         !         !         !        !
no_answer      !         unknown   .         .         .         .         .        .
not_reached    !         .         .         .         .         .         .        .
not_found      !         .         taken     !         !         .         .        .
taken          taken     .         .         .         .         .         .        !
not_taken      failed    !         !         !         !         !         !        .
given_back     !         !         !         !         !         returned  .        !
not_given_back !         !         !         !         !         !         !        !
"""


def _read(table: str) -> dict[tuple[State, Word], State | None]:
    """The cells of a table by state and word; None where the word contradicts."""
    head, *rows = (line.split() for line in table.strip().splitlines())
    cells: dict[tuple[State, Word], State | None] = {}
    for word, *row in rows:
        for name, cell in zip(head, row, strict=True):
            state = State(name)
            target = {".": state, "!": None}.get(cell) if cell in ".!" else State(cell)
            cells[state, Word(word)] = target
    return cells


TABLES = {Direction.IN: _read(INWARDS), Direction.OUT: _read(OUTWARDS)}

# Nobody has to do anything any more, whatever may still be heard.
SETTLED = frozenset(
    {
        State.ARRIVED,
        State.REFUNDED,
        State.DELIVERED,
        State.RETURNED,
        State.FAILED,
        State.EXPIRED,
    }
)


class Step(Struct, frozen=True):
    """What a word did. ``contradicts``: it cannot be true; the state stays as it is."""

    state: State
    moved: bool
    contradicts: bool = False


def step(direction: Direction, state: State, word: Word) -> Step:
    """What ``word`` makes of an order in ``state``."""
    target = TABLES[direction].get((state, word))
    if target is None:
        return Step(state, moved=False, contradicts=True)
    return Step(target, moved=target is not state)


class Patience(Struct, frozen=True):
    """When an order that does not move is looked at again (seconds); each time twice as long.

    The defaults: who pays at a convenience store takes hours, who waits for an answer that was lost
    should not.
    """

    act_s: float = 10.0  # We ourselves owe the next step: longer than a healthy try takes.
    unknown_s: float = 3.0
    accepted_s: float = 60.0
    longest_s: float = 900.0

    def look_in(self, state: State, looks: int) -> timedelta | None:
        """In what time an order is due for its next look after ``looks`` of them; None: never."""
        if state in SETTLED:
            return None
        first_s = {State.UNKNOWN: self.unknown_s, State.ACCEPTED: self.accepted_s}.get(
            state, self.act_s
        )
        return timedelta(seconds=min(self.longest_s, first_s * 2.0 ** min(looks, 20)))
