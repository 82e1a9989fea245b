"""Random sequences of every operation on a town with every kind of value, from a printed seed."""

import asyncio
import random
from collections import Counter
from datetime import date, timedelta
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from config.profile import Expiry, Profile
from ledger import accounts, seal
from ledger.authorise import Batch, decide
from ledger.errors import LedgerConflict
from ledger.ids import uuid7
from ledger.requests import Kind, Rank, Request, code_digest
from ledger.towns import load_town, provider_account
from tests.property.auditor import Auditor
from tests.property.report_counter import counted_again
from tests.support.every_value import GRANTS, INSTRUMENTS, WAYS, every_value
from tests.support.half_years import half_year_faults
from tests.support.ledger import Bench, receipt
from tests.support.seeds import drawn, seeds

STEPS = 70
SpentGrants = Literal["absorb", "block", "debt"]
RULES: tuple[SpentGrants, ...] = ("absorb", "block", "debt")

ACTS = {
    "pay": 8, "charge": 3, "cash": 3, "load": 8, "redeem": 2, "send": 5, "give": 2,
    "unload": 2, "reverse": 7, "again": 3, "nonsense": 2,
}  # fmt: skip
AMOUNTS = [1, 50, 400, 500, 500, 777, 1_000, 1_300, 3_000, 9_999, 12_000, 25_000]
NEVER_REVERSED = {Kind.REVERSE, Kind.SEND, Kind.GRANT, Kind.RECLAIM, Kind.EXPIRE}
STATE = """
    SELECT md5(coalesce(string_agg(line, '' ORDER BY line), '')) FROM (
        SELECT l::text AS line FROM koban.lot l UNION ALL SELECT h::text FROM koban.hold h
        UNION ALL SELECT d::text FROM koban.debt d UNION ALL SELECT c::text FROM koban.serial_card c
        UNION ALL SELECT g::text FROM koban.campaign_grant g
        UNION ALL SELECT u::text FROM koban.coupon_use u
        UNION ALL SELECT r::text FROM koban.right_use r
        UNION ALL SELECT b.granted::text FROM koban.budget b
        UNION ALL SELECT koban.last_entry(t.town)::text FROM koban.town t) s
"""


