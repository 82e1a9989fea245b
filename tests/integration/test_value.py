"""Kinds of value, ways in and out, sending, and what keeps each from being misused."""

import asyncio
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from config.profile import Expiry, Instrument, Profile, Way
from ledger import accounts
from ledger.authorise import Decision, decide
from ledger.ids import uuid7
from ledger.reading import balance
from ledger.requests import Kind, Rank, Request, code_digest
from ledger.towns import load_town, provider_account
from tests.support.ledger import Bench, receipt

WORDS = {"ja": "試し", "en": "Trial"}
CARD = Way(
    code="card", kind="provider", provider="card", name=WORDS, instrument="coin",
    min=500, max=50_000, step=500,
)  # fmt: skip


def instrument(profile: Profile, code: str) -> Instrument:
    """One of the profile's instruments."""
    return next(one for one in profile.instruments if one.code == code)


async def rules(bench: Bench, **changes: Any) -> None:
    """Changes the town's rules from a moment later on."""
    bench.clock.advance(minutes=1)
    bench.profile = replace(bench.profile, **changes)
    await load_town(bench.pool, bench.profile, bench.clock.now)


async def with_instrument(bench: Bench, changed: Instrument) -> None:
    """Puts an instrument in the place of the one with its code, or beside the others."""
    others = [one for one in bench.profile.instruments if one.code != changed.code]
    await rules(bench, instruments=[*others, changed])


async def with_way(bench: Bench, way: Way) -> int:
    """Adds a way, and returns the account of whoever stands for it."""
    await rules(bench, ways=[*bench.profile.ways, way])
    account = await provider_account(bench.pool, bench.town, way.code)
    assert account is not None
    return account


def load(wallet: int, provider: int, amount: int, way: str = "card") -> Request:
    """Value that arrives from a provider."""
    return Request(uuid7(), Kind.LOAD, wallet=wallet, shop=provider, way=way, amount=amount)


def send(wallet: int, recipient: int, amount: int) -> Request:
    """Value from one wallet to another."""
    return Request(uuid7(), Kind.SEND, wallet=wallet, shop=recipient, amount=amount)


async def tell(bench: Bench, request: Request) -> str:
    """The outcome of one request."""
    return (await bench.one(request)).outcome.value


async def serial_card(bench: Bench, digits: str, amount: int = 500) -> None:
    """A card of the way "serial", good for a day."""
    await bench.pool.execute(
        "INSERT INTO koban.serial_card (town, card_digest, batch, way, amount, expires_at)"
        " VALUES ($1, $2, 1, 'serial', $3, $4)",
        bench.town,
        code_digest(digits),
        amount,
        bench.clock.now + timedelta(days=1),
    )


def redeem(wallet: int, digits: str) -> Request:
    """A card with a serial code, redeemed by a payer."""
    return Request(uuid7(), Kind.REDEEM, wallet=wallet, code=digits)


# -- where value can be spent ----------------------------------------------------------------------


async def test_value_for_some_shops_is_spent_there_alone(bench: Bench) -> None:
    """Elsewhere it stays in the wallet, and is named where nothing else is left (N12)."""
    wallet = await bench.wallet(1_000)
    await serial_card(bench, "1" * 20)
    assert await tell(bench, redeem(wallet, "1" * 20)) == "done"
    assert (await bench.holds(wallet))["street_point"] == 10
    assert await tell(bench, bench.pay(wallet, 1_501)) == "done"
    assert await tell(bench, bench.pay(wallet, 25)) == "not_accepted_here"
    await bench.pool.execute(
        "UPDATE koban.account SET groups = '{street}' WHERE account = $1", bench.shop
    )
    said = receipt(await bench.one(bench.pay(wallet, 25)))
    assert [(part.instrument, part.amount) for part in said.parts] == [
        ("street_point", 10), ("point", 7), ("coin", 8),
    ]  # fmt: skip
    assert await bench.problems() == []


async def test_tickets_give_no_change(bench: Bench) -> None:
    """Whole tickets first, the rest in coins; and refused where nothing pays the rest (C1)."""
    ticket = replace(
        instrument(bench.profile, "coin"), number=9, code="ticket", kind="ticket", unit_yen=500,
        spend_order=1,
    )  # fmt: skip
    await with_instrument(bench, ticket)
    tickets = await with_way(bench, replace(CARD, code="book", instrument="ticket"))
    wallet = await bench.wallet(1_000)
    assert await tell(bench, load(wallet, tickets, 2_000, "book")) == "done"
    said = receipt(await bench.one(bench.pay(wallet, 1_300)))
    assert [(part.instrument, part.amount) for part in said.parts] == [
        ("ticket", 1_000), ("point", 10), ("coin", 290),
    ]  # fmt: skip
    assert await tell(bench, bench.pay(wallet, 710)) == "done"
    assert await bench.holds(wallet) | {"point": 0} == {"ticket": 500, "coin": 501, "point": 0}
    assert await tell(bench, bench.pay(wallet, 999)) == "done"
    assert await tell(bench, load(wallet, tickets, 1_000, "book")) == "done"
    assert await tell(bench, bench.pay(wallet, 700)) == "ticket_remainder"
    await serial_card(bench, "1" * 20)  # And ten points that this shop does not take.
    assert await tell(bench, redeem(wallet, "1" * 20)) == "done"
    assert await tell(bench, bench.pay(wallet, 1_515)) == "not_accepted_here"
    assert await tell(bench, bench.pay(wallet, 499)) == "done"
    assert await tell(bench, bench.pay(wallet, 700)) == "ticket_remainder"
    assert await bench.problems() == []


async def test_value_that_does_not_mix_pays_alone_or_not_at_all(bench: Bench) -> None:
    """A whole amount, or the others pay it."""
    await with_instrument(bench, replace(instrument(bench.profile, "point"), mixes=False))
    wallet = await bench.wallet(2_000)  # And 20 points.
    said = receipt(await bench.one(bench.pay(wallet, 500)))
    assert [(part.instrument, part.amount) for part in said.parts] == [("coin", 500)]
    said = receipt(await bench.one(bench.pay(wallet, 20)))
    assert [(part.instrument, part.amount) for part in said.parts] == [("point", 20)]


async def test_unused_value_expires_and_does_not_come_back(bench: Bench) -> None:
    """Counted from the last use; the next use after that sends it back to its fund."""
    idle = replace(instrument(bench.profile, "point"), expires=Expiry(idle_days=30))
    await with_instrument(bench, idle)
    wallet = await bench.wallet(10_000)  # And 100 points.
    bench.clock.advance(days=29)
    assert await tell(bench, bench.pay(wallet, 40)) == "done"
    bench.clock.advance(days=29)
    assert (await bench.holds(wallet))["point"] == 60
    bench.clock.advance(days=2)
    assert "point" not in await bench.holds(wallet)
    said = receipt(await bench.one(bench.pay(wallet, 1_000)))
    assert [(part.instrument, part.amount) for part in said.parts] == [("coin", 1_000)]
    assert (await bench.holds(wallet))["point"] == 5  # What this payment granted.
    assert await bench.problems() == []


async def test_a_premium_is_paid_by_its_own_fund(bench: Bench) -> None:
    """The colour of money: the same kind of value, in a lot of another funder."""
    grant = replace(
        bench.profile.grants[0], of="coin", instrument="coin", basis_points=2_000,
        funder="premium", ways=["card"],
    )  # fmt: skip
    card = await with_way(bench, CARD)
    await rules(bench, grants=[*bench.profile.grants, grant])
    wallet = await bench.wallet()
    said = receipt(await bench.one(load(wallet, card, 10_000)))
    assert (said.way, said.amount) == ("card", 10_000)
    held = await balance(bench.pool, bench.town, wallet, bench.clock.now)
    assert held is not None
    coins = next(part for part in held.parts if part.instrument == "coin")
    assert sorted((lot.funder, lot.amount) for lot in coins.lots) == [
        ("premium", 2_000), ("user", 10_000),
    ]  # fmt: skip
    assert await bench.problems() == []


# -- ways in and out -------------------------------------------------------------------------------


