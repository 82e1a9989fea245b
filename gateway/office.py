"""A town's office at the command line: its database, its rules in force, its lines in the audit."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from config.profile import Profile, ProfileError, stored_profile
from config.settings import SettingsError, load
from gateway.http.days import YEARS
from gateway.refused import Refused
from ledger import audit
from ledger.audit import Facts
from ledger.database import Connection, Pool, open_pool, translated
from ledger.errors import LedgerError, LedgerUnavailable
from ledger.grants import By
from ledger.profiles import stored_source, versions_in_force
from ledger.reports.snapshot import ReportRoom
from ledger.towns import town_number
from ledger.vault import Vault

# Exit statuses of every `koban` command. argparse ends with 2 where the words are wrong.
DONE = 0
NOT_DONE = 1  # Refused, with one sentence why; nothing has changed.
UNAVAILABLE = 3  # The database could not be reached or the settings are wrong; try again.

NUMBER_MAX = 10**15  # More than the database will ever count to, and than any sum of yen.


class OfficeFault(Exception):
    """It was not done; the message says why and what to do."""


class Office(Struct, frozen=True):
    """What an act at the command line has at hand."""

    pool: Pool
    vault: Vault
    profile: Profile
    now: datetime

    @property
    def town(self) -> int:
        """The town's number."""
        return self.profile.town.number

    @property
    def by(self) -> By:
        """Who acts."""
        return By(None, audit.at_command_line().name)

    def instant(self, text: str, option: str) -> datetime:
        """An instant of ISO 8601 in UTC; without an offset it is the town's own time.

        Raises:
            OfficeFault: it is none.
        """
        try:
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                found = found.replace(tzinfo=ZoneInfo(self.profile.town.time_zone))
            return found.astimezone(UTC)
        except (ValueError, OverflowError):  # No such instant, or none that UTC can say.
            allowed = "allowed is such as 2027-04-01T09:00"
            raise OfficeFault(f"{option}: found {text!r}; {allowed}") from None

    async def note(
        self,
        connection: Connection,
        act: str,
        subject: str,
        before: Facts | None = None,
        after: Facts | None = None,
    ) -> None:
        """Writes the act's line in the audit."""
        await audit.record(
            connection,
            self.town,
            audit.at_command_line(),
            act,
            subject,
            self.now,
            before=before,
            after=after,
        )


async def at_office(code: str, now: datetime, act: Callable[[Office], Awaitable[str]]) -> str:
    """Opens a town's office, does something there, and closes it; what to print.

    Raises:
        OfficeFault, LedgerError, ProfileError, SettingsError: it was not done.
    """
    settings = load()
    pool = await open_pool(settings.postgres_dsn, 2)
    try:
        town = await town_number(pool, code)
        versions = await versions_in_force(pool, now)
        if town is None or town not in versions:
            raise OfficeFault(f"no town {code!r} is in force; load one: koban towns load FILE")
        profile = stored_profile(await stored_source(pool, town, versions[town]))
        with translated():  # What the driver says in the middle of an act is the ledger's, too.
            return await act(Office(pool, Vault.of(settings), profile, now))
    finally:
        await pool.close()


@asynccontextmanager
async def reading(office: Office) -> AsyncIterator[ReportRoom]:
    """Where an act reads at length: on the replica, where ``KOBAN_REPLICA_DSN`` names one; else
    beside payments, and gives way to them.
    """
    replica = load().replica_dsn
    room = ReportRoom(replica) if replica else ReportRoom.beside(office.pool, gives_way=True)
    try:
        yield room
    finally:
        await room.close()


def done(name: str, code: str, act: Callable[[Office], Awaitable[str]]) -> int:
    """Does an act at a town's office now and prints what came of it; the exit status."""

    def act_now() -> int:
        print(asyncio.run(at_office(code, datetime.now(UTC), act)))
        return DONE

    return ended(f"koban {name}", act_now)


def ended(name: str, act: Callable[[], int]) -> int:
    """The exit status of ``act``; what kept it from being done is one sentence, under ``name``."""
    try:
        return act()
    except Refused as refused:
        print(f"{name}: {refused.body.message}", file=sys.stderr)
    except (LedgerUnavailable, SettingsError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return UNAVAILABLE
    except (OfficeFault, LedgerError, ProfileError) as error:
        print(f"{name}: {error}", file=sys.stderr)
    return NOT_DONE


def taught(name: str, chapter: str | None) -> argparse.ArgumentParser:
    """The reader of a subject's words, whose help is the chapter of its module."""
    return argparse.ArgumentParser(
        prog=f"koban {name}",
        description=chapter,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def as_json(value: object) -> str:
    """What a subject answers to scripts."""
    return msgspec.json.encode(value).decode()


def number(text: str) -> int:
    """A number on the command line: of a settlement, a file, a wallet, or of yen.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) > NUMBER_MAX:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed is a number such as 12")
    return int(text)


def day(text: str) -> date:
    """A day on the command line.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed is a day such as 2027-03-31")
    return found
