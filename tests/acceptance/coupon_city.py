"""The town of coupons in a story's words: the office makes them, people pay with them."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from gateway.protocol import api, api_coupons, api_preview, api_surveys
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Pay, Purpose, Receipt, ShowCode, ShownCode
from tests.acceptance.nagaoka import JAPAN, PIN, Holder, Nagaoka
from tests.acceptance.serial_cards import prints, redeems

TOWN = "digital-coupon"


def at(town: Nagaoka, **later: float) -> str:
    """An instant so much later than now, as the office writes it."""
    moment: datetime = town.clock.now + timedelta(**later)
    return moment.astimezone(JAPAN).strftime("%Y-%m-%dT%H:%M")


async def makes_coupon(town: Nagaoka, code: str, **terms: Any) -> api_coupons.CouponLine:
    """The office makes a coupon that lasts a month, by the terms it is told."""
    body = {
        "code": code,
        "name": code,
        "fund": "city_coupons",
        "starts_at": at(town, minutes=-1),
        "ends_at": at(town, days=30),
        **terms,
    }
    return await town.asks("POST", "/console/coupons", body, api_coupons.CouponLine)


async def sees_coupon(town: Nagaoka, code: str) -> api_coupons.CouponLine:
    """The coupon and its budget, as the office sees them."""
    path = "/console/coupons"
    found = await town.asks("GET", path, None, api_coupons.CouponLines)
    [coupon] = [each for each in found.coupons if each.terms.code == code]
    return coupon


async def saves_file(town: Nagaoka, path: str) -> bytes:
    """A file that the office saves."""
    answer = await town.tries("GET", path, None)
    assert answer.status_code == 200, answer.text
    return answer.content


async def opens_round(
    town: Nagaoka, code: str, coupon: str, places: int, days: int = 7
) -> api_coupons.OfferLine:
    """The office opens a round of a coupon for a day; its places are good for some days."""
    body = round_of(town, code, coupon, places, days)
    return await town.asks("POST", "/console/offers", body, api_coupons.OfferLine)


async def tries_to_open(
    town: Nagaoka, code: str, coupon: str, places: int
) -> api_coupons.OfferLine | api.ApiError:
    """The same, where it may be refused."""
    body = round_of(town, code, coupon, places, 7)
    answer = await town.tries("POST", "/console/offers", body)
    if answer.status_code == 200:
        return msgspec.json.decode(answer.content, type=api_coupons.OfferLine)
    return msgspec.json.decode(answer.content, type=api.ApiError)


def round_of(town: Nagaoka, code: str, coupon: str, places: int, days: int) -> dict[str, Any]:
    """A round that goes to whoever comes first."""
    return {
        "code": code,
        "name": code,
        "places": places,
        "coupon": coupon,
        "opens_at": at(town, minutes=-1),
        "closes_at": at(town, days=1),
        "use_until": at(town, days=days),
    }


async def claims(holder: Holder, offer: api_coupons.OfferLine) -> int | str:
    """The wallet's place, or the word for why it has none."""
    answer = await holder.sends(f"/wallet/offers/{offer.offer}/claim", {})
    if answer.status_code == 200:
        return msgspec.json.decode(answer.content, type=api_coupons.ClaimedPlace).place
    return msgspec.json.decode(answer.content, type=api.ApiError).code


async def applies(holder: Holder, draw: str, place: int) -> str:
    """Applies for a draw with the wallet: the application's state, or the word for why not."""
    body = {
        "kana": f"ケンダ {'アイウエオ'[place]}",
        "birth_date": f"19{70 + place}-05-0{place + 1}",
        "postal_code": f"940-006{place}",
        "address": f"大手通 {place + 1}丁目1番地",
        "group": "all",
    }
    answer = await holder.sends(f"/wallet/draws/{draw}/applications", body)
    told = answer.json()
    return str(told["code"] if answer.is_error else told["state"])


async def coupons_of(holder: Holder) -> dict[str, api_coupons.WalletCoupon]:
    """The wallet's coupons by their codes."""
    found = await holder.looks("wallet/coupons", api_coupons.WalletCoupons)
    return {each.terms.code: each for each in found.coupons}


async def answers(holder: Holder, survey: int, given: dict[str, Any]) -> str:
    """Fills a survey in: "done", or the word for why not."""
    answer = await holder.sends(f"/wallet/surveys/{survey}/answer", {"answers": given})
    if answer.status_code == 200:
        msgspec.json.decode(answer.content, type=api_surveys.SurveyAnswered)
        return "done"
    return msgspec.json.decode(answer.content, type=api.ApiError).code


async def numbers(holder: Holder, *codes: str) -> list[int]:
    """The numbers of some of the wallet's coupons."""
    found = await coupons_of(holder)
    return [found[code].terms.coupon for code in codes]


async def pays_with(holder: Holder, shop: api.ShopInfo, amount: int, *codes: str) -> Receipt | str:
    """Chooses coupons, enters the amount, slides, gives the PIN; the receipt, or why not."""
    pay = Pay(new_id(), shop.shop, amount, PIN, await numbers(holder, *codes))
    return await holder._asks(pay)


async def paid_with(holder: Holder, shop: api.ShopInfo, amount: int, *codes: str) -> Receipt:
    """The same, where nothing is in the way."""
    receipt = await pays_with(holder, shop, amount, *codes)
    assert isinstance(receipt, Receipt), receipt
    return receipt


async def shows_code(holder: Holder, amount: int | None, *codes: str) -> ShownCode:
    """A code to show at the till, with coupons on it."""
    chosen = await numbers(holder, *codes)
    return await holder._does(ShowCode(new_id(), Purpose.PAY, amount, PIN, chosen), ShownCode)


async def looks_ahead(
    holder: Holder, shop: api.ShopInfo, amount: int, *codes: str
) -> api_preview.Preview:
    """What the payment would come to."""
    chosen = ",".join(str(number) for number in await numbers(holder, *codes))
    path = f"wallet/preview?shop={shop.shop}&amount={amount}&coupons={chosen}"
    return await holder.looks(path, api_preview.Preview)


async def gets_tickets(town: Nagaoka, *holders: Holder) -> None:
    """Each redeems a card of ten tickets that the city has sent."""
    for holder, digits in zip(
        holders, await prints(town, "serial", 5_000, len(holders)), strict=True
    ):
        await redeems(holder, digits)
        assert (await holder.hears()).kind == "top_up"


def parts(receipt: Receipt) -> dict[str, int]:
    """What a payment was paid with, in yen."""
    return {part.instrument: part.amount for part in receipt.parts}