async def test_each_way_has_its_own_bounds(bench: Bench) -> None:
    """Of an act, of a day, of a month, and of an account that is young."""
    card = await with_way(
        bench,
        replace(
            CARD, day_max=20_000, month_max=30_000, new_account_days=7, new_account_day_max=5_000
        ),
    )
    wallet = await bench.wallet()
    assert await tell(bench, load(wallet, card, 50_500)) == "over_limit"
    assert await tell(bench, load(wallet, card, 5_500)) == "account_too_new"
    assert await tell(bench, load(wallet, card, 5_000)) == "done"
    bench.clock.advance(days=8)
    assert await tell(bench, load(wallet, card, 20_000)) == "done"
    said = receipt(await bench.one(load(wallet, card, 500)))
    assert (said.outcome, said.limit) == ("over_day_limit", 20_000)
    bench.clock.advance(days=1)
    assert await tell(bench, load(wallet, card, 5_500)) == "over_month_limit"
    assert await tell(bench, await bench.top_up(wallet, 5_000)) == "done"  # Cash is apart.
    bench.clock.advance(days=31)
    assert await tell(bench, load(wallet, card, 5_500)) == "done"


async def test_only_who_stands_for_a_way_uses_it(bench: Bench) -> None:
    """Not another provider, not a shop; and no way that the town does not have."""
    card = await with_way(bench, CARD)
    bank = await with_way(bench, replace(CARD, code="bank"))
    wallet = await bench.wallet()
    for request in (
        load(wallet, bank, 500, "card"),
        load(wallet, bench.shop, 500, "cash"),
        load(wallet, card, 500, "nowhere"),
        replace(load(wallet, card, 500), kind=Kind.UNLOAD),
    ):
        assert await tell(bench, request) == "way_unknown"


async def test_fresh_value_is_held(bench: Bench) -> None:
    """It is there, and cannot be spent yet; older value can; a reversal lets go of it."""
    card = await with_way(bench, replace(CARD, hold_s=3_600))
    wallet = await bench.wallet(1_000)
    top_up = load(wallet, card, 5_000)
    assert await tell(bench, top_up) == "done"
    assert (await bench.holds(wallet))["coin"] == 6_000
    assert await tell(bench, bench.pay(wallet, 1_500)) == "value_held"
    assert await tell(bench, bench.pay(wallet, 800)) == "done"
    bench.clock.advance(minutes=61)
    assert await tell(bench, bench.pay(wallet, 1_500)) == "done"
    again = load(wallet, card, 5_000)
    assert await tell(bench, again) == "done"
    back = bench.reverse(again.id, shop=card, terminal=None, rank=Rank.OPERATOR)
    assert await tell(bench, back) == "done"
    assert await tell(bench, bench.pay(wallet, 3_000)) == "done"
    assert await bench.problems() == []


async def test_a_callback_twice_gives_value_once(bench: Bench) -> None:
    """The load's id is the order's: the second answer is the first, word for word."""
    card = await with_way(bench, CARD)
    wallet = await bench.wallet()
    request = load(wallet, card, 5_000)
    first, second = await bench.one(request), await bench.one(request)
    assert (first.receipt, second.repeated) == (second.receipt, True)
    assert (await bench.holds(wallet))["coin"] == 5_000


async def test_a_serial_card_is_worth_its_amount_once(bench: Bench) -> None:
    """To who comes first; unknown, used and late ones are told apart."""
    wallet, other = await bench.wallet(), await bench.wallet()
    await serial_card(bench, "1" * 20, 2_000)
    await serial_card(bench, "2" * 20, 2_000)
    said = receipt(await bench.one(redeem(wallet, "1" * 20)))
    assert (said.outcome, said.way, said.amount) == ("done", "serial", 2_000)
    assert await tell(bench, redeem(other, "1" * 20)) == "code_used"
    assert await tell(bench, redeem(other, "3" * 20)) == "code_unknown"
    bench.clock.advance(days=2)
    assert await tell(bench, redeem(other, "2" * 20)) == "code_expired"
    assert await bench.holds(other) == {}
    assert await bench.problems() == []


async def test_two_race_for_one_card(bench: Bench) -> None:
    """In one batch, and in two at once: one has it."""
    wallets = [await bench.wallet() for _ in range(4)]
    await serial_card(bench, "1" * 20)
    requests = [redeem(wallet, "1" * 20) for wallet in wallets]
    batches = await asyncio.gather(bench.decide(*requests[:2]), bench.decide(*requests[2:]))
    outcomes = sorted(one.outcome.value for batch in batches for one in batch.decisions)
    assert outcomes == ["code_used", "code_used", "code_used", "done"]
    assert await bench.problems() == []


