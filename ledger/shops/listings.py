"""Listings (掲載): what a shop tells everybody about itself.

Each shop has one from the moment it is opened, be it empty. A shop's manager changes it at any
time; the name, which stands on receipts and statements, changes through `ledger.shops.changes`.
"""

from collections.abc import Sequence
from datetime import date

import asyncpg
from asyncpg import Range
from msgspec import Struct

from ledger.database import Executor, fetch_row, load_queries
from ledger.shops.hours import Hours, open_minutes
from ledger.shops.words import grams, words_of

SQL = load_queries("shops")


class Place(Struct, frozen=True):
    """A point on the map, in degrees (WGS 84)."""

    latitude: float
    longitude: float


class Listing(Struct, frozen=True):
    """What a shop tells about itself. ``kana``: how its name is read. ``closed_on``: single days
    on which it is closed whatever its hours say, with the nights that begin on them.
    ``languages``: those that are spoken there.
    """

    kana: str = ""
    address: str = ""
    place: Place | None = None
    hours: Sequence[Hours] = ()
    closed_on: Sequence[date] = ()
    languages: Sequence[str] = ()
    telephone: str = ""
    about: str = ""


COLUMNS = (
    *("town", "shop", "kana", "address", "latitude", "longitude", "hours", "open_minutes"),
    *("closed_on", "languages", "telephone", "about", "words", "grams"),
)


def row_of(town: int, shop: int, name: str, listing: Listing) -> tuple[object, ...]:
    """A listing as it is kept, in the order of `COLUMNS`."""
    place, words = listing.place, words_of(name, listing.kana, listing.address)
    return (
        town,
        shop,
        listing.kana,
        listing.address,
        place.latitude if place else None,
        place.longitude if place else None,
        [[each.day, each.from_minute, each.to_minute] for each in listing.hours],
        [Range(begin, end) for begin, end in open_minutes(listing.hours)],
        list(listing.closed_on),
        list(listing.languages),
        listing.telephone,
        listing.about,
        words,
        grams(words),
    )


def listing_of(row: asyncpg.Record) -> Listing:
    """A listing from a row that has its columns by name."""
    latitude, longitude = row["latitude"], row["longitude"]
    return Listing(
        kana=row["kana"],
        address=row["address"],
        place=None if latitude is None else Place(latitude, longitude),
        hours=tuple(Hours(*each) for each in row["hours"]),
        closed_on=tuple(row["closed_on"]),
        languages=tuple(row["languages"]),
        telephone=row["telephone"],
        about=row["about"],
    )


async def listing(pool: Executor, town: int, shop: int) -> Listing | None:
    """What a shop tells about itself; None where there is no such shop."""
    row = await fetch_row(pool, SQL["listing"], town, shop)
    return listing_of(row) if row else None


async def keep(pool: Executor, town: int, shop: int, name: str, listing: Listing) -> None:
    """From now on the shop, which is called ``name``, tells this."""
    await fetch_row(pool, SQL["keep_listing"], *row_of(town, shop, name, listing))
