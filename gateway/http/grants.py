"""Grants by list at the console: check, look, approve, follow, undo."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response, StreamingResponse

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.grant_views import check_view, problem_of, run_view
from gateway.http.programmes import known_activity
from gateway.http.queries import Number, Page
from gateway.http.tables import MEDIA, csv_lines
from gateway.jobs.grants import run_grants
from gateway.lists import checking
from gateway.lists.checking import Upload
from gateway.lists.problems import ListRefused, told
from gateway.lists.reader import ALLOWED
from gateway.protocol import api_grants as api
from gateway.protocol import api_programmes
from gateway.protocol.api import Done
from gateway.refused import Refused
from ledger import grant_lines, grants, operators
from ledger.database import Executor
from ledger.grants import By, RunRefused
from ledger.vault import Vault

PAGE_LINES = 1_000
STATES = {
    "checked": "it was not approved yet",
    "approved": "it is approved",
    "running": "it is under way",
    "finished": "it is finished",
    "undoing": "it is being undone",
    "undone": "it is undone",
    "cancelled": "it was cancelled",
}


class RunPath(Struct, frozen=True):
    run: Number


class UploadQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """For which activity the list is, and what the file is called."""

    activity: api_programmes.Code
    file: Annotated[str, Meta(min_length=1, max_length=200)] = "list.csv"


class RunsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``activity``: only its runs; ``before``: only those before this one."""

    activity: Annotated[str, Meta(max_length=31)] | None = None
    before: Number | None = None
    limit: Page = 20


async def check(call: Call) -> api.GrantCheck:
    """Reads a list and says what it would grant. Nothing is granted or promised by it."""
    query, town, pool = call.query_as(UploadQuery), call.town.number, call.context.pool
    activity = await known_activity(call, pool, query.activity)
    if not activity.starts_at <= call.now < activity.ends_at:
        raise Refused(
            "activity_unknown",
            "The activity is over, or has not begun; lists are taken while it is open.",
            field="activity",
        )
    upload = Upload(query.file, call.raw_body, By(call.session.operator, call.session.name))
    vault = Vault.of(call.context.settings)
    try:
        async with acting(call) as act:
            number = await checking.check(act.connection, vault, town, activity, upload, call.now)
            kept = await _known(act.connection, town, number)
            await act.record(
                "grants.checked",
                f"grant_run:{number}",
                after={
                    "activity": activity.code,
                    "file": query.file,
                    "digest": kept.file_digest.hex(),
                    "rows": kept.rows,
                    "refused": kept.refused,
                    "total": kept.total,
                },
            )
    except ListRefused as refused:
        ja, en = told(refused.finding, ALLOWED)
        raise Refused(
            "list_refused", f"{ja} / {en}", field=refused.finding.column or None
        ) from None
    return await check_view(call, kept)


async def list_runs(call: Call) -> api.GrantRuns:
    """Runs, newest first."""
    query = call.query_as(RunsQuery)
    found = await grants.runs(
        call.context.pool,
        call.town.number,
        activity=query.activity,
        before=query.before,
        limit=query.limit,
    )
    more = found[-1].run if len(found) == query.limit else None
    return api.GrantRuns([run_view(each) for each in found], more)


async def show(call: Call) -> api.GrantCheck:
    """A run: how far it is, and all that there was to look at."""
    return await check_view(call, await _asked(call))


