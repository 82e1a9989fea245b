"""R10: the shop's own POS reads the code on a phone, and a payment-gateway company asks."""

import re
from argparse import Namespace
from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest

from gateway.acquirers import office
from gateway.protocol.messages import Receipt, State
from terminal.acquirer import AcquirerClient
from terminal.signed import SignedRefused
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.acceptance.topping_up import bought_by_transfer

TOWN = "region-ring"
MERCHANT = "8800012"
TODAY = date(2026, 4, 1)


async def at_the_office(act: str, **words: str) -> str:
    """What ``python -m gateway.acquirers ACT …`` prints."""
    return await office.run(Namespace(act=act, town=TOWN, **words))


@pytest.fixture
async def ring(visit: Visit) -> Nagaoka:
    """Region Ring, whose vouchers are paid by the codes on phones."""
    return await visit(TOWN)


@pytest.fixture
async def maruya(ring: Nagaoka) -> Tablet:
    """A shop with a tablet beside its POS."""
    return await ring.opens("八百屋 まるや")


@pytest.fixture
async def pos(ring: Nagaoka, maruya: Tablet) -> AsyncIterator[AcquirerClient]:
    """The shop's POS, by way of an acquirer that the town's office let in."""
    await at_the_office("open", acquirer="ring-pay", name="リングペイ")
    await at_the_office("map", acquirer="ring-pay", merchant=MERCHANT, shop=maruya.shop.code)
    printed = await at_the_office("key", acquirer="ring-pay")
    found = re.search(r"key id +(\S+)\nsecret +(\S+)\n", printed)
    assert found
    client = AcquirerClient(
        *(ring.url, TOWN, found[1], found[2]),
        clock=lambda: ring.clock.now.timestamp() + 7,  # Nobody's clocks are quite the same.
    )
    async with client:
        yield client


@pytest.fixture
async def hanako(ring: Nagaoka, pool: asyncpg.Pool) -> Holder:
    """Somebody with a voucher of 10,000 yen and the premium on it, bought by bank transfer."""
    hanako = await bought_by_transfer(ring, pool, 10_000)
    assert await hanako.holds() == {"voucher": 13_000}
    return hanako


async def test_r10_a_shown_code_is_paid_at_the_pos_and_heard_at_both_ends(
    hanako: Holder, maruya: Tablet, pos: AcquirerClient
) -> None:
    """The phone and the shop's tablet sound and show the same payment that the POS was told of."""
    paid = await pos.authorise(
        "0001-20260401-17", MERCHANT, (await hanako.shows_code(None)).qr, 980
    )
    assert (paid.state, paid.outcome, paid.amount) == (State.PROCESSED, "done", 980)
    for screen in (hanako, maruya):
        heard = await screen.hears()
        assert (heard.kind, heard.sound) == ("payment", "paid")
        assert (heard.receipt.id, heard.receipt.amount) == (paid.payment, 980)
    assert paid.payment is not None
    assert await maruya.seen_by_both(paid.payment)
    assert (await maruya.day()).payments_amount == 980
    assert (await pos.payment("0001-20260401-17")) == paid


