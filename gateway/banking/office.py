"""``koban bank-files``: what goes to the bank, and what comes back.

    make TOWN SETTLEMENT KIND DAY [--leave-out] [--by NAME] [--dry-run]
                                             a file of a settlement's lines
    take TOWN FILE PATH --by NAME            writes it to PATH, for somebody else than its maker
    discard TOWN FILE --reason R [--by NAME] lets go of one that nobody has taken
    confirm TOWN FILE [--by NAME]            the bank has done a transfer
    fail TOWN FILE SHOP... --reason R [--by NAME]
                                             lines that it could not, or that came back (組戻し)
    return TOWN FILE PATH [--by NAME] [--dry-run]
                                             reads the bank's result of a collection
    list TOWN                                the newest files
    show TOWN FILE                           one file, line by line
    read PATH                                what stands in any such file; asks no database

KIND is ``transfer`` (総合振込, pays out) or ``collection`` (預金口座振替, collects); DAY is the
banks' working day on which it is done, SHOP a sticker's 7 digits, NAME the operator who does it
(without one, whoever stands at the command line).
``--leave-out``: lines that can stand in no file stay where they are. ``--dry-run``: says what would
be done. Each answers in JSON with ``--json``. Whatever is refused has changed nothing: a broken
file, another client's, a request fed back, a result that was read before.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.banking.trials import (
    bytes_of,
    compared,
    desk_of,
    drafted,
    read,
    told_as_fault,
)
from gateway.http.bank_file_views import file_view, line_view
from gateway.office import DONE, NOT_DONE, Office, OfficeFault, as_json, day, done, number, taught
from gateway.protocol import api_bank_files as api
from gateway.settlement.desk import acting
from ledger import accounts, bank_files, bank_results
from ledger.bank_files import BankFile, BankFileRefused
from ledger.database import Executor, transaction

LISTED_MAX = 20


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    with told_as_fault():
        if options.act == "list":
            found = await bank_files.files(office.pool, office.town, limit=LISTED_MAX)
            if options.json:
                return as_json([file_view(each) for each in found])
            return "\n".join(_line(each) for each in found) or "There are no bank files."
        if options.act == "make" and options.dry_run:
            return await drafted(office, options)
        if options.act == "return" and options.dry_run:
            return await compared(office, options)
        fresh = options.act == "show" or await _do(office, options)
        return await _shown(office, options, fresh=fresh)


async def _do(office: Office, options: argparse.Namespace) -> bool:
    """Does it; whether there was anything left to do, or this very result was read before."""
    fresh = True
    town, number, desk = office.town, options.file, desk_of(office)
    by = await acting(office, options.by)
    async with transaction(office.pool) as connection:
        after: dict[str, object] = {}
        match options.act:
            case "make":
                made, draft = await desk.make(
                    connection,
                    options.settlement,
                    options.kind,
                    options.day,
                    by,
                    office.now,
                    leave_out=options.leave_out,
                )
                number = options.file = made.file
                after = {"total": made.total, "lines": made.lines, "left_out": len(draft.unfit)}
                told = "bank_file.made"
            case "take":
                data = await bank_files.take(connection, desk.vault, town, number, by, office.now)
                await _write(options.path, data)
                told = "bank_file.taken"
            case "discard":
                await bank_files.discard(connection, town, number, by, office.now)
                after, told = {"reason": options.reason}, "bank_file.discarded"
            case "confirm":
                today = desk.today(office.now)
                await bank_results.confirm(connection, town, number, by, today, office.now)
                told = "bank_file.confirmed"
            case "fail":
                shops = [await _shop(connection, town, each) for each in options.shops]
                await bank_results.fail(
                    connection, town, number, shops, options.reason, by, office.now
                )
                after, told = {"shops": shops, "reason": options.reason}, "bank_file.lines_failed"
            case _:
                data = await bytes_of(options.path)
                fresh = await desk.read_result(connection, number, data, by, office.now)
                told = "bank_file.result_read" if fresh else "bank_file.result_read_before"
        if options.by:
            after["by"] = by.name
        await office.note(connection, told, f"bank_file:{number}", after=after)
    return fresh


async def _shown(office: Office, options: argparse.Namespace, *, fresh: bool) -> str:
    found = await bank_files.file(office.pool, office.town, options.file)
    if found is None:
        raise BankFileRefused("file_unknown")
    lines = [
        line_view(each) for each in await bank_files.lines(office.pool, office.town, found.file)
    ]
    if options.json:
        return as_json(api.ShownBankFile(file_view(found), lines, read_before=not fresh))
    again = [] if fresh else ["This very result was read before; nothing was changed."]
    return "\n".join([*again, _line(found), *(_told(each) for each in lines)])


async def _shop(pool: Executor, town: int, code: str) -> int:
    found = await accounts.shop_by_code(pool, town, code)
    if found is None:
        raise OfficeFault(f"there is no shop {code!r}; it is the sticker's 7 digits")
    return found.account


async def _write(path: Path, data: bytes) -> None:
    """Writes a file that was not there; it holds account numbers, so its owner alone reads it."""

    def write() -> None:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)

    try:
        await asyncio.to_thread(write)
    except OSError as error:
        raise OfficeFault(f"{path}: {error.strerror}") from None


def _line(found: BankFile) -> str:
    taken = f", taken by {found.taken_name}" if found.taken_name else ""
    return (
        f"file {found.file:<5} settlement {found.settlement:<5} {found.kind:10} "
        f"{found.transfer_on} {found.state:9} {found.lines} lines, {found.total:,} yen, "
        f"made by {found.made_name}{taken}"
    )


def _told(line: api.BankFileLine) -> str:
    why = f": {line.reason}" if line.reason else ""
    where = f", in settlement {line.carried_to}" if line.carried_to else ""
    return (
        f"{line.line:>6} {line.shop_code} {line.shop_name} {line.amount:,} yen {line.state}"
        f"{why}{where}"
    )


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("bank-files", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    names = ("make", "take", "discard", "confirm", "fail", "return", "list", "show")
    found = {name: acts.add_parser(name) for name in (*names, "read")}
    for name, each in found.items():
        each.add_argument("--json", action="store_true")
        if name != "read":
            each.add_argument("town")
    found["make"].add_argument("settlement", type=number)
    found["make"].add_argument("kind", choices=("transfer", "collection"))
    found["make"].add_argument("day", type=day)
    found["make"].add_argument("--leave-out", action="store_true")
    for name in ("take", "discard", "confirm", "fail", "return", "show"):
        found[name].add_argument("file", type=number)
    for name in ("take", "return", "read"):
        found[name].add_argument("path", type=Path)
    for name in ("make", "take", "discard", "confirm", "fail", "return"):
        found[name].add_argument("--by", required=name == "take", metavar="NAME")
    found["fail"].add_argument("shops", nargs="+")
    for name in ("discard", "fail"):
        found[name].add_argument("--reason", required=True)
    for name in ("make", "return"):
        found[name].add_argument("--dry-run", action="store_true")
    options = parser.parse_args(words)
    if options.act == "make":
        options.file = 0
    return options


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    if options.act == "read":
        try:
            print(read(options.path, in_json=options.json))
        except OfficeFault as error:
            print(f"koban bank-files: {error}", file=sys.stderr)
            return NOT_DONE
        return DONE
    return done("bank-files", options.town, lambda office: act(office, options))
