"""The journal as a file of any length: all that the filters let through, from one snapshot.

Read by pages, with a rest behind each for payments' sake, written to a file beside, and sent when
it is whole: whoever downloads slowly holds no connection, and a file that breaks off is never sent.
The folder goes when it was sent.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from gateway.http.tables import MARK, MEDIA, Encoding, csv_lines, in_shift_jis
from gateway.refused import Refused
from gateway.reports import workbook
from gateway.reports.workbook import Workbook
from ledger import journal
from ledger.journal import Entry, Filter
from ledger.reports.snapshot import ReportRoom

# So few that writing them holds the event loop for a millisecond or a few (a workbook).
PAGE_LINES = 100

HEADINGS = (
    *("entry", "id", "kind", "at", "wallet", "shop", "shop_name", "terminal", "amount"),
    *("reversed", "refers", "reason"),
)
UNITS = (
    *("number", "text", "text", "time", "text", "text", "text", "text", "yen"),
    *("yen", "text", "text"),
)


class Export:
    """What is exported: of which town, which entries, of which shops (None: the town's)."""

    def __init__(
        self,
        room: ReportRoom,
        town: int,
        zone: ZoneInfo,
        wanted: Filter,
        shops: Sequence[int] | None,
    ) -> None:
        self._room, self._town, self._zone = room, town, zone
        self._wanted, self._shops = wanted, shops
        self.lines = 0

    async def csv(self, path: Path, encoding: Encoding) -> None:
        """Writes them as CSV.

        Raises:
            Refused: ``invalid``: a character that the encoding has not.
            ReportBusy, ReportTooLarge, LedgerUnavailable.
        """
        with path.open("wb") as file:
            file.write((MARK if encoding == "utf-8" else b"") + csv_lines(HEADINGS))
            async for page in self._pages():
                data = csv_lines(*(self._row(each, text=True) for each in page))
                file.write(data if encoding == "utf-8" else in_shift_jis(data.decode()))

    async def xlsx(self, path: Path) -> None:
        """Writes them as a workbook.

        Raises:
            Refused: ``too_many_lines``: more than a sheet has.
            ReportBusy, ReportTooLarge, LedgerUnavailable.
        """
        book = Workbook(path)
        sheet = book.sheet("transactions", HEADINGS, UNITS)
        async for page in self._pages():
            if self.lines > workbook.LINES_MAX:
                raise Refused("too_many_lines", field="since")
            for each in page:
                sheet.add(self._row(each, text=False))
        # Packing is one long call, which leaves the event loop alone in a thread.
        await asyncio.to_thread(book.__exit__, None, None, None)

    async def _pages(self) -> AsyncIterator[list[Entry]]:
        before: int | None = None
        async with self._room.snapshot() as connection:
            while True:
                began_s = time.monotonic()
                page = await journal.entries(
                    connection, self._town, self._wanted, before, PAGE_LINES, self._shops
                )
                self.lines += len(page)
                if page:
                    yield page
                if len(page) < PAGE_LINES:
                    return
                before = page[-1].entry
                await asyncio.sleep(self._room.rest_s(time.monotonic() - began_s))

    def _row(self, each: Entry, *, text: bool) -> tuple[object, ...]:
        local = each.at.astimezone(self._zone)
        return (
            *(each.entry, each.id, each.kind),
            local.strftime("%Y-%m-%d %H:%M:%S") if text else local,
            *(str(each.wallet), str(each.shop), each.shop_name),
            None if each.terminal is None else str(each.terminal),
            *(each.amount, each.reversed, each.refers, each.reason),
        )


async def sent(export: Export, name: str, encoding: Encoding | None) -> FileResponse:
    """The answer that a browser keeps as the file ``name``; CSV where an ``encoding`` is given.

    Raises:
        Refused, ReportBusy, ReportTooLarge, LedgerUnavailable: nothing is sent.
    """
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="koban-export-"))
    path = folder / name
    try:
        if encoding is None:
            await export.xlsx(path)
        else:
            await export.csv(path, encoding)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        path,
        filename=name,
        media_type=workbook.MEDIA if encoding is None else f"{MEDIA}; charset={encoding}",
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )
