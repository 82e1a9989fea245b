"""Checks and loads towns from the command line: ``python -m gateway.towns``, or ``koban towns``.

    check FILE...               all that is wrong in profiles; needs no database
    load FILE [--from INSTANT]  puts a profile in force now, or from an instant on
    list                        the towns, and which rules hold from when on

INSTANT is ISO 8601, such as 2027-04-01T00:00; without an offset it is the town's own time. Running
gateways take a loaded town, and rules whose instant has come, by themselves (`gateway.rulebook`).
``KOBAN_POSTGRES_DSN`` names the database. Ends with 0, or with 1 and a line for each problem: the
file, the key, what was found and what is allowed. What the law attaches duties to is said as a
caution, and is no problem.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.profile import Profile, ProfileError, load_profile, stored_profile
from config.profile.checks import cautions, changes, clashes
from config.settings import postgres_dsn
from gateway.office import DONE, NOT_DONE, OfficeFault, ended, taught
from ledger import audit
from ledger.database import Pool, open_pool, transaction
from ledger.profiles import StoredProfile, stored_profiles
from ledger.towns import load_town


class TownFault(OfficeFault):
    """It was not done; the message says why and what to do."""


def check(files: Sequence[Path]) -> list[str]:
    """What to say about profiles that are right, and of which no two are in each other's way.

    Raises:
        ProfileError: all that is wrong, of all files.
    """
    wrong: list[str] = []
    right: list[tuple[str, Profile]] = []
    for file in files:
        try:
            right.append((file.name, load_profile(file)))
        except ProfileError as error:
            wrong += error.lines
    wrong += [f"{name}: {problem}" for name, problem in clashes(right)]
    if wrong:
        raise ProfileError(wrong)
    return [f"{name}: right" for name, _ in right] + [
        line for name, profile in right for line in _cautions(name, profile)
    ]


async def load(pool: Pool, file: Path, start: str | None, now: datetime) -> list[str]:
    """Puts a profile in force from ``start`` (ISO 8601; None: ``now``) on; what to say about it.

    Raises:
        ProfileError: the file is wrong, or in the way of a loaded town or of its own past.
        TownFault: the instant is none, or has passed.
        LedgerError: it was not loaded.
    """
    profile = load_profile(file)
    instant = now if start is None else _instant(start, profile, now)
    stored = await stored_profiles(pool)
    if wrong := list(_in_the_way(file.name, profile, stored)):
        raise ProfileError(wrong)
    async with transaction(pool) as connection:
        changed = await load_town(connection, profile, instant)
        if changed:
            await audit.record(
                connection,
                profile.town.number,
                audit.at_command_line(),
                "town.rules_loaded",
                f"town:{profile.town.code}",
                now,
                after={"valid_from": instant.isoformat(), "file": file.name},
            )
    said = f"{profile.town.code}: these rules hold from {_local(instant, profile)} on"
    if not changed:
        said = f"{profile.town.code}: nothing has changed"
    return [said, *_cautions(file.name, profile)]


async def towns(pool: Pool, now: datetime) -> list[str]:
    """A line for every version of every town's rules."""
    stored = await stored_profiles(pool)
    in_force = {one.town: one.version for one in stored if one.valid_from <= now}
    return [_line(one, now, in_force) for one in stored]


def _line(one: StoredProfile, now: datetime, in_force: dict[int, int]) -> str:
    try:
        profile = stored_profile(one.source)
    except ProfileError as error:
        return f"{one.town:5} {one.code:20} version {one.version}: {error}; load its file again"
    state = "to come" if one.valid_from > now else "past"
    if in_force.get(one.town) == one.version:
        state = "in force"
    name = profile.town.name["ja"]
    since = _local(one.valid_from, profile)
    return f"{one.town:5} {one.code:20} version {one.version:<4} from {since}  {state:8}  {name}"


def _instant(text: str, profile: Profile, now: datetime) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=ZoneInfo(profile.town.time_zone))
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise TownFault(f"--from: found {text!r}; allowed is such as 2027-04-01T00:00") from None
    if instant < now:
        raise TownFault(
            f"--from: found {text!r}, which has passed; allowed is an instant to come: what "
            "happened keeps its rules"
        )
    return instant.astimezone(UTC)


def _in_the_way(name: str, profile: Profile, stored: Sequence[StoredProfile]) -> Iterator[str]:
    """Problems with the loaded towns: numbers and prefixes of others, and the town's own past."""
    latest: dict[int, Profile] = {}
    for one in stored:
        try:
            latest[one.town] = stored_profile(one.source)
        except ProfileError:
            continue  # Of another version of Koban: its town is loaded again, or not served.
    own = latest.pop(profile.town.number, None)
    if own is not None and own.town.code == profile.town.code:
        for problem in changes(own, profile):
            yield f"{name}: {problem}"
    elif own is not None:
        latest[profile.town.number] = own
    for other in latest.values():
        for _, problem in clashes([(f"the loaded town {other.town.code}", other), (name, profile)]):
            yield f"{name}: {problem}"


def _cautions(name: str, profile: Profile) -> Iterator[str]:
    today = datetime.now(ZoneInfo(profile.town.time_zone)).date()
    for caution in cautions(profile, today):
        yield f"{name}: caution: {caution}"


def _local(instant: datetime, profile: Profile) -> str:
    zone = ZoneInfo(profile.town.time_zone)
    return instant.astimezone(zone).isoformat(sep=" ", timespec="seconds")


async def run(options: argparse.Namespace) -> list[str]:
    """Does what the command line says; the lines to print.

    Raises:
        ProfileError, TownFault, LedgerError, SettingsError: it was not done.
    """
    if options.act == "check":
        return check(options.files)
    pool = await open_pool(postgres_dsn(), 1)
    try:
        now = datetime.now(UTC)
        if options.act == "load":
            return await load(pool, options.file, options.start, now)
        return await towns(pool, now) or ["no town is loaded yet; load one: koban towns load FILE"]
    finally:
        await pool.close()


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("towns", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("check", help="all that is wrong in profiles")
    act.add_argument("files", nargs="+", type=Path, metavar="FILE")
    act = acts.add_parser("load", help="put a profile in force")
    act.add_argument("file", type=Path, metavar="FILE")
    act.add_argument("--from", dest="start", metavar="INSTANT", help="such as 2027-04-01T00:00")
    acts.add_parser("list", help="the towns, and which rules hold from when on")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)

    def act() -> int:
        try:
            lines = asyncio.run(run(options))
        except ProfileError as error:  # All that is wrong, a line each.
            for line in error.lines:
                print(line, file=sys.stderr)
            return NOT_DONE
        for line in lines:
            print(line)
        return DONE

    return ended("towns", act)


if __name__ == "__main__":
    sys.exit(main())
