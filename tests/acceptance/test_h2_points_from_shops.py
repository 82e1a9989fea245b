"""H2: shops give a point per 100 yen and owe a yen for each; whoever takes it is owed a yen."""

import msgspec
import pytest

from gateway.protocol import api, api_cards
from gateway.protocol.api_staff import Transactions
from gateway.protocol.messages import Purpose, Receipt, ShownCode
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.acceptance.settling import open_settling
from tests.support.ledger import problems

YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}
CARD = "0112233445566778"


@pytest.fixture
async def hirakata(visit: Visit) -> Nagaoka:
    """Where partner shops give points of their own."""
    return await visit("hirakata")


@pytest.fixture
async def yoshi(hirakata: Nagaoka) -> Holder:
    """Somebody with a wallet and nothing in it."""
    return await hirakata.registers_as(YOSHI, "09012345678")


async def owed(tablet: Tablet) -> int:
    """Yen that a shop's history says it is owed, before fees; below zero, what it owes."""
    signs = {"payment": 1, "issue": -1}
    return sum(
        signs[line.kind] * line.amount for line in await tablet.history() if line.kind in signs
    )


async def test_h2_points_of_one_shop_are_spent_at_another(
    hirakata: Nagaoka, yoshi: Holder, pool: Pool
) -> None:
    """12,345 yen of books are 123 points; the greengrocer takes them as 123 yen. The bookshop owes
    what the greengrocer is owed, and both can read it, as can the office.
    """
    books, greens = await hirakata.opens("くずは書房"), await hirakata.opens("枚方の八百屋")
    town = await hirakata.get("/town", api.TownInfo)
    assert town.issuing == api.IssuingInfo("common", 100, 1, 300_000)

    issued = await books.issues(await yoshi.shows_code(None), 12_345)
    assert (issued.kind, issued.outcome, issued.amount) == ("issue", "done", 123)
    assert (issued.purchase, issued.balance) == (12_345, None)
    for screen in (yoshi, books):
        heard = await screen.hears()
        assert (heard.kind, heard.sound) == ("issue", "topped_up")
        assert (heard.receipt.amount, heard.receipt.purchase) == (123, 12_345)
    assert await books.seen_by_both(issued.id)
    (part,) = (await yoshi.balance()).parts
    assert (part.instrument, part.amount) == ("common", 123)
    assert {lot.funder for lot in part.lots} == {"shop"}

    assert (await yoshi.pays(greens.shop, 123)).outcome == "done"
    assert (await yoshi.balance()).total == 0
    assert (await owed(books), await owed(greens)) == (-123, 123)
    day = await books.day()
    assert (day.issues, day.issues_amount, day.issues_purchases) == (1, 123, 12_345)
    assert (day.net, (await greens.day()).net) == (-123, 123)
    seen = await hirakata.asks("GET", "/console/transactions", None, Transactions)
    assert [(line.kind, line.amount) for line in seen.lines] == [("payment", 123), ("issue", 123)]
    assert await problems(pool) == []


@pytest.mark.parametrize(
    ("purchase", "outcome", "points"),
    [
        (1, "under_limit", 0),
        (99, "under_limit", 0),
        (100, "done", 1),
        (199, "done", 1),
        (200, "done", 2),
        (300_000, "done", 3_000),
        (300_001, "over_limit", 0),
    ],
)
async def test_h2_one_point_for_each_whole_hundred_yen(
    hirakata: Nagaoka, yoshi: Holder, purchase: int, outcome: str, points: int
) -> None:
    """At its bounds; a refusal gives nothing, and the same code can still be used."""
    books = await hirakata.opens("くずは書房")
    code = await yoshi.shows_code(None)
    told = await books.tries_to_issue(code, purchase)
    if outcome == "done":
        assert isinstance(told, Receipt)
        assert told.amount == points
    else:
        assert told == outcome
        assert (await books.issues(code, 100)).amount == 1
        points = 1
    assert (await yoshi.balance()).total == points
    assert await books.tries_to_issue(code, 100) == "code_used"
    assert (await yoshi.balance()).total == points


