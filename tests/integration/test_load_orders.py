"""Load orders against the real simulator: whatever a provider does, value arrives once or never."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import process_time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from msgspec.structs import replace

from gateway.providers.desk import LOOKS_MAX
from gateway.providers.reconciliation import FileUnreadable, Kind, read_file, reconcile
from ledger import accounts, loads, members, persons
from ledger.authorise import decide
from ledger.database import transaction
from ledger.ids import uuid7
from ledger.load_states import Direction, State, Word
from ledger.loads import Heard, LoadOrder, NewOrder, Source
from ledger.persons import Newcomer
from ledger.reading import balance
from ledger.requests import Kind as RequestKind
from ledger.requests import Request
from ledger.towns import provider_account
from tests.support.clock import Clock
from tests.support.ledger import problems
from tests.support.providers import MEMBER, QUICK, Street
from tests.support.rights import award_rights

PREMIUM = 130  # Region Ring adds 30 %.


@pytest.fixture
async def ring(pool: asyncpg.Pool, clock: Clock) -> AsyncIterator[Street]:
    """Region Ring: card, bank, ATM, convenience store."""
    street = Street(pool, "region-ring", clock)
    await street.open()
    yield street
    await street.close()
    assert await problems(pool) == []


@pytest.fixture
async def hirakata(pool: asyncpg.Pool, clock: Clock) -> AsyncIterator[Street]:
    """Hirakata: another company's points, two of theirs for one of ours, in and out."""
    street = Street(pool, "hirakata", clock)
    await street.open()
    yield street
    await street.close()
    assert await problems(pool) == []


async def holds(street: Street, wallet: int) -> int:
    """Yen that are in a wallet."""
    held = await balance(street.pool, street.town, wallet, street.clock.now)
    assert held is not None
    return held.total


async def wallet(street: Street) -> int:
    """A wallet that won the right to buy, where one is needed."""
    opened = await accounts.open_wallet(street.pool, street.town, street.clock.now)
    if any(way.needs_right for way in street.profile.ways):
        await award_rights(street.pool, street.town, [opened], street.clock.now)
    return opened


async def test_value_arrives_when_it_is_paid(ring: Street) -> None:
    """Ordered, paid at the provider, called back: the premium comes with it; the log tells it."""
    payer, order = await wallet(ring), uuid7()
    opened = await ring.order(payer, "bank", 10_000, order)
    assert (opened.state, opened.url) == (State.ACCEPTED, f"http://127.0.0.1/bank/pay/{order}")
    assert await holds(ring, payer) == 0
    await ring.user("bank", order, "pay")
    after = await ring.now(order)
    assert (after.state, after.reference, after.look_at) == (State.ARRIVED, "bank-000001", None)
    assert after.paid_at is not None
    assert await holds(ring, payer) == 10_000 * PREMIUM // 100
    log = await loads.steps(ring.pool, ring.town, order)
    assert [(each.word, each.to_state) for each in log] == [
        (Word.ACCEPTED, State.ACCEPTED),
        (Word.PAID, State.PAID),
        (Word.GIVEN, State.ARRIVED),
    ]
    # The provider's first call back may be here before its answer.
    assert log[0].source in (Source.ANSWER, Source.CALLBACK)
    assert [each.source for each in log[1:]] == [Source.CALLBACK, Source.LEDGER]


async def test_the_log_cannot_be_changed(ring: Street) -> None:
    """Not by anybody."""
    await ring.order(await wallet(ring), "bank", 10_000, uuid7())
    for statement in ("UPDATE koban.load_step SET word = ''", "DELETE FROM koban.load_step"):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await ring.pool.execute(statement)


async def test_an_atm_and_a_store_are_told_a_number(ring: Street) -> None:
    """What is shown is a number instead of a page."""
    for way in ("seven_bank", "convenience"):
        opened = await ring.order(await wallet(ring), way, 10_000, uuid7())
        assert (len(opened.number), opened.url) == (11, "")


