"""The schema of people: what Python names is what the database allows, and towns stay apart."""

import re

import asyncpg
import pytest

from gateway.protocol.messages import Role
from ledger import identity
from ledger.accounts import open_wallets
from ledger.identity import SQL, Guarded, Newcomer, Person, PhoneTaken
from tests.support.clock import START


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
    assert await allowed(pool, "challenge", "purpose") == {"register", "sign_in"}


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
        for name, sql in SQL.items():
            try:
                await connection.prepare(sql)
            except asyncpg.PostgresError as error:
                raise AssertionError(f"{name}: {error}") from error


async def test_a_phone_number_is_one_person_in_a_town(pool: asyncpg.Pool, town: int) -> None:
    """A refused registration leaves no wallet behind; many can be let in at once."""
    newcomer = Newcomer("09012345678", "花子", "hash", "hash")
    wallet = await identity.register(pool, town, newcomer, START)
    with pytest.raises(PhoneTaken):
        await identity.register(pool, town, newcomer, START)
    assert await pool.fetchval("SELECT count(*) FROM koban.account WHERE kind = 'wallet'") == 1
    crowd = [
        Person(number, f"0701000{place:04}", f"町民{place}", "hash", "hash")
        for place, number in enumerate(await open_wallets(pool, town, 100, START))
    ]
    await identity.add_people(pool, town, crowd, START)
    assert await identity.person_by_phone(pool, town, "07010000042") == crowd[42]
    first = await identity.first_person(pool, town)
    assert first is not None
    assert first.wallet == wallet
