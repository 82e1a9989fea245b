"""The schema is brought up to date safely, however often and by however many at once."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from ledger import migrate as module
from ledger.migrate import MigrationError, migrate

MIGRATIONS = sorted(path.name for path in (module.SQL / "migrations").glob("*.sql"))


async def test_migrating_applies_every_file_once(empty_dsn: str) -> None:
    """The first call applies all files in order; the second finds nothing to do."""
    assert await migrate(empty_dsn) == MIGRATIONS
    assert await migrate(empty_dsn) == []


async def test_gateways_that_start_at_once_migrate_one_after_the_other(empty_dsn: str) -> None:
    """Of five at once one applies everything and the others apply nothing; none fails."""
    results = await asyncio.gather(*(migrate(empty_dsn) for _ in range(5)))
    assert sorted(results) == [[], [], [], [], MIGRATIONS]


async def test_history_is_kept_in_public(empty_dsn: str) -> None:
    """The list of applied migrations stands in public, whatever the user's name is."""
    await migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    try:
        rows = await connection.fetch("SELECT version FROM public.schema_migrations ORDER BY 1")
    finally:
        await connection.close()
    assert [row["version"] for row in rows] == [name.split("_")[0] for name in MIGRATIONS]


async def test_a_broken_migration_leaves_no_trace(
    empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that fails half-way is undone as a whole, and the fault says where it failed."""
    (tmp_path / "migrations").mkdir()
    (tmp_path / "functions").mkdir()
    (tmp_path / "migrations" / "0001_broken.sql").write_text(
        "-- migrate:up\nCREATE TABLE half ();\nSELECT 1 / 0;\n-- migrate:down\n"
    )
    monkeypatch.setattr(module, "SQL", tmp_path)
    with pytest.raises(MigrationError, match="division by zero"):
        await migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    try:
        assert await connection.fetchval("SELECT to_regclass('half')") is None
    finally:
        await connection.close()


async def test_a_broken_function_keeps_the_old_ones(
    empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions are replaced together or not at all."""
    (tmp_path / "migrations").mkdir()
    folder = tmp_path / "functions"
    folder.mkdir()
    answer = "CREATE OR REPLACE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT {}'"
    (folder / "10_answer.sql").write_text(answer.format(1))
    (tmp_path / "migrations" / "0001_empty.sql").write_text("-- migrate:up\n-- migrate:down\n")
    monkeypatch.setattr(module, "SQL", tmp_path)
    await migrate(empty_dsn)
    (folder / "10_answer.sql").write_text(answer.format(2))
    (folder / "20_broken.sql").write_text("CREATE FUNCTION oops")
    with pytest.raises(MigrationError, match=r"20_broken\.sql"):
        await migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    try:
        assert await connection.fetchval("SELECT answer()") == 1
    finally:
        await connection.close()


async def test_a_database_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    """Nobody at the address: a migration error and no traceback of a driver."""
    with pytest.raises(MigrationError, match="does not answer"):
        await migrate(f"postgresql://koban@/koban?host={tmp_path}")
