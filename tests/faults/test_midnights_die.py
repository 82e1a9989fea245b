"""A midnight at which the points of thousands end, whose worker is killed at every step: each lot
goes once, back to its fund.
"""

import asyncio
import sys

import pytest

from ledger import accounts, expiry
from tests.integration.test_expiry import short_points, until
from tests.integration.test_giving import grant
from tests.support import giving
from tests.support.ledger import Bench
from tests.support.night import STEPS
from tests.support.stores import ROOT

pytestmark = pytest.mark.faults

PEOPLE = 4_000
SPENT = 40
SEED = 20_261_122
BATCH = 200
TOGETHER_MAX_S = 240


@pytest.mark.parametrize("how", ["steps", "moments"])
async def test_each_lot_goes_once_whoever_dies(bench: Bench, dsn: str, how: str) -> None:
    """Killed before a slice is decided, when it is and its place not written, and behind it; and
    two side by side at any moment. Everybody had 100 points, every twentieth has spent 40.
    """
    print(f"seed {SEED}")
    boundary = await short_points(bench)
    fund = await giving.fund(bench, "health", PEOPLE * 100)
    await giving.activity(bench, "walk", fund)
    wallets = await accounts.open_wallets(bench.pool, bench.town, PEOPLE, bench.clock.now)
    for first in range(0, PEOPLE, BATCH):
        await bench.decide(*(grant(one, "walk") for one in wallets[first : first + BATCH]))
    spenders = wallets[::20]
    await bench.decide(*(bench.pay(wallet, SPENT) for wallet in spenders))
    spent = SPENT * len(spenders)
    assert await giving.budget(bench, fund) == (PEOPLE * 100, 0)

    until(bench, boundary)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.night", dsn, str(bench.town)),
        *(boundary.isoformat(), bench.clock.now.isoformat(), how, str(SEED)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(TOGETHER_MAX_S):
        said, faults = await process.communicate()
    assert process.returncode == 0, f"seed {SEED}: {faults.decode()}"
    lives = int(said)
    assert lives > (len(STEPS) * PEOPLE // expiry.SLICE_ROWS if how == "steps" else 1)

    gone = await bench.pool.fetch(
        "SELECT wallet, count(*) AS entries, sum(amount)::bigint AS amount FROM koban.entry"
        " WHERE town = $1 AND kind = 'expiry' GROUP BY wallet",
        bench.town,
    )
    expected = dict.fromkeys(wallets, (1, 100)) | dict.fromkeys(spenders, (1, 100 - SPENT))
    assert {row["wallet"]: (row["entries"], row["amount"]) for row in gone} == expected
    assert await giving.budget(bench, fund) == (spent, 0)
    run = await expiry.read_run(bench.pool, bench.town, boundary)
    assert run is not None
    assert run.finished_at is not None
    assert (run.listed, run.done, run.amount) == (PEOPLE, PEOPLE, PEOPLE * 100 - spent)
    assert await bench.problems() == []
