"""Bodies about expiry (H5): what a midnight carries away, and what became of it."""

from datetime import date

from msgspec import Struct


class ExpiryEnding(Struct, frozen=True):
    """Value of one kind and funder that ends: for so many people, in yen; ``largest``: what the
    most of it is in one wallet. ``purpose``: what it is for then; None: it goes back to its fund.
    """

    instrument: str
    funder: str
    purpose: str | None
    people: int
    amount: int
    largest: int


class LargestLoss(Struct, frozen=True):
    """What one wallet loses, in yen."""

    wallet: int
    amount: int


class ExpiryRun(Struct, frozen=True):
    """The run of the midnight with which ``day`` begins. ``listed`` and ``done``: wallets and where
    their value goes; ``amount``: yen carried away so far. Instants in ms since 1970.
    """

    day: date
    listed: int
    done: int
    amount: int
    started_at: int
    finished_at: int | None


class ExpiryPreview(Struct, frozen=True):
    """What would be carried away at the midnight (``boundary``, ms since 1970) with which ``day``
    begins, if nobody used anything until then; and the run of that midnight, once it has begun:
    what it has done already is not in the preview.
    """

    day: date
    boundary: int
    people: int
    amount: int
    endings: list[ExpiryEnding]
    largest: list[LargestLoss]
    run: ExpiryRun | None


class ExpiryRuns(Struct, frozen=True):
    """A page of runs, newest first; ``next``: the ``before`` of the next page."""

    runs: list[ExpiryRun]
    next: date | None


class PurposeSum(Struct, frozen=True):
    """What came to a purpose of value that nobody spent in time, in yen."""

    code: str
    name: str
    amount: int


class PurposeSums(Struct, frozen=True):
    """All of the town's purposes."""

    purposes: list[PurposeSum]
