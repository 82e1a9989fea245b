"""Starts Koban on this machine: screens, servers, schema, demo, SMS inbox, gateway, worker.

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

import asyncpg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.profile import ProfileError, read_profile
from ledger.database import open_pool
from ledger.errors import LedgerError
from ledger.migrate import MigrationError, migrate
from scripts import demo, screens
from scripts.children import Child, ChildFault, heed_signals
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
            raise StartFault(
                f"port {port} of {HOST} is taken by another program ({fault.strerror}); stop that "
                f"one, or choose another port: ./scripts/run --port {port + 1}"
            ) from fault


def free_port(wanted: int) -> int:
    """``wanted`` if nobody listens on it, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            found: int = probe.getsockname()[1]
            return found
    raise StartFault("no port of this machine is free; stop some programs")


def keepsake(path: Path, make: str) -> str:
    """A secret that is made once and read ever after, for its owner's eyes only."""
    if path.is_file():
        return path.read_text()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(make)
    return make


def _push_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


async def _ensure_database(postgres: PostgresServer) -> None:
    connection = await asyncpg.connect(postgres.dsn("postgres"))
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'koban'"):
            await connection.execute("CREATE DATABASE koban")
    finally:
        await connection.close()


@contextlib.contextmanager
def stores(folder: Path, steps: Steps) -> Iterator[dict[str, str]]:
    """The settings that name Postgres and Redis: those given, or embedded servers for as long."""
    given = {
        name: text
        for name in ("KOBAN_POSTGRES_DSN", "KOBAN_REDIS_URL")
        if (text := os.environ.get(name, "").strip())
    }
    if len(given) == 2:
        steps.say("using the given Postgres and Redis")
        yield given
        return
    with running(folder, progress=steps.say) as servers:
        asyncio.run(_ensure_database(servers.postgres))
        yield servers.environment() | given


async def _fill(dsn: str, towns: list[str], secret: str, steps: Steps) -> None:
    """Brings the schema, the towns and the demo's people up to date."""
    steps.say("schema")
    await migrate(dsn)
    pool = await open_pool(dsn, 4)
    try:
        for code in towns:
            profile = read_profile(code)
            steps.say(f"town {profile.town.name['ja']}")
            now = datetime.now(UTC)
            await demo.seed(
                pool, profile, secret.encode(), now, lambda text: steps.say(f"  {text}")
            )
    finally:
        await pool.close()


def _settings(folder: Path, port: int, sms_port: int) -> dict[str, str]:
    public_url = f"http://{HOST}:{port}"
    return {
        "KOBAN_SECRET": keepsake(folder / "secret", secrets.token_urlsafe(48)),
        "KOBAN_HOST": HOST,
        "KOBAN_PORT": str(port),
        "KOBAN_PUBLIC_URL": public_url,
        "KOBAN_TOWNS": os.environ.get("KOBAN_TOWNS", ""),
        "KOBAN_DEMO": "1",
        "KOBAN_SMS_URL": f"http://{HOST}:{sms_port}/messages",
        "KOBAN_SMS_KEY": keepsake(folder / "sms-key", secrets.token_urlsafe(32)),
        "KOBAN_VAPID_PRIVATE_KEY": keepsake(folder / "push-key.pem", _push_key()),
        "KOBAN_VAPID_SUBJECT": "mailto:demo@example.jp",
        "KOBAN_WEB_DIR": str(screens.WEB / "dist"),
    }


def _welcome(url: str, town: str, folder: Path) -> str:
    return f"""
  Koban runs. Open one of these; Ctrl-C ends it.

    {url}/demo              wallet, tablet and console side by side, signed in
    {url}/{town}/wallet    phone {demo.PEOPLE[0][0]}, password {demo.PASSWORD}, PIN {demo.PIN}
    {url}/{town}/tablet    enrolled from the console (shops, enrolment QR)
    {url}/{town}/console   name {demo.OPERATORS[0][0]}, password {demo.PASSWORD}
    {url}/demo/sms          the text messages that would be sent
    {url}/docs/http         the HTTP interface, {url}/docs/websocket the websocket's

  Logs and data are in {folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder}.
"""


def run(port: int, folder: Path) -> None:
    """Starts everything, shows what to open, and returns when something ended.

    Raises:
        StartFault, ServerFault, ScreensFault, EnvironmentFault, MigrationError, LedgerError,
        ProfileError, ChildFault: something is in the way; nothing runs any more.
    """
    steps = Steps()
    check_port(port)
    folder.mkdir(parents=True, exist_ok=True)
    towns = os.environ.get("KOBAN_TOWNS", "nagaoka").replace(",", " ").split()
    steps.say("screens")
    screens.build(steps.say)
    with contextlib.ExitStack() as stack:
        try:
            _open(port, folder, towns, stack, steps)
        except BaseException:
            # Stopping in order takes a moment and is not to be cut short by a second Ctrl-C.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            raise


def _open(
    port: int, folder: Path, towns: list[str], stack: contextlib.ExitStack, steps: Steps
) -> None:
    """Starts one thing after the other, to be stopped by ``stack``, and watches over them."""
    environ = stack.enter_context(stores(folder, steps))
    sms_port = free_port(8025)
    settings = environ | _settings(folder, port, sms_port)
    asyncio.run(_fill(settings["KOBAN_POSTGRES_DSN"], towns, settings["KOBAN_SECRET"], steps))
    steps.say("SMS inbox")
    arguments = ["scripts.sms_simulator", "--port", str(sms_port)]
    inbox = Child("SMS inbox", arguments, settings, folder / "sms.log")
    stack.callback(inbox.stop)
    inbox.wait_until_ready(sms_port, "/inbox.json", READY_MAX_S)
    steps.say("gateway")
    gateway = Child("gateway", ["gateway"], settings, folder / "gateway.log")
    stack.callback(gateway.stop)
    gateway.wait_until_ready(port, "/readyz", READY_MAX_S)
    steps.say("worker")
    worker = Child("worker", ["gateway.jobs"], settings, folder / "worker.log")
    stack.callback(worker.stop)
    steps.say("ready")
    print(_welcome(settings["KOBAN_PUBLIC_URL"], towns[0], folder), flush=True)
    while True:
        for child in (gateway, worker, inbox):
            if not child.running():
                raise child.fault("ended by itself")
        time.sleep(0.2)


def main() -> None:
    """Runs until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="scripts/run", description="Starts Koban's demo.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("KOBAN_PORT", "8000")))
    parser.add_argument("--data", type=Path, default=ROOT / ".data" / "demo", metavar="FOLDER")
    options = parser.parse_args()
    heed_signals()
    try:
        run(options.port, options.data.resolve())
    except KeyboardInterrupt:
        print("\nkoban: stopped; the data stays.")
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
