"""Bank files at the console: drawn, made, taken by a second person, answered by the bank."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from gateway.banking.banks import BranchUnknown
from gateway.banking.desk import Desk, DeskRefused, file_name
from gateway.banking.faults import BankingRefused
from gateway.banking.requests import DayRefused, Unfit
from gateway.http.acts import acting
from gateway.http.bank_file_views import (
    WORDS,
    branch_view,
    draft_view,
    file_view,
    left_out,
    line_view,
    unfit_told,
)
from gateway.http.call import Call
from gateway.http.queries import Number, Page
from gateway.http.tables import kept
from gateway.protocol import api_bank_files as api
from gateway.refused import Refused
from ledger import bank_files, bank_results
from ledger.bank_files import BankFile, BankFileRefused
from ledger.database import Executor
from ledger.grants import By
from ledger.settlement.refusals import SettlementRefused
from ledger.vault import Vault

MEDIA = "application/octet-stream"  # Bytes for the bank, which no program may make text of.


class BankFilePath(Struct, frozen=True):
    file: Number


class LinePath(Struct, frozen=True):
    settlement: Number
    shop: Number


class BranchPath(Struct, frozen=True):
    bank: Annotated[str, Meta(pattern=r"^[0-9]{4}$")]
    branch: Annotated[str, Meta(pattern=r"^[0-9]{3}$")]


class DraftQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which settlement, of which kind, for which day."""

    settlement: Number
    kind: api.Kind
    transfer_on: dt.date


class BankFilesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``settlement``: only its files; ``before``: only those before this one."""

    settlement: Number | None = None
    before: Number | None = None
    limit: Page = 50


async def draft(call: Call) -> api.BankFileDraft:
    """What a file would be, to look at before it is made."""
    query = call.query_as(DraftQuery)
    with told_as_refused():
        found = await desk(call).draft(
            call.context.pool, query.settlement, query.kind, query.transfer_on, call.now
        )
    return draft_view(query.settlement, found)


async def make(call: Call) -> api.ShownBankFile:
    """Makes a file of a settlement's lines that are to move."""
    body, by = call.body_as(api.NewBankFile), _by(call)
    with told_as_refused():
        async with acting(call) as act:
            made, drawn = await desk(call).make(
                act.connection,
                body.settlement,
                body.kind,
                body.transfer_on,
                by,
                call.now,
                leave_out=body.leave_out,
            )
            shown = await _shown(act.connection, call.town.number, made, drawn.unfit)
            await act.record(
                "bank_file.made",
                f"bank_file:{made.file}",
                after={
                    "settlement": made.settlement,
                    "kind": made.kind,
                    "transfer_on": made.transfer_on.isoformat(),
                    "lines": made.lines,
                    "total": made.total,
                    "sha256": made.digest.hex(),
                    "left_out": len(drawn.unfit),
                },
            )
    return shown


async def list_files(call: Call) -> api.BankFiles:
    """Files, newest first."""
    query = call.query_as(BankFilesQuery)
    found = await bank_files.files(
        call.context.pool, call.town.number, query.settlement, query.before, query.limit
    )
    more = found[-1].file if len(found) == query.limit else None
    return api.BankFiles([file_view(each) for each in found], more)


async def show(call: Call) -> api.ShownBankFile:
    """A file and what became of its lines."""
    found = await _known(call.context.pool, call)
    return await _shown(call.context.pool, call.town.number, found)


async def take(call: Call) -> Response:
    """The file itself, for somebody else than who made it; each time leaves a line."""
    number = call.path_as(BankFilePath).file
    with told_as_refused():
        async with acting(call) as act:
            data = await bank_files.take(
                act.connection, desk(call).vault, call.town.number, number, _by(call), call.now
            )
            taken = await _known(act.connection, call)
            await act.record(
                "bank_file.taken",
                f"bank_file:{number}",
                before={"made_by": taken.made_name},
                after={"total": taken.total, "sha256": taken.digest.hex()},
            )
    return kept(file_name(call.town.code, taken), data, MEDIA)


async def discard(call: Call) -> api.ShownBankFile:
    """Lets go of a file that nobody has taken."""
    number, town = call.path_as(BankFilePath).file, call.town.number
    with told_as_refused():
        async with acting(call) as act:
            await bank_files.discard(act.connection, town, number, _by(call), call.now)
            shown = await _shown(act.connection, town, await _known(act.connection, call))
            await act.record(
                "bank_file.discarded",
                f"bank_file:{number}",
                after={"reason": call.body_as(api.DiscardBankFile).reason},
            )
    return shown


async def confirm(call: Call) -> api.ShownBankFile:
    """The bank has done a transfer, but for the lines that were said to have failed."""
    number, town = call.path_as(BankFilePath).file, call.town.number
    today = desk(call).today(call.now)
    with told_as_refused():
        async with acting(call) as act:
            await bank_results.confirm(act.connection, town, number, _by(call), today, call.now)
            shown = await _shown(act.connection, town, await _known(act.connection, call))
            await act.record("bank_file.confirmed", f"bank_file:{number}", after=_states(shown))
    return shown


