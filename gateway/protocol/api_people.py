"""Bodies about who people are: comparisons that wait for an operator, and being forgotten."""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.protocol.messages import Reason


class PersonSeen(Struct, frozen=True):
    """A holder as an operator sees them who compares two; ``phone_tail``: the last four digits."""

    wallet: int
    name: str
    kana: str | None
    birth_date: str | None  # YYYY-MM-DD
    phone_tail: str


class Review(Struct, frozen=True):
    """Two wallets that may be one person's (N13), and what was decided; null while nothing was.

    ``person`` holds the newer wallet. A person who was erased meanwhile is null.
    """

    review: int
    wallet: int
    other: int
    likeness: str  # born_the_same_day | named_the_same
    person: PersonSeen | None
    other_person: PersonSeen | None
    opened_at: int
    decided_at: int | None
    decided_by: str | None
    same_person: bool | None


class Reviews(Struct, frozen=True):
    """Newest first; ``next`` is the ``before`` of the following page."""

    reviews: list[Review]
    next: int | None


class Decide(Struct, frozen=True, forbid_unknown_fields=True):
    """``same_person``: the newer wallet is frozen. Otherwise both go on, and a wallet that this
    review had frozen is opened again.
    """

    same_person: bool


class Erase(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a person is forgotten, and the wallet once more, so that no slip of a finger does it."""

    wallet: Annotated[int, Meta(ge=1)]
    reason: Reason


class Erased(Struct, frozen=True):
    """What is gone: the person. ``sessions``: so many screens were signed out."""

    wallet: int
    sessions: int
