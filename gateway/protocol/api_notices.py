"""Bodies about notices (お知らせ): what waits at a wallet or a shop until somebody has read it."""

from typing import Annotated, Literal

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


class NoticePicture(Struct, frozen=True):
    """A picture of a circular, to be got at ``path`` below the API's own address; its size in
    pixels. ``alt``: what is to be seen on it.
    """

    path: str
    width: int
    height: int
    alt: str


class Circular(Struct, frozen=True, tag_field="kind", tag="circular"):
    """What an operator wrote to many, in the ``language`` that was asked for, or in the first of
    the town's languages that it was written in.
    """

    language: str
    title: str
    text: str
    pictures: list[NoticePicture]


class Answer(Struct, frozen=True, tag_field="kind", tag="answer"):
    """The operator's answer to what this wallet or shop has sent: a proposal by its text, a shop
    request by the shop's name (``asked``).
    """

    about: Literal["proposal", "shop_request"]
    number: int
    asked: str
    text: str


class NoticeLine(Struct, frozen=True):
    """A notice; its body's ``kind`` says what it tells. ``at``: ms since 1970."""

    notice: int
    at: int
    read: bool
    body: ExpiryWarning | Circular | Answer


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
