"""Where servers keep data and sockets, who owns that, and as which user they run."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPACE_MIN_MIB = 512  # PostgreSQL's empty data folder and its first logs take about 100 MiB.


class ServerFault(Exception):
    """A server cannot be started; the message is one sentence on why, and what to do."""


@dataclass(frozen=True)
class Account:
    """The user that PostgreSQL runs as: it refuses to run as root, so root lends it ``nobody``."""

    uid: int
    gid: int
    other: bool  # Whether it is somebody else than the user who runs this process.

    @classmethod
    def choose(cls) -> "Account":
        """The present user, or ``nobody`` in root's place."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), other=False)
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError as fault:
            raise ServerFault(
                "PostgreSQL refuses to run as root and this machine has no user 'nobody'; start "
                "Koban as an ordinary user"
            ) from fault
        return cls(nobody.pw_uid, nobody.pw_gid, other=True)

    def options(self) -> dict[str, Any]:
        """What ``subprocess`` needs to start a program as this user."""
        if not self.other:
            return {"umask": 0o077}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}

    def give(self, folder: Path) -> None:
        """Makes ``folder`` if there is none, for this user alone, and reachable by this user."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.other:
            os.chown(folder, self.uid, self.gid)
            open_way(folder)
        folder.chmod(0o700)


def open_way(path: Path) -> None:
    """Lets other users pass through (not list) the closed folders above ``path``; root only."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            print(
                f"koban: PostgreSQL runs as 'nobody' when started by root; letting it pass through "
                f"{parent} (chmod o+x)",
                file=sys.stderr,
                flush=True,
            )
            parent.chmod(mode | stat.S_IXOTH)


def sockets_folder(data: Path, account: Account) -> Path:
    """A short folder for sockets: a socket's whole path may have about 100 characters only."""
    digest = hashlib.sha256(f"{os.geteuid()} {data.resolve()}".encode()).hexdigest()[:12]
    folder = Path("/tmp") / f"koban-{digest}"  # noqa: S108 - checked below to be nobody else's.
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {account.uid, os.geteuid()}:
        raise ServerFault(f"{folder} belongs to another user of this machine; remove it")
    if account.other:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return folder


def check_space(folder: Path) -> None:
    """Raises a fault if the disk under ``folder`` has too little room to start on."""
    free_mib = shutil.disk_usage(folder).free // 2**20
    if free_mib < SPACE_MIN_MIB:
        raise ServerFault(
            f"the disk that holds {folder} is full ({free_mib} MiB left, {SPACE_MIN_MIB} MiB "
            "needed); free some space and start again"
        )


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Holds ``folder`` for this process; the hold ends with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "owner").open("a+")
    except OSError as fault:
        raise ServerFault(
            f"the data folder {folder} cannot be written ({fault.strerror}); make it writable, or "
            "name another one"
        ) from fault
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            raise ServerFault(
                f"Koban already runs on {folder} (process {owner}); stop that one first"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
        handle.truncate(0)
