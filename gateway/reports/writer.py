"""Writes a report's workbook: a process of its own, ``python -m gateway.reports.writer``.

A workbook is a tenth of a second and more of Python's time, which the gateway's payments would wait
for. So a child with the lowest priority gets the report as JSON, and answers the file; one at a
time.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from gateway.protocol.api_reports import Language, Report
from gateway.reports.workbook import write

ROOT = Path(__file__).parents[2]
LOWEST_PRIORITY = 19
WRITE_MAX_S = 60.0


class Order(Struct, frozen=True):
    """What is to be written. ``names``: of the kinds of value, by their codes."""

    report: Report
    names: dict[str, str]
    language: Language


class Writer:
    """Has workbooks written."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def workbook(self, order: Order) -> bytes:
        """The file.

        Raises:
            RuntimeError: the child failed; what it said is on stderr.
            TimeoutError: it took too long.
        """
        async with self._turn:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "gateway.reports.writer"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=ROOT,
            )
            try:
                async with asyncio.timeout(WRITE_MAX_S):
                    data, _ = await child.communicate(msgspec.json.encode(order))
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
                raise
        if child.returncode != 0:
            raise RuntimeError(f"the writer of workbooks ended with {child.returncode}")
        return data


def main() -> None:
    """The child."""
    os.nice(LOWEST_PRIORITY)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    with tempfile.TemporaryDirectory(prefix="koban-report-") as folder:
        path = Path(folder) / "report.xlsx"
        write(path, order.report, order.names, order.language)
        sys.stdout.buffer.write(path.read_bytes())


if __name__ == "__main__":
    main()
