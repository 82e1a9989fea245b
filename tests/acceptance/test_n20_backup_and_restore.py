"""N20: redundancy, backups, a proven restore, personal data protected."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from config.limits import Limits
from config.profile import load_profile
from ledger.database import open_pool
from ledger.migrate import migrate
from ledger.towns import load_town
from scripts.embedded import TEST
from scripts.embedded.folder import owned
from scripts.embedded.postgres import PostgresServer
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.support.clock import Clock
from tests.support.gateways import ROOT
from tests.support.house import House

pytestmark = pytest.mark.faults

# As compose.yaml has it: whoever restores needs what was changed since the backup.
ARCHIVING = TEST | {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "max_slot_wal_keep_size": "32GB",
    "hba_file": str(ROOT / "config/deploy/pg_hba.conf"),
}


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the servers' user may pass through, which pytest's own are not."""
    folder = ROOT / ".data" / f"restore-{os.getpid()}"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(place: Path) -> Iterator[PostgresServer]:
    """A server of this story's own, whose changes can be followed."""
    folder = place / "first"
    with owned(folder):
        started = PostgresServer(folder, ARCHIVING)
        started.start()
        yield started
        started.stop()
        shutil.rmtree(started.sockets, ignore_errors=True)


@pytest.fixture
async def dsn(server: PostgresServer, clock: Clock) -> str:
    """The story's ledger: migrated, Nagaoka loaded, nobody in it."""
    connection = await asyncpg.connect(server.dsn("postgres"))
    wrong = "SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL"
    assert await connection.fetchval(wrong) == 0
    await connection.execute("CREATE DATABASE koban")
    await connection.close()
    await migrate(server.dsn())
    pool = await open_pool(server.dsn(), 1)
    await load_town(pool, load_profile(ROOT / "config/towns/nagaoka.toml"), clock.now)
    await pool.close()
    return server.dsn()


class Backups:
    """`scripts/backup` and `scripts/restore`, as whoever runs the town starts them."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self.folder = folder
        self._environ = {
            **os.environ,
            "KOBAN_POSTGRES_DSN": server.dsn(),
            "KOBAN_POSTGRES_PROGRAMS": str(server.programs),
            "KOBAN_BACKUP_KEEP": "1",
        }
        self._follower: subprocess.Popen[str] | None = None

    def follow(self) -> None:
        """Begins to archive the log of changes."""
        self._follower = subprocess.Popen(
            [ROOT / "scripts/backup", "follow", self.folder],
            env=self._environ,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stop(self) -> None:
        """Ends that."""
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.send_signal(signal.SIGINT)
            follower.communicate(timeout=20)

    async def run(self, *words: str | Path, **environ: str) -> tuple[int, str]:
        """One of the two; its exit status and what it said."""
        process = await asyncio.create_subprocess_exec(
            ROOT / "scripts" / words[0],
            *words[1:],
            env={**self._environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def now(self) -> str:
        """Makes a backup; its label."""
        status, said = await self.run("backup", "now", self.folder)
        assert status == 0, said
        return said.split(":")[0].splitlines()[-1]

    async def restored(self, folder: Path, until: datetime) -> str:
        """Restores into a folder; what was said."""
        status, said = await self.run(
            "restore", self.folder, folder, "--until", until.isoformat(), "--no-sync"
        )
        assert status == 0, said
        return said


@pytest.fixture
async def backups(server: PostgresServer, dsn: str, place: Path) -> AsyncIterator[Backups]:
    """Backups of the story's ledger; the log of changes is followed."""
    made = Backups(server, place / "backup")
    made.follow()
    yield made
    made.stop()


async def archived(pool: asyncpg.Pool) -> None:
    """Waits until the archive has every change so far on its disk."""
    here = await pool.fetchval("SELECT pg_current_wal_flush_lsn()")
    question = "SELECT flush_lsn >= $1 FROM pg_stat_replication WHERE application_name = $2"
    async with asyncio.timeout(20):
        while not await pool.fetchval(question, here, "koban-backup"):
            await asyncio.sleep(0.02)


