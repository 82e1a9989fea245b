"""The bench speaks to the ledger as it is."""

from scripts.benchmark.database import SINGLE
from tests.support.ledger import Bench


async def test_one_payment_a_call_is_a_payment(bench: Bench) -> None:
    """What pgbench is given, with its variables filled in: done, and the books are right."""
    wallet = await bench.wallet(1_000)
    script = SINGLE.format(town=bench.town, wallets=(wallet, wallet), shops=(bench.shop,) * 2)
    query = " ".join(line for line in script.splitlines() if not line.startswith("\\"))
    query = query.replace("now()", f"'{bench.clock.now.isoformat()}'")
    for name, value in (("wallet", wallet), ("shop", bench.shop), ("amount", 500)):
        query = query.replace(f":{name}", str(value))
    assert await bench.pool.fetchval(query) == "done"
    assert (await bench.holds(wallet)) == {"point": 2, "coin": 510}
    assert await bench.problems() == []
