"""``koban statements``: shops' statements (精算書) of a settlement, as files.

    write TOWN SETTLEMENT FOLDER [--shop CODE] [--csv]

writes a PDF a shop into FOLDER, or with --csv a file for spreadsheets; with --shop the one with
this number (seven digits) alone. What a settlement says does not change, so a file that is there
already is written over by the same. Of a settlement that is not released yet they say so. Set up by
the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from config.profile import Profile
from gateway.http.tables import csv_lines
from gateway.office import Office, OfficeFault, done, number, taught
from gateway.progress import Progress
from gateway.statements import lines, pages
from ledger.settlement.lines import Line
from ledger.settlement.lines import lines as lines_of
from ledger.statements import Statement, statement

MARK = b"\xef\xbb\xbf"  # Spreadsheets then read UTF-8.


async def act(office: Office, options: argparse.Namespace) -> str:
    """Writes the files; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done; files that were written stay.
    """
    found = await _wanted(office, options.settlement, options.shop)
    folder: Path = options.folder
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        with Progress("statements", len(found)) as bar:
            for place, line in enumerate(found):
                one = await statement(office.pool, office.town, line.settlement, line.shop)
                assert one is not None
                name = f"{office.profile.town.code}-statement-{line.settlement}-{line.shop_code}"
                path = folder / f"{name}.{'csv' if options.csv else 'pdf'}"
                data = await asyncio.to_thread(_file, office.profile, one, as_csv=options.csv)
                await asyncio.to_thread(path.write_bytes, data)
                bar.at(place + 1)
    except OSError as error:
        raise OfficeFault(f"{folder}: {error.strerror or error}") from error
    return f"{len(found)} statements are in {folder}."


async def _wanted(office: Office, settlement: int, code: str | None) -> list[Line]:
    found = await lines_of(office.pool, office.town, settlement)
    if not found:
        raise OfficeFault(f"there is no settlement {settlement}, or nothing is in it")
    if code is not None:
        found = [line for line in found if line.shop_code == code]
        if not found:
            raise OfficeFault(f"--shop: found {code!r}; no shop with it is in {settlement}")
    return found


def _file(profile: Profile, found: Statement, *, as_csv: bool) -> bytes:
    if as_csv:
        return MARK + csv_lines(lines.HEADINGS, *lines.rows(profile, found))
    return pages.pdf(profile, found)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("statements", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    one = acts.add_parser("write", help="a file a shop")
    one.add_argument("town", metavar="TOWN")
    one.add_argument("settlement", type=number, metavar="SETTLEMENT")
    one.add_argument("folder", type=Path, metavar="FOLDER")
    one.add_argument("--shop", metavar="CODE", help="of this shop alone")
    one.add_argument("--csv", action="store_true", help="for spreadsheets")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    return done("statements", options.town, lambda office: act(office, options))
