"""``koban reports``: what the town did, as tables, CSV, workbooks or JSON. Nothing moves.

    list TOWN                                   which reports there are, and their tables
    show TOWN REPORT [--month 2027-03]          a report to look at
        --since DAY --until DAY                 … of other days than a month, at most 366
        --shop CODE | --campaign CODE           … about one, where the report needs it
        --json | --csv TABLE | --xlsx           … for programs, or for a spreadsheet
    export TOWN --csv | --xlsx --out FILE       every transaction, of any length
        --since DAY --until DAY --shop CODE --kind KIND
    attributes TOWN [--dry-run]                 fills in years of birth that are missing

``--out FILE`` writes there instead of printing; a workbook needs it. ``--encoding shift_jis`` is
for older spreadsheets, ``--language en`` for English headings. Without a period it is the month
before this one. Cells of fewer than five people are ``x``: nobody is to be guessed. What is read is
one instant of the ledger, on the replica where KOBAN_REPLICA_DSN names one. A shop's CODE is the 7
digits of its sticker.

``attributes``: age is told by the year of birth, which is kept beside the encrypted date since
there are reports; for people of before it is read once. It may be stopped and given again.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec

from gateway.http.days import days
from gateway.http.tables import MARK, Encoding, csv_lines, in_shift_jis
from gateway.office import Office, OfficeFault, as_json, day, done, reading, taught
from gateway.progress import Progress
from gateway.protocol import api_reports as api
from gateway.refused import Refused
from gateway.reports import workbook
from gateway.reports.asking import chosen_table, made, told
from gateway.reports.making import Maker, infos
from gateway.reports.places import Places
from gateway.reports.tables import cells, headings, instrument_names
from gateway.reports.transactions import Export
from ledger import accounts
from ledger.journal import Filter
from ledger.reports.attributes import fill_years, missing_years
from ledger.reports.snapshot import ReportRoom


async def act(office: Office, options: argparse.Namespace, room: ReportRoom) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    try:
        match options.act:
            case "list":
                return _listed(json=options.json)
            case "show":
                return await show(office, options, room)
            case "export":
                return await export(office, options, room)
            case _:
                return await attributes(office, dry_run=options.dry_run)
    except OSError as error:
        raise OfficeFault(f"--out: {error.filename}: {error.strerror}") from error
    except Refused as refused:
        field = f"--{refused.body.field}: " if refused.body.field else ""
        raise OfficeFault(f"{field}{refused.body.message}") from refused


def _listed(*, json: bool) -> str:
    found = infos()
    if json:
        return as_json(found)
    lines = []
    for each in found:
        needs = "".join(f" --{need} …" for need in each.needs)
        lines.append(f"{each.report + needs:24} {each.en} ({each.ja}): {', '.join(each.tables)}")
    return "\n".join(lines)


async def show(office: Office, options: argparse.Namespace, room: ReportRoom) -> str:
    """A report in the form that was asked for."""
    name: api.ReportName = options.report
    if options.csv is not None:
        chosen_table(name, options.csv)
    shop = await _shop(office, options.shop)
    query = api.ReportQuery(
        month=options.month,
        since=options.since,
        until=options.until,
        shop=shop,
        campaign=options.campaign,
    )
    maker = Maker(room, Places(room), office.town, office.now)
    found = await made(maker, name, query, office.now, _zone(office))
    names = instrument_names(office.profile, options.language)
    if options.json:
        return _kept(options.out, msgspec.json.encode(found))
    if options.csv is not None:
        (one,) = [each for each in found.tables if each.table == options.csv]
        rows = [headings(one, options.language), *cells(one, names, options.language)]
        return _kept(options.out, _csv(rows, options.encoding, options.out))
    if options.xlsx:
        out = _needed(options.out)
        await asyncio.to_thread(workbook.write, out, found, names, options.language)
        return f"{out} has {len(found.tables)} tables"
    return _told(found, names, options.language)


async def _shop(office: Office, code: str | None) -> int | None:
    """The account of the shop whose sticker has this code."""
    if code is None:
        return None
    found = await accounts.shop_by_code(office.pool, office.town, code)
    if found is None:
        raise OfficeFault(f"--shop: there is no shop {code!r}; it is the sticker's 7 digits")
    return found.account


async def export(office: Office, options: argparse.Namespace, room: ReportRoom) -> str:
    """The journal as a file."""
    out = _needed(options.out)
    since, until = days(options.since, options.until, _zone(office))
    wanted = Filter(kind=options.kind, since=since, until=until)
    shop = await _shop(office, options.shop)
    shops = None if shop is None else [shop]
    found = Export(room, office.town, _zone(office), wanted, shops)
    async with told():
        if options.xlsx:
            await found.xlsx(out)
        else:
            await found.csv(out, options.encoding)
    return f"{out} has {found.lines} transactions"


async def attributes(office: Office, *, dry_run: bool) -> str:
    """Fills in years of birth."""
    missing = await missing_years(office.pool, office.town)
    if dry_run:
        return f"{missing} people's year of birth would be filled in"
    count = 0
    with Progress("years of birth", missing) as bar:
        async for filled in fill_years(office.pool, office.vault, office.town):
            count = filled
            bar.at(count)
    return f"{count} people's year of birth is filled in"


def _zone(office: Office) -> ZoneInfo:
    return ZoneInfo(office.profile.town.time_zone)


def _needed(out: Path | None) -> Path:
    if out is None:
        raise OfficeFault("--out FILE is needed: where the file is to be written")
    return out


def _csv(rows: Sequence[Sequence[object]], encoding: Encoding, out: Path | None) -> bytes:
    data = csv_lines(*rows)
    if encoding == "shift_jis":
        if out is None:
            raise OfficeFault("--encoding shift_jis needs --out FILE; a terminal speaks UTF-8")
        return in_shift_jis(data.decode())
    return data if out is None else MARK + data


def _kept(out: Path | None, data: bytes) -> str:
    """Writes a file, or returns what is to be printed."""
    if out is None:
        return data.decode().rstrip("\r\n").replace("\r\n", "\n")
    out.write_bytes(data)
    return f"{out} is written"


def _told(found: api.Report, names: dict[str, str], language: api.Language) -> str:
    """A report for people."""
    lines = [f"{getattr(found, language)} {found.since} – {found.until}"]
    for each in found.tables:
        lines += ["", getattr(each, language), "\t".join(headings(each, language))]
        lines += ["\t".join(map(_cell, each.columns, row)) for row in cells(each, names, language)]
    return "\n".join(lines)


def _cell(column: api.ReportColumn, value: object) -> str:
    """A cell for people: thousands are set apart."""
    if isinstance(value, int) and column.unit in ("yen", "people"):
        return f"{value:,}"
    return "" if value is None else str(value)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("reports", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    found = {name: acts.add_parser(name) for name in ("list", "show", "export", "attributes")}
    for each in found.values():
        each.add_argument("town")
    found["attributes"].add_argument("--dry-run", action="store_true")
    found["list"].add_argument("--json", action="store_true")
    shown, exported = found["show"], found["export"]
    shown.add_argument("report", choices=get_args(api.ReportName))
    shown.add_argument("--month")
    shown.add_argument("--campaign")
    shown.add_argument("--language", choices=get_args(api.Language), default="ja")
    form = shown.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", metavar="TABLE")
    form.add_argument("--xlsx", action="store_true")
    form = exported.add_mutually_exclusive_group(required=True)
    form.add_argument("--csv", action="store_true")
    form.add_argument("--xlsx", action="store_true")
    exported.add_argument("--kind")
    for each in (shown, exported):
        each.add_argument("--since", type=day, metavar="DAY")
        each.add_argument("--until", type=day, metavar="DAY")
        each.add_argument("--shop", metavar="CODE")
        each.add_argument("--out", type=Path)
        each.add_argument("--encoding", choices=("utf-8", "shift_jis"), default="utf-8")
    options = parser.parse_args(words)
    _check_month(parser, getattr(options, "month", None))
    return options


def _check_month(parser: argparse.ArgumentParser, text: str | None) -> None:
    """A month is checked as at the doors."""
    try:
        msgspec.convert({"month": text}, api.PeriodQuery)
    except msgspec.ValidationError:
        parser.error(f"--month: found {text!r}; allowed is such as 2027-03")


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)

    async def acted(office: Office) -> str:
        async with reading(office) as room:
            return await act(office, options, room)

    return done("reports", options.town, acted)
