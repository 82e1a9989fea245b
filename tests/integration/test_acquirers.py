"""Acquirers: an id means one thing for ever, unknown is not failed, and a cancel always wins."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import asyncpg
import msgspec
import pytest

from gateway import asking
from gateway.acquirers.ids import IdMaker
from gateway.counter import Answer, Trouble
from gateway.protocol.messages import State
from ledger import acquirers
from ledger.acquirers import Standing
from ledger.authorise import decide
from ledger.ids import uuid7
from ledger.requests import Kind, Request
from ledger.vault import Vault
from terminal.acquirer import AcquirerClient
from tests.support.acquirers import MERCHANT, Behind, open_acquirer, refusal
from tests.support.doors import SETTINGS, Doors
from tests.support.ledger import Bench

QUESTION_S = 180  # Nagaoka's.


@pytest.fixture
async def ring(doors: Doors, bench: Bench) -> Behind:
    """An acquirer that brings payments to the bench's shop."""
    return await open_acquirer(doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, bench.shop)


async def standing(doors: Doors, ring: Behind, reference: str) -> Standing:
    """What the ledger says of a payment."""
    found = await acquirers.standing(doors.pool, doors.town, ring.acquirer.acquirer, reference)
    assert found is not None
    return found


async def paid_once(client: AcquirerClient, bench: Bench, payment_id: str = "order-1") -> int:
    """A wallet that has just paid 480 yen of 5,000."""
    wallet = await bench.wallet(5_000)
    code = await bench.code(wallet, "pay")
    await client.authorise(payment_id, MERCHANT, code, 480)
    return wallet


# -- authorise and ask -----------------------------------------------------------------------------


