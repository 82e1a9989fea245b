"""Ways in and out: by whom value comes into a wallet, at what amounts, and how soon it is spent."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from config.profile.amounts import Code, SomeYen, Words, Yen


class Way(Struct, frozen=True, forbid_unknown_fields=True):
    """One way of topping up.

    ``kind`` says who vouches for the money: a shop that took cash, an outside ``provider`` named by
    its adapter's code, a card with a serial code, or the company whose points are exchanged.
    ``min``, ``max``, ``step``, ``day_max``, ``month_max``: yen; days and months are the town's.
    ``hold_s``: fresh value cannot be spent so long. An account younger than ``new_account_days``
    tops up at most ``new_account_day_max`` yen a day by this way. An exchange gives
    ``rate_numerator`` of ours for ``rate_denominator`` of theirs; ``out``: also the other way.
    ``funder`` is who paid for the value: the user, unless it was given to them. ``needs_right``:
    only who was awarded a place of an offer tops up by it, up to what the place is worth.
    """

    code: Code
    kind: Literal["shop", "provider", "serial", "exchange"]
    name: Words
    instrument: str
    min: SomeYen
    max: SomeYen
    step: SomeYen
    provider: Code | None = None
    day_max: SomeYen | None = None
    month_max: SomeYen | None = None
    hold_s: Annotated[int, Meta(ge=0, le=31 * 86_400)] = 0
    new_account_days: Annotated[int, Meta(ge=0, le=366)] = 0
    new_account_day_max: Yen | None = None
    rate_numerator: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    rate_denominator: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    out: bool = False
    funder: Code = "user"
    needs_right: bool = False
