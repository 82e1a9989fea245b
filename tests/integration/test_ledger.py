"""The ledger's one call: what it decides, what it refuses and in which order, what it freezes."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

import asyncpg
import msgspec
import pytest

from ledger import accounts, codes, outbox, reading, seal
from ledger.errors import TownUnknown
from ledger.ids import uuid7
from ledger.outcomes import Outcome
from ledger.requests import Kind, Rank, Request
from ledger.towns import load_town
from tests.support.ledger import Bench, receipt


async def test_a_top_up_in_cash_brings_value_and_points(bench: Bench) -> None:
    """1 % in points, both lots with their own expiry at the end of a month in Japan."""
    wallet = await bench.wallet(10_000)
    held = await reading.balance(bench.pool, bench.town, wallet, bench.clock.now)
    assert held is not None
    assert held.total == 10_100
    assert [
        (part.instrument, lot.amount, lot.funder, lot.expires_at and lot.expires_at.isoformat())
        for part in held.parts
        for lot in part.lots
    ] == [
        ("point", 100, "city", "2026-07-31T15:00:00+00:00"),
        ("coin", 10_000, "user", "2026-10-31T15:00:00+00:00"),
    ]


async def test_points_are_spent_first_and_coins_earn_points(bench: Bench) -> None:
    """The receipt says which instruments paid, and what the payment gave."""
    wallet = await bench.wallet(10_000)
    said = receipt(await bench.one(bench.pay(wallet, 1_500)))
    assert [(part.instrument, part.amount) for part in said.parts] == [
        ("point", 100),
        ("coin", 1_400),
    ]
    assert [(grant.instrument, grant.amount) for grant in said.granted] == [("point", 7)]
    assert said.balance == {"street_point": 0, "point": 7, "coin": 8_600}
    assert said.shop_name == '八百屋 "まるや"'


async def test_the_soonest_expiry_is_spent_first(bench: Bench) -> None:
    """Of two lots of coins the older one pays, then the newer one."""
    wallet = await bench.wallet(1_000)
    bench.clock.advance(days=40)
    assert (await bench.one(await bench.top_up(wallet, 1_000))).outcome == "done"
    await bench.one(bench.pay(wallet, 1_200))
    held = await reading.balance(bench.pool, bench.town, wallet, bench.clock.now)
    assert held is not None
    coins = next(part for part in held.parts if part.instrument == "coin")
    assert [(lot.amount, lot.expires_at and lot.expires_at.month) for lot in coins.lots] == [
        (820, 11)
    ]


async def test_expired_value_is_not_spendable(bench: Bench) -> None:
    """From the first instant of its expiry on."""
    wallet = await bench.wallet(1_000)
    bench.clock.advance(days=400)
    assert await bench.holds(wallet) == {}
    refused = await bench.one(bench.pay(wallet, 1))
    assert refused.outcome == "insufficient_funds"
    assert receipt(refused).available == 0


async def test_a_value_lives_until_its_last_instant(bench: Bench) -> None:
    """Points given on 1 April end with July in Japan; at that instant, not before."""
    wallet = await bench.wallet(10_000)
    end = bench.clock.now.replace(month=7, day=31, hour=15)
    seconds = (end - bench.clock.now).total_seconds()
    bench.clock.advance(seconds=seconds - 0.001)
    assert (await bench.holds(wallet))["point"] == 100
    bench.clock.advance(seconds=0.001)
    assert "point" not in await bench.holds(wallet)


class Told(StrEnum):
    """What goes to the payer's feed, the shop's, and the town's."""

    BOTH = "both"
    TOWN = "town"


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("done", Told.BOTH),
        ("duplicate_suspected", Told.BOTH),
        ("insufficient_funds", Told.TOWN),
    ],
)
async def test_events_say_what_was_decided(bench: Bench, outcome: str, told: Told) -> None:
    """Both parties learn of a payment and of a question; refusals are the town's to know."""
    wallet = await bench.wallet(1_000)
    if outcome == "duplicate_suspected":
        await bench.one(bench.pay(wallet, 100))
    amount = 100_000 if outcome == "insufficient_funds" else 100
    batch = await bench.decide(bench.pay(wallet, amount))
    assert batch.decisions[0].outcome == outcome
    accounts_told = [event.account for event in batch.events]
    assert accounts_told == ([wallet, bench.shop] if told is Told.BOTH else [0])
    for event in batch.events:
        at = await outbox.feed_after(bench.pool, bench.town, event.account, event.seq - 1, 10)
        assert at == [event]
    everything = await outbox.events_after(bench.pool, bench.town, batch.events[0].number - 1, 10)
    assert everything == batch.events