async def test_value_leaves_by_an_outward_way_and_comes_back(bench: Bench) -> None:
    """Only what the way trades in; when the other side fails, the same lots return (H7)."""
    way = replace(CARD, code="miles", kind="exchange", instrument="point", out=True)
    miles = await with_way(bench, way)
    wallet = await bench.wallet(100_000)  # And 1,000 points.
    request = replace(load(wallet, miles, 500, "miles"), kind=Kind.UNLOAD)
    said = receipt(await bench.one(request))
    assert (said.kind, said.outcome) == ("exchange", "done")
    assert (await bench.holds(wallet))["point"] == 500
    again = replace(request, id=uuid7(), amount=1_000)
    assert await tell(bench, again) == "insufficient_funds"
    back = bench.reverse(request.id, shop=miles, terminal=None, rank=Rank.OPERATOR)
    assert await tell(bench, back) == "done"
    assert (await bench.holds(wallet))["point"] == 1_000
    assert await bench.problems() == []


# -- between people --------------------------------------------------------------------------------


async def test_value_is_sent_with_its_expiry_and_funder(bench: Bench) -> None:
    """Coins go, points stay; both feeds hear of it; the recipient learns no balance."""
    wallet, other = await bench.wallet(10_000), await bench.wallet()
    before = await balance(bench.pool, bench.town, wallet, bench.clock.now)
    batch = await bench.decide(send(wallet, other, 3_000))
    decision = batch.decisions[0]
    said = receipt(decision)
    assert (said.kind, said.recipient, said.shop) == ("send", other, None)
    assert said.balance == {"point": 100, "coin": 7_000, "street_point": 0}
    assert [(event.account, event.other) for event in batch.events] == [
        (wallet, other), (other, wallet),
    ]  # fmt: skip
    assert "balance" not in batch.events[1].body
    assert await bench.holds(other) == {"coin": 3_000}
    held = await balance(bench.pool, bench.town, other, bench.clock.now)
    assert before is not None
    assert held is not None
    lots = {part.instrument: part.lots for part in before.parts}
    assert held.parts[0].lots[0].expires_at == lots["coin"][0].expires_at
    assert await tell(bench, bench.pay(other, 3_000)) == "done"
    assert await bench.problems() == []


async def test_sending_has_its_bounds(bench: Bench) -> None:
    """Of an act, a day, a month; to nobody, to oneself, over the other's cap; no points."""
    wallet, other = await bench.wallet(90_000), await bench.wallet(100_000)
    for _ in range(2):
        assert await tell(bench, await bench.top_up(wallet, 90_000)) == "done"
        assert await tell(bench, await bench.top_up(other, 90_000)) == "done"
    third = await bench.wallet()
    assert await tell(bench, send(wallet, 999_999, 100)) == "recipient_unknown"
    assert await tell(bench, send(wallet, bench.shop, 100)) == "recipient_unknown"
    assert await tell(bench, send(wallet, wallet, 100)) == "recipient_unknown"
    assert await tell(bench, send(wallet, third, 30_001)) == "over_limit"
    assert await tell(bench, send(wallet, other, 30_000)) == "recipient_full"
    assert await tell(bench, send(third, other, 30_000)) == "insufficient_funds"  # And no more.
    assert await tell(bench, send(wallet, third, 30_000)) == "done"
    assert await tell(bench, send(wallet, third, 20_001)) == "over_day_limit"
    for _ in range(3):
        assert await tell(bench, send(wallet, third, 20_000)) == "done"
        bench.clock.advance(days=1)
        assert await tell(bench, send(wallet, third, 30_000)) == "done"
    assert await tell(bench, send(wallet, third, 20_000)) == "done"
    bench.clock.advance(days=1)
    assert await tell(bench, send(wallet, third, 1)) == "over_month_limit"
    await rules(bench, sending=None)
    assert await tell(bench, send(wallet, third, 1)) == "not_sendable"


