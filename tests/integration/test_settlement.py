"""Settlements in the ledger: what is released stays, and verify finds what was tampered with."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from msgspec.structs import replace

from ledger import verify
from ledger.database import transaction
from ledger.grants import By
from ledger.settlement import bank_accounts, fees, lines, settlements
from ledger.settlement.bank_accounts import NewBankAccount
from ledger.settlement.fees import NewFeeRate
from ledger.settlement.refusals import SettlementRefused
from ledger.settlement.settlements import NewSettlement, Terms
from ledger.vault import Unreadable, Vault
from tests.support.ledger import Bench

MAKER, CHECKER = By(None, "佐藤"), By(None, "鈴木")
TERMS = Terms(1_000, 1_000, "down")
ACCOUNT = NewBankAccount("0140", "020", 1, "1234567", "ﾅｶﾞｵｶｼﾖｳﾃﾝ")
CHECKS = (
    "settled_once",
    "settlement_parts_follow",
    "settlement_fees_follow",
    "settlement_lines_follow",
    "settlement_carried_once",
)
REFUSED = r"append-only|keeps what was released|still referenced"
PART, LINE = "UPDATE koban.settlement_part SET", "UPDATE koban.settlement_line SET"

# What somebody with all rights on the database changes, and what verify then says.
TAMPERINGS = {
    "an entry settled again": (
        "UPDATE koban.settled_entry SET settlement = 2 WHERE settlement = 1",
        "entries of the shop",
    ),
    "a mark lost": (
        "DELETE FROM koban.settled_entry WHERE entry = 1",
        "says 3 entries of the shop",
    ),
    "a mark of no entry": (
        (
            "INSERT INTO koban.settled_entry SELECT town, 999, shop, 1 FROM koban.settlement_line"
            " WHERE settlement = 1 LIMIT 1"
        ),
        "but is not there",
    ),
    "a mark of another shop": (
        "UPDATE koban.settled_entry SET shop = shop + 1 WHERE entry = 1",
        "but is of the shop",
    ),
    "another period": (
        "UPDATE koban.settlement SET until_at = until_at - interval '1 day' WHERE settlement = 2",
        "is not of its period",
    ),
    "a part made larger": (f"{PART} amount = amount + 1 WHERE kind = 'payment' AND NOT reversal",
        "the journal"),
    "a part on another day": (f"{PART} day = day + 1 WHERE kind = 'top_up'", "the journal"),
    "another funder's": (
        "UPDATE koban.settlement_charge SET amount = amount - 1", "of its value"),
    "a fee forgiven": (f"{PART} fee = 0 WHERE fee > 0", "which makes"),
    "a rate that is not for it": (
        f"{PART} rate = 2 WHERE rate = 1",
        "which is not for it",
    ),
    "a rate changed afterwards": (
        "UPDATE koban.fee_rate SET basis_points = 300 WHERE rate = 1",
        "which makes",
    ),
    "a line paid more": (
        f"{LINE} accepted = accepted + 500, net = net + 500 WHERE settlement = 1",
        "; its parts make",
    ),
    "a carried sum doubled": (
        f"{LINE} carried_in = carried_in * 2, net = net + carried_in WHERE settlement = 2",
        "; its parts make",
    ),
    "too little moved all the same": (
        f"{LINE} carries = false, state = 'released' WHERE carries",
        "; its parts make",
    ),
    "a failure paid twice": (
        f"{LINE} carried_to = NULL WHERE state = 'failed'",
        "should be in settlement 2",
    ),
    "a failure carried to nowhere": (
        f"{LINE} carried_to = 9 WHERE state = 'failed'",
        "which has no line of it",
    ),
    "a line released alone": (
        "UPDATE koban.settlement SET state = 'made', released_at = NULL WHERE settlement = 2",
        "is made, but its line",
    ),
}  # fmt: skip


async def make(bench: Bench) -> int:
    """Settles all until a minute ago."""
    now = bench.clock.advance(minutes=2)
    new = NewSettlement(now - timedelta(seconds=60), TERMS)
    async with transaction(bench.pool) as connection:
        return await settlements.make(connection, bench.town, new, MAKER, now)


async def release(bench: Bench, number: int) -> None:
    async with transaction(bench.pool) as connection:
        await settlements.release(connection, bench.town, number, CHECKER, bench.clock.now)


async def two_settlements(bench: Bench) -> tuple[int, int]:
    """A shop's with a fee, which fails at the bank, and one that takes it on; two shops in all."""
    wallet = await bench.wallet(20_000)
    other, _ = await bench.another_shop()
    now = bench.clock.advance(minutes=1)
    async with transaction(bench.pool) as connection:
        for kind in ("redemption", "issue"):
            new = NewFeeRate(kind, 150, 0, now)
            await fees.set_rate(connection, bench.town, new, MAKER, now)
    first = bench.pay(wallet, 3_333)
    for request in (first, bench.pay(wallet, 700, shop=other)):
        assert (await bench.one(request)).outcome == "done"
    bench.clock.advance(minutes=1)
    assert (await bench.one(bench.reverse(first.id, 1_000))).outcome == "done"
    one = await make(bench)
    await release(bench, one)
    async with transaction(bench.pool) as connection:
        town, now = bench.town, bench.clock.now
        await lines.mark_failed(connection, town, one, bench.shop, "口座なし", now)
    bench.clock.advance(days=2)
    assert (await bench.one(bench.pay(wallet, 500))).outcome == "done"
    two = await make(bench)
    await release(bench, two)
    return one, two