@pytest.mark.parametrize(
    ("behaviour", "acts", "ends"),
    [
        ({"callbacks": 3}, ["pay"], State.ARRIVED),
        ({"callbacks": 0}, ["pay"], State.ARRIVED),
        ({"reordered": True}, ["pay"], State.ARRIVED),
        ({"reordered": True, "callbacks": 2}, ["pay"], State.ARRIVED),
        ({"callback_delay_ms": 50}, ["pay"], State.ARRIVED),
        ({"wrong_signature": True}, ["pay"], State.ARRIVED),
        ({"wrong_amount": True}, ["pay"], State.ARRIVED),
        ({"silent_next": 1}, ["pay"], State.ARRIVED),
        ({"silent_next": 7}, ["pay"], State.ARRIVED),
        ({"fail_next": 2}, ["pay"], State.ARRIVED),
        ({"fail_next": 3}, [], State.FAILED),
        ({"fail_next": 3, "fail_status": 500}, ["pay"], State.ARRIVED),
        ({"fail_next": 1, "fail_status": 400}, [], State.FAILED),
        ({"mischarge": 1}, ["pay"], State.REFUNDED),
        ({"mischarge": 1, "callbacks": 0}, ["pay"], State.REFUNDED),
        ({"mischarge": -1, "refunds": "slowly"}, ["pay"], State.REFUNDED),
        ({"mischarge": 1, "refunds": "refused"}, ["pay"], State.REFUNDING),
        ({}, ["fail"], State.FAILED),
        ({"callbacks": 0}, ["fail"], State.FAILED),
        ({}, ["expire"], State.EXPIRED),
        ({}, ["pay", "fail"], State.ARRIVED),
        ({}, [], State.ACCEPTED),
    ],
)
async def test_however_a_provider_behaves_value_arrives_once_or_not_at_all(
    ring: Street, behaviour: dict[str, Any], acts: list[str], ends: State
) -> None:
    """Late, double, reordered, wrong, silent: the end is the right one, and it is the end."""
    payer, order = await wallet(ring), uuid7()
    ring.behave("bank", order, **behaviour)
    await ring.order(payer, "bank", 10_000, order)
    await ring.pass_time(looks=3)
    for act in acts:
        await ring.user("bank", order, act)
    await ring.pass_time(seconds=10, looks=6)
    after = await ring.now(order)
    assert after.state is ends
    assert await holds(ring, payer) == (13_000 if ends is State.ARRIVED else 0)
    assert bool(after.attention) is (behaviour.get("refunds") == "refused")
    await ring.pass_time(seconds=100, looks=3)
    assert (await ring.now(order)).state is ends
    assert await holds(ring, payer) == (13_000 if ends is State.ARRIVED else 0)


async def test_money_after_a_failure_still_becomes_value(ring: Street) -> None:
    """Failed here because nobody was reached, and paid there later all the same."""
    payer, order = await wallet(ring), uuid7()
    opened = await ring.order(payer, "bank", 10_000, order)
    failed = Heard(Word.FAILED, Source.CALLBACK)
    await loads.hear(ring.pool, ring.town, opened.id, failed, ring.clock.now, QUICK)
    assert (await ring.now(order)).state is State.FAILED
    await ring.user("bank", order, "pay")
    assert (await ring.now(order)).state is State.ARRIVED
    assert await holds(ring, payer) == 13_000


async def test_value_that_has_no_room_is_refunded(ring: Street) -> None:
    """Paid when the wallet is full: the provider gives the money back, and nothing is lost."""
    payer = await wallet(ring)
    orders = [uuid7(), uuid7()]
    for order in orders:
        await ring.order(payer, "bank", 100_000, order)
    await ring.user("bank", orders[0], "pay")
    await ring.user("bank", orders[1], "pay")
    states = [(await ring.now(order)).state for order in orders]
    assert states == [State.ARRIVED, State.REFUNDED]
    assert (await ring.now(orders[1])).reason.startswith("over_")
    assert await holds(ring, payer) == 130_000
    assert ring.simulator.orders["bank", orders[1]].state == "refunded"


