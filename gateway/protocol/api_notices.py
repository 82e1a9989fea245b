"""Bodies about notices (お知らせ): what waits at a wallet or a shop until somebody has read it."""

from typing import Annotated

from msgspec import Meta, Struct


class EndingPart(Struct, frozen=True):
    """So many yen of one kind of value."""

    instrument: str
    amount: int


class ExpiryWarning(Struct, frozen=True, tag_field="kind", tag="expiry_warning"):
    """``days`` after the day of the notice ``parts`` end, unless they are spent before; the first
    of them at ``ends_at`` (ms since 1970), from when on it cannot be spent.
    """

    days: int
    ends_at: int
    parts: list[EndingPart]


class NoticeLine(Struct, frozen=True):
    """A notice; its body's ``kind`` says what it tells. ``at``: ms since 1970."""

    notice: int
    at: int
    read: bool
    body: ExpiryWarning


class Notices(Struct, frozen=True):
    """A page of notices, newest first; ``next``: the ``before`` of the next page. ``unread``: how
    many in all nobody has read.
    """

    notices: list[NoticeLine]
    next: int | None
    unread: int


class ReadNotices(Struct, frozen=True, forbid_unknown_fields=True):
    """All notices up to the number ``up_to`` are read."""

    up_to: Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]


class UnreadNotices(Struct, frozen=True):
    """How many nobody has read."""

    unread: int
