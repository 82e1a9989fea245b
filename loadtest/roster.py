"""Who takes part in a run: signed-in sessions, written to a file by whoever can make them."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from gateway.protocol.messages import Role

FILE_VARIABLE = "KOBAN_LOADTEST_ROSTER"


class Person(Struct, frozen=True):
    """A signed-in screen: a wallet's or shop's account (0 for the console), and its token."""

    role: Role
    account: int
    token: str


class Roster(Struct, frozen=True):
    """Everybody. All wallets have the same PIN; each tablet is another shop's."""

    town: str
    pin: str
    wallets: list[Person]
    tablets: list[Person]
    consoles: list[Person]
    day_s: float  # How long the town's day takes.


def read_roster() -> Roster:
    """The roster in the file that the environment names."""
    path = os.environ.get(FILE_VARIABLE)
    if not path:
        raise SystemExit(f"{FILE_VARIABLE} is not set; ./scripts/loadtest sets it")
    return msgspec.json.decode(Path(path).read_bytes(), type=Roster)