async def lines(call: Call) -> Response:
    """Every line with what became of it, as a file; read and sent a page at a time."""
    asked = await _asked(call)
    read = partial(grant_lines.lines, call.context.pool, call.town.number, asked.run)

    async def pages() -> AsyncIterator[bytes]:
        yield b"\xef\xbb\xbf" + csv_lines(
            [
                *("line", "recipient", "wallet", "amount", "state", "outcome", "entry"),
                *("taken", "spent", "problem", "message"),
            ]
        )
        after = 0
        while page := await read(after, PAGE_LINES):
            after = page[-1].line
            yield csv_lines(*(_cells(asked, each) for each in page))

    name = f"grants-{asked.run}.csv"
    return StreamingResponse(
        pages(),
        media_type=f"{MEDIA}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _cells(asked: grants.Run, line: grant_lines.LineNow) -> list[object]:
    message = problem_of(line).ja if line.problem else ""
    undone = asked.undo_at is not None and line.state == "done" and line.taken is not None
    spent = (line.amount or 0) - (line.taken or 0) if undone else None
    return [
        *(line.line, f"…{line.tail}" if line.tail else "", line.wallet, line.amount),
        *(line.state or ("refused" if line.problem else "checked"), line.outcome, line.entry),
        *(line.taken, spent, line.problem, message),
    ]


async def approve(call: Call) -> api.GrantRun:
    """Promises a run's sum and lets it begin; by somebody else than who brought the list, where
    there is somebody else.
    """
    body, asked, town = call.body_as(api.ApproveGrants), await _asked(call), call.town.number
    if (body.rows, body.total) != (asked.rows, asked.total):
        raise Refused(
            "invalid",
            f"This run grants {asked.total} yen in {asked.rows} rows; look at it again.",
            field="total",
        )
    operator = call.session.operator
    assert operator is not None  # Of the console's sessions.
    async with acting(call) as act:
        await act.alone()  # So that of two that approve the same file, one sees the other.
        if asked.made_by == operator and await operators.another_operator(
            act.connection, town, operator
        ):
            raise Refused("same_operator")
        before = await grants.applied_before(act.connection, town, asked)
        if before is not None and not body.again:
            raise Refused(
                "list_applied", f"Run {before} has applied this very file.", field="again"
            )
        with told_as_refused():
            await grants.approve(
                act.connection, town, asked.run, By(operator, call.session.name), call.now
            )
        await run_grants.defer(act.connection, town, run=asked.run)
        await act.record(
            "grants.approved",
            f"grant_run:{asked.run}",
            before={"made_by": asked.made_name},
            after={"rows": asked.rows, "total": asked.total, "left_out": asked.refused},
        )
        kept = await _known(act.connection, town, asked.run)
    return run_view(kept)


async def cancel(call: Call) -> Done:
    """Lets go of a list that nobody has approved."""
    asked = await _asked(call)
    async with acting(call) as act:
        with told_as_refused():
            await grants.cancel(act.connection, call.town.number, asked.run, call.now)
        await act.record("grants.cancelled", f"grant_run:{asked.run}")
    return Done()


async def undo(call: Call) -> api.GrantRun:
    """Takes a whole run back, as far as it was not spent."""
    asked, town = await _asked(call), call.town.number
    async with acting(call) as act:
        with told_as_refused():
            by = By(call.session.operator, call.session.name)
            await grants.undo(act.connection, town, asked.run, by, call.now)
        await run_grants.defer(act.connection, town, run=asked.run)
        await act.record(
            "grants.undone",
            f"grant_run:{asked.run}",
            before={"state": asked.state, "done": asked.done, "given": asked.given},
            after={"reason": call.body_as(api.UndoGrants).reason},
        )
        kept = await _known(act.connection, town, asked.run)
    return run_view(kept)


@contextmanager
def told_as_refused() -> Iterator[None]:
    """The ledger's reasons as the door's."""
    try:
        yield
    except RunRefused as error:
        if error.code == "run_state":
            message = f"Nothing was changed: {STATES[error.state]}."
            raise Refused("run_state", message) from None
        raise Refused(error.code) from None


async def _asked(call: Call) -> grants.Run:
    return await _known(call.context.pool, call.town.number, call.path_as(RunPath).run)


async def _known(pool: Executor, town: int, number: int) -> grants.Run:
    found = await grants.run(pool, town, number)
    if found is None:
        raise Refused("not_found", "There is no such grant by list.", field="run")
    return found
