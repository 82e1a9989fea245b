"""The HTTP API's bodies about first-come sales: what is sold, and where somebody stands."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

PlaceState = Literal["waiting", "served", "sold_out", "not_open", "closed", "refused"]
Ticket = Annotated[str, Meta(min_length=1, max_length=64)]
Age = Annotated[int, Meta(ge=1, le=120)]


class JoinSale(Struct, frozen=True, forbid_unknown_fields=True):
    """``ticket``: the one that the last answer gave, if there was one. It keeps the place that it
    was given with, whatever happened meanwhile.
    """

    ticket: Ticket | None = None


class PlaceQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``ticket``: as for joining; it opens nothing without its wallet's session."""

    ticket: Ticket | None = None


class SalePlace(Struct, frozen=True):
    """Where a wallet stands in a sale.

    - ``waiting``: ``place`` in the order and how many are ``before`` it, as far as it is known
      (before the opening there is no order yet); ``estimate_s``, from the measured pace, until it
      is their turn.
    - ``served``: the wallet has a place, number ``place``.
    - ``sold_out``: all places are sold, or those who stand before take all that are left. Where
      ``ask_again_s`` is told, the latter: somebody who cannot take theirs would leave one over.
    - ``not_open``: it is not time yet to come.
    - ``closed``: the sale's time is over, and the wallet has no place.
    - ``refused``: the wallet cannot buy; ``reason`` tells why.

    ``ticket`` keeps the place; send it with every question. Ask again after ``ask_again_s``, not
    before; null: the answer will not change.
    """

    state: PlaceState
    at: int
    opens_at: int
    closes_at: int
    place: int | None = None
    before: int | None = None
    estimate_s: int | None = None
    ask_again_s: int | None = None
    reason: Literal["phone_needed", "age_unknown", "too_young", "wallet_frozen"] | None = None
    ticket: str | None = None


class SaleInfo(Struct, frozen=True):
    """A first-come sale. ``commitment``: the SHA-256 of the ``seed`` that orders those who come
    before the opening; the seed itself is told when the sale is over.
    """

    offer: int
    code: str
    name: str
    places: int
    sold: int
    room_opens_at: int
    opens_at: int
    closes_at: int
    age_min: int | None
    commitment: str
    seed: str | None


class Sales(Struct, frozen=True):
    """Sales to come, open, and over since a while, soonest opening first."""

    at: int
    sales: list[SaleInfo]


class SaleTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may buy. ``age_min``: from this age on; null: everybody. The places of a coupon's round
    for which this was said are not claimed any more, but sold by the queue.
    """

    age_min: Age | None
