"""Bodies about shops: what they tell about themselves, and how they are found."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

HourOfDay = Annotated[
    str,
    Meta(
        pattern=r"^(([01][0-9]|2[0-9]):[0-5][0-9]|30:00)$",
        description="HH:MM; an hour past midnight is told as of the day before: 26:00.",
    ),
]
Weekday = Annotated[int, Meta(ge=1, le=7, description="1 is Monday.")]
LanguageCode = Annotated[str, Meta(pattern=r"^[a-z]{2}(-[A-Za-z]{2,8})?$", max_length=11)]
ShopName = Annotated[str, Meta(min_length=1, max_length=60)]
ShopKind = Annotated[str, Meta(min_length=1, max_length=60)]
ShopArea = Annotated[str, Meta(min_length=1, max_length=60)]


class MapPlace(Struct, frozen=True, forbid_unknown_fields=True):
    """A point on the map, in degrees (WGS 84)."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class OpenHours(Struct, frozen=True, forbid_unknown_fields=True):
    """Open on a weekday from ``opens`` to before ``closes``, in the town's own time."""

    day: Weekday
    opens: HourOfDay
    closes: HourOfDay


class ShopListing(Struct, frozen=True, forbid_unknown_fields=True):
    """What a shop tells everybody about itself. ``kana``: how its name is read. ``closed_on``:
    single days on which it is closed whatever its hours say. ``languages``: spoken there.
    """

    kana: Annotated[str, Meta(max_length=60)] = ""
    address: Annotated[str, Meta(max_length=200)] = ""
    place: MapPlace | None = None
    hours: Annotated[list[OpenHours], Meta(max_length=35)] = []
    closed_on: Annotated[list[date], Meta(max_length=60)] = []
    languages: Annotated[list[LanguageCode], Meta(max_length=20)] = []
    telephone: Annotated[str, Meta(pattern=r"^[0-9+() -]{0,20}$")] = ""
    about: Annotated[str, Meta(max_length=500)] = ""


# -- finding ---------------------------------------------------------------------------------------


class ShopSearchQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked for; all of it has to fit. ``text``: words, or parts of words, of name,
    reading and address. ``accepts``: the code of a kind of value. ``near``: a point as
    "latitude,longitude"; ``within_m``: so many metres from there at most. ``box``: a part of the
    map as "south,west,north,east". ``after``: ``next`` of the page before.
    """

    text: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    kind: ShopKind | None = None
    area: ShopArea | None = None
    accepts: Annotated[str, Meta(min_length=1, max_length=31)] | None = None
    near: Annotated[str, Meta(max_length=60)] | None = None
    within_m: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    box: Annotated[str, Meta(max_length=120)] | None = None
    open_now: bool = False
    after: Annotated[str, Meta(pattern=r"^[0-9]{1,8}-[0-9]{1,15}$")] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class FoundShop(Struct, frozen=True):
    """A shop that fits. ``metres``: from the point that was asked for. ``accepts``: the codes of
    the kinds of value that can be spent there.
    """

    shop: int
    code: str
    name: str
    kind: str
    area: str
    accepts: list[str]
    open_now: bool
    metres: int | None
    listing: ShopListing


class FoundShops(Struct, frozen=True):
    """Nearest first where a point was given, else the oldest first. ``next`` is the ``after`` of
    the following page.
    """

    shops: list[FoundShop]
    next: str | None


class ShopChoice(Struct, frozen=True):
    """A kind or an area, and how many shops there are of it."""

    code: str
    shops: int


class ShopChoices(Struct, frozen=True):
    """What a search can be narrowed by, those with the most shops first."""

    kinds: list[ShopChoice]
    areas: list[ShopChoice]
