"""Jobs on the command line: ``python -m gateway.jobs.command``, or ``koban jobs``.

    list [--town TOWN] [--failed] [--json]   jobs that wait, run or have failed, newest first
    retry JOB                                tries a failed job again, as often as at first

``KOBAN_POSTGRES_DSN`` names the database. Ends with 0, or with 1 and one sentence on why not.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from config.settings import postgres_dsn
from gateway.office import DONE, OfficeFault, ended, taught
from ledger import audit, jobs
from ledger.database import Pool, open_pool, transaction
from ledger.jobs import JobLine
from ledger.profiles import stored_profiles
from ledger.towns import town_number

LINES_MAX = 1_000
NUMBER_MAX = 2**63 - 1


class JobFault(OfficeFault):
    """It was not done; the message says why and what to do."""


async def show(pool: Pool, town_code: str | None, *, failed: bool, as_json: bool) -> list[str]:
    """A line for each job that is not done, the latest `LINES_MAX`.

    Raises:
        JobFault: there is no such town.
    """
    town = None
    if town_code is not None:
        town = await town_number(pool, town_code)
        if town is None:
            raise JobFault(f"there is no town {town_code!r}; koban towns list names them")
    codes = {one.town: one.code for one in await stored_profiles(pool)}
    found = await jobs.lines(pool, town, failed=failed, before=None, limit=LINES_MAX)
    if as_json:
        plain = [msgspec.to_builtins(line) | {"town": codes[line.town]} for line in found]
        return [msgspec.json.encode(plain).decode()]
    return [_line(line, codes[line.town]) for line in found] or ["no job waits, runs or has failed"]


async def retry(pool: Pool, job: int, now: datetime) -> str:
    """Lets a failed job be tried again, with a line in the audit; what to print.

    Raises:
        JobFault: there is no such job, or it has not failed.
    """
    async with transaction(pool) as connection:
        town = await jobs.town_of(connection, job)
        name = await jobs.retry(connection, town, job) if town is not None else None
        if town is None or name is None:
            raise JobFault(
                f"no job {job} has failed; koban jobs list --failed names those that did"
            )
        await audit.record(
            connection,
            town,
            audit.at_command_line(),
            "job.retried",
            f"job:{job}",
            now,
            after={"job": name},
        )
    return f"job {job} ({name}) is tried again"


def _line(line: JobLine, town: str) -> str:
    said = f"{line.job:8} {town:20} {line.name:24} {line.state:8} {line.arguments}"
    if line.attempts:
        said += f"  failed {line.attempts} times"
    return said + (f": {line.fault}" if line.fault else "")


def _number(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) <= NUMBER_MAX:
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text!r}; allowed is a job's number")


async def run(options: argparse.Namespace) -> list[str]:
    """Does what the command line says; what to print.

    Raises:
        JobFault, LedgerError, SettingsError: it was not done.
    """
    pool = await open_pool(postgres_dsn(), 1)
    try:
        if options.act == "list":
            return await show(pool, options.town, failed=options.failed, as_json=options.json)
        return [await retry(pool, options.job, datetime.now(UTC))]
    finally:
        await pool.close()


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = taught("jobs", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("list", help="jobs that wait, run or have failed")
    act.add_argument("--town", help="only this town's, by its code")
    act.add_argument("--failed", action="store_true", help="only those that failed")
    act.add_argument("--json", action="store_true", help="for programs")
    act = acts.add_parser("retry", help="tries a failed job again")
    act.add_argument("job", type=_number)
    options = parser.parse_args(words)

    def act_now() -> int:
        for line in asyncio.run(run(options)):
            print(line)
        return DONE

    return ended("jobs", act_now)


if __name__ == "__main__":
    sys.exit(main())