async def test_a_batch_of_sends_keeps_its_order(bench: Bench) -> None:
    """Round a ring, and what came in is sent on: each after the one before it."""
    first, second, third = [await bench.wallet() for _ in range(3)]
    assert await tell(bench, await bench.top_up(first, 10_000)) == "done"
    batch = await bench.decide(
        send(first, second, 10_000),
        send(second, third, 10_000),
        bench.pay(third, 4_000),
        send(third, first, 6_000),
        send(third, first, 1),
    )
    assert [one.outcome.value for one in batch.decisions] == [
        "done", "done", "done", "done", "insufficient_funds",
    ]  # fmt: skip
    assert (await bench.holds(first))["coin"] == 6_000
    assert await bench.problems() == []


async def test_a_gift_reaches_a_group_and_grants_nothing(bench: Bench) -> None:
    """Points count as coins do (H6); twice the same gift is no duplicate question."""
    group = await accounts.open_group(bench.pool, bench.town, "里山の会", bench.clock.now)
    wallet = await bench.wallet(10_000)
    gift = Request(uuid7(), Kind.GIVE, wallet=wallet, shop=group, amount=300)
    said = receipt(await bench.one(gift))
    assert (said.kind, said.shop_name, said.granted) == ("gift", "里山の会", [])
    assert await tell(bench, replace(gift, id=uuid7())) == "done"
    assert await tell(bench, replace(gift, id=uuid7(), shop=bench.shop)) == "recipient_unknown"
    assert await tell(bench, bench.pay(wallet, 100, shop=group)) == "shop_unknown"
    assert await bench.problems() == []


# -- and back --------------------------------------------------------------------------------------


async def _spent_grant(bench: Bench, rule: str) -> tuple[int, Decision]:
    """A payment of coins whose points were spent, then reversed."""
    await rules(bench, reversals=replace(bench.profile.reversals, spent_grants=rule))
    wallet = await bench.wallet(10_000)  # And 100 points.
    assert await tell(bench, bench.pay(wallet, 100)) == "done"
    payment = bench.pay(wallet, 8_000)  # Grants 40 points.
    assert await tell(bench, payment) == "done"
    assert await tell(bench, bench.pay(wallet, 35)) == "done"
    return wallet, await bench.one(bench.reverse(payment.id))


async def test_spent_points_are_their_funds_loss(bench: Bench) -> None:
    """As far as they are still there they go back."""
    wallet, back = await _spent_grant(bench, "absorb")
    assert [(one.instrument, one.amount) for one in receipt(back).reclaimed] == [("point", 5)]
    assert (await bench.holds(wallet)) == {"coin": 10_000}


async def test_spent_points_block_the_reversal(bench: Bench) -> None:
    """Where the town says so."""
    _, back = await _spent_grant(bench, "block")
    assert back.outcome == "value_spent"


async def test_spent_points_are_owed(bench: Bench) -> None:
    """Later grants are withheld until nothing is owed; a second part does not owe twice."""
    wallet, back = await _spent_grant(bench, "debt")
    assert back.outcome == "done"
    said = receipt(await bench.one(bench.pay(wallet, 4_000)))  # 20 points, all withheld.
    assert said.granted == []
    said = receipt(await bench.one(bench.pay(wallet, 5_000)))  # 25: 15 of them withheld.
    assert [(one.instrument, one.amount) for one in said.granted] == [("point", 10)]
    assert await bench.pool.fetchval("SELECT sum(amount)::bigint FROM koban.debt") == 0
    assert await bench.problems() == []


@pytest.mark.parametrize(("rule", "days", "left"), [("return", 0, 0), ("extend", 10, 500)])
async def test_value_that_expired_meanwhile_follows_the_rule(
    bench: Bench, rule: str, days: int, left: int
) -> None:
    """It comes back expired, or can be spent for some days more."""
    reversals = replace(
        bench.profile.reversals, expired_lots=rule, extend_days=days, window_days=366
    )
    await rules(bench, reversals=reversals, grants=[])
    wallet = await bench.wallet(500)
    payment = bench.pay(wallet, 500)
    assert await tell(bench, payment) == "done"
    bench.clock.advance(days=250)
    assert await tell(bench, bench.reverse(payment.id)) == "done"
    assert (await bench.holds(wallet)).get("coin", 0) == left
    bench.clock.advance(days=11)
    assert await bench.holds(wallet) == {}
    assert await bench.problems() == []


