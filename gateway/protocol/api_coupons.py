"""Bodies about coupons and the offers of them (C2, C9): what operators make, what wallets see."""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.protocol.api import Name
from gateway.protocol.api_campaigns import GroupCode, Hour, LocalTime

CouponCode = Annotated[
    str,
    Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$", max_length=40, description="Its own for ever."),
]
FundCode = Annotated[
    str,
    Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$", max_length=40, description="Whose budget pays."),
]
CouponYen = Annotated[int, Meta(ge=1, le=10_000_000)]
BudgetYen = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]

# -- at the console --------------------------------------------------------------------------------


class NewCoupon(Struct, frozen=True, forbid_unknown_fields=True):
    """A coupon takes ``discount`` yen off a payment, or ``basis_points`` of it, at most
    ``discount_max`` yen; never more than the payment.

    ``fund``: the code of a fund with a budget: a programme's, another coupon's, or a new one, which
    ``budget`` yen open. ``minimum``: the least payment in yen. From ``starts_at`` to before
    ``ends_at``, on the ``weekdays`` (1 is Monday) and ``month_days`` if any are named, from
    ``hours_from`` to before ``hours_to``; hours that end before they begin run past midnight.
    ``shops`` by number and ``shop_groups`` by the codes of the town's profile; empty: everywhere.
    ``per_person``: how often one wallet uses it; none: always. ``awarded``: only who has a place of
    an offer, once a place. ``survey``: only who answered this one. ``mixes``: beside others.
    """

    code: CouponCode
    name: Name
    fund: FundCode
    starts_at: LocalTime
    ends_at: LocalTime
    budget: BudgetYen | None = None
    instrument: str | None = None  # The kind of value its part is booked as; none: the only one.
    discount: CouponYen | None = None
    basis_points: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    discount_max: CouponYen | None = None
    minimum: CouponYen = 1
    weekdays: Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(max_length=7)] = []
    month_days: Annotated[list[Annotated[int, Meta(ge=1, le=31)]], Meta(max_length=31)] = []
    hours_from: Hour | None = None
    hours_to: Hour | None = None
    shop_groups: Annotated[list[GroupCode], Meta(max_length=100)] = []
    shops: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(max_length=500)] = []
    per_person: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    awarded: bool = False
    survey: CouponCode | None = None
    mixes: bool = False


class CouponTerms(Struct, frozen=True):
    """What a coupon is worth, where and when; see `NewCoupon`. Instants in ms since 1970."""

    coupon: int
    code: str
    name: str
    discount: int | None
    basis_points: int | None
    discount_max: int | None
    minimum: int
    starts_at: int
    ends_at: int
    weekdays: list[int]
    month_days: list[int]
    hours_from: str | None
    hours_to: str | None
    shop_groups: list[str]
    shops: list[int]
    per_person: int | None
    awarded: bool
    survey: str | None
    mixes: bool


class CouponLine(Struct, frozen=True):
    """A coupon as the console shows it. It paid ``paid`` yen in ``uses`` payments so far; uses that
    were given back whole are not among them. ``ceiling``, ``granted`` and ``reserved``: the whole
    budget of its fund, in yen, which others may use too.
    """

    terms: CouponTerms
    instrument: str
    fund: str
    stopped_at: int | None
    uses: int
    paid: int
    ceiling: int
    granted: int
    reserved: int


class CouponLines(Struct, frozen=True):
    """The newest first; ``next``: send it as ``before`` to go on."""

    coupons: list[CouponLine]
    next: int | None


class Ceiling(Struct, frozen=True, forbid_unknown_fields=True):
    """What a budget may give in all, in yen."""

    ceiling: BudgetYen


class NewOffer(Struct, frozen=True, forbid_unknown_fields=True):
    """An offer of so many ``places``, at most one a wallet, to who comes first: a ``coupon`` (a
    round of it, whose largest discount is kept in the budget for each place), or the right to top
    up ``amount`` yen. Draws are opened by `POST console/draws`.

    Places are claimed from ``opens_at`` to before ``closes_at``, and are worth
    something to before ``use_until``. What nobody used by then is the budget's again.
    """

    code: CouponCode
    name: Name
    places: Annotated[int, Meta(ge=1, le=1_000_000)]
    opens_at: LocalTime
    closes_at: LocalTime
    use_until: LocalTime
    coupon: CouponCode | None = None
    amount: CouponYen | None = None


class OfferLine(Struct, frozen=True):
    """An offer. ``awarded``: places that somebody has; ``reserve``: yen kept a place. ``coupon`` by
    its number. Instants in ms since 1970; ``ended_at``: what was not used went back.
    """

    offer: int
    code: str
    name: str
    gives: str
    coupon: int | None
    amount: int | None
    awarding: str
    places: int
    awarded: int
    reserve: int
    opens_at: int
    closes_at: int
    use_until: int
    ended_at: int | None


class OfferLines(Struct, frozen=True):
    """The newest first."""

    offers: list[OfferLine]


# -- in a wallet -----------------------------------------------------------------------------------


class WalletCoupon(Struct, frozen=True):
    """A coupon that is this wallet's to use, now or later.

    ``why_not``: null if it can be used at this moment, else why not, as a payment would be refused
    (coupon_closed, coupon_not_yours, coupon_used, over_budget). ``until``: when it is over for this
    wallet, ms since 1970; ``uses_left``: how often it can still be used, null: always.
    """

    terms: CouponTerms
    why_not: str | None
    until: int
    uses_left: int | None


class WalletCoupons(Struct, frozen=True):
    """Those over soonest first."""

    coupons: list[WalletCoupon]


class WalletOffer(Struct, frozen=True):
    """An offer that is to come or open, or whose place this wallet has. ``left``: places that
    nobody has yet; ``place``: this wallet's own, the first is 1.
    """

    offer: int
    code: str
    name: str
    gives: str
    coupon: CouponTerms | None
    amount: int | None
    awarding: str
    places: int
    left: int
    opens_at: int
    closes_at: int
    use_until: int
    place: int | None


class WalletOffers(Struct, frozen=True):
    """Those closing soonest first."""

    offers: list[WalletOffer]


class ClaimedPlace(Struct, frozen=True):
    """The wallet's place of the offer; claiming again tells the same. The first is 1."""

    offer: int
    place: int
    use_until: int
