"""Personal data of a database from before it was encrypted: all is kept, and none of it plain."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from ledger import members, persons
from ledger import migrate as module
from ledger.database import open_pool
from ledger.encryption import encrypt_plain
from ledger.migrate import migrate
from ledger.vault import Vault

BEFORE = datetime(2026, 4, 1, tzinfo=UTC)
VAULT = Vault({0: b"a secret that only the tests know, 32 characters and more"})
COUNT = 20

SEED = """
    INSERT INTO koban.town (town, code, time_zone, epoch) VALUES (1, 'nagaoka', 'Asia/Tokyo', 1);
    INSERT INTO koban.account (town, account, kind, opened_at)
        SELECT 1, 1000 + n, 'wallet', now() FROM generate_series(1, 20) n;
    INSERT INTO people.person (town, wallet, phone, name, password_hash, pin_hash, registered_at)
        SELECT 1, 1000 + n, '0901111' || lpad(n::text, 4, '0'), '町民' || n, 'hash', 'pin' || n,
            '2026-04-01T00:00:00Z'
        FROM generate_series(1, 20) n;
    INSERT INTO people.challenge
        (town, challenge_digest, purpose, phone, code_digest, sent_at, expires_at)
        VALUES (1, 'x', 'register', '09011110001', 'x', now(), now());
    INSERT INTO people.session
        (town, token_digest, session, role, account, name, opened_at, expires_at)
        VALUES (1, 'x', gen_random_uuid(), 'wallet', 1001, '町民1', now(), now());
"""


SEED_ORDERS = """
    INSERT INTO koban.town (town, code, time_zone, epoch) VALUES (1, 'nagaoka', 'Asia/Tokyo', 1);
    INSERT INTO koban.account (town, account, kind, opened_at) VALUES (1, 1001, 'wallet', now());
    INSERT INTO koban.load_order (town, id, direction, way, provider, wallet, amount, their_amount,
        member, state, opened_at, expires_at, changed_at)
    SELECT 1, ('00000000-0000-0000-0000-0000000000' || n)::uuid,
        CASE WHEN n < 20 THEN 'out' ELSE 'in' END, 'way', 'provider', 1001, 5, 5, 'M-' || n,
        'failed', now(), now(), now()
    FROM generate_series(10, 29) n;
"""


async def earlier(
    dsn: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    last: str = "0005",
    seed: str = SEED,
) -> None:
    """Brings an empty database to what it was after the migration ``last``, with people in it."""
    (folder / "functions").mkdir()
    (folder / "migrations").mkdir()
    for path in (module.SQL / "migrations").glob("*.sql"):
        if path.name[:4] <= last:
            shutil.copy(path, folder / "migrations")
    with monkeypatch.context() as patch:
        patch.setattr(module, "SQL", folder)
        await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(seed)
    finally:
        await connection.close()


async def test_holders_from_before_are_all_there_and_none_is_plain(
    empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They sign in as before, with the hashes they had; the texts are nowhere any more."""
    await earlier(empty_dsn, tmp_path, monkeypatch)
    await migrate(empty_dsn)
    pool = await open_pool(empty_dsn, 2)
    try:
        assert await encrypt_plain(pool, VAULT, step=6) == COUNT
        for number in range(1, COUNT + 1):
            phone = f"0901111{number:04}"
            person = await persons.person_by_phone(pool, VAULT, 1, phone)
            assert person == persons.Person(
                1000 + number, phone, f"町民{number}", "hash", f"pin{number}"
            )
        assert await pool.fetchval("SELECT min(registered_at) FROM people.person") == BEFORE
        for table in ("person", "challenge", "session"):
            rows = await pool.fetch(f"SELECT t::text FROM people.{table} t")
            assert not any("0901111" in row[0] or "町民" in row[0] for row in rows), table
        left = await pool.fetchval("SELECT to_regclass('people.person_plain')")
        assert left is None
    finally:
        await pool.close()


async def test_an_empty_database_has_nothing_to_encrypt(empty_dsn: str) -> None:
    """And no table that waits for it."""
    await migrate(empty_dsn)
    pool = await open_pool(empty_dsn, 1)
    try:
        assert await pool.fetchval("SELECT to_regclass('people.person_plain')") is None
        assert await encrypt_plain(pool, VAULT) == 0
    finally:
        await pool.close()


async def test_an_interrupted_encryption_goes_on(
    empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that is killed between two steps loses nobody; the next one goes on."""
    await earlier(empty_dsn, tmp_path, monkeypatch)
    await migrate(empty_dsn)
    pool = await open_pool(empty_dsn, 1)
    steps = 0
    whole = persons.row_of

    def dies(*arguments: object) -> tuple[object, ...]:
        nonlocal steps
        steps += 1
        if steps == 9:
            raise KeyboardInterrupt
        return whole(*arguments)  # type: ignore[arg-type]

    try:
        with monkeypatch.context() as patch:
            patch.setattr("ledger.encryption.row_of", dies)
            with pytest.raises(KeyboardInterrupt):
                await encrypt_plain(pool, VAULT, step=6)
        assert await pool.fetchval("SELECT count(*) FROM people.person") == 6
        assert await pool.fetchval("SELECT count(*) FROM people.person_plain") == COUNT - 6
        assert await encrypt_plain(pool, VAULT, step=6) == COUNT - 6
        assert await pool.fetchval("SELECT count(*) FROM people.person") == COUNT
    finally:
        await pool.close()


async def test_numbers_at_other_companies_leave_their_orders(
    empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are kept, encrypted and apart; which machine announced a deposit stays as it was."""
    await earlier(empty_dsn, tmp_path, monkeypatch, last="0011", seed=SEED_ORDERS)
    await migrate(empty_dsn)
    pool = await open_pool(empty_dsn, 2)
    try:
        await encrypt_plain(pool, VAULT, step=4)
        orders = [UUID(int=0x10 + n) for n in range(10)]
        found = await members.members(pool, VAULT, 1, orders)
        assert [found[order] for order in orders] == [f"M-{n}" for n in range(10, 20)]
        machines = await pool.fetch("SELECT DISTINCT direction, machine FROM koban.load_order")
        assert {row["machine"] for row in machines if row["direction"] == "out"} == {""}
        assert {row["machine"] for row in machines if row["direction"] == "in"} == {
            f"M-{n}" for n in range(20, 30)
        }
        rows = await pool.fetch("SELECT t::text FROM people.member t")
        assert not any("M-" in row[0] for row in rows)
        assert await pool.fetchval("SELECT to_regclass('people.member_plain')") is None
    finally:
        await pool.close()
