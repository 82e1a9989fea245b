"""Rules of the SQL: numbered migrations, described queries, keys that begin with the town."""

import re
from pathlib import Path

import asyncpg
import pytest

from ledger.migrate import SQL
from ledger.outcomes import Outcome

MIGRATIONS = sorted((SQL / "migrations").glob("*.sql"))
QUERIES = sorted((SQL / "queries").glob("*.sql"))


def test_migrations_are_numbered_without_gaps() -> None:
    """0001, 0002, and so on, each with a name that tells what it brings."""
    names = [path.name for path in MIGRATIONS]
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert all(re.fullmatch(r"[0-9]{4}_[a-z_]+\.sql", name) for name in names)


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.name)
def test_migrations_have_the_form_that_their_tool_needs(path: Path) -> None:
    """Up first, and an empty down at the end: a mistake is corrected by the next migration."""
    lines = path.read_text().strip().splitlines()
    assert lines[0].startswith("-- migrate:up")
    assert lines[-1] == "-- migrate:down"


@pytest.mark.parametrize(
    "path", sorted((SQL / "functions").glob("*.sql")), ids=lambda path: path.name
)
def test_functions_can_be_replaced(path: Path) -> None:
    """A function is created or replaced, so that it can be applied again at every start; a shape is
    dropped first.
    """
    text = path.read_text()
    made = set(re.findall(r"^CREATE TYPE (koban\.\w+)", text, re.MULTILINE))
    dropped = re.findall(r"^DROP TYPE IF EXISTS ([^;]*) CASCADE;", text, re.MULTILINE)
    assert made == {name.strip() for names in dropped for name in names.split(",")}
    assert not re.search(r"^CREATE FUNCTION", text, re.MULTILINE | re.IGNORECASE)
    assert made or re.search(r"^CREATE OR REPLACE (FUNCTION|PROCEDURE)", text, re.MULTILINE)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.name)
def test_queries_are_named_and_described(path: Path) -> None:
    """Each block of queries has a name of its own and a sentence on what it is for."""
    blocks = re.split(r"^-- name: ", path.read_text(), flags=re.MULTILINE)[1:]
    names = [block.split("\n", 1)[0].strip() for block in blocks]
    assert blocks
    assert len(set(names)) == len(names)
    undescribed = [
        name
        for name, block in zip(names, blocks, strict=True)
        if not block.split("\n")[1].startswith("-- ")
    ]
    assert undescribed == []


def test_every_query_is_used() -> None:
    """A query that no module asks for is gone."""
    code = "\n".join(path.read_text() for path in SQL.parent.rglob("*.py"))
    names = [
        name
        for path in QUERIES
        for name in re.findall(r"^-- name: (\w+)", path.read_text(), re.MULTILINE)
    ]
    assert [name for name in names if f'"{name}"' not in code] == []


async def test_every_key_begins_with_the_town(pool: asyncpg.Pool) -> None:
    """Primary and unique keys of every table of ours start with the town, so towns can be moved."""
    rows = await pool.fetch(
        """
        SELECT n.nspname || '.' || t.relname AS name, c.conname,
            (SELECT attname FROM pg_attribute
             WHERE attrelid = c.conrelid AND attnum = c.conkey[1]) AS first
        FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
            JOIN pg_class t ON t.oid = c.conrelid
        WHERE n.nspname IN ('koban', 'people') AND c.contype IN ('p', 'u')
        """
    )
    assert rows
    apart = {"koban.town"}  # The list of towns itself: its code is unique among all.
    assert [dict(row) for row in rows if row["first"] != "town" and row["name"] not in apart] == []


async def test_no_foreign_key_crosses_towns(pool: asyncpg.Pool) -> None:
    """A foreign key has the town on both sides."""
    rows = await pool.fetch(
        """
        SELECT n.nspname || '.' || t.relname AS name, c.conname,
            (SELECT attname FROM pg_attribute
             WHERE attrelid = c.conrelid AND attnum = c.conkey[1]) AS here,
            (SELECT attname FROM pg_attribute
             WHERE attrelid = c.confrelid AND attnum = c.confkey[1]) AS there
        FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
            JOIN pg_class t ON t.oid = c.conrelid
        WHERE n.nspname IN ('koban', 'people') AND c.contype = 'f'
        """
    )
    assert [dict(row) for row in rows if (row["here"], row["there"]) != ("town", "town")] == []


async def test_outcomes_are_the_same_in_python_and_in_sql(pool: asyncpg.Pool) -> None:
    """The outcomes have the same names in the same order of precedence on both sides."""
    rows = await pool.fetch("SELECT unnest(enum_range(NULL::koban.outcome))::text AS label")
    assert [row["label"] for row in rows] == [outcome.value for outcome in Outcome]