async def test_verify_finds_each_tampering(bench: Bench) -> None:
    """Planted one after the other, each in a transaction that is undone; without them all holds."""
    assert await two_settlements(bench) == (1, 2)
    assert await bench.problems() == []
    missed = []
    async with bench.pool.acquire() as connection:
        for title, (tampering, told) in TAMPERINGS.items():
            undone = connection.transaction()
            await undone.start()
            await connection.execute("SET LOCAL session_replication_role = replica")
            for check in await connection.fetch(
                "SELECT conname FROM pg_constraint WHERE contype = 'c'"
                " AND conrelid = 'koban.settlement_line'::regclass"
            ):
                await connection.execute(
                    f"ALTER TABLE koban.settlement_line DROP CONSTRAINT {check['conname']}"
                )
            await connection.execute(tampering)
            found = [
                row["problem"]
                for name in CHECKS
                for row in await connection.fetch(verify.SQL[name], bench.town)
            ]
            if not any(told in problem for problem in found):
                missed.append((title, found))
            await undone.rollback()
    assert missed == []


@pytest.mark.parametrize("table", ["settled_entry", "settlement_part", "settlement_line"])
async def test_what_was_released_can_be_neither_changed_nor_taken_away(
    bench: Bench, table: str
) -> None:
    """The database itself refuses, whoever asks."""
    await two_settlements(bench)
    column = {"settled_entry": "shop", "settlement_part": "fee", "settlement_line": "net"}[table]
    for act in (f"UPDATE koban.{table} SET {column} = 1", f"DELETE FROM koban.{table}"):
        with pytest.raises(asyncpg.PostgresError, match=REFUSED):
            await bench.pool.execute(act)


async def test_makers_take_turns_and_payments_do_not_wait(bench: Bench) -> None:
    """While one settlement is being made, a payment at the same shop goes through; a second maker
    waits, and then finds nothing left. What came meanwhile is the next one's.
    """
    wallet = await bench.wallet(20_000)
    assert (await bench.one(bench.pay(wallet, 3_000))).outcome == "done"
    now = bench.clock.advance(minutes=5)
    new = NewSettlement(now - timedelta(seconds=60), TERMS)

    async def another() -> str:
        try:
            async with transaction(bench.pool) as connection:
                await settlements.make(connection, bench.town, new, CHECKER, now)
        except SettlementRefused as refused:
            return refused.code
        return ""

    async with bench.pool.acquire() as connection, connection.transaction():
        await settlements.make(connection, bench.town, new, MAKER, now)
        second = asyncio.create_task(another())
        async with asyncio.timeout(5):
            assert (await bench.one(bench.pay(wallet, 1_111))).outcome == "done"
        assert not second.done()
    assert await second == "settlement_empty"
    number = await make(bench)
    (line,) = await lines.lines(bench.pool, bench.town, number)
    assert (line.accepted, line.net) == (1_111, 1_111)
    assert await bench.problems() == []


async def test_a_bank_account_is_a_version_and_kept_encrypted(bench: Bench) -> None:
    """The same again is no version; another holds from its instant on; no reader of the database
    sees number or holder, and a row that was moved to another shop cannot be read there.
    """
    vault, town, shop, now = Vault({0: b"k" * 32}), bench.town, bench.shop, bench.clock.now
    other, _ = await bench.another_shop()
    later, moved = now + timedelta(days=3), replace(ACCOUNT, number="7654321")
    async with transaction(bench.pool) as connection:
        for new, at in ((ACCOUNT, None), (ACCOUNT, None), (moved, later)):
            await bank_accounts.set_account(connection, vault, town, shop, new, MAKER, now, at)
        with pytest.raises(SettlementRefused):
            await bank_accounts.set_account(connection, vault, town, 1, ACCOUNT, MAKER, now)
    held = await bank_accounts.versions(bench.pool, vault, town, shop)
    assert [each.number for each in held] == ["7654321", "1234567"]
    for at, tail in ((now, "567"), (later - timedelta(seconds=1), "567"), (later, "321")):
        found = await bank_accounts.account_at(bench.pool, vault, town, shop, at)
        assert found is not None
        assert found.number_tail == tail
    kept = await bench.pool.fetch("SELECT b::text AS row FROM koban.bank_account b")
    assert not any("1234567" in row["row"] or "ﾅｶﾞｵｶ" in row["row"] for row in kept)

    newer = Vault({1: b"n" * 32, 0: b"k" * 32})
    assert await bank_accounts.encrypt_again(bench.pool, newer, 100) == 2
    assert await bank_accounts.encrypt_again(bench.pool, newer, 100) == 0
    only = Vault({1: b"n" * 32})
    assert await bank_accounts.versions(bench.pool, only, town, shop) == held
    await bench.pool.execute("UPDATE koban.bank_account SET shop = $1", other)
    with pytest.raises(Unreadable):
        await bank_accounts.versions(bench.pool, only, town, other)