async def fail(call: Call) -> api.ShownBankFile:
    """Notes lines that the bank could not do, or that came back (組戻し)."""
    number, town = call.path_as(BankFilePath).file, call.town.number
    body = call.body_as(api.FailLines)
    with told_as_refused():
        async with acting(call) as act:
            await bank_results.fail(
                act.connection, town, number, body.shops, body.reason, _by(call), call.now
            )
            shown = await _shown(act.connection, town, await _known(act.connection, call))
            await act.record(
                "bank_file.lines_failed",
                f"bank_file:{number}",
                after={"shops": body.shops, "reason": body.reason},
            )
    return shown


async def by_hand(call: Call) -> api.SettledLine:
    """A line that stands in no file: somebody paid it otherwise, or it cannot be moved as it is."""
    asked, body = call.path_as(LinePath), call.body_as(api.LineByHand)
    with told_as_refused():
        async with acting(call) as act:
            line = await bank_results.by_hand(
                act.connection,
                call.town.number,
                asked.settlement,
                asked.shop,
                None if body.became == "moved" else body.reason,
                call.now,
            )
            await act.record(
                "settlement.line_by_hand",
                f"settlement:{asked.settlement}",
                after={
                    "shop": asked.shop,
                    "net": line.net,
                    "state": line.state,
                    "reason": body.reason,
                },
            )
    return api.SettledLine(line.settlement, line.shop, line.net, line.state, line.reason)


async def read_result(call: Call) -> api.ShownBankFile:
    """Reads what the bank sent back for a collection; the same again changes nothing."""
    number, town = call.path_as(BankFilePath).file, call.town.number
    with told_as_refused():
        async with acting(call) as act:
            fresh = await desk(call).read_result(
                act.connection, number, call.raw_body, _by(call), call.now
            )
            shown = await _shown(
                act.connection, town, await _known(act.connection, call), read_before=not fresh
            )
            told = "bank_file.result_read" if fresh else "bank_file.result_read_before"
            await act.record(told, f"bank_file:{number}", after=_states(shown))
    return shown


async def show_branch(call: Call) -> api.BankBranch:
    """The bank's branch with these codes."""
    asked = call.path_as(BranchPath)
    try:
        return branch_view(asked.bank, asked.branch)
    except BranchUnknown as error:
        raise Refused("not_found", _sentence(error), field="branch") from None


# -- as they are shown -----------------------------------------------------------------------------


def desk(call: Call) -> Desk:
    """Where the town's bank files are made and read."""
    return Desk(call.town.profile, Vault.of(call.context.settings))


@contextmanager
def told_as_refused() -> Iterator[None]:
    """The reasons of the desk, the ledger and the file itself as the door's."""
    try:
        yield
    except BankingRefused as error:
        text = f"{error.fault.ja} / {error.fault.en}"
        raise Refused("bank_file_refused", text, field=error.fault.column or None) from None
    except DayRefused as error:
        raise Refused("invalid", _sentence(error), field="transfer_on") from None
    except BranchUnknown as error:
        raise Refused("bank_not_set", f"The town's own account: {error}.") from None
    except DeskRefused as error:
        if error.code == "lines_unfit" and error.draft is not None:
            raise Refused("bank_lines_unfit", unfit_told(error.draft), field="leave_out") from None
        raise Refused(*WORDS[error.code]) from None
    except BankFileRefused as error:
        code, words = WORDS[error.code]
        told = words.format(state=error.state, file=error.file, shop=error.shop)
        raise Refused(code, told) from None
    except SettlementRefused as error:
        code, words = WORDS[error.code]
        raise Refused(code, words.format(state=error.state or "none", shop=error.shop)) from None


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _states(shown: api.ShownBankFile) -> dict[str, object]:
    """How many lines are in each state, and their sums, for the audit."""
    found: dict[str, object] = {}
    for state in sorted({line.state for line in shown.lines}):
        amounts = [line.amount for line in shown.lines if line.state == state]
        found[state] = {"lines": len(amounts), "total": sum(amounts)}
    return found


async def _shown(
    pool: Executor,
    town: int,
    found: BankFile,
    unfit: list[Unfit] | None = None,
    *,
    read_before: bool = False,
) -> api.ShownBankFile:
    lines = await bank_files.lines(pool, town, found.file)
    return api.ShownBankFile(
        file_view(found),
        [line_view(each) for each in lines],
        left_out(unfit or []),
        read_before,
    )


async def _known(pool: Executor, call: Call) -> BankFile:
    found = await bank_files.file(pool, call.town.number, call.path_as(BankFilePath).file)
    if found is None:
        raise Refused("not_found", "There is no such bank file.", field="file")
    return found


def _by(call: Call) -> By:
    return By(call.session.operator, call.session.name)
