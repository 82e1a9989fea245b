"""A grant of 10,000 by list, whose worker is killed at every step: each person has it once."""

import asyncio
import sys

import asyncpg
import pytest

from gateway.lists.checking import Upload, check
from ledger import accounts, grants, programmes
from ledger.database import transaction
from ledger.grants import By
from ledger.programmes import NewActivity, NewProgramme
from ledger.vault import Vault
from tests.support.clock import Clock
from tests.support.doors import SETTINGS
from tests.support.giver import STEPS
from tests.support.ledger import problems
from tests.support.stores import ROOT

pytestmark = pytest.mark.faults

PEOPLE = 10_000
SEED = 20_261_122
POINT = 2  # Nagaoka's points.
BY = By(None, "係")
TOGETHER_MAX_S = 240


def amount(line: int) -> int:
    """What a line grants: another sum than its neighbours."""
    return 100 + line % 7


class Town:
    """Everybody of the town on one list."""

    def __init__(self, pool: asyncpg.Pool, town: int, clock: Clock, dsn: str) -> None:
        self.pool = pool
        self.town = town
        self.clock = clock
        self.dsn = dsn
        self.owed: dict[int, int] = {}
        self.run = 0
        self.fund = 0

    @property
    def total(self) -> int:
        """All that is on the list."""
        return sum(self.owed.values())

    async def approve(self) -> None:
        """Opens a programme whose budget is the list's sum and no more; the list is approved."""
        now = self.clock.now
        wallets = await accounts.open_wallets(self.pool, self.town, PEOPLE, now)
        self.owed = {wallet: amount(line) for line, wallet in enumerate(wallets, 2)}
        new = NewProgramme("health", "課", "健康", POINT, self.total)
        async with transaction(self.pool) as connection:
            opened = await programmes.open_programme(connection, self.town, new, now)
            assert opened is not None
            self.fund = opened.fund
            ends_at = now.replace(year=now.year + 1)
            event = NewActivity("w", opened.programme, "会", None, 1_000, "once", now, ends_at)
            assert await programmes.open_activity(connection, self.town, event)
            activity = await programmes.activity(connection, self.town, "w")
            assert activity is not None
            text = "recipient,amount\n" + "".join(f"{w},{a}\n" for w, a in self.owed.items())
            upload = Upload("list.csv", text.encode(), BY)
            vault = Vault.of(SETTINGS)
            self.run = await check(connection, vault, self.town, activity, upload, now)
            await grants.approve(connection, self.town, self.run, BY, now)

    async def live(self, how: str, seed: int = 0) -> int:
        """Goes on with the run in processes that die; how many lives it took."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.giver", self.dsn, str(self.town)),
            *(str(self.run), self.clock.now.isoformat(), how, str(seed)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(TOGETHER_MAX_S):
            said, faults = await process.communicate()
        assert process.returncode == 0, f"seed {seed}: {faults.decode()}"
        return int(said)

    async def everybody_has(self, owed: dict[int, int]) -> None:
        """Each wallet has this and nothing else; one entry each; the budget says the same."""
        rows = await self.pool.fetch(
            "SELECT wallet, sum(remaining)::bigint AS amount FROM koban.lot"
            " WHERE town = $1 AND remaining > 0 GROUP BY wallet",
            self.town,
        )
        assert {row["wallet"]: row["amount"] for row in rows} == owed
        counts = await self.pool.fetchrow(
            "SELECT count(*) AS entries, count(DISTINCT wallet) AS wallets FROM koban.entry"
            " WHERE town = $1 AND kind = 'grant'",
            self.town,
        )
        assert counts is not None
        assert (counts["entries"], counts["wallets"]) == (PEOPLE, PEOPLE)
        budget = await self.pool.fetchrow(
            "SELECT granted, reserved FROM koban.budget WHERE town = $1 AND fund = $2",
            self.town,
            self.fund,
        )
        assert budget is not None
        assert (budget["granted"], budget["reserved"]) == (sum(owed.values()), 0)
        assert await problems(self.pool) == []


@pytest.fixture
async def approved(pool: asyncpg.Pool, town: int, clock: Clock, dsn: str) -> Town:
    """A list of ten thousand that waits to be given."""
    made = Town(pool, town, clock, dsn)
    await made.approve()
    return made


async def test_whoever_dies_at_every_step_gives_each_person_once(approved: Town) -> None:
    """Before each slice, with its rows decided and not committed, and when it is committed."""
    lives = await approved.live("steps")
    assert lives > len(STEPS) * PEOPLE // grants.SLICE_ROWS
    await approved.everybody_has(approved.owed)
    run = await grants.run(approved.pool, approved.town, approved.run)
    assert run is not None
    assert (run.state, run.done, run.given) == ("finished", PEOPLE, approved.total)


async def test_two_that_die_at_any_moment_give_and_take_back_once(approved: Town) -> None:
    """Killed from outside while both go on with the same run; and so when it is undone."""
    print(f"seed {SEED}")
    assert await approved.live("moments", SEED) > 2  # Or nobody died at work.
    await approved.everybody_has(approved.owed)
    async with transaction(approved.pool) as connection:
        await grants.undo(connection, approved.town, approved.run, BY, approved.clock.now)
    await approved.live("moments", SEED + 1)
    await approved.everybody_has({})
    run = await grants.run(approved.pool, approved.town, approved.run)
    assert run is not None
    assert (run.state, run.given, run.taken) == ("undone", approved.total, approved.total)