async def test_a_shown_code_is_paid_and_the_same_id_gets_the_same_answer(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """Byte for byte, a second and a year later; the query says the same."""
    wallet = await bench.wallet(5_000)
    code = await bench.code(wallet, "pay")
    async with ring.client(doors) as client:
        first = await client.authorise("order-1", MERCHANT, code, 480)
        assert (first.state, first.outcome, first.amount) == (State.PROCESSED, "done", 480)
        assert (first.payment_id, first.merchant_id, first.refunded) == ("order-1", MERCHANT, 0)
        assert first.at == doors.clock.now_ms
        known = await standing(doors, ring, "order-1")
        assert first.payment == known.payment
        assert known.payment.version == 8
        doors.clock.advance(days=366)
        assert await client.authorise("order-1", MERCHANT, code, 480) == first
        assert await client.payment("order-1") == first
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.entry WHERE kind = 'payment'") == 1
    assert await bench.problems() == []


async def test_another_secret_changes_no_id_that_was_named(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """After the process's secret was changed, every earlier id still means what it meant."""
    wallet = await bench.wallet(5_000)
    code = await bench.code(wallet, "pay")
    async with ring.client(doors) as client:
        first = await client.authorise("order-1", MERCHANT, code, 480)
        part = await client.refund("order-1", "refund-1", 80)
        await client.cancel("order-2")
        doors.context.acquirer_ids = IdMaker(b"another secret, as long as a secret has to be")
        assert (await client.authorise("order-1", MERCHANT, code, 480)).payment == first.payment
        assert await client.refund("order-1", "refund-1", 80) == part
        assert (await refusal(client.authorise("order-2", MERCHANT, code, 480)))[1] == "cancelled"
        assert (await client.cancel("order-1")).refunded == 480
    assert await bench.problems() == []


async def test_two_acquirers_may_use_the_same_id(doors: Doors, bench: Bench, ring: Behind) -> None:
    """Each has its own payment under it, and neither sees the other's."""
    other = await open_acquirer(
        *(doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, bench.shop, "other-pay")
    )
    wallet = await bench.wallet(5_000)
    async with ring.client(doors) as ours, other.client(doors) as theirs:
        first = await ours.authorise("order-1", MERCHANT, await bench.code(wallet, "pay"), 480)
        after_the_first = await bench.holds(wallet)
        assert (await theirs.payment("order-1")).state is State.NOT_FOUND
        assert await refusal(theirs.refund("order-1", "refund-1")) == (
            409,
            "not_paid",
            "payment_id",
        )
        second = await theirs.authorise("order-1", MERCHANT, await bench.code(wallet, "pay"), 481)
        assert first.payment != second.payment
        await theirs.cancel("order-1")
        assert await ours.payment("order-1") == first
        assert (await ours.reconciliation(doors.clock.now.date())).payments == 1
    assert await bench.holds(wallet) == after_the_first


REFUSALS = {
    "insufficient_funds": ("pay", 6_000),
    "over_limit": ("pay", 100_001),
    "code_wrong_purpose": ("top_up", 1_000),
}


@pytest.mark.parametrize("code", REFUSALS)
async def test_the_ledgers_refusal_is_final_and_told_in_words(
    doors: Doors, bench: Bench, ring: Behind, code: str
) -> None:
    """402 with the ledger's own word; the same for ever, and by the query."""
    purpose, amount = REFUSALS[code]
    wallet = await bench.wallet(5_000)
    shown = await bench.code(wallet, purpose, amount if purpose == "top_up" else None)
    async with ring.client(doors) as client:
        for _ in range(2):
            assert await refusal(client.authorise("order-1", MERCHANT, shown, amount)) == (
                *(402, code, None),
            )
        found = await client.payment("order-1")
        assert (found.state, found.outcome) == (State.PROCESSED, code)
        assert found.entry is None
        doors.clock.advance(seconds=200)
        expired = await bench.code(wallet, "pay")
        doors.clock.advance(seconds=181)
        assert (await refusal(client.authorise("order-2", MERCHANT, expired, 10)))[1] == (
            "code_expired"
        )
        assert (await refusal(client.authorise("order-3", MERCHANT, "8" * 20, 10)))[1] == (
            "code_unknown"
        )


async def test_an_id_names_one_authorisation(doors: Doors, bench: Bench, ring: Behind) -> None:
    """With another amount, code or merchant it is refused, and what was decided stands."""
    wallet = await bench.wallet(5_000)
    code, other = await bench.code(wallet, "pay"), await bench.code(wallet, "pay")
    await acquirers.map_merchant(
        *(doors.pool, doors.town, ring.acquirer.acquirer, "m-8", bench.shop, doors.clock.now)
    )
    async with ring.client(doors) as client:
        first = await client.authorise("order-1", MERCHANT, code, 480)
        for merchant, shown, amount in (
            (MERCHANT, code, 481),
            (MERCHANT, other, 480),
            ("m-8", code, 480),
        ):
            assert await refusal(client.authorise("order-1", merchant, shown, amount)) == (
                *(409, "id_reused", "payment_id"),
            )
        assert await client.payment("order-1") == first
        again = await client.authorise("order-2", MERCHANT, other, 300)
        assert again.outcome == "done", "the refused attempts used nothing up"


async def test_an_id_that_somebody_else_took_is_not_mistaken_for_the_acquirers(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """A payment under our very id, made by a wallet, is never told as the POS's."""
    wallet = await bench.wallet(5_000)
    ids = doors.context.acquirer_ids.payment("nagaoka", "ring-pay", "order-1")
    taken = bench.pay(wallet, 1, id=ids.payment)
    assert (await bench.one(taken)).outcome == "done"
    before = await bench.holds(wallet)
    async with ring.client(doors) as client:
        code = await bench.code(wallet, "pay")
        assert (await refusal(client.authorise("order-1", MERCHANT, code, 480)))[:2] == (
            *(409, "id_reused"),
        )
        found = await client.payment("order-1")
        assert (found.state, found.outcome, found.entry) == (State.PROCESSED, "id_reused", None)
        assert (await refusal(client.refund("order-1", "refund-1")))[1] == "not_paid"
        assert (await client.cancel("order-1")).outcome == "cancelled"
        assert (await client.reconciliation(doors.clock.now.date())).lines == []
    assert await bench.holds(wallet) == before


async def test_the_shop_is_whom_the_merchant_was_mapped_to(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """Unmapped, new payments are refused and named ones keep their answers; mapped to another shop,
    the new ones go there.
    """
    wallet = await bench.wallet(5_000)
    first_code, second_code = await bench.code(wallet, "pay"), await bench.code(wallet, "pay")
    place = (doors.pool, doors.town, ring.acquirer.acquirer, MERCHANT)
    async with ring.client(doors) as client:
        first = await client.authorise("order-1", MERCHANT, first_code, 480)
        assert await acquirers.end_merchant(*place, doors.clock.now)
        assert not await acquirers.end_merchant(*place, doors.clock.now)
        assert await refusal(client.authorise("order-2", MERCHANT, second_code, 300)) == (
            *(404, "merchant_unknown", "merchant_id"),
        )
        assert (await client.payment("order-2")).state is State.NOT_FOUND
        elsewhere, _ = await bench.another_shop()
        doors.clock.advance(seconds=1)
        assert await acquirers.map_merchant(*place, elsewhere, doors.clock.now)
        assert not await acquirers.map_merchant(*place, bench.shop, doors.clock.now)
        assert (await client.authorise("order-2", MERCHANT, second_code, 300)).outcome == "done"
        assert await client.authorise("order-1", MERCHANT, first_code, 480) == first
        lines = (await client.reconciliation(doors.clock.now.date())).lines
    assert [(line.shop, line.amount) for line in lines] == [(bench.shop, 480), (elsewhere, 300)]


async def test_a_closed_acquirer_takes_no_new_payments(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """It still asks, cancels and refunds; reopened, it goes on."""
    place = (doors.pool, doors.town, ring.acquirer.acquirer)
    async with ring.client(doors) as client:
        wallet = await paid_once(client, bench)
        await acquirers.set_acquirer_state(*place, "closed")
        code = await bench.code(wallet, "pay")
        assert await refusal(client.authorise("order-2", MERCHANT, code, 300)) == (
            *(403, "acquirer_closed", None),
        )
        assert (await client.refund("order-1", "refund-1", 80)).outcome == "done"
        assert (await client.cancel("order-1")).outcome == "cancelled"
        await acquirers.set_acquirer_state(*place, "open")
        assert (await client.authorise("order-2", MERCHANT, code, 300)).outcome == "done"


# -- unknown is not failed -------------------------------------------------------------------------

Done = Callable[[Answer], None]


async def test_a_payment_that_is_not_decided_is_in_progress(
    doors: Doors, bench: Bench, ring: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer in time, or none from the database: undecided, on every gateway, until the same
    authorisation comes again.
    """
    wallet = await bench.wallet(5_000)
    code = await bench.code(wallet, "pay")
    answers: list[Trouble | None] = [None, Trouble.UNAVAILABLE, Trouble.BUSY]

    def submit(town: int, request: Request, done: Done) -> None:
        if (answer := answers.pop(0)) is not None:
            done(answer)

    async with ring.client(doors) as client:
        with monkeypatch.context() as patched:
            patched.setattr(asking, "DECIDE_MAX_S", 0.05)
            patched.setattr(doors.sockets, "submit", submit)
            while answers:
                refused = await refusal(client.authorise("order-1", MERCHANT, code, 480))
                assert refused == (504, "undecided", None)
                found = await client.payment("order-1")
                assert (found.state, found.outcome) == (State.IN_PROGRESS, None)
        paid = await client.authorise("order-1", MERCHANT, code, 480)
        assert paid.outcome == "done"
        assert await client.payment("order-1") == paid


async def test_what_was_never_seen_is_not_found(doors: Doors, ring: Behind) -> None:
    """Neither a payment nor a refund is made by asking about it."""
    async with ring.client(doors) as client:
        for _ in range(2):
            assert (await client.payment("order-1")).state is State.NOT_FOUND
            assert (await client.refunded("refund-1")).state is State.NOT_FOUND
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.acquirer_payment") == 0


# -- cancel ----------------------------------------------------------------------------------------


async def test_a_cancel_gives_back_what_was_paid(doors: Doors, bench: Bench, ring: Behind) -> None:
    """Whole, once, to the lots it came from; a second cancel gets the same answer."""
    async with ring.client(doors) as client:
        wallet = await bench.wallet(5_000)
        before = await bench.holds(wallet)
        code = await bench.code(wallet, "pay")
        paid = await client.authorise("order-1", MERCHANT, code, 480)
        cancelled = await client.cancel("order-1")
        assert (cancelled.state, cancelled.outcome) == (State.PROCESSED, "cancelled")
        assert (cancelled.payment, cancelled.refunded) == (paid.payment, 480)
        assert await client.cancel("order-1") == cancelled
        assert await client.payment("order-1") == cancelled
        assert await refusal(client.authorise("order-1", MERCHANT, code, 480)) == (
            *(409, "cancelled", None),
        )
    assert await bench.holds(wallet) == before
    assert await bench.problems() == []


async def test_a_cancel_that_comes_first_is_remembered(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """The late authorisation is refused, its code is not used up, and nothing was moved."""
    async with ring.client(doors) as client:
        wallet = await bench.wallet(5_000)
        before = await bench.holds(wallet)
        code = await bench.code(wallet, "pay")
        cancelled = await client.cancel("order-1")
        assert (cancelled.state, cancelled.outcome, cancelled.amount) == (
            *(State.PROCESSED, "cancelled", None),
        )
        assert (await refusal(client.authorise("order-1", MERCHANT, code, 480)))[:2] == (
            *(409, "cancelled"),
        )
        assert await client.payment("order-1") == cancelled
        assert await bench.holds(wallet) == before
        assert (await client.authorise("order-2", MERCHANT, code, 480)).outcome == "done"


async def test_a_cancel_takes_the_id_from_an_authorisation_under_way(
    doors: Doors, bench: Bench, ring: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authorisation was kept and waits at a counter; the cancel is decided before it."""
    wallet = await bench.wallet(5_000)
    before = await bench.holds(wallet)
    code = await bench.code(wallet, "pay")
    waiting: list[tuple[Request, Done]] = []
    real = doors.sockets.submit

    def submit(town: int, request: Request, done: Done) -> None:
        if request.code is not None:
            waiting.append((request, done))
        else:
            real(town, request, done)

    monkeypatch.setattr(doors.sockets, "submit", submit)
    async with ring.client(doors) as client:
        asked = asyncio.create_task(refusal(client.authorise("order-1", MERCHANT, code, 480)))
        while not waiting:
            await asyncio.sleep(0.01)
        assert (await client.payment("order-1")).state is State.IN_PROGRESS
        cancelled = await client.cancel("order-1")
        assert cancelled.outcome == "cancelled"
        request, done = waiting.pop()
        real(doors.town, request, done)
        assert (await asked)[:2] == (409, "cancelled")
        assert await client.payment("order-1") == cancelled
    assert await bench.holds(wallet) == before


async def test_a_cancel_gives_back_the_rest_of_a_refunded_payment(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """What was refunded before stays refunded, and no more than was paid comes back."""
    async with ring.client(doors) as client:
        wallet = await bench.wallet(5_000)
        before = await bench.holds(wallet)
        await client.authorise("order-1", MERCHANT, await bench.code(wallet, "pay"), 480)
        await client.refund("order-1", "refund-1", 80)
        cancelled = await client.cancel("order-1")
        assert (cancelled.outcome, cancelled.refunded) == ("cancelled", 480)
        day = await client.reconciliation(doors.clock.now.date())
        assert [(line.kind, line.amount) for line in day.lines] == [
            *(("payment", 480), ("refund", 80), ("cancel", 400)),
        ]
        assert day.net == 0
    assert (await bench.holds(wallet))["coin"] == before["coin"]


async def test_a_cancel_after_the_towns_time_says_so(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """The payment stands, and the query says that it does."""
    async with ring.client(doors) as client:
        await paid_once(client, bench)
        doors.clock.advance(days=31)
        assert (await refusal(client.cancel("order-1")))[:2] == (402, "reversal_too_late")
        found = await client.payment("order-1")
        assert (found.outcome, found.refunded) == ("done", 0)


# -- the duplicate question ------------------------------------------------------------------------


async def asked_twice(client: AcquirerClient, bench: Bench) -> tuple[int, UUID]:
    """A wallet that has paid 480 yen and is asked about the second 480; the question's id."""
    wallet = await paid_once(client, bench)
    code = await bench.code(wallet, "pay")
    refused = await refusal(client.authorise("order-2", MERCHANT, code, 480))
    assert refused == (409, "duplicate_suspected", None)
    found = await client.payment("order-2")
    assert (found.state, found.outcome) == (State.IN_PROGRESS, "duplicate_suspected")
    assert found.question_expires_at == bench.clock.now_ms + QUESTION_S * 1_000
    assert found.payment is not None
    return wallet, found.payment


def confirm(wallet: int, question: UUID) -> Request:
    """The payer's yes."""
    return Request(uuid7(), Kind.CONFIRM, wallet=wallet, refers=question)


async def test_a_payers_yes_makes_the_same_payment_done(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """Under the acquirer's one id; it can be refunded and cancelled like any other."""
    async with ring.client(doors) as client:
        wallet, question = await asked_twice(client, bench)
        yes = confirm(wallet, question)
        assert (await bench.one(yes)).outcome == "done"
        found = await client.payment("order-2")
        assert (found.state, found.outcome, found.payment) == (State.PROCESSED, "done", yes.id)
        assert (await client.refund("order-2", "refund-1", 80)).amount == 80
        cancelled = await client.cancel("order-2")
        assert (cancelled.outcome, cancelled.refunded) == ("cancelled", 480)
        day = await client.reconciliation(doors.clock.now.date())
        assert [(line.kind, line.payment_id, line.amount) for line in day.lines] == [
            ("payment", "order-1", 480),
            ("payment", "order-2", 480),
            ("refund", "order-2", 80),
            ("cancel", "order-2", 400),
        ]
    assert await bench.problems() == []


async def test_without_a_yes_the_payment_is_refused_for_good(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """Not at the question's last moment, when a yes may be on its way, but soon after."""
    async with ring.client(doors) as client:
        wallet, question = await asked_twice(client, bench)
        doors.clock.advance(seconds=QUESTION_S)
        assert (await client.payment("order-2")).state is State.IN_PROGRESS
        doors.clock.advance(seconds=30)
        found = await client.payment("order-2")
        assert (found.state, found.outcome) == (State.PROCESSED, "duplicate_suspected")
        assert (await bench.one(confirm(wallet, question))).outcome == "question_expired"
        assert await client.payment("order-2") == found


async def test_a_cancel_ends_the_question(doors: Doors, bench: Bench, ring: Behind) -> None:
    """A yes that comes later pays nothing."""
    async with ring.client(doors) as client:
        wallet, question = await asked_twice(client, bench)
        before = await bench.holds(wallet)
        cancelled = await client.cancel("order-2")
        assert (cancelled.state, cancelled.outcome) == (State.PROCESSED, "cancelled")
        assert (await bench.one(confirm(wallet, question))).outcome == "question_answered"
        assert await client.payment("order-2") == cancelled
        assert await bench.holds(wallet) == before


async def test_a_yes_and_a_cancel_at_one_moment_end_unpaid(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """Either the yes finds the question over, or what it paid is given back. The first round has
    the latter, the last the former, and those between whatever comes.
    """
    outcomes: set[str] = set()
    async with ring.client(doors) as client:
        for number in range(12):
            wallet = await bench.wallet(5_000)
            before = await bench.holds(wallet)
            first, second = f"first-{number}", f"second-{number}"
            paid = await client.authorise(first, MERCHANT, await bench.code(wallet, "pay"), 480)
            code = await bench.code(wallet, "pay")
            assert (await refusal(client.authorise(second, MERCHANT, code, 480)))[0] == 409
            question = (await client.payment(second)).payment
            assert question is not None
            yes = confirm(wallet, question)

            async def say_yes(yes: Request = yes, wait_s: float = number * 0.003) -> str:
                await asyncio.sleep(wait_s)
                batch = await decide(doors.pool, doors.town, [yes], doors.clock.now)
                return batch.decisions[0].outcome

            if number == 0:
                outcome, cancelled = await say_yes(), await client.cancel(second)
            elif number == 11:
                cancelled, outcome = await client.cancel(second), await say_yes()
            else:
                outcome, cancelled = await asyncio.gather(say_yes(), client.cancel(second))
            outcomes.add(outcome)
            assert cancelled.outcome == "cancelled"
            assert (await client.payment(second)).outcome == "cancelled"
            assert paid.payment is not None
            await client.cancel(first)
            assert await bench.holds(wallet) == before
    assert outcomes == {"done", "question_answered"}
    assert await bench.problems() == []


async def test_a_cancelled_question_is_looked_at_behind_who_decides_about_the_wallet(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """A yes that was looked at before the cancel came may not be written yet: cancel and query wait
    for the wallet as the ledger's own batches do.
    """
    async with ring.client(doors) as client, doors.pool.acquire() as connection:
        wallet, _ = await asked_twice(client, bench)
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(acquirers.SQL["lock_wallet"], doors.town, wallet)
        cancelling = asyncio.create_task(client.cancel("order-2"))
        done, _ = await asyncio.wait({cancelling}, timeout=0.3)
        assert not done
        asking = asyncio.create_task(client.payment("order-2"))
        done, _ = await asyncio.wait({cancelling, asking}, timeout=0.3)
        assert not done
        assert (await client.payment("order-1")).outcome == "done", "other payments do not wait"
        await transaction.rollback()
        assert (await cancelling).outcome == (await asking).outcome == "cancelled"


# -- refunds ---------------------------------------------------------------------------------------


async def test_refunds_in_parts_and_then_the_rest(doors: Doors, bench: Bench, ring: Behind) -> None:
    """Each under its own id, which gets the same answer again; never more than was paid."""
    async with ring.client(doors) as client:
        wallet = await bench.wallet(5_000)
        before = await bench.holds(wallet)
        await client.authorise("order-1", MERCHANT, await bench.code(wallet, "pay"), 480)
        part = await client.refund("order-1", "refund-1", 100, "品切れ")
        assert (part.outcome, part.amount, part.payment_id) == ("done", 100, "order-1")
        assert await client.refund("order-1", "refund-1", 100, "品切れ") == part
        assert await client.refunded("refund-1") == part
        for amount, reason in ((101, "品切れ"), (None, "品切れ"), (100, "返金")):
            assert await refusal(client.refund("order-1", "refund-1", amount, reason)) == (
                *(409, "id_reused", "refund_id"),
            )
        over = (402, "over_reversible", None)
        assert await refusal(client.refund("order-1", "refund-2", 381)) == over
        assert await refusal(client.refund("order-1", "refund-2", 381)) == over
        assert (await client.refunded("refund-2")).outcome == "over_reversible"
        rest = await client.refund("order-1", "refund-3")
        assert rest.amount == 380
        assert await refusal(client.refund("order-1", "refund-4")) == (
            402,
            "already_reversed",
            None,
        )
        found = await client.payment("order-1")
        assert (found.outcome, found.refunded) == ("done", 480)
    assert (await bench.holds(wallet))["coin"] == before["coin"]
    reasons = await doors.pool.fetch(
        "SELECT reason FROM koban.entry WHERE kind = 'reversal' ORDER BY entry"
    )
    assert [row["reason"] for row in reasons] == ["品切れ", "返金"]


async def test_only_what_was_paid_is_refunded(doors: Doors, bench: Bench, ring: Behind) -> None:
    """Nothing known, refused, or cancelled before; and nothing of it takes the refund's id."""
    async with ring.client(doors) as client:
        wallet = await bench.wallet(1_000)
        not_paid = (409, "not_paid", "payment_id")
        assert await refusal(client.refund("order-0", "refund-1")) == not_paid
        code = await bench.code(wallet, "pay")
        await refusal(client.authorise("order-1", MERCHANT, code, 2_000))
        assert await refusal(client.refund("order-1", "refund-1")) == not_paid
        await client.cancel("order-2")
        assert await refusal(client.refund("order-2", "refund-1")) == not_paid
        await client.authorise("order-3", MERCHANT, await bench.code(wallet, "pay"), 500)
        assert (await client.refund("order-3", "refund-1")).amount == 500


async def test_an_undecided_refund_is_in_progress(
    doors: Doors, bench: Bench, ring: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the same refund comes again."""

    def away(town: int, request: Request, done: Done) -> None:
        done(Trouble.UNAVAILABLE)

    async with ring.client(doors) as client:
        await paid_once(client, bench)
        with monkeypatch.context() as patched:
            patched.setattr(doors.sockets, "submit", away)
            assert await refusal(client.refund("order-1", "refund-1", 80)) == (
                *(504, "undecided", None),
            )
        found = await client.refunded("refund-1")
        assert (found.state, found.outcome) == (State.IN_PROGRESS, None)
        assert (await client.refund("order-1", "refund-1", 80)).outcome == "done"


async def test_many_refunds_at_once_give_back_no_more_than_was_paid(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """Ten of 100 yen each, of 480."""
    async with ring.client(doors) as client:
        await paid_once(client, bench)
        results = await asyncio.gather(
            *(client.refund("order-1", f"refund-{n}", 100) for n in range(10)),
            return_exceptions=True,
        )
        assert sum(not isinstance(result, Exception) for result in results) == 4
        assert (await client.payment("order-1")).refunded == 400
    assert await bench.problems() == []


# -- what was kept ---------------------------------------------------------------------------------


async def test_no_secret_and_no_code_is_kept_in_clear(
    pool: asyncpg.Pool, doors: Doors, bench: Bench, ring: Behind
) -> None:
    """A copy of the database signs nothing."""
    async with ring.client(doors) as client:
        code = await bench.code(await bench.wallet(1_000), "pay")
        await client.authorise("order-1", MERCHANT, code, 480)
    for table in ("acquirer_key", "acquirer_payment", "acquirer_nonce", "acquirer"):
        for row in await pool.fetch(f"SELECT * FROM koban.{table}"):
            kept = str(msgspec.to_builtins({k: repr(v) for k, v in dict(row).items()}))
            assert ring.key.secret not in kept
            assert code not in kept