async def test_the_shop_does_not_learn_the_balance(bench: Bench) -> None:
    """The payer's copy has the balance, the shop's has not; nor what a refused payer has."""
    wallet = await bench.wallet(1_000)
    batch = await bench.decide(await bench.charge(wallet, 300))
    payer, shop = batch.events
    assert '"balance"' in payer.body
    assert '"balance"' not in shop.body
    assert '"balance"' not in batch.decisions[0].receipt
    refused = await bench.decide(await bench.charge(wallet, 90_000))
    assert refused.decisions[0].outcome == "insufficient_funds"
    assert "available" not in refused.decisions[0].receipt


async def test_requests_of_one_wallet_are_decided_in_order(bench: Bench) -> None:
    """Three payments in one batch: the third finds what the first two left."""
    wallet = await bench.wallet(1_000)
    batch = await bench.decide(
        bench.pay(wallet, 600), bench.pay(wallet, 414), bench.pay(wallet, 10)
    )
    assert [decision.outcome for decision in batch.decisions] == [
        "done",
        "insufficient_funds",
        "done",
    ]


# -- the four guards against duplicates ------------------------------------------------------------


async def test_the_same_id_gets_the_first_answer_after_a_year(bench: Bench) -> None:
    """Byte for byte, and nothing moves."""
    wallet = await bench.wallet(1_000)
    request = bench.pay(wallet, 300)
    first = await bench.one(request)
    bench.clock.advance(days=366)
    again = await bench.one(request)
    assert again.receipt == first.receipt
    assert again.repeated
    assert not first.repeated


async def test_a_refusal_is_frozen_too(bench: Bench) -> None:
    """A payment refused for lack of funds stays refused under its id, whatever comes in later."""
    wallet = await bench.wallet()
    request = bench.pay(wallet, 300)
    first = await bench.one(request)
    assert (await bench.one(await bench.top_up(wallet, 1_000))).outcome == "done"
    assert (await bench.one(request)).receipt == first.receipt
    assert first.outcome == "insufficient_funds"


@pytest.mark.parametrize("together", [True, False])
async def test_the_same_id_with_another_body_is_its_own_error(bench: Bench, together: bool) -> None:
    """Whether it comes in the same batch or later; and the first answer stands."""
    wallet, other = await bench.wallet(1_000), await bench.wallet(1_000)
    first = bench.pay(wallet, 300)
    forged = bench.pay(other, 301, id=first.id)
    if together:
        decisions = (await bench.decide(first, forged)).decisions
    else:
        decisions = [await bench.one(first), await bench.one(forged)]
    assert [decision.outcome for decision in decisions] == ["done", "id_reused"]
    assert (await bench.one(first)).outcome == "done"
    assert await bench.holds(other) == {"point": 10, "coin": 1_000}


async def test_a_code_works_once(bench: Bench) -> None:
    """The same code under another id is refused as used."""
    wallet = await bench.wallet(1_000)
    first = await bench.charge(wallet, 300)
    again = msgspec.structs.replace(first, id=uuid7())
    assert (await bench.one(first)).outcome == "done"
    assert (await bench.one(again)).outcome == "code_used"
    both = await bench.charge(wallet, 200)
    twin = msgspec.structs.replace(both, id=uuid7())
    batch = await bench.decide(both, twin)
    assert [decision.outcome for decision in batch.decisions] == ["done", "code_used"]


