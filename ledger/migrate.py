"""Brings a database to the present schema: ``python -m ledger.migrate``.

Migrations (``sql/migrations``) are applied once each by dbmate; functions (``sql/functions``) are
replaced whenever they are others than those in the database, in one transaction; the queue of jobs
gets the tables of its library (`ledger.job_queue`). An advisory lock is held throughout, so
gateways and workers that start at once migrate one after the other. The address is
``KOBAN_POSTGRES_DSN``.
"""

import asyncio
import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

from ledger.job_queue import QueueSchemaError, update_queue_schema

SQL = Path(__file__).parent / "sql"
LOCK_KEY = 0x6B6F62616E  # "koban" in ASCII; any other program's locks are unlikely to share it.
CONNECT_MAX_S = 10


class MigrationError(Exception):
    """The database could not be migrated; the message says what stood in the way."""


def _program() -> str:
    beside = Path(sys.executable).with_name("dbmate")
    found = str(beside) if beside.is_file() else shutil.which("dbmate")
    if found is None:
        raise MigrationError("dbmate is not installed; install the locked packages")
    return found


def _address(dsn: str, *, encrypted: bool) -> str:
    """The same database as dbmate reads it: a socket's folder by that name, encryption outright."""
    parts = urlsplit(dsn)
    query = dict(parse_qsl(parts.query))
    if query.get("host", "").startswith("/"):
        query["socket"] = query.pop("host")
    query.setdefault("sslmode", "require" if encrypted else "disable")
    user = quote(parts.username or "")
    network = parts.netloc or f"{user}@"
    return urlunsplit(("postgres", network, parts.path, urlencode(query), ""))


async def _run_migrations(dsn: str, *, encrypted: bool) -> list[str]:
    """Applies what is missing and returns the names of the files applied."""
    process = await asyncio.create_subprocess_exec(
        _program(),
        *("--no-dump-schema", "--env-file", os.devnull, "--migrations-dir", "migrations"),
        # Named in full: a user called koban would find the schema koban before public.
        *("--migrations-table", "public.schema_migrations"),
        *("migrate", "--strict"),
        cwd=SQL,
        # In the environment, not in the arguments: every user can read a program's arguments.
        env={
            "PATH": os.environ.get("PATH", ""),
            "DATABASE_URL": _address(dsn, encrypted=encrypted),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, fault = await process.communicate()
    finally:
        if process.returncode is None:  # Interrupted: Postgres undoes the migration at hand.
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise MigrationError(f"a migration failed: {fault.decode(errors='replace').strip()}")
    lines = output.decode(errors="replace").splitlines()
    return [line.split()[1] for line in lines if line.startswith("Applied: ")]


async def _replace_functions(connection: asyncpg.Connection, *, migrated: bool) -> None:
    """Applies the functions. A gateway that starts beside others finds them there and leaves them:
    a function that is replaced while it is used may fail once.
    """
    files = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted((SQL / "functions").glob("*.sql"))
    }
    digest = hashlib.sha256("".join(files.values()).encode()).hexdigest()
    await connection.execute("CREATE TABLE IF NOT EXISTS public.schema_functions (digest text)")
    there = await connection.fetchval("SELECT digest FROM public.schema_functions")
    if there == digest and not migrated:
        return
    async with connection.transaction():
        for name, text in files.items():
            try:
                await connection.execute(text)
            except asyncpg.PostgresError as fault:
                raise MigrationError(f"{name} failed: {fault}") from fault
        await connection.execute("DELETE FROM public.schema_functions")
        await connection.execute("INSERT INTO public.schema_functions VALUES ($1)", digest)


async def migrate(dsn: str) -> list[str]:
    """Brings the database at ``dsn`` up to date and returns the migrations that were applied.

    Raises:
        MigrationError: the database is away, or a script failed and left no trace.
    """
    try:
        connection = await asyncpg.connect(dsn, timeout=CONNECT_MAX_S)
    except (OSError, asyncpg.PostgresError, TimeoutError) as fault:
        raise MigrationError(
            f"the database does not answer: {str(fault) or 'no answer'}"
        ) from fault
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        encrypted = await connection.fetchval(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        )
        applied = await _run_migrations(dsn, encrypted=bool(encrypted))
        await update_queue_schema(connection)
        await _replace_functions(connection, migrated=bool(applied))
    except QueueSchemaError as fault:
        raise MigrationError(str(fault)) from fault
    finally:
        await connection.close()  # Also lets the advisory lock go.
    return applied


def main(say: Callable[[str], None] = print) -> None:
    """Migrates the database named by the environment."""
    dsn = os.environ.get("KOBAN_POSTGRES_DSN", "").strip()
    if not dsn:
        sys.exit("KOBAN_POSTGRES_DSN is not set; give it a URL such as postgresql://koban@db/koban")
    try:
        applied = asyncio.run(migrate(dsn))
    except MigrationError as fault:
        sys.exit(f"koban: {fault}")
    for name in applied:
        say(f"applied {name}")
    say("the database is up to date")


if __name__ == "__main__":
    main()
