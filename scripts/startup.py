"""Starts Koban on this machine: screens, servers, schema, demo, SMS inbox, gateway.

Steps start in this order and stop in the reverse one. With ``KOBAN_POSTGRES_DSN`` and
``KOBAN_REDIS_URL`` set, outside servers are used and none is started. Data stays in ``.data/demo``.
"""

import argparse
import asyncio
import contextlib
import errno
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import asyncpg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.profile import ProfileError, read_profile
from ledger.database import open_pool
from ledger.errors import LedgerError
from ledger.migrate import MigrationError, migrate
from scripts import demo, screens
from scripts.children import Child, ChildFault
from scripts.embedded import PostgresServer, ServerFault, running
from scripts.environment import ROOT, EnvironmentFault

READY_MAX_S = 30
HOST = "127.0.0.1"


class StartFault(Exception):
    """Koban cannot start; the message is one sentence on why, and what to do."""


class Steps:
    """Shows what is being done, and how long all of it took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Shows the step that begins now."""
        print(f"  {time.monotonic() - self._began:5.1f} s  {text}", flush=True)


def check_port(port: int) -> None:
    """Raises a fault if somebody listens on ``port`` already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as fault:
        full = fault.errno == errno.ENOSPC
        advice = "free some space" if full else "set its rights, or name another with --data"
        place = fault.filename or options.data
        sys.exit(f"koban: {place}: {fault.strerror}; {advice} and start again")
    except (
        StartFault,
        ServerFault,
        screens.ScreensFault,
        EnvironmentFault,
        MigrationError,
        LedgerError,
        ProfileError,
        ChildFault,
    ) as fault:
        sys.exit(f"koban: {fault}")


if __name__ == "__main__":
    main()