async def pay_on(hanako: Holder, maruya: Tablet, until: asyncio.Event) -> int:
    """Pays yen after yen; how many."""
    paid = 0
    while not until.is_set() and paid < 100:
        assert (await hanako.tries_to_pay(maruya.shop, 1 + paid)) is not None
        paid += 1
    return paid


async def test_n20_the_ledger_is_restored_to_any_instant(
    nagaoka: Nagaoka,
    house: House,
    pool: asyncpg.Pool,
    backups: Backups,
    sms_provider: str,
    place: Path,
) -> None:
    """A backup is made while people pay, and they pay on. Into a second server everything comes
    back as it was at an instant between two payments, and the books add up there; what came after
    that instant is not in it.
    """
    hanako, maruya = await nagaoka.registers("花子"), await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(20_000), 20_000)
    enough = asyncio.Event()
    paying = asyncio.create_task(pay_on(hanako, maruya, enough))
    await backups.now()
    enough.set()
    assert await paying > 0
    await hanako.pays(maruya.shop, 1_234)
    held, lines = await hanako.holds(), len(await hanako.lines())
    await asyncio.sleep(0.01)
    instant = datetime.now(UTC)
    await asyncio.sleep(0.01)
    lost = await hanako.pays(maruya.shop, 2_345)
    await archived(pool)

    names = [word.encode() for word in ("花子", "09012345678")]
    for path in (path for path in backups.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not [name for name in names if name in content], path

    said = await backups.restored(place / "second", instant)
    assert "Everything holds" in said
    with owned(place / "second"):
        second = PostgresServer(place / "second", TEST)
        await asyncio.to_thread(second.start)
        try:
            gateway = House(
                replace(house.settings, postgres_dsn=second.dsn()), Limits(), nagaoka.clock
            )
            await gateway.open()
            async with Nagaoka(gateway, sms_provider, nagaoka.clock) as there:
                hanako_there = await there.signs_in()
                assert await hanako_there.holds() == held
                history = await hanako_there.history()
                assert len(history) == lines
                assert lost.id not in {receipt.id for receipt in history}
            await gateway.close()
        finally:
            await asyncio.to_thread(second.stop)
            shutil.rmtree(second.sockets, ignore_errors=True)
    await refused(pool, backups, place)


async def refused(pool: asyncpg.Pool, backups: Backups, place: Path) -> None:
    """What cannot be restored is refused with a sentence that says why, and nothing is overwritten;
    only the newest backup is kept here.
    """
    newest = await backups.now()
    kept = [path.name for path in (backups.folder / "base").iterdir() if path.is_dir()]
    assert kept == [newest]
    assert await pool.fetchval("SELECT count(*) FROM koban.backup") == 2

    full, empty = place / "full", place / "empty"
    full.mkdir()
    (full / "something").write_text("dear")
    before, later = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    for words, code, says in (
        ((backups.folder, full), 1, "is not empty"),
        ((place / "nothing", empty), 1, "there is no whole backup"),
        ((backups.folder, empty, "--until", before.isoformat()), 1, "cannot be restored"),
        ((backups.folder, empty, "--until", "noon"), 2, "with its offset"),
        ((backups.folder, empty, "--until", later.isoformat(), "--no-sync"), 1, "ends before that"),
    ):
        status, said = await backups.run("restore", *words)
        assert (status, says in said) == (code, True), said
    assert [path.name for path in full.iterdir()] == ["something"]

    files = (backups.folder / "base" / newest / "base").rglob("*")
    victim = max((path for path in files if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.write_bytes(content)
    status, said = await backups.run("restore", backups.folder, place / "third")
    assert (status, "is damaged" in said) == (1, True), said
    for act, environ, code, says in (
        ("now", {"KOBAN_BACKUP_KEEP": "0"}, 1, "KOBAN_BACKUP_KEEP"),
        ("now", {"KOBAN_POSTGRES_DSN": ""}, 1, "is not set"),
        ("some", {}, 2, "backup follow FOLDER"),
        ("list", {}, 0, newest),
    ):
        status, said = await backups.run("backup", act, backups.folder, **environ)
        assert (status, says in said) == (code, True), said
