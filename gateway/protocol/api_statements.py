"""Bodies about shops' statements (精算書)."""

from msgspec import Struct


class StatementLine(Struct, frozen=True):
    """What a released settlement says to a shop, in yen: accepted - topped_up - issued - fees +
    carried_in = net. ``carries``: it is too little to move. ``state``: carried, released, in_file,
    paid, collected, failed (then with a ``reason``).
    """

    settlement: int
    entries: int
    accepted: int
    topped_up: int
    issued: int
    fees: int
    carried_in: int
    net: int
    carries: bool
    state: str
    reason: str | None


class StatementLines(Struct, frozen=True):
    """A page of a shop's statements, newest first; ``next``: the ``before`` of the next page."""

    lines: list[StatementLine]
    next: int | None
