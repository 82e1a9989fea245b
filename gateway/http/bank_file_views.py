"""Bank files as the console's doors and the command line show them, and their words for why not."""

from gateway.banking import banks
from gateway.banking.requests import Drawn, Unfit
from gateway.protocol import api_bank_files as api
from gateway.signin import milliseconds
from ledger.bank_files import BankFile, FileLine

TOLD_MAX = 5

# Why something was not done, as the doors say it: the code, and what is told beside it.
WORDS: dict[str, tuple[str, str]] = {
    "bank_not_set": ("bank_not_set", "The town's profile has no [bank]; no file can be made."),
    "lines_none": ("bank_lines_none", "No line of this settlement is to move so."),
    "file_unknown": ("not_found", "There is no such bank file."),
    "file_kind": ("bank_file_state", "This is for the other kind of file; nothing was changed."),
    "file_state": ("bank_file_state", "The file is {state}; nothing was changed."),
    "same_operator": ("same_operator", "Somebody else than who made the file takes it."),
    "too_soon": ("bank_file_state", "Its day has not come; nothing was changed."),
    "result_known": ("bank_result_known", "This very result was read for file {file}."),
    "result_other": ("bank_result_known", "Another result was read for this file before."),
    "line_unknown": ("not_found", "Shop {shop} is not in this file."),
    "settlement_unknown": ("not_found", "There is no such settlement."),
    "settlement_state": ("bank_file_state", "The settlement is {state}; release it first."),
    "line_state": ("bank_file_state", "The line of shop {shop} is {state}; nothing was changed."),
}


def branch_view(bank: str, branch: str) -> api.BankBranch:
    """A branch as it is shown.

    Raises:
        BranchUnknown: there is none.
    """
    found = banks.branch(bank, branch)
    return api.BankBranch(
        found.bank,
        found.bank_name,
        found.bank_kana,
        found.branch,
        found.branch_name,
        found.branch_kana,
        banks.edition(),
    )


def draft_view(settlement: int, found: Drawn) -> api.BankFileDraft:
    """What a file would be, as it is shown."""
    return api.BankFileDraft(
        settlement=settlement,
        kind=found.kind,
        transfer_on=found.day,
        lines=len(found.fit),
        total=found.total,
        first=sum(line.new_code == 1 for line in found.fit),
        changed=sum(line.new_code == 2 for line in found.fit),
        left_out=left_out(found.unfit),
    )


def file_view(found: BankFile) -> api.BankFile:
    """A file as it is shown."""
    return api.BankFile(
        file=found.file,
        settlement=found.settlement,
        kind=found.kind,
        transfer_on=found.transfer_on,
        lines=found.lines,
        total=found.total,
        sha256=found.digest.hex(),
        state=found.state,
        made_name=found.made_name,
        made_at=milliseconds(found.made_at),
        taken_name=found.taken_name,
        taken_at=milliseconds(found.taken_at) if found.taken_at else None,
        ended_name=found.ended_name,
        ended_at=milliseconds(found.ended_at) if found.ended_at else None,
    )


def line_view(found: FileLine) -> api.BankFileLine:
    """A line as it is shown."""
    return api.BankFileLine(
        found.line,
        found.shop,
        found.shop_code,
        found.shop_name,
        found.amount,
        found.state,
        found.result,
        found.reason,
        found.carried_to,
    )


def unfit_told(draft: Drawn, limit: int = TOLD_MAX) -> str:
    """The first lines that can stand in no file, and why."""
    told = [f"{each.line.shop_name}: {each.en}" for each in draft.unfit[:limit]]
    more = len(draft.unfit) - len(told)
    return "; ".join([*told, *([f"and {more} more"] if more > 0 else [])])


def left_out(unfit: list[Unfit]) -> list[api.LeftOut]:
    """Lines that can stand in no file, as they are shown."""
    return [
        api.LeftOut(
            each.line.shop,
            each.line.shop_code,
            each.line.shop_name,
            abs(each.line.net),
            each.ja,
            each.en,
        )
        for each in unfit
    ]
