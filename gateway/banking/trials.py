"""What the command line says of bank files before anything is done, and why something was not."""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.banking import files
from gateway.banking.banks import BranchUnknown
from gateway.banking.desk import Desk, DeskRefused
from gateway.banking.faults import BankingRefused
from gateway.banking.files import CollectionFile
from gateway.banking.requests import DayRefused
from gateway.banking.results import RESULTS, results
from gateway.http.bank_file_views import WORDS, draft_view, unfit_told
from gateway.office import Office, OfficeFault, as_json
from ledger import bank_files, bank_results
from ledger.bank_files import BankFileRefused
from ledger.settlement.refusals import SettlementRefused

UNFIT_TOLD_MAX = 50


async def drafted(office: Office, options: argparse.Namespace) -> str:
    """What a file would be, to print."""
    draft = await desk_of(office).draft(
        office.pool, options.settlement, options.kind, options.day, office.now
    )
    if draft.file is None and not draft.unfit:
        raise DeskRefused("lines_none", draft)
    view = draft_view(options.settlement, draft)
    if options.json:
        return as_json(view)
    lines = [
        f"would make a {view.kind} for {view.transfer_on}: {view.lines} lines, {view.total:,} yen",
        f"{view.first} accounts for the first time, {view.changed} changed since the last time",
        *(f"no line: {each.shop_name} {each.amount:,} yen: {each.en}" for each in view.left_out),
    ]
    if view.left_out and not options.leave_out:
        lines.append("as it is, nothing would be made: see to them, or leave them out: --leave-out")
    return "\n".join(lines)


async def compared(office: Office, options: argparse.Namespace) -> str:
    """What a result would do."""
    data = await bytes_of(options.path)
    vault = desk_of(office).vault
    request = files.read(await bank_files.content(office.pool, vault, office.town, options.file))
    if not isinstance(request, CollectionFile):
        raise BankFileRefused("file_kind")
    codes = results(request, files.read(data))
    found = await bank_files.lines(office.pool, office.town, options.file)
    pairs = list(zip(found, codes, strict=True))
    if options.json:
        return as_json([{"shop": line.shop, "result": code} for line, code in pairs])
    lines = [
        f"would fail: {line.shop_code} {line.shop_name} {line.amount:,} yen: {RESULTS[code][1]}"
        for line, code in pairs
        if code != bank_results.COLLECTED
    ]
    return "\n".join([f"{len(pairs) - len(lines)} of {len(pairs)} lines were collected", *lines])


def read(path: Path, *, in_json: bool) -> str:
    """What stands in any bank file.

    Raises:
        OfficeFault: it is none, or cannot be read.
    """
    with told_as_fault():
        try:
            file = files.read(path.read_bytes())
        except OSError as error:
            raise OfficeFault(f"{path}: {error.strerror}") from None
    if in_json:
        return as_json(file)
    header, what = file.header, "総合振込"
    lines = [
        f"{each.bank}-{each.branch} {each.account} {each.name} {each.amount:,}"
        for each in file.lines
    ]
    if isinstance(file, CollectionFile):
        what = "預金口座振替の依頼"
        if file.returned:
            what = "預金口座振替の結果"
            told = [RESULTS[each.result][0] for each in file.lines]
            lines = [f"{line} {result}" for line, result in zip(lines, told, strict=True)]
    head = f"{what} {header.client_name} ({header.client_code}) {header.day}"
    total = sum(each.amount for each in file.lines)
    return "\n".join([head, *lines, f"{len(lines)} lines, {total:,} yen"])


@contextmanager
def told_as_fault() -> Iterator[None]:
    """Every reason why not, in one sentence."""
    try:
        yield
    except BankingRefused as error:
        raise OfficeFault(f"{error.fault.ja}\n{error.fault.en}") from None
    except (DayRefused, BranchUnknown) as error:
        raise OfficeFault(str(error)) from None
    except DeskRefused as error:
        if error.draft is not None and error.draft.unfit:
            unfit = unfit_told(error.draft, UNFIT_TOLD_MAX)
            raise OfficeFault(f"{unfit}\nsee to them, or leave them out: --leave-out") from None
        raise OfficeFault(WORDS[error.code][1]) from None
    except BankFileRefused as error:
        words = WORDS[error.code][1]
        told = words.format(state=error.state, file=error.file, shop=error.shop)
        raise OfficeFault(told) from None
    except SettlementRefused as error:
        words = WORDS[error.code][1]
        raise OfficeFault(words.format(state=error.state or "none", shop=error.shop)) from None


def desk_of(office: Office) -> Desk:
    """Where the town's bank files are made and read."""
    return Desk(office.profile, office.vault)


async def bytes_of(path: Path) -> bytes:
    """What stands in a file.

    Raises:
        OfficeFault: it cannot be read.
    """
    try:
        return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise OfficeFault(f"{path}: {error.strerror}") from None
