"""What citizens' groups were given: added up once, and always what the journal says."""

import asyncio

from ledger import accounts
from ledger.ids import uuid7
from ledger.received import Received, Receiver
from ledger.requests import Kind, Request
from tests.support.ledger import Bench


async def gives(bench: Bench, wallet: int, group: int, amount: int) -> None:
    """A gift."""
    given = Request(uuid7(), Kind.GIVE, wallet=wallet, shop=group, amount=amount)
    assert (await bench.one(given)).outcome == "done"


async def test_sums_go_on_from_where_they_were(bench: Bench) -> None:
    """Whoever asks hears of every gift at once, however long they have not asked, or never before;
    a payment between changes nothing, a new group begins with nothing.
    """
    pool, town, now = bench.pool, bench.town, bench.clock.now
    old, gifts = Received("group", "gift"), Received("group", "gift")
    wallet = await bench.wallet(10_000)
    assert await gifts.accounts(pool, town) == []
    one = await accounts.open_group(pool, town, "里山の会", now)
    assert await gifts.accounts(pool, town) == [Receiver(one, None, "里山の会", 0, 0)]
    await gives(bench, wallet, one, 300)
    assert (await bench.one(bench.pay(wallet, 700))).outcome == "done"
    assert await old.accounts(pool, town) == [Receiver(one, None, "里山の会", 300, 1)]
    two = await accounts.open_group(pool, town, "川の会", now)
    await gives(bench, wallet, two, 50)
    await gives(bench, wallet, one, 1_000)
    wanted = [Receiver(one, None, "里山の会", 1_300, 2), Receiver(two, None, "川の会", 50, 1)]
    for asked in (gifts, old, Received("group", "gift")):
        found = await asyncio.gather(*(asked.accounts(pool, town) for _ in range(4)))
        assert found == [wanted] * 4
        assert await asked.accounts(pool, town) == wanted


async def test_only_what_is_newer_is_read(bench: Bench) -> None:
    """What was added up is not read again, whatever would be found there."""
    pool, town = bench.pool, bench.town
    gifts, wallet = Received("group", "gift"), await bench.wallet(10_000)
    group = await accounts.open_group(pool, town, "里山の会", bench.clock.now)
    await gives(bench, wallet, group, 300)
    assert (await gifts.accounts(pool, town))[0].amount == 300
    async with pool.acquire() as connection:
        await connection.execute(
            "SET session_replication_role = replica; UPDATE koban.entry SET amount = 1;"
            " SET session_replication_role = origin"
        )
    await gives(bench, wallet, group, 40)
    assert (await gifts.accounts(pool, town))[0].amount == 340
