"""The HTTP API's bodies about a payment that somebody thinks of."""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.protocol.messages import AMOUNT_MAX, Grant, Part


class PreviewQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A payment that somebody thinks of. ``coupons``: numbers of those that would pay a part, with
    commas between them.
    """

    shop: Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
    coupons: Annotated[
        str, Meta(pattern=r"^([1-9][0-9]{0,14}(,[1-9][0-9]{0,14}){0,9})?$", max_length=160)
    ] = ""


class UsedLot(Struct, frozen=True):
    """So much of one lot; ``funder`` says whose money it is, ``expires_at`` None: never."""

    instrument: str
    amount: int
    funder: str
    expires_at: int | None


class Preview(Struct, frozen=True):
    """What the payment would come to now. ``outcome``: ``done``, or why it would be refused.

    ``asks``: the same was paid a moment ago, so the payer would be asked first. ``parts``: the
    amount by kind of value, with what coupons pay. ``lots``: what would be used of the wallet, in
    the order of spending. ``available``: what could be spent there, where it is not enough.
    ``limit``: the town's figure that it is beyond. ``balance``: what would be left, by instrument.
    """

    outcome: str
    asks: bool
    parts: list[Part]
    lots: list[UsedLot]
    granted: list[Grant]
    available: int | None
    limit: int | None
    balance: dict[str, int] | None
