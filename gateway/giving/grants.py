"""``koban grants``: grants by list. A list is checked first; nothing moves before it is applied.

    check TOWN FILE --activity A [--json]    what it would grant, and which lines it cannot
    apply TOWN RUN [--again] [--dry-run]     promises the sum and grants; goes on where it stopped
    undo TOWN RUN --reason R [--dry-run]     takes back what was not spent, and says what was
    list TOWN [--json]                       the newest runs, and how far each is

``--again``: the very file was applied before and is meant once more. ``--dry-run``: says what would
be done. ``apply`` and ``undo`` may be stopped at any moment and given again; a worker that runs
helps. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gateway.http.grant_views import checked, run_view
from gateway.jobs.grants import run_grants
from gateway.lists import checking
from gateway.lists.checking import Upload
from gateway.lists.problems import ListRefused, told
from gateway.lists.reader import ALLOWED
from gateway.office import Office, OfficeFault, as_json, done, number, taught
from gateway.protocol import api_grants as api
from ledger import grants, programmes
from ledger.database import Connection, transaction
from ledger.grants import Run, RunRefused

LISTED_MAX = 20
REASONS = {
    "run_unknown": "there is no such grant by list",
    "run_empty": "no line of this list can be granted",
    "over_budget": "the programme's budget has not as much left; raise it, or split the list",
}


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, RunRefused, LedgerError: it was not done.
    """
    match options.act:
        case "check":
            view = await check(office, options.file, options.activity)
            return as_json(view) if options.json else _told(view)
        case "apply":
            run = await apply(office, options)
        case "undo":
            run = await undo(office, options)
        case _:
            found = await grants.runs(office.pool, office.town, limit=LISTED_MAX)
            if options.json:
                return as_json([run_view(each) for each in found])
            return "\n".join(_line(each) for each in found) or "There are no grants by list."
    return as_json(run_view(run)) if options.json else _line(run)


async def check(office: Office, file: Path, activity: str) -> api.GrantCheck:
    """Reads a list and keeps it as a checked run; what there is to look at."""
    found = await programmes.activity(office.pool, office.town, activity)
    if found is None or not found.starts_at <= office.now < found.ends_at:
        raise OfficeFault(f"--activity: there is no activity {activity!r} that is open now")
    try:
        data = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        raise OfficeFault(f"{file}: {error.strerror}") from None
    upload = Upload(file.name[:200], data, office.by)
    try:
        async with transaction(office.pool) as connection:
            number = await checking.check(
                connection, office.vault, office.town, found, upload, office.now
            )
            run = await _known(office, number, connection)
            after = {
                "activity": activity,
                "file": upload.name,
                "digest": run.file_digest.hex(),
                "rows": run.rows,
                "refused": run.refused,
                "total": run.total,
            }
            await office.note(connection, "grants.checked", f"grant_run:{number}", after=after)
    except ListRefused as refused:
        raise OfficeFault("\n".join((f"{file.name}:", *told(refused.finding, ALLOWED)))) from None
    return await checked(office.pool, office.town, run)


async def apply(office: Office, options: argparse.Namespace) -> Run:
    """Approves a run that was checked, and goes on until it is finished."""
    run = await _known(office, options.run)
    if options.dry_run:
        return run
    if run.state == "checked":
        async with transaction(office.pool) as connection:
            before = await grants.applied_before(connection, office.town, run)
            if before is not None and not options.again:
                raise OfficeFault(
                    f"run {before} has applied this very file; if it is meant twice: --again"
                )
            await grants.approve(connection, office.town, run.run, office.by, office.now)
            await run_grants.defer(connection, office.town, run=run.run)
            await office.note(
                connection,
                "grants.approved",
                f"grant_run:{run.run}",
                before={"made_by": run.made_name},
                after={"rows": run.rows, "total": run.total, "left_out": run.refused},
            )
    elif run.state not in ("approved", "running", "finished"):
        raise OfficeFault(f"run {run.run} is {run.state}; nothing was changed")
    return await _to_its_end(office, run.run)


async def undo(office: Office, options: argparse.Namespace) -> Run:
    """Undoes a run, and goes on until it is undone."""
    run = await _known(office, options.run)
    if options.dry_run:
        taken = await grants.could_take(office.pool, office.town, run.run)
        print(f"would take back {taken} yen of {run.given - run.taken}", file=sys.stderr)
        return run
    if run.state != "undoing":
        async with transaction(office.pool) as connection:
            await grants.undo(connection, office.town, run.run, office.by, office.now)
            await run_grants.defer(connection, office.town, run=run.run)
            await office.note(
                connection,
                "grants.undone",
                f"grant_run:{run.run}",
                before={"state": run.state, "done": run.done, "given": run.given},
                after={"reason": options.reason},
            )
    return await _to_its_end(office, run.run)


async def _to_its_end(office: Office, number: int) -> Run:
    """Goes on with a run, beside any worker, and tells a terminal how far it is."""
    shown = sys.stderr.isatty()
    while await grants.go_on(office.pool, office.town, number, datetime.now(UTC)):
        if shown:
            print(f"\r{_line(await _known(office, number))}", end="", file=sys.stderr)
    if shown:
        print(file=sys.stderr)
    return await _known(office, number)


async def _known(office: Office, number: int, connection: Connection | None = None) -> Run:
    run = await grants.run(connection or office.pool, office.town, number)
    if run is None:
        raise OfficeFault(f"there is no grant by list {number}; see: koban grants list")
    return run


def _line(run: Run) -> str:
    undone = f", {run.taken} taken back, {run.given - run.taken} spent" if run.undo_at else ""
    return (
        f"run {run.run:<6} {run.activity:16} {run.state:9} {run.percent:3} %  "
        f"{run.done} granted ({run.given} yen), {run.declined} declined, {run.waiting} waiting, "
        f"{run.refused} refused when checked{undone}"
    )


def _told(view: api.GrantCheck) -> str:
    """A check for people."""
    run, budget = view.run, view.budget
    lines = [
        f"run {run.run}: {run.rows} of {run.lines} lines can be granted, {run.total} yen in all",
        f"{run.refused} cannot; the file is {run.encoding}",
        f"budget of {run.programme}: {budget.left} yen left, {view.left_after} after it",
    ]
    if view.applied_before is not None:
        lines.append(f"this very file was applied before, as run {view.applied_before}")
    lines += [f"{each.ja}\n  {each.en}" for each in (*view.problems, *view.notes)]
    lines += [
        f"{each.why:8} line {each.line}: wallet {each.wallet} (…{each.tail}) {each.amount} yen"
        for each in view.sample
    ]
    return "\n".join([*lines, f"Nothing has moved. Next: koban grants apply TOWN {run.run}"])


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("grants", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    found = {name: acts.add_parser(name) for name in ("check", "apply", "undo", "list")}
    for each in found.values():
        each.add_argument("town")
        each.add_argument("--json", action="store_true")
    found["check"].add_argument("file", type=Path)
    found["check"].add_argument("--activity", required=True)
    for name in ("apply", "undo"):
        found[name].add_argument("run", type=number)
        found[name].add_argument("--dry-run", action="store_true")
    found["apply"].add_argument("--again", action="store_true")
    found["undo"].add_argument("--reason", required=True)
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)

    async def acted(office: Office) -> str:
        try:
            return await act(office, options)
        except RunRefused as error:
            state = f"it is {error.state}, so nothing was changed"
            raise OfficeFault(REASONS.get(error.code, state)) from error

    return done("grants", options.town, acted)
