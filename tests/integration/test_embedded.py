"""The embedded servers start, stop, recover, and say in one sentence why they cannot."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from scripts.embedded import TEST, ServerFault, running
from scripts.embedded import folder as folders
from tests.support.stores import ROOT, servers_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for one pair of servers, with its sockets' folder removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix="servers-", dir=servers_folder()))
    yield path
    shutil.rmtree(folders.sockets_folder(path, folders.Account.choose()), ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)


async def _ask(dsn: str, *statements: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


def test_data_is_found_again_after_a_clean_stop(folder: Path) -> None:
    """What was committed before a stop is there after the next start, and commits wait for disk."""
    with running(folder, TEST) as pair:
        dsn = pair.postgres.dsn("postgres")
        asyncio.run(_ask(dsn, "CREATE TABLE kept AS SELECT 7 AS value", "SELECT 1"))
        assert asyncio.run(_ask(dsn, "SHOW synchronous_commit")) == "on"
    assert not pair.postgres.running()
    assert not pair.valkey.running()
    with running(folder, TEST):
        assert asyncio.run(_ask(dsn, "SELECT value FROM kept")) == 7


def test_servers_that_outlived_a_killed_start_are_ended_first(folder: Path) -> None:
    """A script killed with -9 leaves its servers; the next start ends them and finds the data."""
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from scripts.embedded import TEST, running\n"
        "with running(Path(sys.argv[1]), TEST):\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"up\n"
        killed.send_signal(signal.SIGKILL)
    with running(folder, TEST) as pair:
        assert asyncio.run(_ask(pair.postgres.dsn("postgres"), "SELECT 1")) == 1


def test_a_stale_pid_file_of_a_reused_number_does_not_stop_a_start(folder: Path) -> None:
    """The pid file of a crash names a process that is somebody else by now."""
    with running(folder, TEST) as pair:
        pid_file = pair.postgres.data / "postmaster.pid"
        text = pid_file.read_text()
        pair.postgres.kill()
    lines = text.splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with running(folder, TEST) as pair:
        assert asyncio.run(_ask(pair.postgres.dsn("postgres"), "SELECT 1")) == 1


def test_one_folder_has_one_owner(folder: Path) -> None:
    """A second start on the same folder is told which process to stop."""
    with (
        running(folder, TEST),
        pytest.raises(ServerFault, match=f"already runs .* .process {os.getpid()}"),
        running(folder, TEST),
    ):
        pass


def test_a_full_disk_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little room is said before anything is written."""
    monkeypatch.setattr(folders, "SPACE_MIN_MIB", 2**40)
    with pytest.raises(ServerFault, match="is full"), running(folder, TEST):
        pass


def test_data_of_another_version_is_one_sentence(folder: Path) -> None:
    """PostgreSQL 17's data is neither opened nor touched."""
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerFault, match="made by PostgreSQL 17"), running(folder, TEST):
        pass


def test_half_a_data_folder_is_one_sentence(folder: Path) -> None:
    """A folder with something in it that is no database is left alone."""
    (folder / "postgres").mkdir()
    (folder / "postgres" / "base").mkdir()
    whole = pytest.raises(ServerFault, match="not a whole PostgreSQL data folder")
    with whole, running(folder, TEST):
        pass
    assert [path.name for path in (folder / "postgres").iterdir()] == ["base"]


def test_a_damaged_data_folder_is_one_sentence(folder: Path) -> None:
    """A database that lost its control file says so, and where its log is."""
    with running(folder, TEST) as pair:
        control = pair.postgres.data / "global" / "pg_control"
    control.unlink()
    with pytest.raises(ServerFault, match=r"cannot start on .*log is "), running(folder, TEST):
        pass


def test_a_file_in_the_folders_place_is_one_sentence(folder: Path) -> None:
    """A data folder that cannot be made is named."""
    (folder / "taken").write_text("")
    with pytest.raises(ServerFault, match="cannot be written"), running(folder / "taken", TEST):
        pass
