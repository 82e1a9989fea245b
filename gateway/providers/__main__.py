"""Reconciles a provider's day from the command line: ``python -m gateway.providers``.

    reconcile TOWN PROVIDER DATE [FILE]

Compares the town's orders with the provider's file of the day, asks about what differs and prints
it, a line each. FILE is a file that was brought; without it the provider is asked for its own. Set
up by the same ``KOBAN_*`` as the gateway. Ends with 0 when everything agrees or is settled, 1 when
something is left for a person, 2 when it could not be done (one sentence says why).
"""

import argparse
import asyncio
import datetime as dt
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.logs import configure
from config.profile import ProfileError, stored_profile
from config.settings import Settings, SettingsError, load
from gateway.providers.desk import Desk
from gateway.providers.interface import DayFileAbsent, Provider
from gateway.providers.opening import open_providers
from gateway.providers.reconciliation import (
    Difference,
    FileUnreadable,
    Reconciliation,
    reconcile,
)
from gateway.providers.teller import Teller
from ledger.authorise import Decision, decide
from ledger.database import Pool, open_pool
from ledger.errors import LedgerError
from ledger.profiles import stored_source, versions_in_force
from ledger.requests import Request
from ledger.towns import town_number
from ledger.vault import Vault


class ReconcilingFault(Exception):
    """It was not done; the message says why and what to do."""


async def run(settings: Settings, options: argparse.Namespace) -> Reconciliation:
    """Does what the command line says.

    Raises:
        ReconcilingFault, DayFileAbsent, FileUnreadable, LedgerError: it was not done.
    """
    pool = await open_pool(settings.postgres_dsn, 4)
    try:
        town = await town_number(pool, options.town)
        version = (await versions_in_force(pool, _now())).get(town or 0)
        if town is None or version is None:
            raise ReconcilingFault(f"there is no town {options.town!r}; see koban towns list")
        profile = stored_profile(await stored_source(pool, town, version))
        providers = open_providers(settings, options.town)
        provider = providers.get(options.provider)
        if provider is None:
            known = ", ".join(sorted(providers)) or "none"
            raise ReconcilingFault(f"there is no provider {options.provider!r}; known are: {known}")
        text = await _text(provider, options.date, options.file)
        desk = _desk(pool, town, providers, Vault.of(settings))
        try:
            return await reconcile(
                *(pool, town, ZoneInfo(profile.town.time_zone), desk),
                *(options.provider, options.date, text),
            )
        finally:
            await desk.stop()
    finally:
        await pool.close()


async def _text(provider: Provider, date: dt.date, file: Path | None) -> str:
    if file is None:
        return await provider.day_file(date)
    try:
        return await asyncio.to_thread(file.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReconcilingFault(f"{file} cannot be read: {error}") from None


def _desk(pool: Pool, town: int, providers: dict[str, Provider], vault: Vault) -> Desk:
    """A desk without a counter: what it decides, the gateways hear of from the outbox."""

    async def decided(request: Request) -> Decision | None:
        return (await decide(pool, town, [request], _now())).decisions[0]

    return Desk(town, pool, providers, Teller(pool, town, decided), vault, now=_now)


def _now() -> datetime:
    return datetime.now(UTC)


def told(difference: Difference) -> str:
    """A difference as a line."""
    line, order = difference.line, difference.order
    ours = f"{order.state} {order.their_amount}" if order else "nothing"
    theirs = f"{line.state} {line.amount}" if line else "nothing"
    what = f"order {order.id}" if order else f"reference {line.reference if line else ''}"
    mark = "settled" if difference.settled else "LOOK AT IT"
    return f"{mark}: {difference.kind}: {what}: ours {ours}, theirs {theirs}"


FAULTS = (
    *(ReconcilingFault, DayFileAbsent, FileUnreadable),
    *(LedgerError, ProfileError, SettingsError),
)


def main() -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(prog="providers", description="Reconciles providers' days.")
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("reconcile", help="compare a day with the provider's file")
    act.add_argument("town")
    act.add_argument("provider")
    act.add_argument("date", type=dt.date.fromisoformat, help="YYYY-MM-DD, the town's day")
    act.add_argument("file", type=Path, nargs="?")
    options = parser.parse_args()
    # What is printed is the comparison; the orders' own log tells what was heard.
    configure("error")
    try:
        found = asyncio.run(run(load(), options))
    except FAULTS as error:
        print(f"providers: {error}", file=sys.stderr)
        return 2
    for difference in found.differences:
        print(told(difference))
    print(f"{found.lines} lines, {found.agreed} agree, {len(found.differences)} differ.")
    return 0 if all(each.settled for each in found.differences) else 1


if __name__ == "__main__":
    sys.exit(main())
