"""A grant by list as the console and the command line see it."""

from datetime import datetime
from typing import Protocol

from gateway.http.call import Call
from gateway.http.programmes import budget
from gateway.lists.problems import Finding, Problem, told
from gateway.protocol import api_grants as api
from gateway.signin import milliseconds
from ledger import grant_lines, grants, programmes
from ledger.database import Executor

PROBLEMS_MAX = 100  # The first are told at once; the file has all.
EARLIER_MAX = 10


class Refusal(Protocol):
    """What both kinds of a refused line have."""

    @property
    def line(self) -> int: ...
    @property
    def tail(self) -> str: ...
    @property
    def problem(self) -> str | None: ...
    @property
    def field(self) -> str | None: ...
    @property
    def found(self) -> str | None: ...
    @property
    def other(self) -> int | None: ...


async def check_view(call: Call, run: grants.Run) -> api.GrantCheck:
    """A run with all that is to be looked at before it is approved."""
    return await checked(call.context.pool, call.town.number, run)


async def checked(pool: Executor, town: int, run: grants.Run) -> api.GrantCheck:
    """The same, wherever it is asked for."""
    programme = await programmes.programme(pool, town, run.programme)
    assert programme is not None  # The activity's foreign key.
    sample = await grant_lines.sample(pool, town, run.run)
    refused = await grant_lines.refused_lines(pool, town, run.run, PROBLEMS_MAX)
    noted = await grant_lines.noted_lines(pool, town, run.run, PROBLEMS_MAX)
    earlier = await grants.runs(
        pool, town, activity=run.activity, before=run.run, limit=EARLIER_MAX
    )
    promised = run.state == "checked"
    return api.GrantCheck(
        run=run_view(run),
        budget=budget(programme),
        left_after=programme.left - (run.total if promised else 0),
        sample=[
            api.SampleLine(each.why, each.line, each.tail, each.wallet, each.amount)
            for each in sample
        ],
        problems=[problem_of(each) for each in refused],
        notes=[_note(each.line, note) for each in noted for note in each.notes],
        earlier=[
            api.EarlierRun(
                run=each.run,
                state=each.state,
                rows=each.rows,
                total=each.total,
                made_at=milliseconds(each.made_at),
                same_file=each.file_digest == run.file_digest,
            )
            for each in earlier
        ],
        applied_before=await grants.applied_before(pool, town, run),
    )


def run_view(run: grants.Run) -> api.GrantRun:
    """A run in figures."""
    return api.GrantRun(
        run=run.run,
        activity=run.activity,
        programme=run.programme,
        file_name=run.file_name,
        encoding=run.encoding,
        state=run.state,
        lines=run.lines,
        rows=run.rows,
        refused=run.refused,
        noted=run.noted,
        total=run.total,
        made_by=run.made_name,
        made_at=milliseconds(run.made_at),
        approved_by=run.approved_name,
        approved_at=_at(run.approved_at),
        ended_at=_at(run.ended_at),
        undo_by=run.undo_name,
        undo_at=_at(run.undo_at),
        undone_at=_at(run.undone_at),
        waiting=run.waiting,
        done=run.done,
        declined=run.declined,
        given=run.given,
        percent=run.percent,
        taken=run.taken,
        spent=run.given - run.taken if run.state == "undone" else 0,
    )


def problem_of(line: Refusal) -> api.ListProblem:
    """Why a line is refused, for people."""
    assert line.problem is not None
    finding = Finding(
        Problem(line.problem), line.line, line.field or "", line.found or "", line.other
    )
    ja, en = told(finding)
    return api.ListProblem(line.line, line.field or "", line.problem, line.tail, ja, en)


def _note(line: int, note: str) -> api.ListProblem:
    ja, en = told(Finding(Problem(note), line))
    return api.ListProblem(line, "", note, "", ja, en)


def _at(instant: datetime | None) -> int | None:
    return None if instant is None else milliseconds(instant)
