"""Value on its way out: what is refused comes back only when it can never be credited."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from ledger import accounts, loads
from ledger.ids import uuid7
from ledger.load_states import Direction, State, Word
from ledger.reading import balance
from tests.support.clock import Clock
from tests.support.ledger import problems
from tests.support.providers import Street


@pytest.fixture
async def hirakata(pool: asyncpg.Pool, clock: Clock) -> AsyncIterator[Street]:
    """Hirakata, which exchanges points outwards."""
    street = Street(pool, "hirakata", clock)
    await street.open()
    yield street
    await street.close()
    assert await problems(pool) == []


async def holds(street: Street, wallet: int) -> int:
    """What is in a wallet."""
    held = await balance(street.pool, street.town, wallet, street.clock.now)
    assert held is not None
    return held.total


async def test_a_telling_that_comes_late_finds_its_order_refused_for_good(
    hirakata: Street,
) -> None:
    """The first telling hangs on its way, nobody there knows of it, and the second one is refused
    without a trace: the value comes back, and the first one, arriving at last, credits nothing.
    """
    wallet = await accounts.open_wallet(hirakata.pool, hirakata.town, hirakata.clock.now)
    bought, order = uuid7(), uuid7()
    await hirakata.order(wallet, "exchange_region", 5_000, bought)
    await hirakata.user("exchange", bought, "pay")

    hirakata.behave("exchange", order, fail_next=3, fail_status=500)
    opened = await hirakata.order(wallet, "exchange_region", 2_000, order, Direction.OUT)
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
    assert await holds(hirakata, wallet) == 5_000

    late = await provider.request(opened)
    assert late is not None
    assert late.word is Word.FAILED
    assert hirakata.simulator.orders["exchange", order].state == "failed"
    log = await loads.steps(hirakata.pool, hirakata.town, order)
    assert [each.to_state for each in log] == [
        *(State.TAKEN, State.UNKNOWN, State.TAKEN, State.RETURNING, State.RETURNED),
    ]
