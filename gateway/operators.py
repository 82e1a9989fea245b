"""Lets operators in from the command line: ``python -m gateway.operators``.

    add TOWN NAME [--role ops]     somebody new (the first operator of a town, too)
    password TOWN NAME             a new password; what they have open is signed out

The password is asked for twice on a terminal, or read as one line from standard input. Set up by
the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence that says why not.
"""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from getpass import getpass

import msgspec

from config.settings import SettingsError, load
from gateway.passwords import Hashing
from gateway.protocol.api import ConsoleSignIn
from ledger import identity
from ledger.database import open_pool
from ledger.errors import LedgerError
from ledger.towns import town_number


class OperatorFault(Exception):
    """It was not done; the message says why and what to do."""


async def run(options: argparse.Namespace, password: str) -> str:
    """Does what the command line says; what to print.

    Raises:
        OperatorFault, LedgerError, SettingsError: it was not done.
    """
    settings = load()
    try:
        # The same bounds as at the console's own door.
        msgspec.convert({"name": options.name, "password": password}, ConsoleSignIn)
    except msgspec.ValidationError as error:
        raise OperatorFault(str(error)) from None
    pool = await open_pool(settings.postgres_dsn, 1)
    hashing = Hashing(settings.secret, threads=1)
    try:
        town = await town_number(pool, options.town)
        if town is None:
            raise OperatorFault(f"there is no town {options.town!r}; start a gateway for it first")
        password_hash = await hashing.hash_password(password)
        now = datetime.now(UTC)
        if options.act == "add":
            await identity.add_operator(pool, town, options.name, password_hash, options.role, now)
            return f"{options.name} may sign in at /{options.town}/console as {options.role}."
        if not await identity.change_password(pool, town, options.name, password_hash, now):
            raise OperatorFault(f"there is no operator {options.name!r}; use add")
        return f"{options.name} has a new password."
    finally:
        hashing.close()
        await pool.close()


def ask_password() -> str:
    """The new password.

    Raises:
        OperatorFault: what was typed the second time is something else.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("password: ")
    if getpass("again: ") != password:
        raise OperatorFault("the two passwords are not the same")
    return password


def main() -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(prog="operators", description="Lets operators in.")
    acts = parser.add_subparsers(dest="act", required=True)
    for name, what in (("add", "somebody new"), ("password", "a new password")):
        act = acts.add_parser(name, help=what)
        act.add_argument("town")
        act.add_argument("name")
        if name == "add":
            act.add_argument("--role", choices=("operator", "ops"), default="operator")
    options = parser.parse_args()
    try:
        print(asyncio.run(run(options, ask_password())))
    except (OperatorFault, LedgerError, SettingsError) as error:
        print(f"operators: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
