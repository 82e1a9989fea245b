"""Puts a backup of `scripts/backup` back: into an empty folder, as the ledger was at any instant.

    ./scripts/restore BACKUP FOLDER [--until 2026-11-22T12:00:00+09:00] [--no-sync]

The newest whole backup before that instant is checked and copied, the log of changes is replayed up
to the instant (without --until: to its end), every screen is made to load afresh, and the books are
verified. The server runs on a socket in FOLDER alone meanwhile, so nobody pays into it by mistake.
FOLDER/postgres is then a data folder of PostgreSQL to be started in the lost one's place. BACKUP is
only read. Nothing is ever overwritten.

Ends with 0 when it was restored and everything holds, with 1 and a sentence when not, with 2 when
the words are wrong.
"""

import argparse
import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ledger import verify
from ledger.database import open_pool
from ledger.profiles import stored_profiles
from ledger.towns import move_epoch
from ledger.upkeep import replayed_until
from scripts.embedded.folder import ServerFault, owned
from scripts.embedded.postgres import PostgresServer
from scripts.manifest import problems

# A day's changes of a large town are replayed within minutes.
REPLAY_MAX_S = 6 * 3600.0
SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?|[0-9A-F]{8}\.history")
TOO_EARLY = "recovery ended before configured recovery target was reached"

# The restored server speaks to this program alone, writes no archive, and does not mind being
# smaller than the one that was lost.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "hot_standby": "off",
    "archive_mode": "off",
    "ssl": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    "lc_messages": "C",
    "fsync": "on",
}


class RestoreFault(Exception):
    """It was not restored; the message says why and what to do."""


@dataclass(frozen=True)
class Base:
    """A whole backup. ``user`` and ``database`` are the ledger's."""

    label: str
    folder: Path
    finished_at: datetime
    user: str
    database: str


def bases(backup: Path) -> list[Base]:
    """The whole backups in a folder, oldest first."""
    found = []
    for note in sorted((backup / "base").glob("[0-9]*.txt")):
        told = dict(line.split(" ", 1) for line in note.read_text().splitlines())
        finished = datetime.fromisoformat(told["finished"])
        folder = note.with_suffix("")
        found.append(Base(note.stem, folder, finished, told["user"], told["database"]))
    return found


def choose(backup: Path, until: datetime | None) -> Base:
    """The newest whole backup that was finished by ``until``.

    Raises:
        RestoreFault: there is none.
    """
    known = bases(backup)
    if not known:
        raise RestoreFault(
            f"there is no whole backup in {backup}; ./scripts/backup list shows them"
        )
    fitting = [base for base in known if until is None or base.finished_at <= until]
    if not fitting:
        raise RestoreFault(
            f"the oldest backup was finished at {known[0].finished_at.isoformat()}; an instant "
            "before that cannot be restored"
        )
    return fitting[-1]