async def test_a_likely_duplicate_asks_and_a_confirmation_pays(bench: Bench) -> None:
    """Same payer, shop and amount: asked; the confirmation names the question and pays once."""
    wallet = await bench.wallet(1_000)
    first, second = bench.pay(wallet, 300), bench.pay(wallet, 300)
    await bench.one(first)
    asked = await bench.one(second)
    assert asked.outcome == "duplicate_suspected"
    assert receipt(asked).earlier == first.id
    confirm = Request(uuid7(), Kind.CONFIRM, wallet=wallet, refers=second.id)
    paid = await bench.one(confirm)
    assert paid.outcome == "done"
    assert receipt(paid).refers == second.id
    again = Request(uuid7(), Kind.CONFIRM, wallet=wallet, refers=second.id)
    assert (await bench.one(again)).outcome == "question_answered"


@pytest.mark.parametrize(("seconds", "outcome"), [(299.999, "duplicate_suspected"), (300, "done")])
async def test_the_window_for_duplicates_has_an_end(
    bench: Bench, seconds: float, outcome: str
) -> None:
    """The town's 300 seconds, to the instant."""
    wallet = await bench.wallet(1_000)
    await bench.one(bench.pay(wallet, 300))
    bench.clock.advance(seconds=seconds)
    assert (await bench.one(bench.pay(wallet, 300))).outcome == outcome


async def test_a_reversed_payment_raises_no_suspicion(bench: Bench) -> None:
    """Mistyped, cancelled, paid again: nobody is asked."""
    wallet = await bench.wallet(1_000)
    first = bench.pay(wallet, 300)
    await bench.one(first)
    assert (await bench.one(bench.reverse(first.id))).outcome == "done"
    assert (await bench.one(bench.pay(wallet, 300))).outcome == "done"


# -- refusals --------------------------------------------------------------------------------------

Make = Callable[[Bench], Awaitable[Request]]


async def _unknown_wallet(bench: Bench) -> Request:
    return bench.pay(999_999, 1)


async def _frozen_wallet(bench: Bench) -> Request:
    wallet = await bench.wallet(1_000)
    await accounts.set_account_state(bench.pool, bench.town, wallet, "frozen")
    return bench.pay(wallet, 1)


async def _shop_as_wallet(bench: Bench) -> Request:
    return bench.pay(bench.shop, 1)


async def _invented_code(bench: Bench) -> Request:
    return await bench.charge(await bench.wallet(1_000), 1, code=codes.make_code("8201"))


async def _expired_code(bench: Bench) -> Request:
    request = await bench.charge(await bench.wallet(1_000), 1)
    bench.clock.advance(seconds=bench.profile.payments.code_ttl_s)
    return request


async def _code_for_top_up(bench: Bench) -> Request:
    wallet = await bench.wallet(1_000)
    return await bench.charge(wallet, 500, code=await bench.code(wallet, "top_up", 500))


async def _unknown_shop(bench: Bench) -> Request:
    return bench.pay(await bench.wallet(1_000), 1, shop=999_999)


async def _wallet_as_shop(bench: Bench) -> Request:
    return bench.pay(await bench.wallet(1_000), 1, shop=await bench.wallet())


async def _closed_shop(bench: Bench) -> Request:
    wallet = await bench.wallet(1_000)
    await accounts.set_account_state(bench.pool, bench.town, bench.shop, "closed")
    return bench.pay(wallet, 1)


async def _revoked_tablet(bench: Bench) -> Request:
    request = await bench.charge(await bench.wallet(1_000), 1)
    await accounts.revoke_terminal(bench.pool, bench.town, bench.terminal, bench.clock.now)
    return request


async def _nothing_to_reverse(bench: Bench) -> Request:
    return bench.reverse(uuid7())


