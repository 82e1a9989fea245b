"""Shops, found by whoever looks for one (mission rows N4 and R7).

By words of name, reading and address (parts of words too), kind, area, the groups they belong to,
distance, and whether they are open at an instant. Nearest first where a point is given, else the
oldest first. A page goes on behind the last shop of the one before, so it costs the same however
far somebody reads.
"""

from datetime import date
from math import cos, radians

from msgspec import Struct

from ledger.accounts import Shop
from ledger.database import Executor, chosen, fetch_rows, load_queries
from ledger.shops.listings import Listing, Place, listing_of
from ledger.shops.words import grams

SQL = load_queries("shops")

METRES_PER_DEGREE = 111_195.0  # Of latitude, on the sphere that distances are told by.


class Box(Struct, frozen=True):
    """A part of the map, in degrees; its borders belong to it."""

    south: float
    west: float
    north: float
    east: float

    def within(self, other: "Box") -> "Box":
        """What the two have in common."""
        return Box(
            max(self.south, other.south),
            max(self.west, other.west),
            min(self.north, other.north),
            min(self.east, other.east),
        )


class Moment(Struct, frozen=True):
    """When somebody looks, in the town's own time: the minute of the week, and the day."""

    minute: int
    day: date


class Wanted(Struct, frozen=True):
    """What somebody looks for; what is None bounds nothing. ``needles``: all of them are found.
    ``groups``: the shop belongs to one of them. ``after``: behind this shop, at so many metres.
    """

    needles: list[str] | None = None
    kind: str | None = None
    area: str | None = None
    groups: list[str] | None = None
    near: Place | None = None
    within_m: int | None = None
    box: Box | None = None
    open_now: bool = False
    after: tuple[int, int] | None = None


class Found(Struct, frozen=True):
    """A shop that fits. ``metres``: how far it is from the point, None where none was given."""

    shop: Shop
    groups: list[str]
    listing: Listing
    open_now: bool
    metres: int | None


class Choice(Struct, frozen=True):
    """A kind or an area, and how many shops there are of it."""

    code: str
    shops: int


def box_around(near: Place, within_m: int) -> Box:
    """A box that holds every point within so many metres, and some beyond."""
    tall = within_m / METRES_PER_DEGREE * 1.001
    wide = tall / max(0.01, cos(radians(near.latitude)))
    return Box(
        near.latitude - tall, near.longitude - wide, near.latitude + tall, near.longitude + wide
    )


async def search(
    pool: Executor, town: int, wanted: Wanted, moment: Moment, limit: int
) -> list[Found]:
    """At most ``limit`` shops that fit."""
    near, box = wanted.near, wanted.box
    if near is not None and wanted.within_m is not None:
        around = box_around(near, wanted.within_m)
        box = around if box is None else box.within(around)
    looked_for = wanted.needles or None
    sql, values = chosen(
        SQL["search"],
        town=town,
        minute=moment.minute,
        day=moment.day,
        needles=looked_for,
        grams=grams("\n".join(looked_for)) if looked_for else None,
        kind=wanted.kind,
        area=wanted.area,
        groups=wanted.groups,
        somewhere=near is not None,
        anywhere=near is None,
        latitude=near.latitude if near else None,
        longitude=near.longitude if near else None,
        within_m=wanted.within_m if near else None,
        south=box.south if box else None,
        west=box.west if box else None,
        north=box.north if box else None,
        east=box.east if box else None,
        open_now=wanted.open_now,
        after_metres=wanted.after[0] if wanted.after else None,
        after_shop=wanted.after[1] if wanted.after else None,
        most=limit,
    )
    return [
        Found(
            Shop(row["shop"], row["code"], row["title"], row["kind"], row["area"]),
            list(row["groups"] or ()),
            listing_of(row),
            row["open_now"],
            row["metres"] if near else None,
        )
        for row in await fetch_rows(pool, sql, *values)
    ]


async def choices(pool: Executor, town: int) -> tuple[list[Choice], list[Choice]]:
    """The kinds and the areas of the town's shops, those with the most shops first."""
    rows = await fetch_rows(pool, SQL["choices"], town)
    found = [(row["what"], Choice(row["code"], row["shops"])) for row in rows]
    kinds = [choice for what, choice in found if what == "kind"]
    return kinds, [choice for what, choice in found if what == "area"]