async def test_r10_the_same_request_again_pays_once(
    hanako: Holder, maruya: Tablet, pos: AcquirerClient
) -> None:
    """An answer that was lost is asked for again, under the same id."""
    code = (await hanako.shows_code(None)).qr
    answers = [await pos.authorise("17", MERCHANT, code, 980) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert (await maruya.day()).payments == 1


async def test_r10_a_cancel_wins_whenever_it_comes(
    hanako: Holder, maruya: Tablet, pos: AcquirerClient
) -> None:
    """After the payment it gives back, and both ends hear; before it, the payment never is."""
    held = await hanako.holds()
    await pos.authorise("17", MERCHANT, (await hanako.shows_code(None)).qr, 980)
    assert (await pos.cancel("17")).outcome == "cancelled"
    for screen in (hanako, maruya):
        assert [(await screen.hears()).kind for _ in range(2)] == ["payment", "reversal"]
    assert await hanako.holds() == held

    assert (await pos.cancel("18")).outcome == "cancelled"
    with pytest.raises(SignedRefused, match="cancelled"):
        await pos.authorise("18", MERCHANT, (await hanako.shows_code(None)).qr, 980)
    assert await hanako.holds() == held
    assert await hanako.hears_nothing()
    assert await maruya.hears_nothing()


async def test_r10_two_coffees_at_the_pos_are_asked_about_on_the_phone(
    hanako: Holder, maruya: Tablet, pos: AcquirerClient
) -> None:
    """The POS waits and asks; Hanako's yes makes the very same payment done."""
    await pos.authorise("17", MERCHANT, (await hanako.shows_code(None)).qr, 480)
    await hanako.hears()
    with pytest.raises(SignedRefused, match="duplicate_suspected") as asked:
        await pos.authorise("18", MERCHANT, (await hanako.shows_code(None)).qr, 480)
    assert asked.value.unknown
    question = await hanako.hears()
    assert (question.kind, question.sound) == ("duplicate_question", "attention")
    assert (await pos.payment("18")).state is State.IN_PROGRESS
    yes = await hanako.says_yes(question.receipt.id)
    assert isinstance(yes, Receipt)
    told = await pos.payment("18")
    assert (told.outcome, told.payment, told.amount) == ("done", yes.id, 480)
    assert (await maruya.day()).payments_amount == 960


async def test_r10_a_cancelled_question_is_over_on_the_phone(
    hanako: Holder, maruya: Tablet, pos: AcquirerClient
) -> None:
    """The clerk gives up; Hanako's late yes pays nothing."""
    await pos.authorise("17", MERCHANT, (await hanako.shows_code(None)).qr, 480)
    await hanako.hears()
    with pytest.raises(SignedRefused, match="duplicate_suspected"):
        await pos.authorise("18", MERCHANT, (await hanako.shows_code(None)).qr, 480)
    question = await hanako.hears()
    assert (await pos.cancel("18")).outcome == "cancelled"
    assert await hanako.says_yes(question.receipt.id) == "question_answered"
    assert (await maruya.day()).payments_amount == 480


async def test_r10_refunds_and_the_days_file_agree_with_the_shops_day(
    ring: Nagaoka, hanako: Holder, maruya: Tablet, pos: AcquirerClient
) -> None:
    """A part, then what the shop cancels at its tablet; the file has it all, and nothing else."""
    first = await pos.authorise("17", MERCHANT, (await hanako.shows_code(None)).qr, 980)
    assert (await pos.refund("17", "r-1", 180, "品切れ")).outcome == "done"
    second = await pos.authorise("18", MERCHANT, (await hanako.shows_code(None)).qr, 500)
    assert second.payment is not None
    await maruya.cancels(second.payment, "打ち間違い")
    await hanako.pays(maruya.shop, 300)

    file = (await pos.file(TODAY)).splitlines()
    assert file[0] == "H,1,region-ring,ring-pay,2026-04-01,Asia/Tokyo,provisional"
    assert [line.split(",")[3:6] + line.split(",")[8:] for line in file[1:-1]] == [
        ["payment", "17", "", "980"],
        ["refund", "17", "r-1", "180"],
        ["payment", "18", "", "500"],
        ["reversal", "18", "", "500"],
    ]
    assert file[-1] == "T,2,1480,2,680,800"
    day = await maruya.day()
    assert (day.payments_amount, day.reversals_amount) == (1_480 + 300, 680)
    assert (await pos.payment("17")).refunded == 180
    assert first.entry == int(file[1].split(",")[1])

    ring.clock.advance(days=1)
    again = (await pos.file(TODAY)).splitlines()
    assert again == [file[0].replace("provisional", "final"), *file[1:]]
