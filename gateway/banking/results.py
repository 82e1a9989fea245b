"""What a bank's answer to a collection says, held against the very request that it was given.

A request carries the result 0 (collected) in every line, so fed back it looks like a full success;
and a result of last month fits the shops of this one. So a result is believed only when its sums
say that it is one, and when everything in it but the results is what was asked for.
"""

from gateway.banking.columns import Column
from gateway.banking.faults import BankingRefused, Fault, Problem
from gateway.banking.files import BankFile, CollectionFile, TransferFile
from gateway.banking.records import COLLECTION_LINE, HEADER

COLLECTED = "0"
# 振替結果コード: what each says, in Japanese and English.
RESULTS: dict[str, tuple[str, str]] = {
    COLLECTED: ("振替済", "collected"),
    "1": ("資金不足", "short of funds"),
    "2": ("取引なし", "no such account"),
    "3": ("預金者の都合による振替停止", "stopped by the depositor"),
    "4": ("預金口座振替依頼書なし", "no mandate"),
    "8": ("委託者の都合による振替停止", "stopped by the client"),
    "9": ("その他", "other"),
}
# Banks write the names of banks and branches as they have them, and may clear what is new.
_THE_BANKS_OWN = {"bank_name", "branch_name", "new", "result"}


def results(request: CollectionFile, answer: BankFile) -> list[str]:
    """The result code of each line of the request, in its order.

    Raises:
        BankingRefused: the answer is no result, is of another file, or was altered.
    """
    if isinstance(answer, TransferFile):
        kind = next(each for each in HEADER if each.name == "kind")
        raise kind.fault(Problem.FOREIGN, 1, answer.header.kind, request.header.kind)
    for column in _compared(HEADER):
        _same(column, 1, request.header, answer.header, Problem.FOREIGN)
    if len(answer.lines) != len(request.lines):
        found, asked = f"{len(answer.lines)}件", f"{len(request.lines)}件"
        raise BankingRefused(Fault(Problem.ALTERED, column="明細", found=found, allowed=asked))
    for at, (asked_line, line) in enumerate(zip(request.lines, answer.lines, strict=True), 2):
        for column in _compared(COLLECTION_LINE):
            _same(column, at, asked_line, line, Problem.ALTERED)
    if not answer.returned:
        total = sum(each.amount for each in answer.lines)
        raise BankingRefused(Fault(Problem.FED_BACK, found="0", allowed=str(total)))
    return [each.result for each in answer.lines]


def _compared(columns: tuple[Column, ...]) -> list[Column]:
    return [each for each in columns if each.name and each.name not in _THE_BANKS_OWN]


def _same(column: Column, record: int, asked: object, found: object, problem: Problem) -> None:
    wanted, stands = getattr(asked, column.name), getattr(found, column.name)
    if wanted != stands:
        raise column.fault(problem, record, stands, wanted)
