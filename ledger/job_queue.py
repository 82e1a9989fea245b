"""The schema ``jobs``: the queue library's own tables, brought to the version that is installed.

Its schema and its migrations are the files that come with it. Which of them a database has stands
in ``public.schema_jobs``. To be called under the lock of `ledger.migrate`.
"""

import importlib.util
from pathlib import Path

import asyncpg

LIBRARY = "procrastinate"


class QueueSchemaError(Exception):
    """The queue's schema could not be brought up to date; the message says what to do."""


def library_sql() -> Path:
    """The folder of the library's schema and migrations.

    Raises:
        QueueSchemaError: it is not installed.
    """
    found = importlib.util.find_spec(LIBRARY)
    if found is None or found.origin is None:
        raise QueueSchemaError(f"{LIBRARY} is not installed; install the locked packages")
    return Path(found.origin).parent / "sql"


async def update_queue_schema(connection: asyncpg.Connection, sql: Path | None = None) -> None:
    """Makes the schema, or applies the migrations that are missing, each whole or not at all.

    Raises:
        QueueSchemaError: the database is of a newer library, or a script failed.
    """
    sql = sql or library_sql()
    packaged = _migrations(sql)
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS public.schema_jobs (name text PRIMARY KEY)"
    )
    there = {row["name"] for row in await connection.fetch("SELECT name FROM public.schema_jobs")}
    if unknown := sorted(there - packaged.keys()):
        raise QueueSchemaError(
            f"the database's queue is of a newer {LIBRARY} than the installed one, which does not "
            f"know {', '.join(unknown)}; install the locked packages of the newer version"
        )
    if not there:
        schema = (sql / "schema.sql").read_text(encoding="utf-8")
        await _apply(connection, "schema.sql", f"CREATE SCHEMA jobs;{schema}", list(packaged))
        return
    for name, text in packaged.items():
        if name not in there:
            await _apply(connection, name, text, [name])


def _migrations(sql: Path) -> dict[str, str]:
    """The library's migrations in their order, by name."""
    paths = sorted((sql / "migrations").glob("*.sql"))
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


async def _apply(connection: asyncpg.Connection, script: str, text: str, names: list[str]) -> None:
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL search_path = jobs")
            await connection.execute(text)
            await connection.executemany(
                "INSERT INTO public.schema_jobs VALUES ($1)", [(name,) for name in names]
            )
    except asyncpg.PostgresError as fault:
        raise QueueSchemaError(f"the queue's {script} failed: {fault}") from fault