async def test_a_profile_keeps_what_happened_before(bench: Bench) -> None:
    """Each entry names the version it was decided under."""
    wallet = await bench.wallet(1_000)
    await rules(bench, grants=[])
    assert await tell(bench, bench.pay(wallet, 500)) == "done"
    versions = await bench.pool.fetch("SELECT version FROM koban.entry ORDER BY entry")
    assert [row["version"] for row in versions] == [1, 2]
    sources = await bench.pool.fetch("SELECT source FROM koban.profile ORDER BY version")
    assert msgspec.json.decode(sources[1]["source"], type=Profile) == bench.profile


# -- what must not be got round --------------------------------------------------------------------


async def test_a_reversal_in_part_tears_no_ticket(bench: Bench) -> None:
    """Coins first, then whole tickets; a part of a ticket is refused with nothing changed."""
    ticket = replace(
        instrument(bench.profile, "coin"), number=9, code="ticket", kind="ticket", unit_yen=500,
        spend_order=1,
    )  # fmt: skip
    await with_instrument(bench, ticket)
    tickets = await with_way(bench, replace(CARD, code="book", instrument="ticket"))
    await rules(bench, grants=[])
    wallet = await bench.wallet(1_000)
    top_up = load(wallet, tickets, 2_000, "book")
    assert await tell(bench, top_up) == "done"
    payment = bench.pay(wallet, 1_300)  # Two tickets and 300 coins.
    assert await tell(bench, payment) == "done"
    assert await tell(bench, bench.reverse(payment.id, 400)) == "ticket_remainder"
    assert await bench.holds(wallet) == {"ticket": 1_000, "coin": 700}
    assert await tell(bench, bench.reverse(payment.id, 800)) == "done"
    assert await bench.holds(wallet) == {"ticket": 1_500, "coin": 1_000}
    back = bench.reverse(top_up.id, 700, shop=tickets, terminal=None, rank=Rank.OPERATOR)
    assert await tell(bench, back) == "ticket_remainder"
    assert await tell(bench, replace(back, id=uuid7(), amount=1_500)) == "done"
    assert await bench.holds(wallet) == {"coin": 1_000}
    assert await bench.problems() == []


async def test_two_grants_in_one_lot_go_back_whole(bench: Bench) -> None:
    """Both rules' points lie in one lot: half goes back with half, the rest with the rest."""
    base = bench.profile.grants[1]
    grants = [replace(base, basis_points=100), replace(base, basis_points=200)]
    await rules(bench, grants=grants)
    wallet = await bench.wallet(10_000)
    payment = bench.pay(wallet, 10_000)  # Grants 100 and 200.
    assert await tell(bench, payment) == "done"
    assert await bench.holds(wallet) == {"point": 300}
    assert await tell(bench, bench.reverse(payment.id, 5_000)) == "done"
    assert await bench.holds(wallet) == {"point": 150, "coin": 5_000}
    assert await tell(bench, bench.reverse(payment.id)) == "done"
    assert await bench.holds(wallet) == {"coin": 10_000}
    assert await bench.problems() == []


async def test_a_top_up_and_its_premium_in_one_lot_are_counted_together(bench: Bench) -> None:
    """Enough for each of them, not for both: refused, and no fault."""
    grant = replace(
        bench.profile.grants[0], instrument="coin", basis_points=2_000, funder="city"
    )  # fmt: skip
    card = await with_way(bench, replace(CARD, funder="city"))
    await rules(bench, grants=[grant])
    wallet = await bench.wallet()
    top_up = load(wallet, card, 1_000)
    assert await tell(bench, top_up) == "done"
    assert await tell(bench, bench.pay(wallet, 100)) == "done"
    back = bench.reverse(top_up.id, shop=card, terminal=None, rank=Rank.OPERATOR)
    assert await tell(bench, back) == "value_spent"
    assert await bench.holds(wallet) == {"coin": 1_100}
    assert await bench.problems() == []


async def test_a_debt_is_not_paid_by_a_payment_that_is_taken_back(bench: Bench) -> None:
    """What was withheld from it is owed again, in part as it goes back in part."""
    wallet, _ = await _spent_grant(bench, "debt")  # Owes 35.
    owed = "SELECT sum(amount)::bigint FROM koban.debt"
    payment = bench.pay(wallet, 6_000)  # Grants 30, all withheld.
    assert await tell(bench, payment) == "done"
    assert await bench.pool.fetchval(owed) == 5
    assert await tell(bench, bench.reverse(payment.id, 3_000)) == "done"
    assert await bench.pool.fetchval(owed) == 20
    assert await tell(bench, bench.reverse(payment.id)) == "done"
    assert await bench.pool.fetchval(owed) == 35
    assert await bench.problems() == []


