"""How a town gives beyond its ways and grants, and where value goes that nobody spent in time."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from config.profile.amounts import Code, SomeYen, Words


class CampaignsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """``overlap``: where several campaigns apply to one act, all of them give ("add"), the one that
    gives most ("best"), or the one that an operator put first ("first").
    """

    overlap: Literal["add", "best", "first"] = "add"


class IssuingSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Shops give ``points`` of ``instrument`` for each whole ``per_yen`` yen of a purchase.

    A purchase is at most ``purchase_max`` yen. ``funder``: who is named on the points as the one
    that paid for them; each shop owes the town for what it gave.
    """

    instrument: str
    per_yen: SomeYen
    points: SomeYen
    purchase_max: SomeYen
    funder: Code = "shop"


class PurposeSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What expired value is for where it does not go back to its fund: publicity, a donation."""

    code: Code
    name: Words


class ExpirySection(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the end of value is told, and when it is carried out.

    People are warned so many days before (``warn_days``), at the town's ``warn_at`` o'clock. What
    has expired goes ``grace_s`` seconds after the town's midnight, so that payments under way then
    are decided first.
    """

    warn_days: list[Annotated[int, Meta(ge=1, le=366)]] = field(default_factory=lambda: [30, 7, 1])
    warn_at: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "10:00"
    grace_s: Annotated[int, Meta(ge=0, le=21_600)] = 300