async def _another_shops_payment(bench: Bench) -> Request:
    shop, terminal = await bench.another_shop()
    payment = bench.pay(await bench.wallet(1_000), 100)
    await bench.one(payment)
    return bench.reverse(payment.id, shop=shop, terminal=terminal)


async def _anothers_question(bench: Bench) -> Request:
    wallet, other = await bench.wallet(1_000), await bench.wallet(1_000)
    await bench.one(bench.pay(wallet, 100))
    question = bench.pay(wallet, 100)
    await bench.one(question)
    return Request(uuid7(), Kind.CONFIRM, wallet=other, refers=question.id)


async def _late_answer(bench: Bench) -> Request:
    wallet = await bench.wallet(1_000)
    await bench.one(bench.pay(wallet, 100))
    question = bench.pay(wallet, 100)
    await bench.one(question)
    bench.clock.advance(seconds=bench.profile.payments.question_ttl_s)
    return Request(uuid7(), Kind.CONFIRM, wallet=wallet, refers=question.id)


async def _reversed_twice(bench: Bench) -> Request:
    payment = bench.pay(await bench.wallet(1_000), 100)
    await bench.decide(payment, bench.reverse(payment.id))
    await bench.one(bench.reverse(payment.id))
    return bench.reverse(payment.id)


async def _late_reversal(bench: Bench) -> Request:
    payment = bench.pay(await bench.wallet(1_000), 100)
    await bench.one(payment)
    bench.clock.advance(days=bench.profile.reversals.window_days)
    return bench.reverse(payment.id)


async def _no_amount(bench: Bench) -> Request:
    return await bench.charge(await bench.wallet(1_000), None)


async def _zero(bench: Bench) -> Request:
    return bench.pay(await bench.wallet(1_000), 0)


async def _negative(bench: Bench) -> Request:
    return bench.pay(await bench.wallet(1_000), -5)


async def _another_amount(bench: Bench) -> Request:
    wallet = await bench.wallet(1_000)
    return msgspec.structs.replace(await bench.charge(wallet, 100), amount=101)


async def _too_much_back(bench: Bench) -> Request:
    payment = bench.pay(await bench.wallet(1_000), 100)
    await bench.one(payment)
    return bench.reverse(payment.id, 101)


async def _above_the_clerk(bench: Bench) -> Request:
    payment = bench.pay(await bench.wallet(20_000), 10_001)
    await bench.one(payment)
    return bench.reverse(payment.id)


async def _payment_too_large(bench: Bench) -> Request:
    return bench.pay(await bench.wallet(1_000), 100_001)


async def _top_up_too_large(bench: Bench) -> Request:
    return await bench.top_up(await bench.wallet(), 100_500)


async def _top_up_too_small(bench: Bench) -> Request:
    return await bench.top_up(await bench.wallet(), 499)


async def _top_up_off_step(bench: Bench) -> Request:
    return await bench.top_up(await bench.wallet(), 1_001)


async def _above_the_cap(bench: Bench) -> Request:
    wallet = await bench.wallet(100_000)
    for _ in range(2):
        await bench.one(await bench.top_up(wallet, 99_000))
    return await bench.top_up(wallet, 500)


async def _value_spent(bench: Bench) -> Request:
    wallet = await bench.wallet()
    top_up = await bench.top_up(wallet, 1_000)
    await bench.decide(top_up)
    await bench.one(bench.pay(wallet, 500))
    return bench.reverse(top_up.id)


async def _poor(bench: Bench) -> Request:
    return bench.pay(await bench.wallet(1_000), 1_011)


