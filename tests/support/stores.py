"""The servers of a test session, and for each test a database and a Redis of its own."""

import asyncio
import itertools
import os
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from config.profile import load_profile
from ledger.database import open_pool
from ledger.migrate import migrate
from ledger.towns import load_town, town_number
from scripts.embedded import TEST, ServerFault, Servers, running
from scripts.embedded.folder import owned
from scripts.embedded.postgres import PostgresServer
from scripts.embedded.valkey import DATABASES, ValkeyServer
from tests.support.clock import START, Clock

ROOT = Path(__file__).resolve().parent.parent.parent
# A database is a thousand small files: in memory a copy takes a twentieth of the time.
MEMORY = Path("/dev/shm")  # What is made there is this account's alone.
MEMORY_MIN = 2 * 1024**3  # Bytes that must be free there; else the disk it is.
TEMPLATE = "template_koban"
TOWN = "nagaoka"

Result = TypeVar("Result")


def apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs ``work`` to its end on an event loop of its own, beside the test's."""
    results: list[Result] = []
    faults: list[BaseException] = []

    def target() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as fault:  # noqa: BLE001 - raised again in the caller's thread.
            faults.append(fault)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return results[0]


def servers_folder() -> Path:
    """Where the folders of servers are made, which their user may pass through."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_MIN
    folder = MEMORY / f"koban-{os.getuid()}" if in_memory else ROOT / ".data"
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


def _sweep(parent: Path) -> None:
    """Removes folders of test sessions that were killed, and ends their servers."""
    for folder in parent.glob("test-*"):
        try:
            with owned(folder):
                postgres = PostgresServer(folder, TEST)
                postgres.end_leftovers()
                ValkeyServer(folder).end_leftovers()
                shutil.rmtree(postgres.sockets, ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)
        except ServerFault:
            continue  # Another test session is at work there.


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey, on a folder of this session alone."""
    parent = servers_folder()
    _sweep(parent)
    folder = parent / f"test-{os.getpid()}"
    with running(folder, TEST) as pair:
        yield pair
    shutil.rmtree(folder, ignore_errors=True)


async def _run_on(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _make_template(servers: Servers) -> None:
    await _run_on(servers.postgres.dsn("postgres"), f"CREATE DATABASE {TEMPLATE}")
    dsn = servers.postgres.dsn(TEMPLATE)
    await migrate(dsn)
    pool = await open_pool(dsn, 1)
    try:
        await load_town(pool, load_profile(ROOT / "config" / "towns" / f"{TOWN}.toml"), START)
    finally:
        await pool.close()


@pytest.fixture(scope="session")
def template(servers: Servers) -> str:
    """The name of a migrated database with Nagaoka's profile loaded, to be copied."""
    apart(_make_template(servers))
    return TEMPLATE


_numbers = itertools.count(1)


@pytest.fixture
def dsn(servers: Servers, template: str) -> Iterator[str]:
    """The address of a fresh database: migrated, Nagaoka loaded, nobody in it."""
    name, admin = f"test_{next(_numbers)}", servers.postgres.dsn("postgres")
    apart(_run_on(admin, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    yield servers.postgres.dsn(name)
    if servers.postgres.running():
        apart(_run_on(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def empty_dsn(servers: Servers) -> Iterator[str]:
    """The address of a fresh database without a schema, for tests of migrations."""
    name, admin = f"empty_{next(_numbers)}", servers.postgres.dsn("postgres")
    apart(_run_on(admin, f"CREATE DATABASE {name}"))
    yield servers.postgres.dsn(name)
    apart(_run_on(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the test's database."""
    opened = await open_pool(dsn, 8)
    yield opened
    await opened.close()


@pytest.fixture
async def town(pool: asyncpg.Pool) -> int:
    """Nagaoka's number in the test's database."""
    number = await town_number(pool, TOWN)
    assert number is not None
    return number


@pytest.fixture
def redis_url(servers: Servers) -> str:
    """The address of an empty Redis database that no other test uses at the same time."""
    database = next(_numbers) % DATABASES
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(servers.valkey.socket))
        connection.sendall(f"SELECT {database}\r\nFLUSHDB\r\n".encode())
        answer = b""
        while answer.count(b"\r\n") < 2:
            answer += connection.recv(64)
    assert answer == b"+OK\r\n+OK\r\n", answer
    return servers.valkey.url(database)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()
