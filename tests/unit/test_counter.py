"""The counter: how requests gather, who waits for whom, and that everybody gets one answer."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import pytest

from config.limits import CounterLimits
from gateway.counter import Answer, Counter, Trouble
from gateway.metrics import Metrics
from gateway.protocol.ids import new_id
from gateway.trail import Trail
from ledger.authorise import Batch, Decision
from ledger.database import Pool
from ledger.errors import LedgerConflict, LedgerUnavailable
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request
from notifier.broker import Broker
from notifier.feeds import Feed, Feeds
from notifier.locks import Locks
from notifier.relay import Relay

NOWHERE = "redis://127.0.0.1:1/0"
TOWN = 1
POISON = 666


def pay(wallet: int = 1, amount: int = 500, payment: UUID | None = None) -> Request:
    """A payment of this wallet."""
    return Request(payment or new_id(), Kind.PAY, wallet=wallet, shop=9, amount=amount)


class Ledger:
    """Decides as a test tells it: at a word, slowly, or not at all."""

    def __init__(self) -> None:
        self.batches: list[list[Request]] = []
        self.faults: list[Exception] = []
        self.open = asyncio.Event()
        self.open.set()
        self.under_way = 0
        self.most_under_way = 0

    async def decide(self, requests: Sequence[Request], now: datetime) -> Batch:
        """Records the batch, waits until the ledger is open, and says yes to everything."""
        assert now.tzinfo is not None
        self.batches.append(list(requests))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.open.wait()
            await asyncio.sleep(0)
            if self.faults:
                raise self.faults.pop(0)
            if any(request.amount == POISON for request in requests):
                raise ValueError("a request that breaks the batch it is in")
        finally:
            self.under_way -= 1
        return Batch([Decision(one.id, Outcome.DONE, "{}", repeated=False) for one in requests], [])


class Till:
    """A counter on a test's ledger, and the answers that came back."""

    def __init__(self, ledger: Ledger, limits: CounterLimits) -> None:
        loop = asyncio.get_running_loop()
        pool = cast("Pool", None)  # No events, so nothing is read.
        feeds = Feeds(pool, TOWN, _no_frame, _nothing)
        self.answers: list[tuple[UUID, Answer]] = []
        self.counter = Counter(
            TOWN,
            ledger.decide,
            locks=Locks(NOWHERE, "g", limits.lock_ttl_ms),
            broker=Broker(NOWHERE, "g", [TOWN], _nothing, _nothing),
            relay=Relay(pool, TOWN, feeds, _nothing),
            metrics=Metrics(),
            trail=Trail(loop.time),
            limits=limits,
            now=lambda: datetime.now(UTC),
            monotonic=loop.time,
        )

    def submit(self, request: Request) -> UUID:
        """Brings a request; its answer is kept."""
        ident = request.id
        self.counter.submit(request, lambda answer: self.answers.append((ident, answer)))
        return ident

    async def settled(self) -> dict[UUID, Answer]:
        """All answers, when everybody has theirs."""
        assert await self.counter.finish(5)
        return dict(self.answers)


def _nothing(*_ignored: object) -> None:
    return None


def _no_frame(_feed: Feed, _event: object) -> bytes:
    raise AssertionError("no event was decided")


@pytest.fixture
def ledger() -> Ledger:
    """A ledger that says yes."""
    return Ledger()


@pytest.fixture
async def till(ledger: Ledger) -> Till:
    """A counter with one batch under way at most."""
    return Till(ledger, CounterLimits(batches_in_flight=1, batch_max=10, queue_max=25))


def is_done(answer: Answer) -> bool:
    """Whether the answer is a payment's."""
    return isinstance(answer, Decision) and answer.outcome is Outcome.DONE


async def test_who_comes_in_one_turn_leaves_together(ledger: Ledger, till: Till) -> None:
    """No delay is added: the batch is what one turn of the loop has brought."""
    for wallet in range(5):
        till.submit(pay(wallet))
    answers = await till.settled()
    assert [len(batch) for batch in ledger.batches] == [5]
    assert all(map(is_done, answers.values()))


async def test_a_rush_leaves_together(ledger: Ledger) -> None:
    """Those whom the sockets hand over turn by turn, without a pause between."""
    till = Till(ledger, CounterLimits(gather_s=10.0))
    for wallet in range(5):
        till.submit(pay(wallet))
        await asyncio.sleep(0)
    await till.settled()
    assert [len(batch) for batch in ledger.batches] == [5]


async def test_nobody_waits_for_a_rush_without_end(ledger: Ledger) -> None:
    """Past the bound the first leave, though every turn brings another."""
    till = Till(ledger, CounterLimits(gather_s=0.0))
    for wallet in range(3):
        till.submit(pay(wallet))
        await asyncio.sleep(0)
    await till.settled()
    assert len(ledger.batches) > 1


async def test_the_next_batch_gathers_while_one_is_under_way(ledger: Ledger, till: Till) -> None:
    """One alone leaves at once; who comes meanwhile leaves together, in order, bounded."""
    ledger.open.clear()
    first = till.submit(pay(0))
    await asyncio.sleep(0.01)
    later = [till.submit(pay(wallet)) for wallet in range(1, 13)]
    await asyncio.sleep(0.01)
    ledger.open.set()
    await till.settled()
    assert [[one.id for one in batch] for batch in ledger.batches] == [
        [first],
        later[:10],
        later[10:],
    ]
    assert ledger.most_under_way == 1