@pytest.mark.parametrize("trouble", [1, 2, 3, 4, 5, 6])
async def test_a_lost_decision_is_asked_for_again(ring: Street, trouble: int) -> None:
    """The ledger's answer is lost, decided or not: the value is there once."""
    payer, order = await wallet(ring), uuid7()
    await ring.order(payer, "bank", 10_000, order)
    ring.trouble = trouble
    await ring.user("bank", order, "pay")
    await ring.pass_time(looks=8)
    assert (await ring.now(order)).state is State.ARRIVED
    assert await holds(ring, payer) == 13_000


async def test_several_gateways_go_on_with_an_order_once_each(ring: Street) -> None:
    """Twenty orders hang, paid; four gateways look round at once: each order is claimed by one."""
    payers = [await wallet(ring) for _ in range(20)]
    orders = [uuid7() for _ in payers]
    for payer, order in zip(payers, orders, strict=True):
        ring.behave("bank", order, callbacks=0)
        await ring.order(payer, "bank", 5_000, order)
        ring.simulator.decide("bank", order, "pay")
    await ring.settled()
    ring.clock.advance(seconds=60)
    desks = [ring.another_desk() for _ in range(4)]
    found = await asyncio.gather(*(desk.look() for desk in desks))
    assert sum(found) == 20
    for desk in desks:
        await desk.idle()
    assert {(await ring.now(order)).state for order in orders} == {State.ARRIVED}
    assert [await holds(ring, payer) for payer in payers] == [6_500] * 20


