"""What verify proves of every kind of value: each proof finds the tampering planted for it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from ledger import accounts, seal
from ledger.ids import uuid7
from ledger.requests import Kind, Rank, Request, code_digest
from ledger.towns import load_town, provider_account
from tests.support.every_value import every_value
from tests.support.ledger import Bench

FUND = "(SELECT fund FROM koban.fund WHERE code = '{}')"
ENTRY = "(SELECT max(entry) FROM koban.entry WHERE kind = '{}')"

# What somebody with all rights on the database changes, and what verify then says.
TAMPERINGS = {
    "a grant paid by another fund": (
        (f"UPDATE koban.posting SET funder = {FUND.format('streets')}"
        f" WHERE from_account = {FUND.format('city')};"
        f" UPDATE koban.lot SET funder = {FUND.format('streets')}"
        f" WHERE funder = {FUND.format('city')}"),
        "moves another's money by the fund city",
    ),
    "a colour washed out": (
        (f"UPDATE koban.posting SET funder = {FUND.format('city')}"
        f" WHERE entry = {ENTRY.format('gift')};"
        " UPDATE koban.entry SET kind = 'payment' WHERE kind = 'gift'"),
        "funder user put in",
    ),
    "a colour that nobody pays for": (
        (f"UPDATE koban.fund SET code = 'gone' WHERE fund = {FUND.format('premium')};"
        f" UPDATE koban.lot SET funder = 7 WHERE funder = {FUND.format('gone')}"),
        "funder 7 put in 0",
    ),
    "a payment made a gift": (
        "UPDATE koban.entry SET kind = 'gift' WHERE kind = 'payment'",
        "is a gift between a wallet and a shop",
    ),
    "a top-up turned round": (
        ("UPDATE koban.posting SET from_account = to_account, to_account = from_account"
        f" WHERE entry = {ENTRY.format('exchange')}"),
        "the postings move",
    ),
    "a third party in an entry": (
        (f"UPDATE koban.posting SET from_account = {FUND.format('user')}"
        " WHERE entry = 1 AND line = 1"),
        "entry 1: the postings move",
    ),
    "a smaller hold": ("UPDATE koban.hold SET amount = amount - 1", "is held, should be"),
    "a lost hold": ("DELETE FROM koban.hold", "0 is held, should be"),
    "a hold that ends too soon": (
        "UPDATE koban.hold SET until = until - interval '1 s'",
        "is held, should be",
    ),
    "a hold without its top-up": (
        "INSERT INTO koban.hold SELECT town, wallet, 1, 1, until, 5 FROM koban.hold LIMIT 1",
        "of entry 1 5 is held, should be 0",
    ),
    "a debt overpaid": (
        "UPDATE koban.debt SET amount = amount - 100 WHERE amount < 0",
        "owes -",
    ),
    "a debt out of nothing": (
        "UPDATE koban.debt SET amount = 1 WHERE amount < 0",
        "after entry",
    ),
    "a card used by nobody": (
        "UPDATE koban.serial_card SET used_by = gen_random_uuid()",
        "which is no top-up of its 2000",
    ),
    "a card that can be used again": (
        "UPDATE koban.serial_card SET used_by = NULL",
        "came by 0 cards",
    ),
    "a card worth less than it brought": (
        "UPDATE koban.serial_card SET amount = 500",
        "which is no top-up of its 500",
    ),
    "two cards of one top-up": (
        ("INSERT INTO koban.serial_card SELECT town, '\\x00', batch, way, amount, expires_at,"
        " used_by FROM koban.serial_card"),
        "came by 2 cards",
    ),
    "a torn ticket": (
        "UPDATE koban.posting SET amount = amount - 1 WHERE instrument = 9",
        "tears a ticket: 999 of 500",
    ),
    "a send that the recipient never heard of": (
        (f"DELETE FROM koban.event WHERE subject = (SELECT id FROM koban.entry"
        f" WHERE entry = {ENTRY.format('send')})"),
        "was not told to its parties",
    ),
    "a send told to another": (
        (f"UPDATE koban.event SET payer = payer + 1 WHERE subject = (SELECT id FROM koban.entry"
        f" WHERE entry = {ENTRY.format('send')})"),
        "was not told to its parties",
    ),
    "a top-up by another way": (
        "UPDATE koban.entry SET way = 'cash' WHERE way = 'card'",
        "and its decision say different things",
    ),
    "a payment called a gift": (
        "UPDATE koban.decision SET receipt = replace(receipt, '\"payment\"', '\"gift\"')",
        "and its decision say different things",
    ),
    "a send to another wallet": (
        (f"UPDATE koban.entry SET shop = (SELECT max(account) FROM koban.account"
        f" WHERE kind = 'wallet') WHERE entry = {ENTRY.format('send')}"),
        "the postings move 0",
    ),
}  # fmt: skip


async def one_of_each(bench: Bench) -> None:
    """One entry of each kind, a hold, a used card, and a debt paid in part."""
    pool, town, now = bench.pool, bench.town, bench.clock.advance(minutes=1)
    await load_town(pool, every_value(bench.profile, "debt"), now)
    card, book, miles = [
        await provider_account(pool, town, way) for way in ("card", "book", "miles")
    ]
    group = await accounts.open_group(pool, town, "里山", now)
    await pool.execute(
        "INSERT INTO koban.serial_card (town, card_digest, batch, way, amount, expires_at)"
        " VALUES ($1, $2, 1, 'serial', 2000, $3)",
        town, code_digest("1" * 20), now + timedelta(days=1),
    )  # fmt: skip
    wallet, other = await bench.wallet(20_000), await bench.wallet()
    await bench.wallet()

    def ask(kind: Kind, shop: int | None, amount: int | None, **changes: object) -> Request:
        made = Request(uuid7(), kind, wallet=wallet, shop=shop, amount=amount)
        return replace(made, **changes)

    payment = bench.pay(wallet, 10_000)  # Grants 70 points; the 200 of the top-up are spent.
    for request in (
        ask(Kind.LOAD, card, 5_000, way="card"),
        ask(Kind.LOAD, book, 1_000, way="book"),
        ask(Kind.REDEEM, None, None, code="1" * 20),
        bench.pay(wallet, 3_000),  # All tickets: the book's two and the card's four.
        payment,
        bench.pay(wallet, 66),
        bench.reverse(payment.id, rank=Rank.OPERATOR),
        bench.pay(wallet, 1_000),
        ask(Kind.SEND, other, 400),
        ask(Kind.GIVE, group, 300),
        ask(Kind.UNLOAD, miles, 100, way="miles"),
    ):
        if request.kind is Kind.UNLOAD:
            bench.clock.advance(days=2)  # What the card brought in is held until then.
        assert (await bench.one(request)).outcome == "done"
    await seal.seal_next(pool, town, now)


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_verify_finds_the_tampering(bench: Bench, tampering: str) -> None:
    """And says what is wrong; before it, everything holds."""
    await one_of_each(bench)
    assert await bench.problems() == []
    statements, said = TAMPERINGS[tampering]
    async with bench.pool.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(statements)
        await connection.execute("RESET session_replication_role")
    found = await bench.problems()
    assert any(said in problem for problem in found), found