def check_empty(folder: Path) -> None:
    """Refuses a folder in which anything is.

    Raises:
        RestoreFault: there is.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RestoreFault(
            f"{folder} is not empty, and nothing is overwritten; name another folder"
        )


def check_whole(base: Base) -> None:
    """Compares every file with the backup's manifest.

    Raises:
        RestoreFault: one is missing or damaged.
    """
    if damage := next(problems(base.folder), None):
        raise RestoreFault(f"the backup {base.label} is damaged: {damage}")


def copy_in(base: Base, backup: Path, folder: Path) -> None:
    """Copies the backup and the log of changes since, and says how to replay it."""
    data, wal = folder / "postgres", folder / "wal"
    shutil.copytree(base.folder, data, symlinks=True)
    wal.mkdir()
    first = re.search(r"\(file ([0-9A-F]{24})\)", (data / "backup_label").read_text())
    assert first is not None
    for segment in sorted((backup / "wal").glob("*")):
        # The first eight digits are the timeline; those of a later one are needed too.
        if SEGMENT.fullmatch(segment.name) and segment.name[8:24] >= first[1][8:24]:
            shutil.copyfile(segment, wal / segment.name)
    for history in (backup / "wal").glob("*.history"):
        shutil.copyfile(history, wal / history.name)
    (folder / "hba.conf").write_text("local all all trust\n")
    (data / "recovery.signal").touch()
    (data / "postgresql.conf").touch()  # Some machines keep it elsewhere; then it is not in here.


def settings(folder: Path, until: datetime | None, *, sync: bool) -> dict[str, str]:
    """What the server is told while it replays."""
    # The newest segment was not full; the archive has it under a name of its own.
    wal = folder.resolve() / "wal"
    if set(str(wal)) & set("'\"\\%$`"):
        raise RestoreFault(f"{folder} has signs in its name that a shell would read; name another")
    command = f'cp "{wal}/%f" "%p" || cp "{wal}/%f.partial" "%p"'
    told = SETTINGS | {"hba_file": str(folder.resolve() / "hba.conf"), "restore_command": command}
    if not sync:
        told["fsync"] = "off"
    if until is not None:
        told |= {
            "recovery_target_time": until.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00"),
            "recovery_target_action": "promote",
        }
    return told


async def begin_anew(dsn: str) -> datetime | None:
    """Makes every screen load afresh: what they know may not have happened. The last instant that
    was restored.
    """
    pool = await open_pool(dsn, 1)
    try:
        for one in await stored_profiles(pool):
            await move_epoch(pool, one.town, int(time.time()))
        return await replayed_until(pool)
    finally:
        await pool.close()


def give(server: PostgresServer, folder: Path) -> None:
    """Lets the user that the server runs as own all of it."""
    if not server.account.other:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, server.account.uid, server.account.gid, follow_symlinks=False)


def restore(backup: Path, folder: Path, until: datetime | None, *, sync: bool) -> int:
    """Restores and verifies; 0 where everything holds.

    Raises:
        RestoreFault, ServerFault: it was not restored.
    """
    check_empty(folder)
    base = choose(backup, until)
    print(f"checking {base.label}, finished {base.finished_at.isoformat()}", flush=True)
    check_whole(base)
    with owned(folder):
        server = PostgresServer(
            folder, settings(folder, until, sync=sync), start_max_s=REPLAY_MAX_S
        )
        print("copying it, and the changes since", flush=True)
        copy_in(base, backup, folder)
        for name in ("postgres", "wal", "hba.conf"):
            give(server, folder / name)
        print("replaying the changes", flush=True)
        try:
            server.start()
        except ServerFault as fault:
            if TOO_EARLY in server.log.read_text(errors="replace"):
                raise RestoreFault("the archive of changes ends before that instant") from fault
            raise
        try:
            dsn = f"postgresql://{base.user}@/{base.database}?host={server.sockets}"
            reached = asyncio.run(begin_anew(dsn))
            status = verify.run(dsn)
        finally:
            server.stop()
            shutil.rmtree(server.sockets, ignore_errors=True)
        shutil.rmtree(folder / "wal")
        (folder / "hba.conf").unlink()
    if reached is not None:
        print(f"The last change in it is of {reached.isoformat()}.")
    print(
        f"{server.data} is as it was then. Start PostgreSQL on it, and begin a new BACKUP folder."
    )
    return 0 if status == 0 else 1


def instant(text: str) -> datetime:
    """An instant with its offset from UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"found {text!r}; allowed is an instant with its offset, 2026-11-22T12:00:00+09:00"
        )
    return found


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(
        prog="./scripts/restore",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("backup", type=Path, metavar="BACKUP")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--until", type=instant, metavar="INSTANT")
    parser.add_argument(
        "--no-sync", action="store_true", help="to try it out: it need not outlive a power cut"
    )
    options = parser.parse_args(words)
    try:
        return restore(options.backup, options.folder, options.until, sync=not options.no_sync)
    except (RestoreFault, ServerFault) as fault:
        print(f"koban: {fault}", file=sys.stderr)
    except OSError as fault:
        print(f"koban: {fault.strerror}: {fault.filename}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
