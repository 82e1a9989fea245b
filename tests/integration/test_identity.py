"""The schema of people: what Python names is what the database allows, and towns stay apart."""

import re

import asyncpg

from gateway.protocol.messages import Role
from ledger import cards, encryption, persons, reviews
from ledger.database import chosen
from ledger.identity import SQL, Guarded
from ledger.likeness import Likeness


async def allowed(pool: asyncpg.Pool, table: str, column: str) -> set[str]:
    """The words that a column's CHECK names."""
    text = await pool.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = $1::regclass AND contype = 'c' AND conname = $2",
        f"people.{table}",
        f"{table}_{column}_check",
    )
    return set(re.findall(r"'(\w+)'::text", text))


async def test_pythons_words_are_the_databases(pool: asyncpg.Pool) -> None:
    """Neither knows a word that the other does not."""
    assert await allowed(pool, "guard", "kind") == {kind.value for kind in Guarded}
    assert await allowed(pool, "session", "role") == {role.value for role in Role}
    assert await allowed(pool, "operator", "role") == {"operator", "ops"}
    assert await allowed(pool, "challenge", "purpose") == {"apply", "register", "sign_in"}
    near = {likeness.value for likeness in Likeness} - {Likeness.SAME.value}
    assert await allowed(pool, "review", "likeness") == near


async def test_every_key_begins_with_the_town(pool: asyncpg.Pool) -> None:
    """Also every foreign key, so none crosses towns."""
    rows = await pool.fetch(
        "SELECT conname, pg_get_constraintdef(oid) AS text FROM pg_constraint"
        " WHERE connamespace = 'people'::regnamespace AND contype IN ('p', 'u', 'f')"
    )
    assert len(rows) > 15
    assert [row["conname"] for row in rows if "(town, " not in row["text"]] == []


async def test_every_query_can_be_prepared(pool: asyncpg.Pool) -> None:
    """None names a column or a type that is not there."""
    async with pool.acquire() as connection:
        await connection.execute("CREATE TABLE people.person_plain (LIKE people.person)")
        await connection.execute("ALTER TABLE people.person_plain ADD phone text, ADD name text")
        for queries in (SQL, persons.SQL, reviews.SQL, cards.SQL, encryption.SQL):
            for name, sql in queries.items():
                names = re.findall(r"(?:(?<!:):|-- if )([a-z_]+)", sql)
                text = chosen(sql, **dict.fromkeys(names, True))[0] if names else sql
                try:
                    await connection.prepare(text)
                except asyncpg.PostgresError as error:
                    raise AssertionError(f"{name}: {error}") from error