async def test_two_grants_pay_one_debt_once(bench: Bench) -> None:
    """The first rule's points pay it off, the second's are given."""
    wallet, _ = await _spent_grant(bench, "debt")  # Owes 35.
    await rules(bench, grants=[bench.profile.grants[1]] * 2)
    said = receipt(await bench.one(bench.pay(wallet, 9_000)))  # Twice 45.
    assert sum(one.amount for one in said.granted) == 55
    assert await bench.pool.fetchval("SELECT sum(amount)::bigint FROM koban.debt") == 0
    assert await bench.problems() == []


async def test_a_reversal_in_part_lets_go_of_that_part_of_the_hold(bench: Bench) -> None:
    """The rest is as fresh as it was."""
    card = await with_way(bench, replace(CARD, hold_s=3_600))
    wallet = await bench.wallet(1_000)
    top_up = load(wallet, card, 5_000)
    assert await tell(bench, top_up) == "done"
    back = bench.reverse(top_up.id, 2_000, shop=card, terminal=None, rank=Rank.OPERATOR)
    assert await tell(bench, back) == "done"
    assert await tell(bench, bench.pay(wallet, 1_100)) == "value_held"
    assert await tell(bench, bench.pay(wallet, 1_010)) == "done"  # Old coins and points.
    assert await bench.problems() == []


async def test_a_hold_is_seen_by_who_waited_for_the_wallet(bench: Bench) -> None:
    """A payment that began while the top-up was being written finds its value held."""
    wallet = await bench.wallet(1_000)
    async with bench.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT pg_advisory_xact_lock($1, hashint8($2))", bench.town, wallet
        )
        paying = asyncio.create_task(tell(bench, bench.pay(wallet, 500)))
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        async with asyncio.timeout(10):
            while not await bench.pool.fetchval(waiting):
                await asyncio.sleep(0.02)
        await connection.execute(
            "INSERT INTO koban.hold (town, wallet, entry, instrument, until, amount)"
            " VALUES ($1, $2, 1, 1, $3, 1000)",
            bench.town,
            wallet,
            bench.clock.now + timedelta(hours=1),
        )
    assert await paying == "value_held"


async def test_a_hold_is_seen_within_its_own_batch(bench: Bench) -> None:
    """What arrives and what is paid with it may come in one batch."""
    card = await with_way(bench, replace(CARD, hold_s=3_600))
    wallet = await bench.wallet()
    batch = await bench.decide(load(wallet, card, 5_000), bench.pay(wallet, 500))
    assert [one.outcome.value for one in batch.decisions] == ["done", "value_held"]


async def test_bounds_hold_for_who_waited_for_the_wallet(bench: Bench) -> None:
    """An entry made meanwhile, at a later instant, counts for a day's limit and as a duplicate."""
    card = await with_way(bench, replace(CARD, day_max=10_000))
    wallet = await bench.wallet(5_000)
    before = bench.clock.now
    bench.clock.advance(seconds=1)
    assert await tell(bench, load(wallet, card, 10_000)) == "done"
    assert await tell(bench, bench.pay(wallet, 300)) == "done"
    late = await decide(
        bench.pool, bench.town, [load(wallet, card, 500), bench.pay(wallet, 300)], before
    )
    assert [one.outcome.value for one in late.decisions] == [
        "over_day_limit", "duplicate_suspected",
    ]  # fmt: skip


async def test_a_card_is_worth_its_own_amount_by_its_own_way(bench: Bench) -> None:
    """Whatever else the request says."""
    card = await with_way(bench, CARD)
    wallet = await bench.wallet()
    await serial_card(bench, "1" * 20, 500)
    request = replace(redeem(wallet, "1" * 20), amount=5_000, shop=card, way="card")
    said = receipt(await bench.one(request))
    assert (said.amount, said.way) == (500, "serial")
    assert (await bench.holds(wallet))["coin"] == 500
    assert await bench.problems() == []


