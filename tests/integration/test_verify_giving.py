"""What verify proves of what is given: each proof finds the tampering planted for it."""

import pytest

from ledger.ids import uuid7
from ledger.towns import provider_account
from tests.integration.test_giving import COUPON, grant
from tests.integration.test_value import CARD, load, rules
from tests.support import giving
from tests.support.ledger import Bench

OF = "(SELECT fund FROM koban.fund WHERE code = '{}')"
COUPON_OF = "(SELECT coupon FROM koban.coupon WHERE code = '{}')"
OFFER = "(SELECT offer FROM koban.offer WHERE code = '{}')"
CAMPAIGN = "(SELECT campaign FROM koban.campaign WHERE code = '{}')"

# What somebody with all rights on the database changes, and what verify then says.
TAMPERINGS = {
    "a grant that the budget forgot": (
        f"UPDATE koban.budget SET granted = granted - 100 WHERE fund = {OF.format('health')}",
        "the budget of health says that 100 of 1000 is granted",
    ),
    "a grant that came from nowhere": (
        f"UPDATE koban.posting SET amount = amount + 1 WHERE from_account = {OF.format('health')}",
        "its postings make 202",
    ),
    "a list that nothing is kept for": (
        f"UPDATE koban.budget SET reserved = 0 WHERE fund = {OF.format('health')}",
        "0 reserved; its postings make 200, lists and places 100",
    ),
    "a place that nothing is kept for": (
        f"UPDATE koban.budget SET reserved = 0 WHERE fund = {OF.format('office')}",
        "lists and places 300",
    ),
    "a row granted again": (
        "UPDATE koban.grant_row SET state = 'waiting' WHERE state = 'done'",
        "is waiting, but its request came to done",
    ),
    "a row granted to nobody": (
        "UPDATE koban.grant_row SET state = 'done' WHERE state = 'waiting'",
        "is done, but its request was never decided",
    ),
    "a row granted to another": (
        "UPDATE koban.grant_row SET wallet = wallet + 1 WHERE state = 'done'",
        "is done, but its request came to done",
    ),
    "a refused row called granted": (
        "UPDATE koban.grant_row SET state = 'done' WHERE state = 'refused'",
        "is done, but its request came to wallet_unknown",
    ),
    "other dice": (
        # Any seed by which some throw shows another face; a seed at random need not be one.
        ("UPDATE koban.campaign c SET seed = ("
        " SELECT other.seed FROM generate_series(0, 255) n,"
        "  LATERAL (SELECT decode(lpad(to_hex(n), 2, '0'), 'hex') AS seed) other"
        " WHERE EXISTS (SELECT FROM koban.campaign_grant g JOIN koban.entry e USING (town, entry)"
        "  WHERE g.town = c.town AND g.campaign = c.campaign"
        "   AND koban.face(other.seed, e.id, c.face_weights) <> g.face) LIMIT 1)"
        " WHERE seed IS NOT NULL"),
        "and its dice did not show",
    ),
    "another face": (
        "UPDATE koban.campaign_grant SET face = face + 1 WHERE face IS NOT NULL",
        "and its dice did not show",
    ),
    "a campaign beyond its most at once": (
        f"UPDATE koban.campaign SET entry_max = 19 WHERE campaign = {CAMPAIGN.format('bounded')}",
        "campaign bounded gave 20 with entry",
    ),
    "a campaign beyond its most for one": (
        f"UPDATE koban.campaign SET person_max = 39 WHERE campaign = {CAMPAIGN.format('bounded')}",
        "gave wallet {wallet} 40, more than 39",
    ),
    "a campaign before it began": (
        "UPDATE koban.campaign SET starts_at = ends_at - interval '1 s' WHERE code = 'bounded'",
        "when it was not in force",
    ),
    "a campaign after it was stopped": (
        "UPDATE koban.campaign SET stopped_at = starts_at WHERE code = 'bounded'",
        "when it was not in force",
    ),
    "a campaign of something else": (
        "UPDATE koban.campaign SET trigger = 'top_up' WHERE code = 'bounded'",
        "which is no top_up of that wallet",
    ),
    "a campaign that gave to another": (
        "UPDATE koban.campaign_grant SET wallet = wallet + 1",
        "which is no payment of that wallet",
    ),
    "a coupon said to have paid more": (
        f"UPDATE koban.coupon_use SET amount = 301 WHERE coupon = {COUPON_OF.format('all')}",
        "coupons say 301, their funds gave 300 and the shop got 300",
    ),
    "a coupon that nobody used": (
        f"DELETE FROM koban.coupon_use WHERE coupon = {COUPON_OF.format('place')}",
        "coupons say 0, their funds gave 300",
    ),
    "a coupon that stayed in part": (
        "UPDATE koban.posting SET amount = amount - 1 WHERE instrument = 7 AND line <> 1",
        "their funds gave 300 and the shop got 299",
    ),
    "a coupon kept": (
        "UPDATE koban.lot SET instrument = 7, remaining = 5 WHERE instrument = 1",
        "keeps 5 of a coupon",
    ),
    "a coupon once too often": (
        "UPDATE koban.coupon SET per_person = 1 WHERE code = 'all'",
        "used the coupon all 2 times",
    ),
    "a place used twice": (
        f"UPDATE koban.coupon_use SET offer = {OFFER.format('round')}",
        "3 times",
    ),
    "a place that nobody has": (
        f"DELETE FROM koban.award WHERE offer = {OFFER.format('round')}",
        "1 times and has none",
    ),
    "a top-up without a right": ("DELETE FROM koban.right_use", "by the way card without a right"),
    "a right exceeded": (
        "UPDATE koban.offer SET amount = 5999 WHERE code = 'spring'",
        "wallet {wallet} bought 6000 by its place of the offer",
    ),
    "a right that nobody has": (
        f"DELETE FROM koban.award WHERE offer = {OFFER.format('spring')}",
        "worth 0",
    ),
    "a right of something else": (
        "UPDATE koban.right_use SET amount = amount - 1",
        "bought 6000 by its place",
    ),
    "a place too few": ("DELETE FROM koban.award", "says that 1 of 10 places are awarded; found 0"),
    "a place too many": (
        "UPDATE koban.award SET place = 11",
        "says that 1 of 10 places are awarded; found 1 up to 11",
    ),
}  # fmt: skip