REFUSALS: list[tuple[Make, str]] = [
    (_unknown_wallet, "wallet_unknown"),
    (_shop_as_wallet, "wallet_unknown"),
    (_frozen_wallet, "wallet_frozen"),
    (_invented_code, "code_unknown"),
    (_expired_code, "code_expired"),
    (_code_for_top_up, "code_wrong_purpose"),
    (_unknown_shop, "shop_unknown"),
    (_wallet_as_shop, "shop_unknown"),
    (_closed_shop, "shop_closed"),
    (_revoked_tablet, "terminal_revoked"),
    (_nothing_to_reverse, "payment_unknown"),
    (_another_shops_payment, "payment_unknown"),
    (_anothers_question, "payment_unknown"),
    (_late_answer, "question_expired"),
    (_reversed_twice, "already_reversed"),
    (_late_reversal, "reversal_too_late"),
    (_no_amount, "amount_required"),
    (_zero, "amount_required"),
    (_negative, "amount_required"),
    (_another_amount, "amount_mismatch"),
    (_too_much_back, "over_reversible"),
    (_above_the_clerk, "over_clerk_limit"),
    (_payment_too_large, "over_limit"),
    (_top_up_too_large, "over_limit"),
    (_top_up_too_small, "under_limit"),
    (_top_up_off_step, "off_step"),
    (_above_the_cap, "over_balance_cap"),
    (_value_spent, "value_spent"),
    (_poor, "insufficient_funds"),
]


@pytest.mark.parametrize(("make", "outcome"), REFUSALS, ids=[made.__name__ for made, _ in REFUSALS])
async def test_a_refusal_moves_nothing(bench: Bench, make: Make, outcome: str) -> None:
    """Each refusal by its name; the journal stays as it was, and verify holds."""
    request = await make(bench)
    entries = await bench.pool.fetchval("SELECT koban.last_entry(town) FROM koban.town")
    decision = await bench.one(request)
    assert decision.outcome == outcome
    assert receipt(decision).outcome == outcome
    assert await bench.pool.fetchval("SELECT koban.last_entry(town) FROM koban.town") == entries
    assert await bench.problems() == []


def test_every_refusal_is_in_the_table() -> None:
    """A new outcome needs its line above (or a test of its own)."""
    elsewhere = {
        "done",
        "id_reused",
        "code_used",
        "question_answered",
        "duplicate_suspected",
        # test_value.py
        "recipient_unknown",
        "way_unknown",
        "not_sendable",
        "over_day_limit",
        "over_month_limit",
        "account_too_new",
        "recipient_full",
        "not_accepted_here",
        "ticket_remainder",
        "value_held",
        # test_giving.py
        "activity_unknown",
        "coupon_unknown",
        "coupon_closed",
        "coupon_not_yours",
        "coupon_used",
        "coupon_not_here",
        "coupons_not_together",
        "already_granted",
        "coupon_under_minimum",
        "right_required",
        "over_right",
        "nothing_expired",
        "over_budget",
    }
    assert {outcome for _, outcome in REFUSALS} | elsewhere == {str(one) for one in Outcome}


async def test_outcomes_in_python_and_in_the_database_are_the_same(bench: Bench) -> None:
    """In the same order, which is the order of precedence."""
    rows = await bench.pool.fetch("SELECT unnest(enum_range(NULL::koban.outcome))::text AS one")
    assert [row["one"] for row in rows] == [str(outcome) for outcome in Outcome]


async def test_the_first_of_several_refusals_is_given(bench: Bench) -> None:
    """A frozen wallet, an unknown shop, too large an amount and no funds: the wallet is named."""
    wallet = await bench.wallet()
    await accounts.set_account_state(bench.pool, bench.town, wallet, "frozen")
    assert (await bench.one(bench.pay(wallet, 1_000_000, shop=1))).outcome == "wallet_frozen"
    await accounts.set_account_state(bench.pool, bench.town, wallet, "open")
    assert (await bench.one(bench.pay(wallet, 1_000_000, shop=1))).outcome == "shop_unknown"
    assert (await bench.one(bench.pay(wallet, 1_000_000))).outcome == "over_limit"
    assert (await bench.one(bench.pay(wallet, 1_000))).outcome == "insufficient_funds"


# -- reversals -------------------------------------------------------------------------------------