async def test_what_is_sent_to_a_wallet_long_unused_can_be_spent(bench: Bench) -> None:
    """What it had lost stays lost; what arrives is new."""
    await with_instrument(
        bench, replace(instrument(bench.profile, "coin"), expires=Expiry(idle_days=30))
    )
    wallet, other = await bench.wallet(10_000), await bench.wallet(2_000)
    bench.clock.advance(days=20)
    assert await tell(bench, bench.pay(wallet, 100)) == "done"
    bench.clock.advance(days=20)
    assert await bench.holds(other) == {"point": 20}
    assert await tell(bench, send(wallet, other, 3_000)) == "done"
    assert await bench.holds(other) == {"point": 20, "coin": 3_000}
    assert await tell(bench, bench.pay(other, 3_020)) == "done"
    assert (await bench.holds(other)).get("coin", 0) == 0
    assert await bench.problems() == []


async def test_a_last_day_ends_the_sale_too(bench: Bench) -> None:
    """After it nothing is topped up that could not be spent, and nothing granted."""
    point = instrument(bench.profile, "point")
    await with_instrument(bench, replace(point, expires=Expiry(date=date(2026, 4, 2))))
    points = await with_way(bench, replace(CARD, code="points", instrument="point"))
    wallet = await bench.wallet(1_000)
    assert await tell(bench, load(wallet, points, 500, "points")) == "done"
    bench.clock.advance(days=2)
    assert await tell(bench, load(wallet, points, 500, "points")) == "way_unknown"
    said = receipt(await bench.one(await bench.top_up(wallet, 1_000)))
    assert said.granted == []
    assert await bench.holds(wallet) == {"coin": 2_000}


async def test_value_that_the_rules_no_longer_name_lies_still(bench: Bench) -> None:
    """Nothing of the wallet's is lost, spent or in anybody's way; it counts again once named."""
    card = await with_way(bench, replace(CARD, instrument="street_point", hold_s=3_600))
    wallet = await bench.wallet(5_000)
    await bench.pool.execute("UPDATE koban.account SET groups = '{street}' WHERE kind = 'shop'")
    assert await tell(bench, load(wallet, card, 500)) == "done"
    bench.clock.advance(minutes=61)
    payment = bench.pay(wallet, 400)
    assert await tell(bench, payment) == "done"
    assert await tell(bench, load(wallet, card, 1_000)) == "done"
    whole = bench.profile
    named = [one for one in whole.instruments if one.code != "street_point"]
    grants = [one for one in whole.grants if one.instrument != "street_point"]
    ways = [one for one in whole.ways if one.code != "card"]
    await rules(bench, instruments=list(reversed(named)), grants=grants, ways=ways)
    assert await tell(bench, bench.reverse(payment.id, 100)) == "done"
    assert await tell(bench, bench.pay(wallet, 700)) == "done"
    assert "street_point" not in await bench.holds(wallet)
    await rules(bench, instruments=whole.instruments, grants=whole.grants, ways=whole.ways)
    assert (await bench.holds(wallet))["street_point"] == 1_200
    assert await bench.problems() == []


async def test_a_receipt_never_says_less_than_nothing(bench: Bench) -> None:
    """Points that had expired by disuse go back with the payment, from a balance without them."""
    idle = replace(instrument(bench.profile, "point"), expires=Expiry(idle_days=10))
    await with_instrument(bench, idle)
    wallet = await bench.wallet(10_000)
    payment = bench.pay(wallet, 5_000)
    assert await tell(bench, payment) == "done"
    bench.clock.advance(days=12)
    assert await tell(bench, bench.reverse(payment.id)) == "done"
    private = await bench.pool.fetchval(
        "SELECT private FROM koban.decision ORDER BY at DESC LIMIT 1"
    )
    assert msgspec.json.decode("{" + private[1:] + "}")["balance"]["point"] == 0
    assert await bench.problems() == []


async def test_a_reversal_touches_the_wallet_that_paid_alone(bench: Bench) -> None:
    """Whatever wallet the request names."""
    wallet, other = await bench.wallet(1_000), await bench.wallet(1_000)
    payment = bench.pay(wallet, 500)
    assert await tell(bench, payment) == "done"
    assert await tell(bench, replace(bench.reverse(payment.id), wallet=other)) == "payment_unknown"
    assert await bench.problems() == []
