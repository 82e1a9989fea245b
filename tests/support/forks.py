"""Programs of ours as processes of their own, forked from one that has imported a gateway already.

What ``python -m`` runs is run, with the environment it is given and nothing else. Only reading all
those modules, which keeps a processor busy for two seconds, is done once for all tests.
"""

import asyncio
import contextlib
import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

_forks = multiprocessing.get_context("forkserver")
# What the programs import, and no program itself: each is run afresh.
_forks.set_forkserver_preload(
    [__name__, "gateway.app", "gateway.wire", "gateway.drain", "gateway.jobs.worker"]
)


class Fork:
    """One program under way, to be treated as an `asyncio.subprocess.Process`."""

    def __init__(self, module: str, environ: Mapping[str, str], log: Path) -> None:
        """Starts ``module``; all that it says is added to the log."""
        # As a daemon it is ended when the tests are, however that comes about.
        self._process = _forks.Process(
            target=_run, args=(module, dict(environ), str(log)), daemon=True
        )
        self._ended = asyncio.Event()
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid
        asyncio.get_running_loop().add_reader(self._process.sentinel, self._on_end)

    @property
    def returncode(self) -> int | None:
        """The exit status, or the negative signal that ended it; None while it runs."""
        return self._process.exitcode if self._ended.is_set() else None

    def send_signal(self, how: int) -> None:
        """Sends it a signal, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            if self._process.exitcode is None:
                os.kill(self.pid, how)

    async def wait(self) -> int:
        """Its exit status, when it has ended."""
        await self._ended.wait()
        assert self._process.exitcode is not None
        return self._process.exitcode

    def _on_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._ended.set()


def _run(module: str, environ: dict[str, str], log: str) -> None:
    """In the fork: becomes ``python -m module``."""
    os.environ.clear()
    os.environ.update(environ)
    said = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(said, stream.fileno())
    os.close(said)
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
