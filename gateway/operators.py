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
from ledger import audit, identity, operators
from ledger.database import Connection, open_pool, transaction
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
        async with transaction(pool) as connection:
            now = datetime.now(UTC)
            if options.act == "add":
                return await _add(connection, town, options, password_hash, now)
            return await _change_password(connection, town, options.name, password_hash, now)
    finally:
        hashing.close()
        await pool.close()


async def _add(
    connection: Connection,
    town: int,
    options: argparse.Namespace,
    password_hash: str,
    now: datetime,
) -> str:
    number = await operators.add_operator(
        connection, town, options.name, password_hash, options.role, now
    )
    await audit.record(
        connection,
        town,
        audit.at_command_line(),
        "operator.added",
        f"operator:{number}",
        now,
        after={"role": options.role},
    )
    return f"{options.name} may sign in at /{options.town}/console as {options.role}."


async def _change_password(
    connection: Connection, town: int, name: str, password_hash: str, now: datetime
) -> str:
    """Gateways find the sessions that this ends by themselves (`identity.ended_sessions`)."""
    operator = await operators.operator_by_name(connection, town, name)
    if operator is None:
        raise OperatorFault(f"there is no operator {name!r}; use add")
    await operators.set_password(connection, town, operator.operator, password_hash)
    await identity.end_sessions_of(connection, town, "console", operator.operator, now)
    await audit.record(
        connection,
        town,
        audit.at_command_line(),
        "operator.password_changed",
        f"operator:{operator.operator}",
        now,
    )
    return f"{name} has a new password."


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