async def test_a_reversal_gives_back_the_same_lots_in_parts(bench: Bench) -> None:
    """Coins first (spent last), then points; granted points go back in proportion."""
    wallet = await bench.wallet(10_000)
    before = await bench.holds(wallet)
    payment = bench.pay(wallet, 1_500)
    await bench.one(payment)
    part = receipt(await bench.one(bench.reverse(payment.id, 1_450)))
    assert [(one.instrument, one.amount) for one in part.parts] == [("point", 50), ("coin", 1_400)]
    assert [(one.instrument, one.amount) for one in part.reclaimed] == [("point", 6)]
    assert part.left == 50
    rest = receipt(await bench.one(bench.reverse(payment.id)))
    assert (rest.amount, rest.left) == (50, 0)
    assert await bench.holds(wallet) == before
    assert await bench.problems() == []


async def test_a_manager_reverses_above_the_clerks_limit(bench: Bench) -> None:
    """The limit is the clerk's; with the manager behind it, it does not apply."""
    wallet = await bench.wallet(20_000)
    payment = bench.pay(wallet, 10_001)
    await bench.one(payment)
    assert (await bench.one(bench.reverse(payment.id, 10_000))).outcome == "done"
    other = bench.pay(wallet, 10_002)
    await bench.one(other)
    assert (await bench.one(bench.reverse(other.id, rank=Rank.SHOP))).outcome == "done"


async def test_a_top_up_is_reversed_while_its_value_is_there(bench: Bench) -> None:
    """Coins and points go back where they came from; the shop's sum is zero again."""
    wallet = await bench.wallet()
    top_up = await bench.top_up(wallet, 5_000)
    await bench.one(top_up)
    assert (await bench.one(bench.reverse(top_up.id))).outcome == "done"
    assert await bench.holds(wallet) == {}
    day = await reading.shop_day(bench.pool, bench.town, bench.shop, bench.clock.now.date())
    assert (day.top_ups_amount, day.reversals_amount, day.net) == (5_000, 5_000, 0)


# -- the journal -----------------------------------------------------------------------------------


async def test_rules_take_effect_from_an_instant_on(bench: Bench) -> None:
    """A changed rate counts from when it was loaded; what happened before keeps its rule."""
    wallet = await bench.wallet(10_000)
    bench.clock.advance(minutes=1)
    grants = [
        msgspec.structs.replace(rule, basis_points=500) if rule.on == "payment" else rule
        for rule in bench.profile.grants
    ]
    changed = msgspec.structs.replace(bench.profile, grants=grants)
    assert await load_town(bench.pool, changed, bench.clock.now)
    assert not await load_town(bench.pool, changed, bench.clock.now)
    said = receipt(await bench.one(bench.pay(wallet, 1_100)))
    assert [grant.amount for grant in said.granted] == [50]


async def test_an_unknown_town_is_a_fault(bench: Bench) -> None:
    """Nothing can be decided without rules."""
    bench.town = 99
    with pytest.raises(TownUnknown, match="99"):
        await bench.one(bench.pay(1, 1))


@pytest.mark.parametrize("table", ["entry", "posting", "decision", "seal"])
async def test_the_journal_is_append_only(bench: Bench, table: str) -> None:
    """Whoever tries to change it is refused by the database itself."""
    await bench.wallet(1_000)
    for statement in (f"UPDATE koban.{table} SET town = 2", f"DELETE FROM koban.{table}"):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await bench.pool.execute(statement)


