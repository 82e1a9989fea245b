"""Expiry from the command line: ``python -m gateway.expiry``, or ``koban expiry``.

    preview TOWN [--at DAY] [--json]   what a midnight would carry away, and where to
    run TOWN DAY [--dry-run]           carries out a midnight, or goes on where its run stopped
    list TOWN [--json]                 the midnights so far, newest first

DAY (2026-11-01) is the day that begins with the midnight; without ``--at`` it is the next one. A
worker carries each midnight out by itself; ``run`` is for one that it did not. It may be stopped
and started again at any moment, also beside a worker. ``KOBAN_POSTGRES_DSN`` names the database.
Ends with 0, or with 1 and one sentence that says why not.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from config.profile import stored_profile
from config.settings import postgres_dsn
from gateway.http.days import YEARS
from gateway.http.expiry import midnight, previewed, run_line
from gateway.office import DONE, OfficeFault, ended, taught
from gateway.protocol.api_expiry import ExpiryPreview, ExpiryRun
from ledger import audit, expiry
from ledger.database import Pool, open_pool, transaction
from ledger.profiles import stored_source, versions_in_force
from ledger.towns import town_number

RUNS_MAX = 400  # A year and a month of midnights.
PAUSE_S = 0.1  # Behind a slice of about as long, so that payments have their turn.


class ExpiryFault(OfficeFault):
    """It was not done; the message says why and what to do."""


class Desk:
    """What one command works with; ``say`` prints a line of progress."""

    def __init__(
        self,
        pool: Pool,
        town: int,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self.pool, self.town, self.zone, self.clock, self.say = pool, town, zone, clock, say

    async def preview(self, day: date | None) -> ExpiryPreview:
        """What a day's midnight would carry away."""
        today = self.clock().astimezone(self.zone).date()
        return await previewed(self.pool, self.town, day or today + timedelta(days=1), self.zone)

    async def run(self, day: date) -> ExpiryRun:
        """Carries out a day's midnight to its end; the run.

        Raises:
            ExpiryFault: that midnight is to come.
        """
        boundary = midnight(day, self.zone)
        if boundary > self.clock():
            raise ExpiryFault(
                f"the midnight of {day} is to come; --dry-run tells what it would carry away"
            )
        found = await expiry.read_run(self.pool, self.town, boundary)
        if found is not None and found.finished_at is not None:
            self.say(f"the midnight of {day} was carried out before; nothing was done")
            return run_line(found, self.zone)
        async with transaction(self.pool) as connection:
            actor = audit.at_command_line()
            subject = f"expiry:{day}"
            await audit.record(connection, self.town, actor, "expiry.run", subject, self.clock())
        while await expiry.run_slice(self.pool, self.town, boundary, self.clock):
            await self._tell(boundary)
            await asyncio.sleep(PAUSE_S)
        return await self._tell(boundary)

    async def _tell(self, boundary: datetime) -> ExpiryRun:
        run = await expiry.read_run(self.pool, self.town, boundary)
        assert run is not None
        self.say(f"{run.done:,} of {run.listed:,}: {run.amount:,} yen")
        return run_line(run, self.zone)

    async def runs(self) -> list[ExpiryRun]:
        """The midnights so far, newest first."""
        found = await expiry.runs(self.pool, self.town, None, RUNS_MAX)
        return [run_line(run, self.zone) for run in found]


def told_preview(found: ExpiryPreview) -> Iterator[str]:
    """A preview, for people."""
    yield f"{found.day}: {found.amount:,} yen of {found.people:,} people"
    for one in found.endings:
        where = "back to its fund" if one.purpose is None else f"to {one.purpose}"
        yield (
            f"  {one.amount:14,}  {one.instrument} of {one.funder}, {where}"
            f"  ({one.people:,} people, at most {one.largest:,})"
        )
    if found.largest:
        yield "largest: " + ", ".join(
            f"{one.amount:,} (wallet {one.wallet})" for one in found.largest
        )
    if found.run is not None:
        yield f"its run: {told_run(found.run)}"


def told_run(run: ExpiryRun) -> str:
    """A run, for people."""
    state = "under way" if run.finished_at is None else "finished"
    return f"{run.day}  {state:9}  {run.done:,} of {run.listed:,}: {run.amount:,} yen"


async def do(desk: Desk, options: argparse.Namespace) -> list[str]:
    """Does what the command line says; what to print.

    Raises:
        ExpiryFault, LedgerError: it was not done.
    """
    if options.act == "preview" or (options.act == "run" and options.dry_run):
        day = options.at if options.act == "preview" else options.day
        found = await desk.preview(day)
        return [_json(found)] if options.json else list(told_preview(found))
    if options.act == "run":
        done = await desk.run(options.day)
        return [_json(done) if options.json else told_run(done)]
    runs = await desk.runs()
    if options.json:
        return [_json(runs)]
    return [told_run(run) for run in runs] or ["no midnight was carried out yet"]


async def run(options: argparse.Namespace) -> list[str]:
    """The same on the database that the settings name.

    Raises:
        ExpiryFault, LedgerError, ProfileError, SettingsError: it was not done.
    """
    pool = await open_pool(postgres_dsn(), 1)
    try:
        now = datetime.now(UTC)
        town = await town_number(pool, options.town)
        version = (await versions_in_force(pool, now)).get(town or 0)
        if town is None or version is None:
            raise ExpiryFault(f"no town {options.town!r} has rules now; see: koban towns list")
        profile = stored_profile(await stored_source(pool, town, version))
        zone = ZoneInfo(profile.town.time_zone)
        desk = Desk(pool, town, zone, lambda: datetime.now(UTC), _progress)
        return await do(desk, options)
    finally:
        await pool.close()


def _progress(line: str) -> None:
    print(line, file=sys.stderr)


def _json(told: object) -> str:
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed is a day such as 2026-11-01")
    return day


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("expiry", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("preview", help="what a midnight would carry away")
    act.add_argument("town", metavar="TOWN")
    act.add_argument("--at", type=_day, metavar="DAY", help="without it, the next midnight")
    act.add_argument("--json", action="store_true", help="for programs")
    act = acts.add_parser("run", help="carry out a midnight, or go on with it")
    act.add_argument("town", metavar="TOWN")
    act.add_argument("day", type=_day, metavar="DAY")
    act.add_argument("--dry-run", action="store_true", help="only say what would be done")
    act.add_argument("--json", action="store_true", help="for programs")
    act = acts.add_parser("list", help="the midnights so far")
    act.add_argument("town", metavar="TOWN")
    act.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)

    def act() -> int:
        for line in asyncio.run(run(options)):
            print(line)
        return DONE

    return ended("expiry", act)


if __name__ == "__main__":
    sys.exit(main())
