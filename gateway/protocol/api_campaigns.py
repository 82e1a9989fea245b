"""Bodies about campaigns (H3): what operators make, and what everybody may see of them."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from gateway.protocol.api import Name

Trigger = Literal["top_up", "payment", "issue"]
CampaignCode = Annotated[
    str,
    Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$", max_length=40, description="Its own for ever."),
]
LocalTime = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$",
        max_length=19,
        description="An instant on the town's own clocks, such as 2027-04-01T00:00.",
    ),
]
Hour = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$",
        max_length=5,
        description="On the town's clocks, 00:00 to 24:00.",
    ),
]
Month = Annotated[
    str, Meta(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$", max_length=7, description="Such as 2027-03.")
]
BasisPoints = Annotated[
    int, Meta(ge=1, le=100_000, description="Hundredths of a per cent: 100 are 1 %.")
]
CampaignYen = Annotated[int, Meta(ge=1, le=1_000_000_000)]
GroupCode = Annotated[str, Meta(min_length=1, max_length=40)]


class DiceFace(Struct, frozen=True, forbid_unknown_fields=True):
    """A face comes ``weight`` times in as many throws as all weights together; it multiplies the
    rate by ``factor``.
    """

    weight: Annotated[int, Meta(ge=1, le=1_000_000)]
    factor: Annotated[int, Meta(ge=0, le=100)]


class NewCampaign(Struct, frozen=True, forbid_unknown_fields=True):
    """From ``starts_at`` to before ``ends_at``, each top-up, payment or giving of points by a shop
    (``trigger``) gives so many ``basis_points`` of what was moved, in ``instrument``.

    ``source``: only what moved in this kind of value counts; none: the whole payment, or the points
    issued. Who pays: the fund of a ``programme``, or the campaign's own with ``budget`` yen; with
    neither the shop does, which only points that shops issue can do. ``entry_max`` and
    ``person_max``: what it gives at most at once, and to one wallet. ``priority``: where only the
    first of several campaigns gives, the lowest number is. ``weekdays``: 1 is Monday.
    ``hours_from`` and ``hours_to``: hours that end before they begin run past midnight and belong
    to the day on which they began. A list that is not empty is a condition, and all have to be met:
    ``shops`` by number, ``shop_groups`` by the codes of the town's profile, ``terminal_groups`` as
    terminals are in them. ``dice``: 2 to 20 faces.
    """

    code: CampaignCode
    name: Name
    trigger: Trigger
    instrument: str
    basis_points: BasisPoints
    starts_at: LocalTime
    ends_at: LocalTime
    source: str | None = None
    rounding: Literal["down", "up", "half_up"] = "down"
    programme: str | None = None
    budget: CampaignYen | None = None
    entry_max: CampaignYen | None = None
    person_max: CampaignYen | None = None
    priority: Annotated[int, Meta(ge=1, le=1_000)] = 100
    weekdays: Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(max_length=7)] = []
    month_days: Annotated[list[Annotated[int, Meta(ge=1, le=31)]], Meta(max_length=31)] = []
    hours_from: Hour | None = None
    hours_to: Hour | None = None
    shop_groups: Annotated[list[GroupCode], Meta(max_length=100)] = []
    shops: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(max_length=500)] = []
    terminal_groups: Annotated[list[GroupCode], Meta(max_length=100)] = []
    dice: Annotated[list[DiceFace], Meta(max_length=20)] = []


class PreviewCampaign(Struct, frozen=True, forbid_unknown_fields=True):
    """The terms as they would be, looked at over a month that has passed; without one, the last."""

    campaign: NewCampaign
    month: Month | None = None


class StopCampaign(Struct, frozen=True, forbid_unknown_fields=True):
    """From ``at`` on it gives nothing; without it, ten seconds from now."""

    at: LocalTime | None = None


class ChangeRate(Struct, frozen=True, forbid_unknown_fields=True):
    """From ``at`` on another campaign of the code ``code`` goes on at this rate, for all that the
    present one is for; without ``at``, ten seconds from now. ``dice``: other faces; without it, the
    same.
    """

    code: CampaignCode
    basis_points: BasisPoints
    at: LocalTime | None = None
    dice: Annotated[list[DiceFace], Meta(max_length=20)] | None = None


class Campaign(Struct, frozen=True):
    """A campaign, as everybody may see it. Instants in ms since 1970.

    ``instrument`` is empty where the town has that kind of value no longer. ``state``: to_come,
    running or over; ``stopped_at``: stopped before its end. ``commitment``: SHA-256 of the dice's
    ``seed`` (both hexadecimal), which is published when the campaign is over.
    Then ``GET /campaigns/{code}/throws`` tells every face, and everybody can throw again: the first
    8 bytes of SHA-256 over the seed and the payment's 16 bytes are a big-endian number, taken
    modulo the sum of the weights and counted through the faces in their order.
    """

    code: str
    name: str
    state: str
    trigger: str
    source: str | None
    instrument: str
    basis_points: int
    rounding: str
    entry_max: int | None
    person_max: int | None
    starts_at: int
    ends_at: int
    stopped_at: int | None
    weekdays: list[int]
    month_days: list[int]
    hours_from: str | None
    hours_to: str | None
    shop_groups: list[str]
    shops: list[int]
    terminal_groups: list[str]
    dice: list[DiceFace]
    commitment: str | None
    seed: str | None


class Campaigns(Struct, frozen=True):
    """Those to come and running, and those that were over lately; the newest first."""

    campaigns: list[Campaign]


class CampaignLine(Struct, frozen=True):
    """A campaign as the console shows it. ``fund``: whose budget it gives from, None: the shop
    pays; ``budget_left``: what that may still give (yen), None: no bound. It gave ``granted`` yen
    in ``grants`` entries so far.
    """

    campaign: Campaign
    priority: int
    fund: str | None
    budget_left: int | None
    grants: int
    granted: int


class CampaignLines(Struct, frozen=True):
    """The newest first; ``next``: send it as ``before`` to go on."""

    campaigns: list[CampaignLine]
    next: int | None


class OverlappingCampaign(Struct, frozen=True):
    """Another campaign that can apply to the same act, and which then gives: ``both``, the
    ``greater`` of the two, ``this`` one or the ``other``.
    """

    code: str
    name: str
    gives: str


class KeptCampaign(Struct, frozen=True):
    """The campaign as it is now. ``overlap``: what the town's profile makes of several campaigns
    that apply to one act (add, best, first); ``overlaps``: those that can.
    """

    campaign: Campaign
    overlap: str
    overlaps: list[OverlappingCampaign]


class CampaignShopCost(Struct, frozen=True):
    """What it would have given at one shop."""

    shop: int
    name: str
    acts: int
    people: int
    amount: int


class CampaignCost(Struct, frozen=True):
    """What the campaign would have given in ``month``: ``amount`` yen in ``acts`` acts of
    ``people`` wallets, and the ten shops where it would have given most.

    ``budget``: what may be given (yen), None: no bound. ``used_up_at``: when the first grant would
    have found too little of it left. ``mean``: dice were reckoned by their mean. Acts that were
    given back whole are left out, and so are other campaigns, which can take from this one.
    """

    month: str
    acts: int
    people: int
    amount: int
    shops: list[CampaignShopCost]
    budget: int | None
    used_up_at: int | None
    mean: bool


class DiceThrow(Struct, frozen=True):
    """The face (counted from 1) that the dice showed for a payment, by its id."""

    entry: int
    id: UUID
    face: int


class DiceThrows(Struct, frozen=True):
    """In the order of entries; ``next``: send it as ``after`` to go on."""

    seed: str
    commitment: str
    dice: list[DiceFace]
    throws: list[DiceThrow]
    next: int | None
