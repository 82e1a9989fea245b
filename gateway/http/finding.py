"""Finding shops (N4, R7): anybody may look, so answers are kept for some seconds and shared.

What is asked for is rounded (a point to four decimals, some ten metres), so that neighbours ask the
same; neither points nor words are logged.
"""

from math import isfinite

import msgspec
from msgspec.structs import replace
from starlette.responses import Response

from config.profile import Profile
from gateway.http.answers import FRESH
from gateway.http.call import Call
from gateway.http.listings import listing_info
from gateway.protocol import api_shops as api
from gateway.protocol.api_shops import ShopSearchQuery
from gateway.refused import Refused
from ledger.shops import search
from ledger.shops.hours import minute_of_week
from ledger.shops.listings import Place
from ledger.shops.search import Box, Found, Moment, Wanted
from ledger.shops.words import needles_of

DECIMALS = 4  # Of a degree: 11 m north, 9 m east at Japan's latitude.


async def shops(call: Call) -> Response:
    """Shops that fit, a page of them."""
    query = _rounded(call.query_as(ShopSearchQuery))
    town, answers = call.town, call.context.public_answers
    kept = answers.find(town.number, query, call.now)
    if kept is None:
        wanted = _wanted(town.profile, query)
        local = call.now.astimezone(town.zone)
        moment = Moment(minute_of_week(local), local.date())
        found = await search.search(call.context.pool, town.number, wanted, moment, query.limit + 1)
        kept = msgspec.json.encode(_page(town.profile, query, found))
        answers.keep(town.number, query, kept, call.now)
    return _public(kept, place=query.near is not None)


async def choices(call: Call) -> Response:
    """What a search can be narrowed by."""
    town, answers = call.town.number, call.context.public_answers
    kept = answers.find(town, "choices", call.now)
    if kept is None:
        kinds, areas = await search.choices(call.context.pool, town)
        body = api.ShopChoices(
            [api.ShopChoice(each.code, each.shops) for each in kinds],
            [api.ShopChoice(each.code, each.shops) for each in areas],
        )
        kept = msgspec.json.encode(body)
        answers.keep(town, "choices", kept, call.now)
    return _public(kept)


def accepted(profile: Profile, groups: list[str]) -> list[str]:
    """The codes of the kinds of value that a shop of these groups takes."""
    return [
        kind.code
        for kind in profile.instruments
        if not kind.shops or not set(kind.shops).isdisjoint(groups)
    ]


def _public(body: bytes, *, place: bool = False) -> Response:
    """An answer that caches on the way may share, unless it tells from what ``place`` somebody
    asked.
    """
    headers = {"Cache-Control": f"{'private' if place else 'public'}, max-age={FRESH.seconds}"}
    return Response(body, media_type="application/json", headers=headers)


def _page(profile: Profile, query: ShopSearchQuery, found: list[Found]) -> api.FoundShops:
    page = found[: query.limit]
    last = page[-1] if len(found) > query.limit else None
    return api.FoundShops(
        [_told(profile, each) for each in page],
        None if last is None else f"{last.metres or 0}-{last.shop.account}",
    )


def _told(profile: Profile, found: Found) -> api.FoundShop:
    shop = found.shop
    return api.FoundShop(
        shop=shop.account,
        code=shop.code,
        name=shop.name,
        kind=shop.kind,
        area=shop.area,
        accepts=accepted(profile, found.groups),
        open_now=found.open_now,
        metres=found.metres,
        listing=listing_info(found.listing),
    )


def _wanted(profile: Profile, query: ShopSearchQuery) -> Wanted:
    near = _place(query.near) if query.near is not None else None
    if near is None and query.within_m is not None:
        raise _invalid("within_m", str(query.within_m), "nothing without near")
    after = query.after.split("-") if query.after is not None else None
    return Wanted(
        needles=_needles(query.text) if query.text is not None else None,
        kind=query.kind,
        area=query.area,
        groups=_groups(profile, query.accepts) if query.accepts is not None else None,
        near=near,
        within_m=query.within_m,
        box=_box(query.box) if query.box is not None else None,
        open_now=query.open_now,
        after=(int(after[0]), int(after[1])) if after else None,
    )


def _needles(text: str) -> list[str]:
    needles = needles_of(text)
    if not needles:
        raise _invalid("text", text, "letters or digits to look for")
    return needles


def _groups(profile: Profile, code: str) -> list[str] | None:
    """The groups of shops that take a kind of value; None: every shop does."""
    for kind in profile.instruments:
        if kind.code == code:
            return list(kind.shops) or None
    codes = ", ".join(kind.code for kind in profile.instruments)
    raise _invalid("accepts", code, f"one of {codes}")


def _place(text: str) -> Place:
    latitude, longitude = _degrees("near", text, 2)
    return Place(latitude, longitude)


def _box(text: str) -> Box:
    south, west, north, east = _degrees("box", text, 4)
    if south > north or west > east:
        raise _invalid("box", text, "south,west,north,east, with south below north")
    return Box(south, west, north, east)


def _degrees(field: str, text: str, count: int) -> list[float]:
    """So many numbers: latitudes and longitudes by turns."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    bounds = (90, 180) * (count // 2)
    sound = len(numbers) == count and all(
        isfinite(number) and abs(number) <= bound
        for number, bound in zip(numbers, bounds, strict=True)
    )
    if not sound:
        allowed = "37.4461,138.8513" if count == 2 else "37.40,138.80,37.50,138.90"
        raise _invalid(field, text, f"degrees such as {allowed}")
    return numbers


def _rounded(query: ShopSearchQuery) -> ShopSearchQuery:
    if query.near is None:
        return query
    place = _place(query.near)
    near = f"{round(place.latitude, DECIMALS)},{round(place.longitude, DECIMALS)}"
    return replace(query, near=near)


def _invalid(field: str, found: str, allowed: str) -> Refused:
    return Refused("invalid", f"{field}: found {found!r}; allowed is {allowed}.", field=field)
