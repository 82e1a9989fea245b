"""The HTTP API's bodies about grants by list."""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.protocol.api_programmes import Budget


class ListProblem(Struct, frozen=True):
    """A line that is refused, or read otherwise than it was written.

    ``line`` counts from 1, the header being one; ``column``: its heading. ``problem`` for programs;
    ``ja`` and ``en`` for people, with the place. ``tail``: the end of what names the person.
    """

    line: int
    column: str
    problem: str
    tail: str
    ja: str
    en: str


class SampleLine(Struct, frozen=True):
    """A line to look at before approving. ``why``: first, last, largest, drawn."""

    why: str
    line: int
    tail: str
    wallet: int
    amount: int


class GrantRun(Struct, frozen=True):
    """A grant by list, in yen.

    ``state``: checked (nothing is promised), approved, running, finished, undoing, undone,
    cancelled. Of its ``lines``, ``rows`` worth ``total`` can be granted and ``refused`` cannot. Of
    the rows ``waiting`` are not decided yet, ``done`` were granted (``given``) and ``declined``
    were not; ``percent`` is decided. ``taken`` was taken back by undoing, ``spent`` could not be.
    Instants in milliseconds.
    """

    run: int
    activity: str
    programme: str
    file_name: str
    encoding: str
    state: str
    lines: int
    rows: int
    refused: int
    noted: int
    total: int
    made_by: str
    made_at: int
    approved_by: str | None
    approved_at: int | None
    ended_at: int | None
    undo_by: str | None
    undo_at: int | None
    undone_at: int | None
    waiting: int
    done: int
    declined: int
    given: int
    percent: int
    taken: int
    spent: int


class GrantRuns(Struct, frozen=True):
    """Runs, newest first. ``next``: ask for those before this one."""

    runs: list[GrantRun]
    next: int | None


class EarlierRun(Struct, frozen=True):
    """An earlier run of the same activity. ``same_file``: with the very same file."""

    run: int
    state: str
    rows: int
    total: int
    made_at: int
    same_file: bool


class GrantCheck(Struct, frozen=True):
    """A run with all that is to be looked at before it is approved.

    ``left_after``: what would be left in the budget; negative where it is not enough. The lists of
    ``problems`` and ``notes`` are the first hundred; the CSV has all. ``applied_before``: the run
    by which this very file was applied already, which approving has to confirm.
    """

    run: GrantRun
    budget: Budget
    left_after: int
    sample: list[SampleLine]
    problems: list[ListProblem]
    notes: list[ListProblem]
    earlier: list[EarlierRun]
    applied_before: int | None


class ApproveGrants(Struct, frozen=True, forbid_unknown_fields=True):
    """What the approver has read: so many rows, so many yen. ``again``: yes, the file was applied
    before, and shall be once more.
    """

    rows: Annotated[int, Meta(ge=1)]
    total: Annotated[int, Meta(ge=1)]
    again: bool = False


class UndoGrants(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the whole grant is taken back."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]
