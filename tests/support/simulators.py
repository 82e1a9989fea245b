"""The simulators of ``scripts``, each as a process of its own that a test starts and kills."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress

from tests.support.gateways import ROOT, free_port

START_MAX_S = 30.0


class SimulatorProcess:
    """A simulator on a port of its own; it keeps the port when it is started again."""

    def __init__(self, module: str, **environ: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._module = module
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None

    def arguments(self) -> list[str]:
        """What it is told beside its port."""
        return []

    def launch(self) -> None:
        """Starts it; returns when it listens."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, "--port", str(self.port), *self.arguments()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **self._environ},
        )
        until = time.monotonic() + START_MAX_S
        while time.monotonic() < until:
            assert self._process.poll() is None, f"{self._module} stopped at once"
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError(f"{self._module} did not listen in {START_MAX_S:.0f} s")

    def end(self) -> None:
        """Ends it at once, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def start(self) -> None:
        """`launch`, beside what else goes on in the test's loop."""
        await asyncio.to_thread(self.launch)

    async def kill(self) -> None:
        """`end`, likewise."""
        await asyncio.to_thread(self.end)