async def one_of_each(bench: Bench) -> int:
    """Grants by list, a row that waits and one that was refused, campaigns, coupons, rights; the
    wallet that has it all.
    """
    await rules(
        bench, grants=[], ways=[*bench.profile.ways, CARD],
        instruments=[*bench.profile.instruments, COUPON],
    )  # fmt: skip
    await bench.pool.execute("UPDATE koban.way SET needs_right = true WHERE code = 'card'")
    wallet = await bench.wallet(9_000)
    fund = await giving.fund(bench, "health", 1_000)
    await giving.activity(bench, "walk", fund)
    rows = [(uuid7(), one, 100) for one in (wallet, wallet, 999_999, wallet)]
    await giving.listed(bench, "walk", fund, rows)
    decided = await bench.decide(*(grant(one, "walk", id=row) for row, one, _ in rows[:3]))
    assert [one.outcome for one in decided.decisions] == ["done", "done", "wallet_unknown"]

    office = await giving.fund(bench, "office", 2_000)
    everybody = await giving.coupon(bench, "all", office, 7, per_person=2)
    place = await giving.coupon(bench, "place", office, 7, awarded=True)
    round_ = await giving.offer(
        bench, "round", gives="coupon", amount=None, coupon=place, places=2, reserve=300
    )
    await bench.pool.execute(
        "UPDATE koban.budget SET reserved = 600 WHERE town = $1 AND fund = $2", bench.town, office
    )
    await giving.award(bench, round_, wallet)
    rich = await giving.fund(bench, "rich")
    await giving.campaign(bench, "bounded", fund=rich, entry_max=20, person_max=40)
    for amount, coupon in ((1_000, everybody), (1_100, everybody), (1_200, place)):
        paid = await bench.one(bench.pay(wallet, amount, coupons=(coupon,)))
        assert paid.outcome == "done"
    await giving.campaign(
        bench, "dice", fund=rich, seed=b"s" * 32, face_weights=[1, 1], face_factors=[1, 2]
    )
    assert (await bench.one(bench.pay(wallet, 500))).outcome == "done"
    provider = await provider_account(bench.pool, bench.town, "card")
    assert provider is not None
    offer = await giving.offer(bench, "spring")
    await giving.award(bench, offer, wallet)
    loaded = await bench.one(load(wallet, provider, 6_000))
    assert loaded.outcome == "done"
    return wallet


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_verify_finds_the_tampering(bench: Bench, tampering: str) -> None:
    """And says what is wrong; before it, everything holds."""
    wallet = await one_of_each(bench)
    assert await bench.problems() == []
    statements, said = TAMPERINGS[tampering]
    async with bench.pool.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(statements)
        await connection.execute("RESET session_replication_role")
    found = await bench.problems()
    assert any(said.format(wallet=wallet) in problem for problem in found), found
