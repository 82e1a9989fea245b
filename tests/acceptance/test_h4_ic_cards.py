"""H4 IC カード: a card opens a wallet: anonymous, registered later, lost, replaced, another's."""

from functools import partial
from typing import Any, Protocol

import msgspec
import pytest

from config.profile import towns_folder
from gateway import towns
from gateway.protocol import api, api_cards
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Purpose, Receipt, ShownCode
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Nagaoka, Tablet
from tests.acceptance.topping_up import arrives
from tests.support.clock import Clock

CARD, RAILWAY, NEW_CARD = "0112233445566778", "01 39 00 00 00 00 00 01", "0112AABBCCDDEEFF"
HANAKO = {"name": "枚方 花子", "kana": "ヒラカタ ハナコ", "birth_date": "1980-02-01"}
YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}


@pytest.fixture
async def hirakata(visit: Visit, pool: Pool, clock: Clock) -> Nagaoka:
    """Hirakata on its first day."""
    await towns.load(pool, towns_folder() / "hirakata.toml", None, clock.now)
    return await visit("hirakata")


async def tapped(tablet: Tablet, idm: str, purpose: Purpose, amount: int) -> ShownCode:
    """A card is held to the reader: the code that the tap stands for."""
    body = {"idm": idm, "purpose": purpose.value, "amount": amount}
    answer = await tablet.sends("/terminal/cards/read", body)
    assert answer.status_code == 200, answer.text
    read = msgspec.json.decode(answer.content, type=api_cards.CardRead)
    return ShownCode(read.code, read.code, purpose, read.amount, read.expires_at)


async def refused(tablet: Tablet, idm: str, amount: int) -> str:
    """The same, to pay, where it is refused: why."""
    body = {"idm": idm, "purpose": "pay", "amount": amount}
    answer = await tablet.sends("/terminal/cards/read", body)
    return msgspec.json.decode(answer.content, type=api.ApiError).code


async def opened(tablet: Tablet, idm: str, **more: Any) -> api_cards.Card:
    """A card that was never seen here gets an anonymous wallet at the till."""
    answer = await tablet.sends("/terminal/cards", {"idm": idm, **more})
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=api_cards.Card)


async def claimed(tablet: Tablet, idm: str) -> str:
    """The tablet shows a QR after a tap; what a phone reads in it."""
    answer = await tablet.sends("/terminal/cards/claim", {"idm": idm})
    assert answer.status_code == 200, answer.text
    claim = msgspec.json.decode(answer.content, type=api_cards.CardClaim)
    return claim.qr.partition("#card=")[2]


class Points(Protocol):
    """Puts points that were another company's into a wallet."""

    async def __call__(self, wallet: int, amount: int) -> None: ...


@pytest.fixture
def points(hirakata: Nagaoka, pool: Pool) -> Points:
    """What a card's owner exchanged at the office before the story begins."""
    return partial(arrives, hirakata, pool, way="exchange_region")


async def paid(tablet: Tablet, idm: str, amount: int) -> str:
    """A payment by card; its outcome."""
    code = await tapped(tablet, idm, Purpose.PAY, amount)
    receipt = await tablet.tries_to_charge(code)
    return receipt if isinstance(receipt, str) else receipt.outcome


async def test_h4_a_card_pays_without_anybodys_name(hirakata: Nagaoka, points: Points) -> None:
    """Opened by a tap, filled and spent; what a copy of it could spend is bounded."""
    shop = await hirakata.opens("枚方の八百屋")
    card = await opened(shop, CARD)
    assert not card.registered
    await points(card.wallet, amount=8_000)
    assert await paid(shop, CARD, 1_000) == "done"
    assert await refused(shop, CARD, 3_001) == "ic_card_over_limit"
    assert await paid(shop, CARD, 3_000) == "done"
    assert await refused(shop, CARD, 1_001) == "ic_card_over_limit"
    assert await paid(shop, CARD, 900) == "done"
    assert [receipt.wallet for receipt in await shop.history()] == [card.wallet] * 3


async def test_h4_a_card_is_registered_later(hirakata: Nagaoka, points: Points) -> None:
    """Yoshi scans the tablet's QR, says who she is, and finds her points; limits are her own."""
    shop = await hirakata.opens("枚方の八百屋")
    card = await opened(shop, CARD)
    await points(card.wallet, amount=8_000)
    claim = await claimed(shop, CARD)
    holder = await hirakata.registers_as({**YOSHI, "card": claim}, "09012345678")
    assert holder.account == card.wallet
    assert (await holder.balance()).total == 8_000
    assert await paid(shop, CARD, 5_500) == "done"
    assert (await holder.hears()).receipt.amount == 5_500
    # She adds the railway's card that she carries anyway.
    await opened(shop, RAILWAY, issuer="transit")
    answer = await holder.sends("/wallet/cards", {"claim": await claimed(shop, RAILWAY)})
    assert answer.status_code == 200, answer.text
    cards = msgspec.json.decode(answer.content, type=api_cards.Cards).cards
    assert [(one.issuer, one.wallet) for one in cards] == [
        ("transit", holder.account),
        ("hirakata", holder.account),
    ]
    assert await paid(shop, RAILWAY, 1_200) == "done"
    # She has lost the first one: it opens nothing at once, the other goes on.
    lost = await holder.sends(f"/wallet/cards/{card.card}/lost", {})
    assert lost.status_code == 200, lost.text
    assert await refused(shop, CARD, 100) == "ic_card_blocked"
    assert await paid(shop, RAILWAY, 1_300) == "done"
    assert (await holder.balance()).total == 0


