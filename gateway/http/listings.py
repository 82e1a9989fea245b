"""What shops tell about themselves: a shop's manager and operators change it at any time.

How a listing is sent and told is at the end. A name is changed by `gateway.http.shop_changes`.
"""

from datetime import date
from typing import Any

from msgspec import to_builtins

from gateway.http.acts import acting
from gateway.http.bodies import check_texts
from gateway.http.call import Call
from gateway.http.queries import ShopPath
from gateway.http.shops import no_shop, shop_of
from gateway.http.staff import present_member
from gateway.protocol.api_shops import MapPlace, OpenHours, ShopListing
from gateway.refused import Refused
from ledger import staff
from ledger.accounts import Shop
from ledger.names import normal_kana
from ledger.requests import Rank
from ledger.shops import listings
from ledger.shops.hours import Hours
from ledger.shops.listings import Listing, Place


async def own(call: Call) -> ShopListing:
    """What a shop tells, for somebody of its staff."""
    return await _listing(call, await own_shop(call))


async def change_own(call: Call) -> ShopListing:
    """A shop's manager tells something else from now on."""
    return await _change(call, await own_shop(call, Rank.SHOP))


async def of_shop(call: Call) -> ShopListing:
    """What a shop tells, for operators."""
    return await _listing(call, await shop_of(call))


async def change(call: Call) -> ShopListing:
    """An operator tells something else for a shop."""
    return await _change(call, await shop_of(call))


async def own_shop(call: Call, least: Rank = Rank.CLERK) -> Shop:
    """The shop that the path names, if whoever is signed in stands over it now.

    Raises:
        Refused: ``not_found``; ``not_allowed``, below the rank ``least``.
    """
    member, number = await present_member(call), call.path_as(ShopPath).shop
    for shop in await staff.shops_under(call.context.pool, call.town.number, member.post):
        if shop.account == number:
            break
    else:
        raise no_shop()
    ranks = list(Rank)
    if ranks.index(member.post.rank) < ranks.index(least):
        raise Refused("not_allowed")
    return shop


async def _listing(call: Call, shop: Shop) -> ShopListing:
    found = await listings.listing(call.context.pool, call.town.number, shop.account)
    if found is None:
        raise no_shop()
    return listing_info(found)


async def _change(call: Call, shop: Shop) -> ShopListing:
    town, listing = call.town.number, told(call.body_as(ShopListing))
    after = listing_info(listing)
    async with acting(call) as act:
        await act.alone()
        before = await listings.listing(act.connection, town, shop.account)
        if before is None:
            raise no_shop()
        await listings.keep(act.connection, town, shop.account, shop.name, listing)
        await act.record(
            "shop.listing_changed",
            f"shop:{shop.account}",
            before=facts(listing_info(before)),
            after=facts(after),
        )
    call.context.public_answers.forget(town)
    return after


def facts(listing: ShopListing) -> dict[str, Any]:
    """A listing as the audit has it."""
    found: dict[str, Any] = to_builtins(listing, builtin_types=(date,))
    return found | {"closed_on": [day.isoformat() for day in listing.closed_on]}


def listing_info(listing: Listing) -> ShopListing:
    """A listing as it is told to everybody."""
    place = listing.place
    return ShopListing(
        kana=listing.kana,
        address=listing.address,
        place=MapPlace(place.latitude, place.longitude) if place else None,
        hours=[
            OpenHours(each.day, _hour(each.from_minute), _hour(each.to_minute))
            for each in listing.hours
        ],
        closed_on=list(listing.closed_on),
        languages=list(listing.languages),
        telephone=listing.telephone,
        about=listing.about,
    )


def told(body: ShopListing) -> Listing:
    """The listing that was sent.

    Raises:
        Refused: ``invalid``, with what is wrong and where.
    """
    check_texts(body)
    place = body.place
    return Listing(
        kana=_kana(body.kana),
        address=body.address.strip(),
        place=Place(place.latitude, place.longitude) if place else None,
        hours=[_hours(number, each) for number, each in enumerate(body.hours)],
        closed_on=sorted(set(body.closed_on)),
        languages=list(dict.fromkeys(body.languages)),
        telephone=body.telephone.strip(),
        about=body.about.strip(),
    )


def _kana(text: str) -> str:
    if text.strip():
        try:
            normal_kana(text)
        except ValueError as error:
            raise Refused("invalid", f"The field kana: {error}.", field="kana") from error
    return text.strip()


def _hours(number: int, sent: OpenHours) -> Hours:
    opens, closes = _minutes(sent.opens), _minutes(sent.closes)
    field = f"hours[{number}]"
    if opens >= 1_440:
        allowed = "an hour of the day, 00:00 to 23:59"
        raise Refused(
            "invalid", f"{field}.opens: found {sent.opens!r}; allowed is {allowed}.", field=field
        )
    if closes <= opens:
        allowed = f"an hour after {sent.opens}; past midnight it is told as 25:00 and so on"
        raise Refused(
            "invalid", f"{field}.closes: found {sent.closes!r}; allowed is {allowed}.", field=field
        )
    return Hours(sent.day, opens, closes)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _hour(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