class Story:
    """One town's life from one seed."""

    def __init__(self, bench: Bench, seed: int, rule: SpentGrants) -> None:
        self.bench = bench
        self.random = random.Random(seed)
        self.rule = rule
        self.auditor = Auditor(bench)
        self.wallets: list[int] = []
        self.shops: list[tuple[int, int]] = []
        self.groups: list[int] = []
        self.providers: dict[str, int] = {}
        self.cards: list[str] = []
        self.sent: list[Request] = []
        self.answers: dict[object, str] = {}
        self.questions: list[Request] = []
        self.done: list[Request] = []
        self.seen: Counter[str] = Counter()

    async def open(self) -> None:
        """The town, its shops (one in the street), a group, wallets, cards."""
        bench = self.bench
        await self.rules(every_value(bench.profile, self.rule))
        self.shops = [(bench.shop, bench.terminal), await bench.another_shop()]
        await accounts.set_shop_groups(bench.pool, bench.town, bench.shop, ["street"])
        self.groups = [await accounts.open_group(bench.pool, bench.town, "里山", bench.clock.now)]
        for way in WAYS:
            account = await provider_account(bench.pool, bench.town, way.code)
            if account is not None:
                self.providers[way.code] = account
        self.wallets = [await bench.wallet() for _ in range(4)]
        for number in range(40):
            self.cards.append(f"{number:020}")
            await bench.pool.execute(
                "INSERT INTO koban.serial_card (town, card_digest, batch, way, amount, expires_at)"
                " VALUES ($1, $2, 1, 'serial', $3, $4)",
                bench.town, code_digest(self.cards[-1]), self.random.choice([500, 2_000]),
                bench.clock.now + timedelta(days=50),
            )  # fmt: skip

    async def rules(self, profile: Profile) -> None:
        """Other rules from now on."""
        self.bench.clock.advance(seconds=1)
        self.bench.profile = profile
        await load_town(self.bench.pool, profile, self.bench.clock.now)

    async def change_rules(self) -> None:
        """One thing of the rules becomes another."""
        dice, profile = self.random, self.bench.profile
        shuffled = [replace(one, spend_order=dice.randrange(1, 20)) for one in INSTRUMENTS]
        reversals = replace(
            profile.reversals,
            spent_grants=dice.choice([self.rule, self.rule, *RULES]),
            expired_lots=dice.choice(["return", "extend"]),
        )
        changes: dict[str, Any] = dice.choice(
            [
                {"instruments": shuffled},
                {"instruments": INSTRUMENTS},
                # Nobody may do this by the command, but money must be safe from it all the same.
                {
                    "instruments": [one for one in INSTRUMENTS if one.code != "street_point"],
                    "grants": [one for one in GRANTS if one.instrument != "street_point"],
                },
                {
                    "instruments": [
                        replace(one, expires=Expiry(date=date(2026, 4, 20)))
                        if one.code == "voucher" else one for one in INSTRUMENTS
                    ]
                },
                {"grants": GRANTS[: dice.randrange(len(GRANTS) + 1)]},
                {"reversals": reversals},
                {"limits": replace(profile.limits, balance_cap=dice.choice([20_000, 60_000]))},
            ]
        )  # fmt: skip
        changed = replace(profile, **changes)
        codes = {one.code for one in changed.instruments}
        await self.rules(
            replace(changed, grants=[one for one in changed.grants if one.instrument in codes])
        )

    # -- one request -------------------------------------------------------------------------------

    async def request(self) -> Request:
        """Anything anybody may ask for."""
        dice = self.random
        wallet = dice.choice(self.wallets)
        act = dice.choices(list(ACTS), list(ACTS.values()))[0]
        if act == "reverse" and self.done:
            return self._reverse(dice.choice(self.done[-25:]))
        if act == "again" and self.sent:
            earlier = dice.choice(self.sent)
            if dice.random() < 0.2 and earlier.amount:
                return replace(earlier, amount=earlier.amount - 1)
            return earlier
        if act == "nonsense":
            return self._nonsense(wallet)
        if act in {"cash", "load", "redeem"}:
            return await self._bring(act, wallet)
        if act in {"send", "give"}:
            other = dice.choice(self.wallets if act == "send" else self.groups)
            amount = dice.choice(AMOUNTS)
            return Request(uuid7(), Kind(act), wallet=wallet, shop=other, amount=amount)
        if act == "unload":
            return self._way(Kind.UNLOAD, wallet, "miles", dice.choice([100, 400, 2_000]))
        return await self._payment(act, wallet)

    async def _payment(self, act: str, wallet: int) -> Request:
        """A payment by either side, often like one just made, and the answer to that question."""
        dice, amount = self.random, self.random.choice(AMOUNTS)
        shop, terminal = dice.choice(self.shops)
        if self.questions and dice.random() < 0.5:
            question = self.questions.pop()
            return Request(uuid7(), Kind.CONFIRM, wallet=question.wallet, refers=question.id)
        if act == "charge":
            asked = dice.choice([amount, None])
            made = await self.bench.charge(wallet, asked, shop=shop, terminal=terminal)
            return replace(made, amount=amount)
        paid = [one for one in self.done[-6:] if one.kind is Kind.PAY]
        if paid and dice.random() < 0.3:
            return replace(dice.choice(paid), id=uuid7())
        return self.bench.pay(wallet, amount, shop=shop)

    async def _bring(self, act: str, wallet: int) -> Request:
        """Value that comes in."""
        dice = self.random
        if act == "redeem":
            return Request(uuid7(), Kind.REDEEM, wallet=wallet, code=dice.choice(self.cards))
        if act == "cash":
            shop, terminal = dice.choice(self.shops)
            amount = dice.choice([5_000, 20_000])
            return await self.bench.top_up(wallet, amount, shop=shop, terminal=terminal)
        amount = dice.choice([100, 500, 2_000, 5_000, 20_000, 30_000])
        return self._way(Kind.LOAD, wallet, dice.choice(list(self.providers)), amount)

    def _way(self, kind: Kind, wallet: int, way: str, amount: int) -> Request:
        provider = self.providers[way]
        return Request(uuid7(), kind, wallet=wallet, shop=provider, way=way, amount=amount)

    def _reverse(self, past: Request) -> Request:
        dice = self.random
        amount = past.amount or 500
        part = dice.choice([None, None, 1, 500, max(amount // 3, 1), amount, amount + 1])
        shop = self.providers["serial"] if past.kind is Kind.REDEEM else past.shop
        if past.kind is Kind.CONFIRM:
            question = next(one for one in self.sent if one.id == past.refers)
            shop = question.shop
        return self.bench.reverse(
            past.id, part, shop=shop, terminal=dict(self.shops).get(shop or 0),
            rank=dice.choice([Rank.CLERK, *[Rank.OPERATOR] * 3]),
        )  # fmt: skip

    def _nonsense(self, wallet: int) -> Request:
        dice = self.random
        amount = dice.choice([0, -1, -500, 2**62, 2**63 - 1, None])
        kind = dice.choice([Kind.PAY, Kind.SEND, Kind.GIVE, Kind.LOAD, Kind.UNLOAD, Kind.REVERSE])
        if kind is Kind.REVERSE:
            refers = self.done[-1].id if self.done else uuid7()
            shop = self.done[-1].shop if self.done else self.bench.shop
            return self.bench.reverse(refers, amount, shop=shop, rank=Rank.OPERATOR, terminal=None)
        others = [*self.wallets, *self.groups, *dict(self.shops), *self.providers.values(), 0, 7]
        way = dice.choice([*self.providers, "cash", 'no"where\\'])
        way_of = way if kind in {Kind.LOAD, Kind.UNLOAD} else None
        return Request(
            uuid7(), kind, wallet=dice.choice([wallet, 999_999]), shop=dice.choice(others),
            way=way_of, amount=dice.choice([amount, 500]),
        )  # fmt: skip

    # -- one step ----------------------------------------------------------------------------------

    async def step(self) -> None:
        """A few batches at once, or one; then everything is looked at."""
        dice, bench = self.random, self.bench
        count = dice.choice([1, 1, 1, 3])
        batches = []
        for _ in range(count):
            # Each id once in a batch and a step: who meets an id twice at once asks again, below.
            requests = [await self.request() for _ in range(dice.choice([1, 1, 2, 5]))]
            batches.append(list({one.id: one for one in requests}.values()))
        before = await bench.pool.fetchval(STATE)
        # Gateways' clocks differ, and who comes first need not be who gets the lock first.
        decided = await asyncio.gather(
            *(self.decide(batch, dice.randrange(3)) for batch in batches)
        )
        outcomes = [one.outcome for batch in decided for one in batch.decisions if not one.repeated]
        if "done" not in outcomes:
            assert await bench.pool.fetchval(STATE) == before
        for batch, answer in zip(batches, decided, strict=True):
            self.note(batch, answer)
        await self.auditor.audit()
        assert await bench.problems() == []
        await self.move_on()

    async def decide(self, requests: list[Request], later_ms: int) -> Batch:
        """As a gateway does: who met another batch on one id asks again."""
        now = self.bench.clock.now + timedelta(milliseconds=later_ms)
        for _ in range(5):
            try:
                return await decide(self.bench.pool, self.bench.town, requests, now)
            except LedgerConflict:
                continue
        raise AssertionError("five conflicts on one id")

    def note(self, requests: list[Request], answer: Batch) -> None:
        """Remembers what was answered; what was asked again must be answered alike."""
        for request, decision in zip(requests, answer.decisions, strict=True):
            self.seen[f"{request.kind}:{decision.outcome}"] += 1
            if decision.outcome == "id_reused":
                continue
            if (known := self.answers.get(request.id)) is not None:
                assert decision.receipt == known
                continue
            assert receipt(decision).id == request.id
            self.answers[request.id] = decision.receipt
            self.sent.append(request)
            if decision.outcome == "duplicate_suspected" and request.kind is Kind.PAY:
                self.questions.append(request)
            if decision.outcome == "done" and request.kind not in NEVER_REVERSED:
                self.done.append(request)

    async def move_on(self) -> None:
        """Time passes, sometimes long; sometimes a wallet is frozen or new, or rules change."""
        dice, bench = self.random, self.bench
        bench.clock.advance(seconds=dice.choice([1, 1, 1, 200, 400, 20_000]))
        if dice.random() < 0.08:
            bench.clock.advance(days=dice.choice([1, 8, 16, 45]))
        if dice.random() < 0.06:
            await self.change_rules()
        if dice.random() < 0.06:
            self.wallets[1:] = [*self.wallets[2:], await bench.wallet()]  # A young account.
        if dice.random() < 0.08:
            state = dice.choice(["open", "open", "frozen"])
            await accounts.set_account_state(bench.pool, bench.town, self.wallets[0], state)


@pytest.mark.parametrize("rule", RULES)
@seeds(1)
async def test_every_kind_of_value_is_kept(bench: Bench, seed: int, rule: SpentGrants) -> None:
    """After every step the auditor and verify find every entry allowed and every yen in place."""
    story = Story(bench, drawn(seed), rule)
    await story.open()
    for number in range(STEPS):
        await story.step()
        if number % 10 == 0:
            await story.auditor.compare_balances()
            await seal.seal_next(bench.pool, bench.town, bench.clock.now)
    await counted_again(bench)
    assert await half_year_faults(bench) == []
    print(sorted(story.seen.items()))
    done = {kind for kind in Kind if story.seen[f"{kind}:done"]}
    assert {Kind.PAY, Kind.TOP_UP, Kind.LOAD, Kind.SEND, Kind.REVERSE} <= done