async def test_h4_a_lost_card_is_replaced_with_its_balance(
    hirakata: Nagaoka, points: Points
) -> None:
    """Also an anonymous one: the receipt's wallet number finds it, a new card takes its place."""
    shop = await hirakata.opens("枚方の八百屋")
    card = await opened(shop, CARD)
    await points(card.wallet, amount=4_000)
    assert await paid(shop, CARD, 600) == "done"
    ready = await tapped(shop, CARD, Purpose.PAY, 700)
    (receipt, *_) = await shop.history()
    found = await hirakata.asks(
        "GET", f"/console/wallets/{receipt.wallet}/cards", None, api_cards.Cards
    )
    assert [one.card for one in found.cards] == [card.card]
    lost = await hirakata.asks("POST", f"/console/cards/{card.card}/lost", None, api_cards.Card)
    assert lost.state == "lost"
    assert await shop.tries_to_charge(ready) == "code_expired"
    assert await refused(shop, CARD, 700) == "ic_card_blocked"
    new = await hirakata.asks(
        "POST", f"/console/cards/{card.card}/reissue", {"idm": NEW_CARD}, api_cards.Card
    )
    assert new.wallet == card.wallet
    assert await paid(shop, NEW_CARD, 2_900) == "done"
    assert await paid(shop, NEW_CARD, 500) == "done"
    claim = await claimed(shop, NEW_CARD)
    holder = await hirakata.registers_as({**YOSHI, "card": claim}, "09012345678")
    assert (await holder.balance()).total == 0


async def test_h4_a_card_is_joined_to_a_wallet_that_is_there(
    hirakata: Nagaoka, points: Points
) -> None:
    """Hanako has a wallet with points in it; those of the card she was handed go along."""
    shop = await hirakata.opens("枚方の八百屋")
    hanako = await hirakata.registers_as(HANAKO, "09012345678")
    await points(hanako.account, amount=500)
    await hanako.hears()
    card = await opened(shop, CARD)
    await points(card.wallet, amount=2_000)
    answer = await hanako.sends("/wallet/cards", {"claim": await claimed(shop, CARD)})
    assert answer.status_code == 200, answer.text
    assert (await hanako.balance()).total == 2_500
    heard = await hanako.hears()
    assert (heard.kind, heard.receipt.wallet, heard.receipt.amount) == ("send", card.wallet, 2_000)
    assert await paid(shop, CARD, 2_400) == "done"
    # More than the town lets anybody send at once stays on its card.
    new = await opened(shop, NEW_CARD)
    await points(new.wallet, amount=3_100)
    claim = {"claim": await claimed(shop, NEW_CARD)}
    answer = await hanako.sends("/wallet/cards", claim)
    assert msgspec.json.decode(answer.content, type=api.ApiError).code == "ic_card_has_value"
    assert (await hanako.balance()).total == 100
    assert await paid(shop, NEW_CARD, 100) == "done"
    answer = await hanako.sends("/wallet/cards", claim)
    assert answer.status_code == 200, answer.text
    assert (await hanako.balance()).total == 3_100


async def test_h4_a_second_tap_says_that_two_coffees_are_meant(
    hirakata: Nagaoka, points: Points
) -> None:
    """Who has no screen answers "the same again?" with the card; once, and at that shop alone."""
    shop = await hirakata.opens("喫茶 ひらかた")
    other = await hirakata.opens("別の店")
    card = await opened(shop, CARD)
    await points(card.wallet, amount=4_000)
    assert await paid(shop, CARD, 400) == "done"
    code = await tapped(shop, CARD, Purpose.PAY, 400)
    assert await shop.tries_to_charge(code) == "duplicate_suspected"
    refused_id = await shop.hears_question()
    body = {"id": str(new_id()), "idm": CARD, "refused": str(refused_id)}
    elsewhere = await other.sends("/terminal/cards/tap-again", body)
    assert elsewhere.status_code == 404
    first = await shop.sends("/terminal/cards/tap-again", body)
    assert first.status_code == 200, first.text
    receipt = msgspec.convert(first.json()["receipt"], Receipt)
    assert (receipt.outcome, receipt.amount, receipt.refers) == ("done", 400, refused_id)
    assert receipt.balance is None, "the shop is not told what is left"
    assert (await shop.sends("/terminal/cards/tap-again", body)).content == first.content
    assert (await shop.day()).payments == 2
