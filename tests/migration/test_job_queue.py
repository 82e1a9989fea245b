"""The queue's own schema: made once, brought on with its library, and never turned back."""

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest

from ledger import job_queue
from ledger.job_queue import QueueSchemaError, library_sql, update_queue_schema
from ledger.migrate import MigrationError, migrate

NEXT = "09.00.00_01_pre_colour.sql"
COLUMN = "ALTER TABLE procrastinate_jobs ADD COLUMN colour text;"
SHAPE = """
    SELECT string_agg(found, E'\\n' ORDER BY found) FROM (
        SELECT format('%s.%s %s %s', table_name, column_name, data_type, column_default)
        FROM information_schema.columns WHERE table_schema = 'jobs'
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'jobs'
        UNION ALL
        SELECT format('%s(%s)', proname, pg_get_function_identity_arguments(oid))
        FROM pg_proc WHERE pronamespace = 'jobs'::regnamespace
    ) AS all_of_it (found)
"""


async def shape(dsn: str) -> str:
    """Everything in the schema, as text."""
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval(SHAPE))
    finally:
        await connection.close()


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The library's SQL as a later version would bring it."""
    folder = tmp_path / "sql"
    shutil.copytree(library_sql(), folder)
    (folder / "migrations" / NEXT).write_text(COLUMN)
    return folder


async def test_the_schema_is_made_once_whoever_starts(empty_dsn: str) -> None:
    """Gateways and workers at once; the next start changes nothing."""
    await asyncio.gather(*(migrate(empty_dsn) for _ in range(4)))
    made = await shape(empty_dsn)
    assert "procrastinate_jobs.queueing_lock" in made
    await migrate(empty_dsn)
    assert await shape(empty_dsn) == made


async def test_an_older_database_is_brought_to_the_librarys_schema(
    empty_dsn: str, newer: Path
) -> None:
    """By the migrations that are missing, in their order, once; jobs that wait stay."""
    await migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    try:
        await connection.fetchval("SELECT koban.defer_job('q', 'n', 'l', '{\"town\": 1}')")
        for _ in range(2):
            await update_queue_schema(connection, newer)
        row = await connection.fetchrow("SELECT task_name, colour FROM jobs.procrastinate_jobs")
        assert row is not None
        assert tuple(row) == ("n", None)
    finally:
        await connection.close()


async def test_a_database_of_a_newer_library_is_refused(empty_dsn: str, newer: Path) -> None:
    """An older process does not work on tables that it does not know; it says what to install."""
    await migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    try:
        await update_queue_schema(connection, newer)
    finally:
        await connection.close()
    with pytest.raises(MigrationError, match=f"does not know {NEXT}; install the locked packages"):
        await migrate(empty_dsn)


async def test_a_migration_that_fails_leaves_no_trace(empty_dsn: str, newer: Path) -> None:
    """The fault names the file; the next start tries it again."""
    await migrate(empty_dsn)
    before = await shape(empty_dsn)
    (newer / "migrations" / NEXT).write_text(f"{COLUMN} SELECT 1 / 0;")
    connection = await asyncpg.connect(empty_dsn)
    try:
        with pytest.raises(QueueSchemaError, match=f"{NEXT} failed: division by zero"):
            await update_queue_schema(connection, newer)
        assert await shape(empty_dsn) == before
        (newer / "migrations" / NEXT).write_text(COLUMN)
        await update_queue_schema(connection, newer)
    finally:
        await connection.close()


async def test_a_library_that_is_not_there_is_one_sentence(
    empty_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no traceback."""
    monkeypatch.setattr(job_queue, "LIBRARY", "nobody_has_this")
    with pytest.raises(MigrationError, match="install the locked packages"):
        await migrate(empty_dsn)