async def test_a_slow_provider_holds_up_no_other_order(
    ring: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One order's provider does not come back with its answer; more than a round of others do."""
    slow, orders = uuid7(), [uuid7() for _ in range(LOOKS_MAX + 5)]
    await ring.order(await wallet(ring), "card", 5_000, slow)
    for order in orders:
        await ring.order(await wallet(ring), "bank", 5_000, order)
        ring.behave("bank", order, callbacks=0)
        ring.simulator.decide("bank", order, "pay")
    await ring.settled()
    asked, answered = asyncio.Event(), asyncio.Event()

    async def hangs(order: LoadOrder) -> None:
        assert order.id == slow
        asked.set()
        await answered.wait()

    monkeypatch.setattr(ring.providers["card"], "ask", hangs)
    ring.clock.advance(seconds=60)
    ring.desk.start()
    try:
        async with asyncio.timeout(20):
            await asked.wait()
            while {(await ring.now(order)).state for order in orders} != {State.ARRIVED}:
                await asyncio.sleep(0.05)
    finally:
        answered.set()


async def test_an_order_is_one_however_often_it_is_opened(ring: Street) -> None:
    """The same again is the same; the id with anything else is refused."""
    payer, order = await wallet(ring), uuid7()
    first = await ring.order(payer, "bank", 10_000, order)
    assert await ring.order(payer, "bank", 10_000, order) == first
    with pytest.raises(AssertionError):
        await ring.order(payer, "bank", 15_000, order)
    with pytest.raises(AssertionError):
        await ring.order(await wallet(ring), "bank", 10_000, order)
    assert len(ring.simulator.orders) == 1


async def test_an_order_that_was_never_told_is_told_later(ring: Street) -> None:
    """The gateway died before it told anybody; another one does. Past its time it just ends."""
    payer = await wallet(ring)
    early, late = uuid7(), uuid7()
    for order in (early, late):
        await ring.pool.execute(
            """INSERT INTO koban.load_order (town, id, direction, way, provider, wallet, amount,
                their_amount, state, opened_at, expires_at, changed_at, look_at)
            VALUES ($1, $2, 'in', 'bank', 'bank', $3, 5000, 5000, 'requested', $4, $5, $4, $4)""",
            *(ring.town, order, payer, ring.clock.now),
            ring.clock.now if order == late else ring.clock.now.replace(year=2027),
        )
    await ring.pass_time(looks=1)
    assert (await ring.now(early)).state is State.ACCEPTED
    assert (await ring.now(late)).state is State.EXPIRED
    assert [each for _, each in ring.simulator.orders] == [early]


# -- out and back ----------------------------------------------------------------------------------


async def rich(street: Street, amount: int = 5_000) -> int:
    """A wallet with value that came in by exchange."""
    payer, order = await wallet(street), uuid7()
    await street.order(payer, "exchange_region", amount, order)
    await street.user("exchange", order, "pay")
    assert await holds(street, payer) == amount
    return payer


async def test_points_come_in_at_the_rate(hirakata: Street) -> None:
    """Two of theirs are one of ours."""
    payer, order = await wallet(hirakata), uuid7()
    opened = await hirakata.order(payer, "exchange_region", 1_000, order)
    assert opened.their_amount == 2_000
    assert hirakata.simulator.orders["exchange", order].body.amount == 2_000
    await hirakata.user("exchange", order, "pay")
    assert await holds(hirakata, payer) == 1_000


@pytest.mark.parametrize(
    ("behaviour", "acts", "ends"),
    [
        ({}, [], State.DELIVERED),
        ({"credits": "held"}, ["pay"], State.DELIVERED),
        ({"credits": "held"}, ["fail"], State.RETURNED),
        ({"credits": "held", "callbacks": 0}, ["pay"], State.DELIVERED),
        ({"credits": "held", "callbacks": 3, "reordered": True}, ["fail"], State.RETURNED),
        ({"credits": "refused"}, [], State.RETURNED),
        ({"credits": "refused", "callbacks": 3}, [], State.RETURNED),
        ({"silent_next": 1}, [], State.DELIVERED),
        ({"silent_next": 6}, [], State.DELIVERED),
        ({"silent_next": 4, "credits": "refused"}, [], State.RETURNED),
        ({"fail_next": 4}, [], State.DELIVERED),
        ({"fail_next": 4, "fail_status": 500}, [], State.DELIVERED),
        ({"fail_next": 1, "fail_status": 422}, [], State.RETURNED),
        ({"wrong_signature": True, "credits": "held"}, ["fail"], State.RETURNED),
    ],
)
async def test_exchanged_value_is_here_or_there_and_never_both(
    hirakata: Street, behaviour: dict[str, Any], acts: list[str], ends: State
) -> None:
    """The other side fails halfway: what it credited is gone here, what it did not is here."""
    payer, order = await rich(hirakata), uuid7()
    hirakata.behave("exchange", order, **behaviour)
    await hirakata.order(payer, "exchange_region", 2_000, order, Direction.OUT)
    assert await holds(hirakata, payer) in {3_000, 5_000}
    await hirakata.pass_time(looks=3)
    for act in acts:
        await hirakata.user("exchange", order, act)
    await hirakata.pass_time(seconds=10, looks=8)
    assert (await hirakata.now(order)).state is ends
    there = hirakata.simulator.orders.get(("exchange", order))
    credited = there is not None and there.state == "paid"
    assert await holds(hirakata, payer) == (3_000 if credited else 5_000)
    assert credited is (ends is State.DELIVERED)


async def test_what_was_never_told_comes_back_only_when_it_can_never_come(hirakata: Street) -> None:
    """Past its time an order that nobody there knows of is cancelled there before it is returned;
    the first telling, when it arrives at last, is refused.
    """
    payer, order = await rich(hirakata), uuid7()
    hirakata.behave("exchange", order, fail_next=60, fail_status=500)
    await hirakata.order(payer, "exchange_region", 2_000, order, Direction.OUT)
    assert (await hirakata.now(order)).state is State.UNKNOWN
    hirakata.clock.advance(minutes=61)
    await hirakata.pass_time(looks=2)
    assert (await hirakata.now(order)).state is State.UNKNOWN
    assert await holds(hirakata, payer) == 3_000
    hirakata.behave("exchange", order)
    await hirakata.pass_time(looks=3)
    after = await hirakata.now(order)
    assert after.state is State.RETURNED
    assert await holds(hirakata, payer) == 5_000
    late = await hirakata.providers["exchange"].request(after, MEMBER)
    assert late is not None
    assert late.word is Word.FAILED


async def test_a_telling_that_comes_late_finds_its_order_refused_for_good(
    hirakata: Street,
) -> None:
    """The first telling hangs on its way, nobody there knows of it, and the second one is refused
    without a trace: the value comes back, and the first one, arriving at last, credits nothing.
    """
    payer, order = await rich(hirakata), uuid7()
    hirakata.behave("exchange", order, fail_next=3, fail_status=500)
    opened = await hirakata.order(payer, "exchange_region", 2_000, order, Direction.OUT)
    assert opened.state is State.UNKNOWN
    # Asked, it is not known there; told again, it is refused with a plain no.
    provider = hirakata.providers["exchange"]
    asked = await provider.ask(opened)
    assert asked is not None
    assert asked.word is Word.NOT_FOUND
    hirakata.behave("exchange", order, refuse_next=1)
    await hirakata.pass_time(looks=4)
    after = await hirakata.now(order)
    assert (after.state, after.reason) == (State.RETURNED, "answered 422")
    assert await holds(hirakata, payer) == 5_000

    late = await provider.request(opened, MEMBER)
    assert late is not None
    assert late.word is Word.FAILED
    assert hirakata.simulator.orders["exchange", order].state == "failed"
    log = await loads.steps(hirakata.pool, hirakata.town, order)
    assert [each.to_state for each in log] == [
        *(State.TAKEN, State.UNKNOWN, State.TAKEN, State.RETURNING, State.RETURNED),
    ]


async def test_whom_another_company_credits_is_kept_as_a_secret(hirakata: Street) -> None:
    """It is there for the telling, and nowhere readable; another one is another order."""
    payer, order = await rich(hirakata), uuid7()
    await hirakata.order(payer, "exchange_region", 2_000, order, Direction.OUT)
    assert hirakata.simulator.orders["exchange", order].body.member == MEMBER
    pool, vault, town = hirakata.pool, hirakata.vault, hirakata.town
    assert await members.members(pool, vault, town, [order]) == {order: MEMBER}
    for table in ("koban.load_order", "people.member"):
        rows = await pool.fetch(f"SELECT t::text FROM {table} t")
        assert not any(MEMBER in row[0] for row in rows)
    opened = await hirakata.now(order)
    new = NewOrder(
        *(order, Direction.OUT, opened.way, opened.provider, payer),
        *(opened.amount, opened.their_amount, opened.expires_at),
    )
    for member, same in ((MEMBER, True), ("member-2", False)):
        again = await hirakata.desk.open(replace(new, member=member))
        assert (again is not None) is same


async def test_of_somebody_who_was_erased_nobody_is_told(hirakata: Street) -> None:
    """Erased while the other company does not answer: the order is cancelled and the value back."""
    pool, vault, town = hirakata.pool, hirakata.vault, hirakata.town
    payer, order = await rich(hirakata), uuid7()
    newcomer = Newcomer("09012345678", "枚方 花子", "hash", "hash")
    await persons.register(pool, vault, town, newcomer, hirakata.clock.now, payer)
    hirakata.behave("exchange", order, fail_next=3, fail_status=500)
    await hirakata.order(payer, "exchange_region", 2_000, order, Direction.OUT)
    person = await persons.person_by_wallet(pool, vault, town, payer)
    assert person is not None
    async with transaction(pool) as connection:
        await persons.forget(connection, vault, town, person)
    assert await pool.fetchval("SELECT count(*) FROM people.member") == 0
    await hirakata.pass_time()
    assert (await hirakata.now(order)).state is State.RETURNED
    assert await holds(hirakata, payer) == 5_000
    known = hirakata.simulator.orders["exchange", order]
    assert (known.state, known.body.member) == ("failed", "")


async def test_what_is_not_there_does_not_leave(hirakata: Street) -> None:
    """Too little value: nobody is told anything."""
    payer, order = await rich(hirakata, 1_000), uuid7()
    opened = await hirakata.order(payer, "exchange_region", 2_000, order, Direction.OUT)
    assert (opened.state, opened.reason) == (State.FAILED, "insufficient_funds")
    assert ("exchange", order) not in hirakata.simulator.orders


async def test_a_yes_after_a_no_is_shown_to_a_person(hirakata: Street) -> None:
    """The other side contradicts itself: the order stays, marked."""
    payer, order = await rich(hirakata), uuid7()
    hirakata.behave("exchange", order, credits="refused")
    opened = await hirakata.order(payer, "exchange_region", 2_000, order, Direction.OUT)
    assert opened.state is State.RETURNED
    word = Heard(Word.PAID, Source.ANSWER)
    await loads.hear(hirakata.pool, hirakata.town, order, word, hirakata.clock.now, QUICK)
    marked = await loads.orders(hirakata.pool, hirakata.town, None, None, 10, attention=True)
    assert [(each.id, each.attention) for each in marked] == [
        (order, "answer said paid while returned")
    ]


async def test_a_contradiction_stays_until_a_person_has_looked_at_it(hirakata: Street) -> None:
    """Another one stands beside it; what came while the person looked stays."""
    payer, order = await rich(hirakata), uuid7()
    hirakata.behave("exchange", order, credits="refused")
    await hirakata.order(payer, "exchange_region", 2_000, order, Direction.OUT)

    async def says(word: Word) -> str:
        said = Heard(word, Source.ANSWER)
        await loads.hear(hirakata.pool, hirakata.town, order, said, hirakata.clock.now, QUICK)
        return (await hirakata.now(order)).attention

    paid, refunded = (f"answer said {word} while returned" for word in ("paid", "refunded"))
    assert await says(Word.PAID) == paid
    read = await hirakata.now(order)
    assert await says(Word.REFUNDED) == f"{paid}; {refunded}"
    assert await says(Word.PAID) == f"{paid}; {refunded}"
    await loads.settle_attention(hirakata.pool, hirakata.town, read)
    assert (await hirakata.now(order)).attention == f"{paid}; {refunded}"
    await loads.settle_attention(hirakata.pool, hirakata.town, await hirakata.now(order))
    assert (await hirakata.now(order)).attention == ""
    assert await says(Word.PAID) == paid


@pytest.mark.parametrize(
    ("real", "claimed"),
    [("pay", "refunded"), ("pay", "failed"), ("fail", "arrived"), ("", "arrived")],
)
async def test_verify_finds_an_order_that_says_what_is_not_so(
    ring: Street, real: str, claimed: str
) -> None:
    """Value without its money, or money without its value, does not stay unseen."""
    order = uuid7()
    await ring.order(await wallet(ring), "bank", 10_000, order)
    if real:
        await ring.user("bank", order, real)
    true = (await ring.now(order)).state
    change = "UPDATE koban.load_order SET state = $1 WHERE id = $2"
    await ring.pool.execute(change, claimed, order)
    (problem,) = await problems(ring.pool)
    assert str(order) in problem
    assert claimed in problem
    await ring.pool.execute(change, true.value, order)


# -- the day's file --------------------------------------------------------------------------------


async def test_a_day_is_reconciled(ring: Street) -> None:
    """What the file and our orders disagree on is found, and settled where asking settles it."""
    payer = await wallet(ring)
    good, unheard, foreign, wrong = uuid7(), uuid7(), uuid7(), uuid7()
    for order in (good, unheard, wrong):
        ring.behave("bank", order, callbacks=1 if order != unheard else 0)
        await ring.order(payer, "bank", 5_000, order)
        ring.simulator.decide("bank", order, "pay")
    await ring.settled()
    today = datetime.now(UTC).astimezone(ring_zone(ring)).date()
    provider = ring.providers["bank"]
    text = await provider.day_file(today)
    lines = text.splitlines()
    assert len(lines) == 4
    # Somebody else's payment is in it, another's amount is wrong, and a line is missing.
    extra = f"bank-999,{foreign},5000,paid,{datetime.now(UTC).isoformat()}"
    wrong_line = next(line for line in lines if str(wrong) in line).replace(",5000,", ",5001,")
    changed = [line for line in lines if str(wrong) not in line and str(good) not in line]
    text = "\r\n".join([*changed, extra, wrong_line])
    found = await reconcile(ring.pool, ring.town, ring_zone(ring), ring.desk, "bank", today, text)
    told = {
        (each.kind, each.order.id if each.order else None, each.settled)
        for each in found.differences
    }
    assert {(kind, order) for kind, order, _ in told} == {
        (Kind.STATE_DIFFERS, unheard),
        (Kind.THEIRS_NOT_OURS, None),
        (Kind.AMOUNT_DIFFERS, wrong),
        (Kind.OURS_NOT_THEIRS, good),
    }
    assert (Kind.STATE_DIFFERS, unheard, True) in told
    assert (Kind.AMOUNT_DIFFERS, wrong, False) in told
    assert (await ring.now(unheard)).state is State.ARRIVED
    assert (found.lines, found.agreed) == (3, 0)
    text = await provider.day_file(today)
    again = await reconcile(ring.pool, ring.town, ring_zone(ring), ring.desk, "bank", today, text)
    assert (again.lines, again.agreed, again.differences) == (3, 3, [])


def ring_zone(street: Street) -> ZoneInfo:
    """The zone whose days the providers' files are of."""
    return ZoneInfo(street.profile.town.time_zone)


HEAD = "reference,order,amount,state,time\r\n"
AT = "2026-04-01T12:00:00+09:00"
ID = "0190a000-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1"),
        ("reference;order\r\n", "line 1"),
        (HEAD + "a,b\r\n", "line 2 has 2 fields"),
        (HEAD + f"a,{ID},1.5,paid,{AT}\r\n", "line 2: amount"),
        (HEAD + f"a,{ID},-5,paid,{AT}\r\n", "line 2: amount"),
        (HEAD + f"a,{ID},٥,paid,{AT}\r\n", "line 2: amount"),
        (HEAD + f"a,{ID},5,maybe,{AT}\r\n", "line 2: state"),
        (HEAD + f"a,{ID},5,paid,yesterday\r\n", "line 2: time"),
        (HEAD + f"a,{ID},5,paid,2026-04-01T12:00:00\r\n", "offset"),
        (HEAD + f"a,{ID},5,paid,{AT}\r\n" * 2, "twice"),
        (HEAD + f'a,"{ID},5,paid,{AT}\r\n', "line"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(text: str, words: str) -> None:
    """Nothing of a broken file is used."""
    with pytest.raises(FileUnreadable, match=words):
        read_file(text)


def test_a_large_file_is_refused_as_soon_as_it_is_read() -> None:
    """Also where the two lines of one order are its last: ten thousand take no longer than so."""
    lines = "".join(f"a,{UUID(int=each)},5,paid,{AT}\r\n" for each in range(10_000))
    started_s = process_time()
    with pytest.raises(FileUnreadable, match="twice"):
        read_file(HEAD + lines + f"a,{UUID(int=9_999)},5,paid,{AT}\r\n")
    assert process_time() - started_s < 2.0


def test_a_file_is_read_as_spreadsheets_write_it() -> None:
    """With a mark in front, and with ids that are not ours."""
    (line,) = read_file("\ufeff" + HEAD + f"a,their own,5,paid,{AT}\r\n")
    assert (line.reference, line.order, line.amount) == ("a", None, 5)


async def test_the_id_of_a_payment_is_no_orders(ring: Street) -> None:
    """An order under an id that the ledger knows for something else gives nothing, and is
    refunded.
    """
    payer, taken = await wallet(ring), uuid7()
    account = await provider_account(ring.pool, ring.town, "card")
    used = Request(taken, RequestKind.LOAD, wallet=payer, shop=account, way="card", amount=5_000)
    assert (await decide(ring.pool, ring.town, [used], ring.clock.now)).decisions[0].outcome == (
        "done"
    )
    await ring.order(payer, "bank", 10_000, taken)
    await ring.user("bank", taken, "pay")
    after = await ring.now(taken)
    assert (after.state, after.reason) == (State.REFUNDED, "id_reused")
    assert await holds(ring, payer) == 6_500
