"""Kinds of value: their words, where and in what order they are spent, when they expire."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta, Struct

from config.profile.amounts import Code, Words


class Expiry(Struct, frozen=True, forbid_unknown_fields=True):
    """When value can be spent no more. One of these forms; none of them: never.

    ``months`` and ``days`` count from the grant, in the town's time zone, up to ``at``. ``date`` is
    the last day, the same for everybody. ``idle_days`` count from when the wallet was last used.
    """

    months: Annotated[int, Meta(ge=0, le=120)] | None = None
    days: Annotated[int, Meta(ge=0, le=3660)] | None = None
    at: Literal["instant", "day_end", "month_end"] = "day_end"
    date: dt.date | None = None
    idle_days: Annotated[int, Meta(ge=1, le=3660)] | None = None


class Instrument(Struct, frozen=True, forbid_unknown_fields=True):
    """``number`` stands in the journal and is never given to another kind of value.

    ``unit_yen`` is what one unit is worth and the step in which it is spent: 1, or 500 for a book
    of tickets of 500 yen. ``shops`` are the groups of shops that take it; none: all shops.
    ``mixes`` is false where it pays a whole amount alone or not at all. A ``coupon`` exists within
    one payment only: its fund pays it in and the shop has it. ``expired_to``: the purpose that gets
    what expired; none: whoever paid for it has it back.
    """

    number: Annotated[int, Meta(ge=1, le=999)]
    code: Code
    kind: Literal["coin", "points", "voucher", "ticket", "coupon"]
    name: Words
    unit: Words
    spend_order: Annotated[int, Meta(ge=1, le=999)]
    unit_yen: Annotated[int, Meta(ge=1, le=100_000)] = 1
    shops: list[str] = []
    mixes: bool = True
    expires: Expiry = Expiry()
    expired_to: Code | None = None


class GrantRule(Struct, frozen=True, forbid_unknown_fields=True):
    """So many basis points of what moved in ``of`` are given in ``instrument``, paid by ``funder``.

    A premium is a grant of a voucher on its own top-up. ``ways`` narrows top-ups to these ways;
    none: every way.
    """

    on: Literal["top_up", "payment"]
    of: str
    instrument: str
    basis_points: Annotated[int, Meta(ge=0, le=100_000)]
    rounding: Literal["down", "up", "half_up"]
    funder: Code
    ways: list[str] = []
