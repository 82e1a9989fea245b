"""Bodies about draws: what is drawn, applications, purchaser numbers, and the console's side."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.protocol.api import Name, OneTimeCode, Phone, Secret
from gateway.protocol.messages import Reason

DrawCode = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$", max_length=40, description="Its own for ever.")
]
GroupCode = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$", max_length=31)]
Places = Annotated[int, Meta(ge=1, le=1_000_000)]
Units = Annotated[int, Meta(ge=1, le=100)]
Typed = Annotated[
    str,
    Meta(min_length=1, max_length=30, description="Digits; spaces and hyphens may stand in it."),
]
PostalCode = Annotated[
    str, Meta(min_length=7, max_length=12, description="Seven digits, such as 940-0062.")
]
Address = Annotated[str, Meta(min_length=2, max_length=200)]
StageName = Literal["to_come", "open", "over", "closed", "drawn", "published"]
StateName = Literal[
    "entered", "review", "refused", "withdrawn", "won", "waiting", "claimed", "lapsed"
]

# -- for everybody ---------------------------------------------------------------------------------


class DrawGroupInfo(Struct, frozen=True):
    """Applicants of a kind: ``places`` are their own, ``weight`` is tickets for each of them."""

    code: str
    name: str
    places: int
    weight: int


class DrawInfo(Struct, frozen=True):
    """A draw. ``amount``: the yen that a unit of a place may top up; null where it gives a coupon.

    ``stage``: to_come, open, over, closed (the list is frozen, ``digest`` is its SHA-256),
    published. ``commitment``: the SHA-256 of the seed that it is drawn by; the seed is in the
    published file. ``remainder``: where places go that a group cannot fill: general | kept.
    """

    code: str
    name: str
    stage: StageName
    places: int
    amount: int | None
    opens_at: int
    closes_at: int
    claim_until: int
    use_until: int
    remainder: Literal["general", "kept"]
    units_max: int
    groups: list[DrawGroupInfo]
    commitment: str
    digest: str | None


class Draws(Struct, frozen=True):
    """Newest first."""

    draws: list[DrawInfo]


class ApplyStart(Struct, frozen=True, forbid_unknown_fields=True):
    phone: Phone


class Apply(Struct, frozen=True, forbid_unknown_fields=True):
    """An application without a wallet; the code proves the phone. ``units``: how many units of
    what is offered one wishes for, which a place is then worth. ``device``: a random word that
    this browser keeps.
    """

    challenge: Secret
    code: OneTimeCode
    name: Name
    kana: Name
    birth_date: date
    postal_code: PostalCode
    address: Address
    group: GroupCode
    units: Units = 1
    device: Secret | None = None


class Applied(Struct, frozen=True):
    """``id`` is what the published list calls it; ``receipt`` asks for its state later.

    ``state``: entered, or review where an operator looks at it first.
    """

    id: str
    receipt: str
    state: StateName


class FindApplication(Struct, frozen=True, forbid_unknown_fields=True):
    receipt: Typed
    phone: Phone


class ApplicationInfo(Struct, frozen=True):
    """An application. Until the result is published its state is the one before the draw.

    ``reason``: why it was refused. ``claim_until``: until when to claim the place that it has won.
    """

    id: str
    draw: str
    name: str
    group: str
    units: int
    state: StateName
    applied_at: int
    reason: str | None
    claim_until: int | None


# -- the wallet ------------------------------------------------------------------------------------


class WalletApply(Struct, frozen=True, forbid_unknown_fields=True):
    """``kana`` and ``birth_date`` only where the wallet's holder was not asked for them before."""

    postal_code: PostalCode
    address: Address
    group: GroupCode
    units: Units = 1
    kana: Name | None = None
    birth_date: date | None = None


class Applications(Struct, frozen=True):
    """What this wallet applied for, and what it has claimed; newest first."""

    applications: list[ApplicationInfo]


class GivePurchaserNumber(Struct, frozen=True, forbid_unknown_fields=True):
    number: Typed


class Claimed(Struct, frozen=True):
    """The place is this wallet's: a right to top up ``amount`` yen, or (null) a coupon."""

    draw: str
    name: str
    amount: int | None
    use_until: int


class RightInfo(Struct, frozen=True):
    """A right to top up ``amount`` yen in all, of which ``left`` are left; ``offer``: its code."""

    offer: str
    name: str
    amount: int
    left: int
    use_until: int


class Rights(Struct, frozen=True):
    """What this wallet may still top up by its places, the one that ends soonest first."""

    rights: list[RightInfo]


# -- the console -----------------------------------------------------------------------------------


class NewDrawGroup(Struct, frozen=True, forbid_unknown_fields=True):
    code: GroupCode
    name: Name
    places: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    weight: Annotated[int, Meta(ge=1, le=100)] = 1


class NewDraw(Struct, frozen=True, forbid_unknown_fields=True):
    """A draw. Instants without an offset are the town's own time. One of ``amount`` (yen that a
    unit of a place may top up) and ``coupon`` (its code, of one unit). More applications than
    ``address_max`` from one address, or ``network_max`` within an hour from one network or
    browser, wait for an operator.
    """

    code: DrawCode
    name: Name
    places: Places
    opens_at: datetime
    closes_at: datetime
    claim_until: datetime
    use_until: datetime
    groups: Annotated[list[NewDrawGroup], Meta(min_length=1, max_length=100)]
    amount: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    coupon: DrawCode | None = None
    remainder: Literal["general", "kept"] = "general"
    redraw_days: Annotated[int, Meta(ge=1, le=365)] = 14
    units_max: Units = 1
    address_max: Annotated[int, Meta(ge=1, le=1_000)] = 4
    network_max: Annotated[int, Meta(ge=1, le=10_000)] = 10


class GroupCount(Struct, frozen=True):
    """So many applications of a group in a state, and the units they wish for together."""

    group: str
    state: StateName
    applications: int
    units: int


class DrawProgress(Struct, frozen=True):
    """How far a draw is. ``round``: 1 is the first draw. ``notices``: by waiting, sending, sent,
    failed and void. ``free``: places won and not claimed.
    """

    draw: DrawInfo
    round: int
    counts: list[GroupCount]
    notices: dict[str, int]
    free: int
    awarded: int


class ApplicantSeen(Struct, frozen=True):
    """An applicant as an operator sees them; ``phone_tail``: the last four digits."""

    name: str
    kana: str
    birth_date: str
    postal_code: str
    address: str
    phone_tail: str


class ApplicationReview(Struct, frozen=True):
    """An application that waits for an operator, and who made it (null: erased).

    ``reasons``: born_the_same_day, named_the_same, address, network, device. ``likes``: numbers of
    the applications that it is like.
    """

    application: int
    id: str
    group: str
    reasons: list[str]
    likes: list[int]
    applied_at: int
    applicant: ApplicantSeen | None


class ApplicationReviews(Struct, frozen=True):
    """Oldest first."""

    reviews: list[ApplicationReview]


class DecideApplication(Struct, frozen=True, forbid_unknown_fields=True):
    """``reason`` is told to the applicant; needed to refuse."""

    accept: bool
    reason: Reason | None = None


class EraseApplicant(Struct, frozen=True, forbid_unknown_fields=True):
    """Why an applicant is forgotten; the application once more, so that no slip does it."""

    application: Annotated[int, Meta(ge=1)]
    reason: Reason


class Decided(Struct, frozen=True):
    application: int
    state: StateName
