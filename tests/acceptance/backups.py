"""A ledger on a server of its own, and its backups, as whoever runs the town makes them."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
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
from tests.support.clock import Clock
from tests.support.gateways import ROOT
from tests.support.house import House
from tests.support.stores import servers_folder

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
    folder = servers_folder() / f"restore-{os.getpid()}"
    folder.mkdir()
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

    async def restored(self, folder: Path, until: datetime | None = None) -> str:
        """Restores into a folder, to an instant or as far as the archive goes; what was said."""
        to = () if until is None else ("--until", until.isoformat())
        status, said = await self.run("restore", self.folder, folder, *to, "--no-sync")
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


@asynccontextmanager
async def opened(folder: Path, first: House, clock: Clock) -> AsyncIterator[House]:
    """A gateway on what was restored into a folder, with the settings of the first one."""
    with owned(folder):
        server = PostgresServer(folder, TEST)
        await asyncio.to_thread(server.start)
        try:
            settings = replace(first.settings, postgres_dsn=server.dsn())
            gateway = House(settings, Limits(), clock)
            await gateway.open()
            yield gateway
            await gateway.close()
        finally:
            await asyncio.to_thread(server.stop)
            shutil.rmtree(server.sockets, ignore_errors=True)