async def test_two_batches_go_side_by_side(ledger: Ledger) -> None:
    """But never with the same wallet in both: its requests keep their order."""
    till = Till(ledger, CounterLimits(batches_in_flight=2, beside_min=1))
    ledger.open.clear()
    first = till.submit(pay(1, 100))
    await asyncio.sleep(0.01)
    second, other = till.submit(pay(1, 200)), till.submit(pay(2, 300))
    await asyncio.sleep(0.01)
    assert [[one.id for one in batch] for batch in ledger.batches] == [[first], [other]]
    ledger.open.set()
    await till.settled()
    assert [one.id for one in ledger.batches[2]] == [second]
    assert ledger.most_under_way == 2


async def test_only_many_leave_beside_another_batch(ledger: Ledger) -> None:
    """Below the bound they gather, as Postgres would decide them no sooner."""
    till = Till(ledger, CounterLimits(batches_in_flight=2, beside_min=3))
    ledger.open.clear()
    till.submit(pay(0))
    await asyncio.sleep(0.01)
    few = [till.submit(pay(wallet)) for wallet in (1, 2)]
    await asyncio.sleep(0.01)
    assert len(ledger.batches) == 1
    few.append(till.submit(pay(3)))
    await asyncio.sleep(0.01)
    assert [one.id for one in ledger.batches[1]] == few
    ledger.open.set()
    await till.settled()
    assert ledger.most_under_way == 2


async def test_a_full_queue_says_busy(ledger: Ledger, till: Till) -> None:
    """Who finds it full is told at once, and loses nothing."""
    ledger.open.clear()
    till.submit(pay(0))
    await asyncio.sleep(0.01)
    waiting = [till.submit(pay(wallet)) for wallet in range(1, 26)]
    refused = till.submit(pay(99))
    assert dict(till.answers) == {refused: Trouble.BUSY}
    ledger.open.set()
    answers = await till.settled()
    assert all(is_done(answers[one]) for one in waiting)


async def test_the_same_id_under_way_waits_for_the_first_answer(ledger: Ledger, till: Till) -> None:
    """Both get it; the ledger is asked once."""
    request = pay()
    assert not till.counter.in_progress(request.id)
    till.submit(request)
    till.submit(request)
    assert till.counter.in_progress(request.id)
    await till.settled()
    assert len(till.answers) == 2
    assert till.answers[0] == till.answers[1]
    assert sum(len(batch) for batch in ledger.batches) == 1
    assert not till.counter.in_progress(request.id)


async def test_the_same_id_with_another_body_is_judged_after_the_first(
    ledger: Ledger, till: Till
) -> None:
    """It is the ledger's to say that an id was used before."""
    request = pay(1, 500)
    till.submit(request)
    till.submit(pay(2, 600, request.id))
    await till.settled()
    assert [[one.amount for one in batch] for batch in ledger.batches] == [[500], [600]]
    assert len(till.answers) == 2


@pytest.mark.parametrize("size", [1, 2, 7, 10])
async def test_a_poisonous_request_fails_alone(ledger: Ledger, till: Till, size: int) -> None:
    """The batch is halved until it is alone; all others are paid."""
    good = [till.submit(pay(wallet)) for wallet in range(size - 1)]
    bad = till.submit(pay(99, POISON))
    answers = await till.settled()
    assert answers[bad] is Trouble.UNAVAILABLE
    assert all(is_done(answers[one]) for one in good)


async def test_many_poisonous_requests_do_not_split_for_ever(ledger: Ledger) -> None:
    """Splitting is bounded; everybody has an answer all the same."""
    till = Till(ledger, CounterLimits(batch_max=100, bisections_max=5))
    for wallet in range(100):
        till.submit(pay(wallet, POISON))
    answers = await till.settled()
    assert set(answers.values()) == {Trouble.UNAVAILABLE}
    assert len(ledger.batches) <= 11


async def test_a_ledger_that_is_away_is_told_at_once(ledger: Ledger, till: Till) -> None:
    """Nothing is tried again here: the screens know best whether they still wait."""
    ledger.faults = [LedgerUnavailable("away")]
    one = till.submit(pay())
    assert await till.settled() == {one: Trouble.UNAVAILABLE}
    assert len(ledger.batches) == 1
    two = till.submit(pay())
    assert is_done((await till.settled())[two])


async def test_a_ledger_that_does_not_answer_is_given_up(ledger: Ledger) -> None:
    """In a bounded time, with the same answer."""
    till = Till(ledger, CounterLimits(decide_s=0.05))
    ledger.open.clear()
    one = till.submit(pay())
    assert await till.settled() == {one: Trouble.UNAVAILABLE}


async def test_a_conflict_is_asked_again(ledger: Ledger, till: Till) -> None:
    """Two gateways met on one id: the second try finds the first's answer."""
    ledger.faults = [LedgerConflict("met")] * 2
    one = till.submit(pay())
    assert is_done((await till.settled())[one])
    assert len(ledger.batches) == 3


async def test_one_broken_session_keeps_nobody_from_an_answer(till: Till) -> None:
    """What an answer's taker does wrong is its own."""

    def broken(_answer: Answer) -> None:
        raise RuntimeError("this session is broken")

    till.counter.submit(pay(1), broken)
    other = till.submit(pay(2))
    assert is_done((await till.settled())[other])