async def test_h2_what_was_issued_by_mistake_is_taken_back(
    hirakata: Nagaoka, yoshi: Holder, pool: Pool
) -> None:
    """By the shop that gave it alone, once, and only as long as it is there."""
    books, greens = await hirakata.opens("くずは書房"), await hirakata.opens("枚方の八百屋")
    slip = await books.issues(await yoshi.shows_code(None), 50_000)
    await yoshi.hears()
    assert await greens.tries_to_cancel(slip.id, "金額間違い") == "payment_unknown"
    undone = await books.cancels(slip.id, "金額間違い")
    assert (undone.kind, undone.amount, undone.refers) == ("reversal", 500, slip.id)
    heard = await yoshi.hears()
    assert (heard.kind, heard.sound) == ("reversal", "attention")
    assert (await yoshi.balance()).total == 0
    assert await books.tries_to_cancel(slip.id, "もう一度") == "already_reversed"
    day = await books.day()
    assert (day.issues_amount, day.reversals_amount, day.net) == (500, 500, 0)

    # A code to pay 700 receives as well as any.
    right = await books.issues(await yoshi.shows_code(700), 5_000)
    await yoshi.pays(greens.shop, 20)
    assert await books.tries_to_cancel(right.id, "返品") == "value_spent"
    assert (await yoshi.balance()).total == 30
    assert await problems(pool) == []


async def test_h2_the_shop_pays_a_yen_and_a_fee_for_each_point_and_the_other_is_paid(
    hirakata: Nagaoka, yoshi: Holder, pool: Pool
) -> None:
    """For 3,000 points the bookshop owes 3,000 yen and an issue fee of half a yen each; whoever
    takes them is paid, less what redeeming costs. Points that were taken back cost nothing.
    """
    office = await open_settling(hirakata)
    await office.charges_fee(kind="issue", basis_points=5_000, yen=0, instrument="common")
    await office.charges_fee(kind="redemption", basis_points=100, yen=0)
    books, greens = await hirakata.opens("くずは書房"), await hirakata.opens("枚方の八百屋")
    hirakata.clock.advance(minutes=1)
    await books.issues(await yoshi.shows_code(None), 300_000)
    wrong = await books.issues(await yoshi.shows_code(None), 70_000)
    await books.cancels(wrong.id, "金額間違い")
    await yoshi.pays(greens.shop, 2_500)

    settled = await office.settles()
    told = await office.lines(settled)
    giver, taker = told[books.shop.shop], told[greens.shop.shop]
    assert (giver.issued, giver.fees, giver.net) == (3_000, 1_500, -4_500)
    assert (taker.accepted, taker.fees, taker.net) == (2_500, 25, 2_475)
    assert [(each.funder, each.amount) for each in settled.charges] == [("shop", 2_500)]
    (points,) = [each for each in await office.fees(settled, "group") if each.kind == "issue"]
    assert (points.group, points.entries, points.amount, points.fee) == ("", 2, 3_000, 1_500)
    assert await problems(pool) == []


async def received(tablet: Tablet, idm: str) -> ShownCode:
    """A card is held to the reader to be given something: the code that the tap stands for."""
    answer = await tablet.sends("/terminal/cards/read", {"idm": idm, "purpose": "receive"})
    assert answer.status_code == 200, answer.text
    read = msgspec.json.decode(answer.content, type=api_cards.CardRead)
    assert (read.purpose, read.amount) == ("receive", None)
    return ShownCode(read.code, read.code, Purpose.PAY, None, read.expires_at)


async def test_h2_a_card_that_nobody_registered_gets_points_too(
    hirakata: Nagaoka, pool: Pool
) -> None:
    """A tap to receive: however much was bought, and nothing can be charged by it."""
    books = await hirakata.opens("くずは書房")
    assert (await books.sends("/terminal/cards", {"idm": CARD})).status_code == 200
    assert (await books.issues(await received(books, CARD), 300_000)).amount == 3_000
    code = await received(books, CARD)
    assert await books.tries_to_charge(code, 100) == "amount_mismatch"
    over = await books.sends(
        "/terminal/cards/read", {"idm": CARD, "purpose": "receive", "amount": 100}
    )
    assert (over.status_code, over.json()["field"]) == (422, "amount")
    none = await books.sends("/terminal/cards/read", {"idm": CARD, "purpose": "pay"})
    assert (none.status_code, none.json()["field"]) == (422, "amount")
    assert await problems(pool) == []