TAMPERINGS = {
    "a posting": "UPDATE koban.posting SET amount = amount + 1 WHERE entry = 2 AND line = 1",
    "an entry": "UPDATE koban.entry SET amount = amount + 1 WHERE entry = 2",
    "a receipt": "UPDATE koban.decision SET receipt = replace(receipt, '300', '301')",
    "a lot": "UPDATE koban.lot SET remaining = remaining + 1 WHERE instrument = 1",
    "a lost entry": "DELETE FROM koban.entry WHERE entry = 2",
    "a lost event": "DELETE FROM koban.event WHERE number = 2",
    "a seal": "UPDATE koban.seal SET digest = sha256(digest)",
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_verify_finds_a_single_yen(bench: Bench, tampering: str) -> None:
    """Somebody with all rights on the database changes one thing."""
    wallet = await bench.wallet(1_000)
    await bench.one(bench.pay(wallet, 300))
    assert await seal.seal_next(bench.pool, bench.town, bench.clock.now) == 2
    assert await bench.problems() == []
    async with bench.pool.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(TAMPERINGS[tampering])
        await connection.execute("RESET session_replication_role")
    assert await bench.problems() != []


async def test_verify_finds_what_was_changed_consistently(bench: Bench) -> None:
    """Entry, posting, lot, decision and receipt all changed alike: the chain still tells."""
    wallet = await bench.wallet(1_000)
    await bench.one(bench.pay(wallet, 300))
    await seal.seal_next(bench.pool, bench.town, bench.clock.now)
    async with bench.pool.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("UPDATE koban.entry SET reason = 'x' WHERE entry = 2")
        await connection.execute("RESET session_replication_role")
    assert await bench.problems() == ["seal 1 is broken: entries 1 to 2 are not what was sealed"]


async def test_seals_follow_one_another(bench: Bench) -> None:
    """Each seal begins behind the last; with nothing new there is nothing to seal."""
    for _ in range(3):
        wallet = await bench.wallet(1_000)
        await bench.one(bench.pay(wallet, 300))
        assert await seal.seal_next(bench.pool, bench.town, bench.clock.now) == 2
        assert await seal.seal_next(bench.pool, bench.town, bench.clock.now) == 0
    assert await bench.problems() == []


async def test_a_party_asks_what_became_of_its_command(bench: Bench) -> None:
    """Each party gets its copy; anybody else gets nothing."""
    wallet, stranger = await bench.wallet(1_000), await bench.wallet()
    request = bench.pay(wallet, 300)
    decision = await bench.one(request)
    ask = reading.status
    assert await ask(bench.pool, bench.town, wallet, request.id) == decision.receipt
    of_shop = await ask(bench.pool, bench.town, bench.shop, request.id)
    assert of_shop is not None
    assert "balance" not in of_shop
    assert await ask(bench.pool, bench.town, stranger, request.id) is None
    assert await ask(bench.pool, bench.town, wallet, uuid7()) is None


async def test_history_pages_back_and_tells_what_was_shown(bench: Bench) -> None:
    """Newest first, in pages, with reversals summed and each screen's marks."""
    wallet = await bench.wallet(1_000)
    payments = [bench.pay(wallet, amount) for amount in (10, 20, 30)]
    batch = await bench.decide(*payments)
    await bench.one(bench.reverse(payments[0].id, 4))
    await outbox.mark_shown(
        bench.pool, bench.town, {bench.shop: batch.events[-1].seq}, bench.clock.now
    )
    page = await reading.history(bench.pool, bench.town, wallet, None, 3)
    assert [line.entry for line in page] == [5, 4, 3]
    rest = await reading.history(bench.pool, bench.town, wallet, 3, 3)
    assert [(line.entry, line.reversed) for line in rest] == [(2, 4), (1, 0)]
    assert [line.shown_to_shop for line in page] == [False, True, True]
    assert not any(line.shown_to_wallet for line in page)


async def test_old_codes_are_forgotten_and_their_payments_are_not(bench: Bench) -> None:
    """What the code paid for stays in the journal; the same digits are then unknown."""
    wallet = await bench.wallet(1_000)
    charge = await bench.charge(wallet, 100)
    first = await bench.one(charge)
    bench.clock.advance(days=3)
    await codes.forget_codes(bench.pool, bench.clock.now)
    assert (await bench.one(charge)).receipt == first.receipt
    again = msgspec.structs.replace(charge, id=uuid7())
    assert (await bench.one(again)).outcome == "code_unknown"
