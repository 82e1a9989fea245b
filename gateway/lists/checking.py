"""Checking a list against the town: who the people are, and what the activity grants them.

What comes of it is kept as a checked run, in one transaction: the whole list or nothing. Memory is
bounded: the file, one number for each person in it, and `CHUNK_LINES` lines at a time.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

from msgspec import Struct

from gateway.lists.amounts import AmountWrong, read_amount, shown
from gateway.lists.problems import Finding, Problem
from gateway.lists.reader import Cells, Columns, read_list
from ledger import grant_lines, grants, recipients
from ledger.database import Executor, transaction
from ledger.grant_lines import CheckedLine
from ledger.grants import By, NewRun
from ledger.programmes import Activity
from ledger.recipients import Found, Named, RecipientWrong
from ledger.vault import Vault

CHUNK_LINES = 500


class Upload(Struct, frozen=True):
    """A file, what it is called, and who brings it."""

    name: str
    data: bytes
    by: By


async def check(
    pool: Executor, vault: Vault, town: int, activity: Activity, upload: Upload, now: datetime
) -> int:
    """Reads a list, checks each line, and keeps the run; its number.

    Raises:
        ListRefused: the file is not as it has to be; nothing was kept.
    """
    read = await asyncio.to_thread(read_list, upload.data, amount_needed=activity.amount is None)
    number, key = await grants.new_run(pool)
    new = NewRun(
        number,
        key,
        activity.code,
        activity.per_person,
        upload.name,
        hashlib.sha256(upload.data).digest(),
        read.encoding,
        upload.by,
    )
    checker = Checker(activity, read.columns, key)
    async with transaction(pool) as connection:
        lines = read.lines()
        while chunk := await asyncio.to_thread(_chunk, checker, lines):
            named = [line.named for line in chunk if line.named is not None]
            found = iter(await recipients.find(connection, vault, town, named))
            checked = [checker.checked(line, found) for line in chunk]
            await grant_lines.keep(connection, town, number, checked)
        await grants.keep_run(connection, town, new, now)
    return number


class Line(Struct, frozen=True):
    """A line whose cells were read. ``named``: who is meant, None where it is refused already."""

    line: int
    named: Named | None
    amount: int | None
    tail: str
    finding: Finding | None
    notes: tuple[str, ...]


class Checker:
    """One list's checks, line by line. It remembers whom it has seen on which line."""

    def __init__(self, activity: Activity, columns: Columns, key: UUID) -> None:
        self._activity = activity
        self._columns = columns
        self._key = key
        self._seen: dict[int, int] = {}

    def read(self, cells: Cells | Finding) -> Line:
        """What a line's cells say; needs nobody else."""
        if isinstance(cells, Finding):
            return Line(cells.line, None, None, "", cells, ())
        try:
            named = recipients.read_recipient(cells.recipient, cells.name)
        except RecipientWrong as error:
            finding = self._finding(cells.line, Problem(error.code), "recipient", "")
            return Line(cells.line, None, None, "", finding, ())
        notes = [Problem.FULL_WIDTH] if named.widened else []
        try:
            amount, more = read_amount(cells.amount)
            amount = self._amount(amount)
        except AmountWrong as error:
            finding = self._finding(cells.line, error.problem, "amount", shown(cells.amount))
            return Line(cells.line, None, None, named.tail, finding, ())
        told = tuple(dict.fromkeys(note.value for note in [*notes, *more]))
        return Line(cells.line, named, amount, named.tail, None, told)

    def checked(self, line: Line, found: Iterator[Found]) -> CheckedLine:
        """The line, with whom it is for; takes the next of ``found`` where it names somebody."""
        finding, wallet = line.finding, None
        if line.named is not None:
            who = next(found)
            wallet, finding = who.wallet, self._about(line, who)
        if finding is not None:
            return CheckedLine(
                line.line,
                None,
                wallet,
                line.amount,
                line.tail,
                finding.problem.value,
                finding.column or None,
                finding.found or None,
                finding.other,
                line.notes,
            )
        line_id = grants.line_id(self._key, line.line)
        return CheckedLine(line.line, line_id, wallet, line.amount, line.tail, notes=line.notes)

    def _about(self, line: Line, who: Found) -> Finding | None:
        if who.problem:
            column = "name" if who.problem.startswith("name_") else "recipient"
            return self._finding(line.line, Problem(who.problem), column, "")
        assert who.wallet is not None
        first = self._seen.setdefault(who.wallet, line.line)
        if first != line.line:
            return self._finding(line.line, Problem.RECIPIENT_TWICE, "recipient", "", first)
        return None

    def _amount(self, amount: int | None) -> int:
        fixed, most = self._activity.amount, self._activity.amount_max
        if amount is None and fixed is None:
            raise AmountWrong(Problem.AMOUNT_MISSING)
        if amount is None:
            assert fixed is not None
            return fixed
        if fixed is not None and amount != fixed:
            raise AmountWrong(Problem.AMOUNT_DIFFERS)
        if amount > most:
            raise AmountWrong(Problem.AMOUNT_TOO_LARGE)
        return amount

    def _finding(
        self, line: int, problem: Problem, column: str, found: str, other: int | None = None
    ) -> Finding:
        if problem is Problem.AMOUNT_TOO_LARGE:
            other = self._activity.amount_max
        elif problem is Problem.AMOUNT_DIFFERS:
            other = self._activity.amount
        return Finding(problem, line, self._columns.heading(column), found, other)


def _chunk(checker: Checker, lines: Iterator[Cells | Finding]) -> list[Line]:
    return [checker.read(cells) for cells in islice(lines, CHUNK_LINES)]
