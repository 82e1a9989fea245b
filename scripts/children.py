"""Programs of ours that run beside a script, each in a session of its own, with a log in a file."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from scripts.environment import ROOT

STOP_MAX_S = 30


def heed_signals() -> None:
    """From now on Ctrl-C and SIGTERM both raise KeyboardInterrupt, so that what runs is stopped.

    Said outright: a shell that starts a program in the background makes it deaf to Ctrl-C.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Raised again, so that whatever handles Ctrl-C just now, asyncio or Python, does it.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: signal.raise_signal(signal.SIGINT))


class ChildFault(Exception):
    """A program did not start, or ended by itself; the message says which and shows its log."""


class Child:
    """One program: a module of this project. Ctrl-C does not reach it; its script stops it."""

    def __init__(
        self, name: str, arguments: list[str], environ: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as handle:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=os.environ | environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=handle,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def running(self) -> bool:
        """Whether it lives."""
        return self._process.poll() is None

    def wait_until_ready(self, port: int, path: str, limit_s: float) -> None:
        """Returns when ``path`` on this machine's ``port`` answers 200.

        Raises:
            ChildFault: the program ended, or did not get ready within ``limit_s``.
        """
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            if not self.running():
                raise self.fault("ended while starting")
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                try:
                    connection.request("GET", path)
                    if connection.getresponse().status == 200:
                        return
                finally:
                    connection.close()
            time.sleep(0.05)
        raise self.fault(f"was not ready in {limit_s:.0f} s")

    def fault(self, what: str) -> ChildFault:
        """A fault with the end of the program's log."""
        lines = self.log.read_text(errors="replace").splitlines()[-12:]
        return ChildFault("\n".join([f"the {self.name} {what}; the end of {self.log}:", *lines]))

    def stop(self) -> None:
        """Asks the program to end, and makes sure of it after a while."""
        if not self.running():
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
